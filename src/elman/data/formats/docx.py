"""Text out of DOCX files through ``python-docx``: body, tables, text boxes, notes, headers, footers, comments.

A paragraph is a line, and so is a row of a table, with tabs between its cells. Insertions that are tracked belong to
the text, deletions do not. ``meta["parts"]`` says which stretch of the text is of which part.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from elman.data.document import Document
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARTS = {
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "header": "header",
    "footer": "footer",
    "comments": "comments",
}
_SIGNS = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "\u2011",
    f"{_W}softHyphen": "\u00ad",
}
# What was deleted, and what stands in the file for older programs a second time.
_PASSED_OVER = {f"{_W}del", f"{_W}moveFrom", _ALTERNATIVE}
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def read(source: Source, /) -> Reading:
    """Read a DOCX file as one document.

    Raises:
        DataError: if the file is damaged, encrypted, no DOCX, or has no text in it.
        UsageError: if ``elman[documents]`` is not installed.
    """
    report = ReadReport("docx")
    return Reading(_documents(source, report), report)


def sniff(head: Head) -> Sniffed | None:
    """A zip that begins with the parts of a package of Word's."""
    if head.data.startswith(b"PK\x03\x04") and b"word/" in head.data:
        return Sniffed(1, "it is a package with a word/ in it")
    if head.data.startswith(b"PK\x03\x04") and head.name.lower().endswith((".docx", ".docm")):
        return Sniffed(0.9, "it is a package named as DOCX")
    if head.data.startswith(_OLE) and head.name.lower().endswith((".docx", ".docm")):
        return Sniffed(0.9, "it is an encrypted package named as DOCX")
    return None


def _documents(source: Source, report: ReadReport) -> Iterator[Document]:
    try:
        document = _document(source, report)
    except DataError as error:
        source.reject(error, "")
        return
    yield document


def _document(source: Source, report: ReadReport) -> Document:
    text: list[str] = []
    rows: list[list[object]] = []
    length = 0
    for name, part in _parts(source, report):
        body = part.strip("\n")
        if not body.strip():
            continue
        if text:
            text.append("\n\n")
            length += 2
        text.append(body)
        rows.append([length, length + len(body), name])
        length += len(body)
    if not text:
        raise DataError("has no text in it, only pictures perhaps", source.name)
    return Document("".join(text), id=source.stem, meta={"parts": rows})


def _parts(source: Source, report: ReadReport) -> Iterator[tuple[str, str]]:
    """The parts of the file that have text, the body first."""
    with needs("documents", "reading DOCX"):
        import docx
        from docx.opc.exceptions import PackageNotFoundError
        from docx.oxml import parse_xml

    with source.binary() as stream:
        if stream.read(len(_OLE)) == _OLE:
            raise DataError(
                "is encrypted, or in Word's format before DOCX; save it as DOCX without a password", source.name
            )
        stream.seek(0)
        try:
            package = docx.Document(stream)
        except (zipfile.BadZipFile, PackageNotFoundError, EOFError) as error:
            raise DataError(f"cannot be read as DOCX, it is damaged or cut off: {error}", source.name) from None
        except Exception as error:
            # What python-docx raises on XML of another shape is of many kinds.
            raise DataError(f"cannot be read as DOCX: {error}", source.name) from None
        # Whatever is drawn only has no text to find.
        if pictures := sum(1 for _ in package.element.body.iter(f"{_W}drawing", f"{_W}pict")):
            report.notes.append(f"{pictures:,} pictures or drawings, of which only text boxes are read")
        yield "body", _text(package.element.body)
        seen: dict[str, int] = {}
        related = sorted(package.part.rels.values(), key=lambda rel: (rel.reltype, rel.rId))
        for relation in related:
            kind = _PARTS.get(relation.reltype.rpartition("/")[2])
            if kind is None or relation.is_external:
                continue
            seen[kind] = seen.get(kind, 0) + 1
            part = relation.target_part
            root = part.element if hasattr(part, "element") else parse_xml(part.blob)
            yield kind if seen[kind] == 1 else f"{kind} {seen[kind]}", _text(root)


def _text(root: Any) -> str:
    """The text of a part: a line a paragraph, a line a row of a table."""
    return "".join(_pieces(root))


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag in _PASSED_OVER:
            continue
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag in _SIGNS:
            yield _SIGNS[tag]
        elif tag == f"{_W}tbl":
            yield from _table(child)
        elif tag == f"{_W}p":
            yield from _paragraph(child)
        elif tag == f"{_W}txbxContent":
            # A text box hangs in a paragraph, and is a text of its own.
            yield "\n"
            yield from _pieces(child)
        elif tag in {f"{_W}tabs", f"{_W}pPr", f"{_W}rPr", f"{_W}sectPr"}:
            continue
        else:
            yield from _pieces(child)


def _paragraph(element: Any) -> Iterator[str]:
    yield from _pieces(element)
    yield "\n"


def _table(table: Any) -> Iterator[str]:
    for row in table.iter(f"{_W}tr"):
        # A table within a cell is a part of the cell, and no row of this one.
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells = [cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row]
        yield "\t".join(_text(cell).strip("\n") for cell in cells) + "\n"


DOCX = Format("docx", (".docx", ".docm"), "the text of a DOCX file, to be tagged", sniff, read)

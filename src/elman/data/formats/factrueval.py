"""factRuEval-2016: a folder of texts, each with its tokens, the spans on them, and the objects that are made of spans.

Of each document ``x.txt`` is the text, ``x.tokens`` its tokens (id, start, length, text; a blank line ends a
sentence), ``x.spans`` the first layer of annotation (id, type, start, length), ``x.objects`` the second (id,
type, ids of spans). Objects are the entities; spans are in the layer ``spans``. Read only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Span, Tokens
from elman.data.formats.files import Source
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.ledger import Ledger
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPANS = "spans"
HULL = "the whole from the first to the last of an object's spans, with what is between them"

_NEEDED = (".tokens", ".spans", ".objects")
_UNREAD = (".coref", ".facts")


def read(source: Source, /) -> Reading:
    """Read a folder of factRuEval.

    Raises:
        DataError: with file and line, if a file is missing, or a row is not as it has to be.
    """
    report = ReadReport("factrueval")
    return Reading(_documents(source, report), report)


def sniff(head: Head) -> Sniffed | None:
    """A folder with .tokens, .spans and .objects of one name."""
    if head.folder is None:
        return None
    for path in sorted(head.folder.glob("*.objects"))[:1]:
        if all(path.with_suffix(suffix).is_file() for suffix in (*_NEEDED, ".txt")):
            return Sniffed(1.0, f"{path.name} with .tokens, .spans and .txt beside it")
    return None


def _documents(source: Source, report: ReadReport) -> Iterator[Document]:
    if source.folder is None:
        raise DataError("is a file, expected the folder with .txt, .tokens, .spans and .objects", source.name)
    for path in sorted(source.folder.glob("*.txt")):
        if not any(path.with_suffix(suffix).exists() for suffix in _NEEDED):
            report.ignored["text without annotation"] += 1
            continue
        try:
            yield _document(path, source.encoding, report)
        except DataError as error:
            source.reject(error, path.name)


def _document(path: Path, encoding: str, report: ReadReport) -> Document:
    text = Source(path, encoding).text()
    tokens = _tokens(path.with_suffix(".tokens"), encoding, text)
    places: dict[str, tuple[int, int]] = {}
    found: list[Span] = []
    for name, line, cells in _rows(path.with_suffix(".spans"), encoding, 4):
        start, length = _numbers(cells[2:4], name, line)
        places[cells[0]] = start, start + length
        if not 0 <= start < start + length <= len(text):
            raise DataError(f"the span {start}-{start + length} is outside the text of {len(text)}", name, line)
        found.append(Span(start, start + length, cells[1], SPANS))
    for name, line, cells in _rows(path.with_suffix(".objects"), encoding, 3):
        parts = cells[2:]
        missing = [part for part in parts if part not in places]
        if missing:
            raise DataError(f"the object {cells[0]} has the span {missing[0]}, which is not in .spans", name, line)
        pieces = sorted(places[part] for part in parts)
        start, end = pieces[0][0], max(piece[1] for piece in pieces)
        covered = sum(len(text[a:b].split()) for a, b in set(pieces))
        if len(text[start:end].split()) > covered:
            report.ledger += Ledger.counted("moved", HULL, 1)
        found.append(Span(start, end, cells[1], ENTITIES, None, cells[0]))
    for suffix in _UNREAD:
        if path.with_suffix(suffix).exists():
            report.ignored[f"file {suffix}"] += 1
    return Document(text, tuple(found), tokens=tokens, id=path.stem)


def _tokens(path: Path, encoding: str, text: str) -> Tokens:
    offsets: list[tuple[int, int]] = []
    starts: list[int] = []
    begins = True
    source = Source(path, encoding)
    for line, row in source.lines():
        if not row.strip():
            begins = True
            continue
        cells = row.split(" ")
        if len(cells) < 4:
            raise DataError(f"expected id, start, length and token, got {row[:60]!r}; mend the row", source.name, line)
        start, length = _numbers(cells[1:3], source.name, line)
        if text[start : start + length] != cells[3]:
            problem = f"the token {cells[3]!r} is not at {start} in the text, but {text[start : start + length]!r}"
            raise DataError(f"{problem}; mend one of them", source.name, line)
        if begins:
            starts.append(len(offsets))
            begins = False
        offsets.append((start, start + length))
    return Tokens(text, offsets, starts)


def _rows(path: Path, encoding: str, least: int) -> Iterator[tuple[str, int, list[str]]]:
    """The cells of each row before the #, with file and line."""
    if not path.stat().st_size:
        return
    source = Source(path, encoding)
    for line, row in source.lines():
        cells = row.partition("#")[0].split()
        if not cells:
            continue
        if len(cells) < least:
            raise DataError(f"expected at least {least} cells, got {row[:60]!r}; mend the row", source.name, line)
        yield source.name, line, cells


def _numbers(cells: list[str], name: str, line: int) -> tuple[int, int]:
    if not all(cell.isdecimal() for cell in cells):
        raise DataError(f"expected start and length, got {' '.join(cells)!r}; mend the row", name, line)
    return int(cells[0]), int(cells[1])


FACTRUEVAL = Format(
    "factrueval",
    (),
    "factRuEval-2016: a folder of .txt, .tokens, .spans and .objects",
    sniff,
    read,
    container="folder",
    holds=frozenset({"text", "spans", "nested", "overlapping", "layers", "tokens", "sentences", "ids", "span ids"}),
)

"""Text out of EPUB books: the chapters in the order of reading, each taken out as a page in HTML is.

``meta["parts"]`` says which stretch of the text is of which file of the book.
"""

from __future__ import annotations

import posixpath
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree

from elman.data.document import Document
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.webpage import decoded, page_text
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_MIMETYPE = b"application/epub+zip"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = {"application/xhtml+xml", "text/html"}


def read(source: Source, /) -> Reading:
    """Read an EPUB book as one document.

    Raises:
        DataError: if the file is damaged, encrypted, no EPUB, or has no text in it.
        UsageError: if ``elman[documents]`` is not installed.
    """
    report = ReadReport("epub")
    return Reading(_documents(source, report), report)


def sniff(head: Head) -> Sniffed | None:
    """The media type, which has to stand first in the file."""
    return Sniffed(1, "it says that it is an EPUB") if _MIMETYPE in head.data[:200] else None


def _documents(source: Source, report: ReadReport) -> Iterator[Document]:
    try:
        with source.binary() as stream, zipfile.ZipFile(stream) as book:
            document = _document(book, source, report)
    except zipfile.BadZipFile as error:
        source.reject(DataError(f"cannot be read as EPUB, it is damaged or cut off: {error}", source.name), "")
        return
    except DataError as error:
        source.reject(error, "")
        return
    yield document


def _document(book: zipfile.ZipFile, source: Source, report: ReadReport) -> Document:
    package_path = _package_path(book, source.name)
    package = _parsed(book, package_path, source.name)
    text: list[str] = []
    parts: list[list[object]] = []
    length = 0
    locked = _locked(book, source.name)
    for path in _chapters(package, package_path):
        if path in locked:
            raise DataError(f"is encrypted ({path} is), as books with a copy protection are", source.name)
        data = _member(book, path, source.name)
        _, body = page_text(decoded(data, "utf-8", f"{source.name}!{path}"))
        if not body:
            continue
        if text:
            text.append("\n\n")
            length += 2
        text.append(body)
        parts.append([length, length + len(body), path])
        length += len(body)
    if not text:
        raise DataError("is a book without text, of pictures only perhaps", source.name)
    meta: dict[str, object] = {"parts": parts}
    for key in ("title", "creator", "language"):
        values = [node.text.strip() for node in package.iter(f"{_DC}{key}") if node.text and node.text.strip()]
        if values:
            meta[key] = "; ".join(values)
    report.notes.append(f"{len(parts):,} chapters or other pages")
    return Document("".join(text), id=source.stem, meta=meta)


def _package_path(book: zipfile.ZipFile, name: str) -> str:
    container = _parsed(book, _CONTAINER, name)
    path = next((node.get("full-path") for node in container.iter() if node.tag.endswith("}rootfile")), None)
    if path is None:
        raise DataError(f"is no EPUB that can be read: {_CONTAINER} names no package", name)
    return path


def _chapters(package: ElementTree.Element, package_path: str) -> list[str]:
    """The paths of the book's pages in the order of reading."""
    folder = posixpath.dirname(package_path)
    pages = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in package.iter(f"{_OPF}item")
        if item.get("media-type") in _PAGES
    }
    order = [item.get("idref") for item in package.iter(f"{_OPF}itemref")]
    return [pages[key] for key in order if key in pages]


def _locked(book: zipfile.ZipFile, name: str) -> set[str]:
    """The files that are encrypted; fonts often are, and do not matter."""
    if _ENCRYPTION not in book.namelist():
        return set()
    root = _parsed(book, _ENCRYPTION, name)
    return {unquote(node.get("URI", "")) for node in root.iter() if node.tag.endswith("}CipherReference")}


def _parsed(book: zipfile.ZipFile, path: str, name: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(_member(book, path, name))
    except ElementTree.ParseError as error:
        raise DataError(f"is damaged: {path} is no XML ({error})", name) from None


def _member(book: zipfile.ZipFile, path: str, name: str) -> bytes:
    try:
        return book.read(path)
    except KeyError:
        raise DataError(f"is no EPUB that can be read: it has no {path}", name) from None
    except (RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"is damaged or encrypted: {path} cannot be read ({error})", name) from None


EPUB = Format("epub", (".epub",), "the text of an EPUB book, to be tagged", sniff, read)

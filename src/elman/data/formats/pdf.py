"""Text out of PDF files, each word with its page and its box, through PDFium (``pypdfium2``).

Lines that a paragraph was broken into are put together again with a space, since a line end means something in
text and nothing on a page. A hyphen at the end of a line goes where a small letter follows, and is counted. See
``elman.data.places`` for what stands in ``meta``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Literal, get_args

from elman.data.document import Document
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.page_layout import Box, Line, Page, Word, between
from elman.errors import DataError, UsageError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.formats.files import Source

Boxes = Literal["words", "lines", "none"]

_MAGIC = b"%PDF-"
_SEPARATORS = " \t\r\n\0"
# What PDFium makes of a hyphen at the end of a line.
_LINE_HYPHENS = "\x02\ufffe"
_UNKNOWN = "\ufffd"
_SCALE = 10
"""Boxes are in tenths of a point."""


def read(source: Source, /, *, password: str | None = None, boxes: Boxes = "words") -> Reading:
    """Read a PDF file as one document.

    Args:
        source: the file.
        password: that it is opened with.
        boxes: whether ``meta`` gets a box for each word, each line, or none.

    Raises:
        DataError: if the file is damaged, needs a password, or has no text in it.
        UsageError: if ``elman[documents]`` is not installed.
    """
    if boxes not in get_args(Boxes):
        raise UsageError(f"boxes are of {', '.join(get_args(Boxes))}; got {boxes!r}")
    report = ReadReport("pdf")
    return Reading(_documents(source, report, password, boxes), report)


def sniff(head: Head) -> Sniffed | None:
    """The mark at the beginning; some files have a little before it."""
    return Sniffed(1, f"it begins with {_MAGIC.decode()}") if _MAGIC in head.data[:1024] else None


def _documents(source: Source, report: ReadReport, password: str | None, boxes: Boxes) -> Iterator[Document]:
    with source.binary() as stream:
        try:
            pages = _pages(stream, password, source.name)
            document = _document(pages, source, report, boxes)
        except DataError as error:
            source.reject(error, "")
            return
    yield document


def _pages(stream: BinaryIO, password: str | None, name: str) -> list[Page]:
    with needs("documents", "reading PDF"):
        import pypdfium2

    try:
        document = pypdfium2.PdfDocument(stream, password=password)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            what = "is encrypted" if password is None else "does not open with this password"
            raise DataError(f"{what}; give its password, or a copy without one", name) from None
        raise DataError(f"cannot be read as PDF, it is damaged or cut off: {error}", name) from None
    try:
        pages = []
        for number in range(len(document)):
            try:
                page = document[number]
            except pypdfium2.PdfiumError as error:
                raise DataError(f"page {number + 1} cannot be read, the file is damaged: {error}", name) from None
            width, height = page.get_size()
            pages.append(Page(_lines(page), width, height))
            page.close()
        return pages
    finally:
        document.close()


def _lines(page: Any) -> list[Line]:
    """The lines of a page; a page of PDFium's has a line end between them."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    lines: list[Line] = []
    words: list[Word] = []
    word = ""
    sides: list[tuple[float, float, float, float]] = []

    def end_word() -> None:
        nonlocal word, sides
        if word.strip():
            words.append(Word(_mended(word), _shown(page, sides)))
        word, sides = "", []

    def end_line() -> None:
        end_word()
        if words:
            box = words[0].box
            for each in words[1:]:
                box = box.around(each.box)
            lines.append(Line(list(words), box))
            words.clear()

    for index in range(text_page.count_chars()):
        # A glyph whose character the file does not say is an unknown character, and not nothing.
        character = chr(raw.FPDFText_GetUnicode(text_page.raw, index) or ord(_UNKNOWN))
        if character in "\r\n":
            end_line()
            continue
        if character in _SEPARATORS:
            end_word()
            continue
        word += character
        sides.append(text_page.get_charbox(index, loose=True))
        if character in _LINE_HYPHENS:
            end_line()
    end_line()
    text_page.close()
    return lines


def _mended(word: str) -> str:
    """Halves of characters beyond the first 65,536 put together, and hyphens as such."""
    for mark in _LINE_HYPHENS:
        word = word.replace(mark, "-")
    return word.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shown(page: Any, sides: Sequence[tuple[float, float, float, float]]) -> Box:
    """The box around some characters as the page is shown: turned, cropped, and from the upper left corner."""
    import ctypes

    from pypdfium2 import raw

    left, bottom, right, top = (pick(each[at] for each in sides) for at, pick in enumerate((min, min, max, max)))
    width, height = (round(_SCALE * size) for size in page.get_size())
    corners = []
    for x, y in ((left, bottom), (right, top)):
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page.raw, 0, 0, width, height, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        corners.append((across.value / _SCALE, down.value / _SCALE))
    (x0, y0), (x1, y1) = corners
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _document(pages: Sequence[Page], source: Source, report: ReadReport, boxes: Boxes) -> Document:
    text = _Text(boxes)
    for number, page in enumerate(pages, 1):
        text.add(number, page)
    if not text.length:
        raise DataError(
            f"has no text in its {len(pages)} page{'s' * (len(pages) != 1)}, only pictures perhaps, as scans have; "
            "recognize the text first (OCRmyPDF does)",
            source.name,
        )
    bare = [number for number, page in enumerate(pages, 1) if not page.lines]
    if bare:
        report.notes.append(f"pages without text, which may be scans: {', '.join(map(str, bare))}")
    if text.hyphens:
        report.notes.append(f"{text.hyphens:,} hyphens at line ends taken out, where a small letter follows")
    whole = "".join(text.pieces)
    if unknown := whole.count(_UNKNOWN):
        report.notes.append(f"{unknown:,} glyphs whose character the file does not say stand as {_UNKNOWN}")
    meta: dict[str, object] = {"pages": text.pages}
    if boxes != "none":
        meta["boxes"] = text.boxes
    return Document(whole, id=source.stem, meta=meta)


class _Text:
    """Puts the lines of pages together, and keeps note of where each word went.

    Attributes:
        pieces: of the text.
        length: of the text so far.
        hyphens: how many were taken out.
        pages: as they stand in ``meta``.
        boxes: as they stand in ``meta``.
    """

    def __init__(self, boxes: Boxes) -> None:
        self.pieces: list[str] = []
        self.length = self.hyphens = 0
        self.pages: list[list[float]] = []
        self.boxes: list[list[float]] = []
        self._wanted = boxes

    def add(self, number: int, page: Page) -> None:
        """A page behind what is there."""
        if self.length and page.lines:
            self._put("\n\n")
        begun = self.length
        for line, behind in zip(page.lines, between(page), strict=True):
            self._add_line(number, line, hyphened=behind == "-")
            self._put("" if behind == "-" else behind)
        self.pages.append([begun, self.length, number, round(page.width, 1), round(page.height, 1)])

    def _add_line(self, number: int, line: Line, *, hyphened: bool) -> None:
        first = self.length
        self.hyphens += hyphened
        for at, word in enumerate(line.words):
            self._put(" " * bool(at))
            start = self.length
            self._put(word.text[:-1] if hyphened and at == len(line.words) - 1 else word.text)
            if self._wanted == "words":
                self.boxes.append([start, self.length, number, *word.box])
        if self._wanted == "lines":
            self.boxes.append([first, self.length, number, *line.box])

    def _put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)


PDF = Format("pdf", (".pdf",), "the text of a PDF file, to be tagged", sniff, read)

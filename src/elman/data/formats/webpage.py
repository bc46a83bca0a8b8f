"""Text out of HTML as a person reads it, through Lexbor's HTML5 parser (``selectolax``).

Blocks are lines, cells of a table have tabs between them, white space is collapsed outside ``pre``; scripts, styles and
what is hidden are left out. The title comes first, and into ``meta["title"]``.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any

from elman.data.document import Document
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_LINES = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre search
    section summary table tbody tfoot thead tr ul
    """.split()  # noqa: SIM905
)
_CELLS = frozenset(("td", "th"))
_UNSEEN = frozenset(
    """
    audio canvas head iframe math noscript object script select style svg template video
    """.split()  # noqa: SIM905
)
_BLANK = re.compile(r"[ \t\n\r\f]+")
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w:.-]+)|<\?xml[^>]{0,100}encoding=["']([\w:.-]+)""", re.IGNORECASE
)
_BEGINNING = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read(source: Source, /) -> Reading:
    """Read a page as one document.

    The page's own word on its encoding is taken if the source's is UTF-8, the default.

    Raises:
        DataError: if the page has no text, or is not in its encoding.
        UsageError: if ``elman[documents]`` is not installed.
    """
    report = ReadReport("webpage")
    return Reading(_documents(source), report)


def sniff(head: Head) -> Sniffed | None:
    """A doctype or the first elements of a page."""
    text = head.text if head.text is not None else head.data[:4096].decode("latin-1")
    if not head.data or not _BEGINNING.match(text[:4096]):
        return None
    return Sniffed(0.9, "it begins as a page in HTML")


def _documents(source: Source) -> Iterator[Document]:
    try:
        with source.binary() as stream:
            data = stream.read()
        title, text = page_text(decoded(data, source.encoding, source.name))
        if not text:
            raise DataError(
                "is a page without text; one that a script fills has to be saved as it is shown", source.name
            )
    except DataError as error:
        source.reject(error, "")
        return
    yield Document(text, id=source.stem, meta={"title": title} if title else {})


def decoded(data: bytes, encoding: str, name: str) -> str:
    """A page's characters.

    Args:
        data: the page.
        encoding: if it is not UTF-8, that of the page; if it is, the page's own word goes before it.
        name: the file, for messages.

    Raises:
        DataError: if the page is not in that encoding, or there is no such encoding.
    """
    mark = next((named for mark, named in _MARKS if data.startswith(mark)), None)
    if codecs.lookup(encoding).name == "utf-8":
        said = _CHARSET.search(data[:4096])
        encoding = mark or ((said[1] or said[2]).decode() if said else encoding)
        # The web's rule: who says Latin-1 means Windows-1252.
        encoding = "windows-1252" if encoding.lower() in {"iso-8859-1", "latin-1", "latin1", "ascii"} else encoding
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise DataError(f"names an encoding that is not known, {encoding!r}", name) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"expected {encoding}, got the byte 0x{data[error.start]:02x}; name the encoding (latin-1, say)", name, line
        ) from None


def page_text(html: str) -> tuple[str, str]:
    """The title of a page, "" if it has none, and its text."""
    with needs("documents", "reading HTML"):
        from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    title_node = tree.css_first("head > title")
    title = _BLANK.sub(" ", title_node.text()).strip() if title_node is not None else ""
    if tree.body is None:
        return title, title
    writer = _Writer()
    _walk(tree.body, writer)
    body = writer.finished()
    # A page whose first heading is its title says it once.
    if not title or body.partition("\n")[0].strip() == title:
        return title, body
    return title, f"{title}\n\n{body}" if body else title


class _Writer:
    """Collects text as a browser would lay it out."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._verbatim = 0

    def text(self, text: str) -> None:
        """Text between tags."""
        if self._verbatim:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for line in rest:
                self.end_line(always=True)
                self._line.append(line)
            return
        text = _BLANK.sub(" ", text)
        if text.startswith(" ") and (not self._line or self._line[-1].endswith((" ", "\t"))):
            text = text[1:]
        if text:
            self._line.append(text)

    def end_line(self, *, always: bool = False) -> None:
        """The line ends here, if it has begun, or always."""
        line = "".join(self._line)
        if not self._verbatim:
            line = line.strip(" \t")
        if line or always:
            self._lines.append(line)
        self._line = []

    def opened(self, tag: str) -> None:
        """An element begins."""
        if tag == "br":
            self.end_line(always=True)
        elif tag in _CELLS:
            if self._line:
                self._line.append("\t")
        elif tag in _LINES:
            self.end_line()
        self._verbatim += tag == "pre"

    def closed(self, tag: str) -> None:
        """An element ends."""
        if tag in _LINES:
            self.end_line()
        self._verbatim -= tag == "pre"

    def finished(self) -> str:
        """All of it; no more than one line in a row is empty."""
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")


def _walk(root: Any, writer: _Writer) -> None:
    """All nodes under one, without recursion: pages nest deeper than Python does."""
    node = root.child
    while node is not None:
        tag = node.tag
        inside = None
        if tag == "-text":
            writer.text(node.text_content or "")
        elif tag is not None and not tag.startswith(("-", "!", "_")) and not _is_unseen(node, tag):
            writer.opened(tag)
            inside = node.child
            if inside is None:
                writer.closed(tag)
        while inside is None and node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            writer.closed(node.tag)
        node = inside if inside is not None else node.next


def _is_unseen(node: Any, tag: str) -> bool:
    if tag in _UNSEEN:
        return True
    attributes = node.attributes
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style


WEBPAGE = Format("webpage", (".html", ".htm", ".xhtml"), "the text of a page in HTML, to be tagged", sniff, read)

"""Text out of PDF, DOCX, HTML and EPUB files, which the tests make."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pypdfium2")
pytest.importorskip("docx")
pytest.importorskip("selectolax")
pytest.importorskip("fpdf")

import docx
from docx.oxml import parse_xml
from fpdf import FPDF

from elman.data.document import Document, Region, Span
from elman.data.formats import detect, read
from elman.data.places import place
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(path: Path, *pages: str, encrypt: str | None = None, size: float = 12, orientation: Any = "portrait") -> Path:
    """A PDF file; a page is lines, an empty one a picture at most."""
    file = FPDF(unit="pt", orientation=orientation)
    file.set_margin(72)
    file.set_font("Helvetica", size=size)
    for page in pages:
        file.add_page()
        file.rect(10, 10, 50, 50)
        if page:
            file.multi_cell(0, 1.2 * size, page, align="L")
    if encrypt is not None:
        file.set_encryption("owner", encrypt)
    file.output(str(path))
    return path


def only(path: Path, *arguments: Any, **options: Any) -> Document:
    (document,) = read(path, *arguments, **options)
    return document


def span(document: Document, surface: str) -> Region:
    start = document.text.index(surface)
    return Region(start, start + len(surface))


def book(path: Path, chapters: dict[str, str], opf: str | None = None, **more: str) -> Path:
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{n}"/>' for n in reversed(range(len(chapters))))
    package = opf or (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>Two Trips</dc:title><dc:creator>A. Byron</dc:creator></metadata>"
        f"<manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        archive.writestr("OPS/book.opf", package)
        for name, html in chapters.items():
            archive.writestr(f"OPS/{name}", html)
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return path


def test_a_span_is_found_on_its_page_again(tmp_path: Path) -> None:
    document = only(pdf(tmp_path / "a.pdf", "Ada Byron lived here.", "She went to Turin."))
    assert document.text == "Ada Byron lived here.\n\nShe went to Turin."
    assert document.id == "a"
    found = place(document, span(document, "Byron lived"))
    assert found.pages == (1,)
    (box,) = found.boxes
    # "Ada " in Helvetica at 12 points is 24.7 points wide, and the first line begins at 72.
    assert box.left == pytest.approx(72 + 24.7 + 2.8, abs=3)
    assert 65 < box.top < 76 < 80 < box.bottom < 90
    assert place(document, span(document, "Turin")).pages == (2,)
    crossing = place(document, span(document, "here.\n\nShe"))
    assert crossing.pages == (1, 2)
    assert [box.page for box in crossing.boxes] == [1, 2]
    assert json.loads(json.dumps(document.meta)) == document.meta


def test_places_of_a_page_on_its_side_are_where_they_are_seen(tmp_path: Path) -> None:
    import pypdfium2

    pdf(tmp_path / "up.pdf", "Ada Byron lived here.")
    with pypdfium2.PdfDocument(tmp_path / "up.pdf") as file:
        file[0].set_rotation(90)
        file.save(tmp_path / "side.pdf")
    upright, turned = only(tmp_path / "up.pdf"), only(tmp_path / "side.pdf")
    assert turned.text == upright.text
    (_, _, _, width, height), (_, _, _, turned_width, turned_height) = upright.meta["pages"] + turned.meta["pages"]  # type: ignore[operator]
    assert (turned_width, turned_height) == (height, width)
    (box,) = place(upright, span(upright, "Byron")).boxes
    (other,) = place(turned, span(turned, "Byron")).boxes
    assert (other.left, other.right) == pytest.approx((height - box.bottom, height - box.top), abs=0.2)
    assert (other.top, other.bottom) == pytest.approx((box.left, box.right), abs=0.2)


def test_broken_lines_of_a_paragraph_are_one_line_and_others_stay(tmp_path: Path) -> None:
    prose = "The quick brown fox jumps over the lazy dog and goes on to visit " * 4
    text = f"Name: Ada\nCity: Turin\n\n{prose.strip()}.\n\nEnd"
    document = only(pdf(tmp_path / "a.pdf", text))
    assert document.text == text


def test_hyphens_at_line_ends(tmp_path: Path) -> None:
    lines = (
        "wwwwwwwwwwwww in the middle of this long line a manip-\n"
        "ulation and after it one more of the very same kind Anna-\n"
        "Maria in a line"
    )
    reading = read(pdf(tmp_path / "a.pdf", lines))
    (document,) = reading
    assert "a manipulation and" in document.text
    assert "Anna-Maria in" in document.text
    assert reading.report.notes == ["1 hyphens at line ends taken out, where a small letter follows"]


def test_boxes_of_lines_or_none(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", "Ada Byron\nlived here.")
    assert len(only(path, boxes="words").meta["boxes"]) == 4  # type: ignore[arg-type]
    assert len(only(path, boxes="lines").meta["boxes"]) == 2  # type: ignore[arg-type]
    assert place(only(path, boxes="none"), Span(0, 3, "PER")).boxes == ()
    with pytest.raises(UsageError, match="boxes are of words, lines, none"):
        read(path, boxes="all")


def test_pdfs_at_fault(tmp_path: Path) -> None:
    good = pdf(tmp_path / "good.pdf", "Ada")
    locked = pdf(tmp_path / "locked.pdf", "Ada", encrypt="secret")
    with pytest.raises(DataError, match="is encrypted; give its password"):
        only(locked)
    with pytest.raises(DataError, match="does not open with this password"):
        only(locked, password="wrong")
    assert only(locked, password="secret").text == "Ada"
    with pytest.raises(DataError, match="has no text in its 2 pages, only pictures perhaps, as scans have"):
        only(pdf(tmp_path / "scan.pdf", "", ""))
    reading = read(pdf(tmp_path / "half.pdf", "", "Ada"))
    assert [document.text for document in reading] == ["Ada"]
    assert reading.report.notes == ["pages without text, which may be scans: 1"]
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"nothing" * 20)
    with pytest.raises(DataError, match=r"broken.pdf: cannot be read as PDF, it is damaged"):
        only(tmp_path / "broken.pdf")
    (tmp_path / "empty.pdf").write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        only(tmp_path / "empty.pdf")
    assert detect(good).format.name == "pdf"


def test_a_file_at_fault_can_be_set_aside(tmp_path: Path) -> None:
    rejects: list[Any] = []
    assert list(read(pdf(tmp_path / "scan.pdf", ""), rejects=rejects.append)) == []
    assert "has no text" in rejects[0].problem


def word_file(path: Path) -> Path:
    file = docx.Document()
    file.add_heading("Contract")
    paragraph = file.add_paragraph("Between Ada")
    paragraph.add_run("\tand Bob\nof Turin")
    table = file.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Name", "Ada", "City", "Turin"), strict=True):
        cell.text = text
    tracked = file.add_paragraph("Signed ")
    tracked._p.append(parse_xml(f'<w:ins xmlns:w="{W}"><w:r><w:t>today</w:t></w:r></w:ins>'))
    tracked._p.append(parse_xml(f'<w:del xmlns:w="{W}"><w:r><w:delText>never</w:delText></w:r></w:del>'))
    file.sections[0].header.paragraphs[0].text = "Byron & Co"
    file.save(str(path))
    return path


def test_docx(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx")
    document = only(path)
    body = "Contract\nBetween Ada\tand Bob\nof Turin\nName\tAda\nCity\tTurin\nSigned today"
    assert document.text == f"{body}\n\nByron & Co"
    assert place(document, span(document, "Bob")).parts == ("body",)
    assert place(document, span(document, "Byron")).parts == ("header",)
    assert detect(path).format.name == "docx"


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = (
        f'<w:r xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
        "<mc:Choice><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    file = docx.Document()
    file.add_paragraph("Before")._p.append(parse_xml(box))
    file.save(str(tmp_path / "a.docx"))
    assert only(tmp_path / "a.docx").text.split() == ["Before", "In", "a", "box"]


def test_docx_at_fault(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "empty.docx"))
    with pytest.raises(DataError, match="has no text in it"):
        only(tmp_path / "empty.docx")
    (tmp_path / "cut.docx").write_bytes(word_file(tmp_path / "a.docx").read_bytes()[:5000])
    with pytest.raises(DataError, match=r"cut.docx"):
        only(tmp_path / "cut.docx", "docx")
    (tmp_path / "locked.docx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)
    with pytest.raises(DataError, match="is encrypted, or in Word's format before DOCX"):
        only(tmp_path / "locked.docx")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<nothing/>")
    (tmp_path / "odd.docx").write_bytes(stream.getvalue())
    with pytest.raises(DataError, match="cannot be read as DOCX"):
        only(tmp_path / "odd.docx")


PAGE = """<!DOCTYPE html>
<html><head><title>A  trip</title><style>p { color: red }</style><script>var x = "no";</script></head>
<body><h1>Ada   Byron</h1>
<p>went to <b>Tu</b>rin &amp;
Rome.<br>Then <a href="x">home</a>.</p><p hidden>not this</p><p style="display: none">nor this</p>
<ul><li>one<li>two</ul>
<table><tr><td>Name<td>Ada<tr><td>City<td>Turin</table>
<pre>as  it
  is</pre>\N{GRINNING FACE}</body></html>
"""


def test_a_web_page(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE, encoding="utf-8")
    document = only(path)
    assert document.text == (
        "A trip\n\nAda Byron\nwent to Turin & Rome.\nThen home.\none\ntwo\nName\tAda\nCity\tTurin\n"
        "as  it\n  is\n\N{GRINNING FACE}"
    )
    assert document.meta == {"title": "A trip"}
    assert detect(path).format.name == "webpage"


def test_a_page_nests_deeper_than_python(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body>" + "<div>" * 5000 + "deep")
    assert only(tmp_path / "a.html").text == "deep"


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("<html><meta charset=iso-8859-1><p>Zoë".encode("latin-1"), "utf-8", "Zoë"),
        ("<html><meta charset='windows-1251'><p>Юра".encode("cp1251"), "utf-8", "Юра"),
        ("<html><p>Zoë".encode("latin-1"), "latin-1", "Zoë"),
        ("\ufeff<html><p>Zoë".encode(), "utf-8", "Zoë"),
    ],
)
def test_encodings_of_pages(tmp_path: Path, data: bytes, encoding: str, text: str) -> None:
    (tmp_path / "a.html").write_bytes(data)
    assert only(tmp_path / "a.html", "webpage", encoding=encoding).text == text


def test_pages_at_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body><script>run()</script></body></html>")
    with pytest.raises(DataError, match="a page without text"):
        only(tmp_path / "a.html")
    (tmp_path / "b.html").write_bytes("<html>\n<p>Zoë".encode("latin-1"))
    with pytest.raises(DataError, match=r"b.html:2: expected utf-8, got the byte 0xeb"):
        only(tmp_path / "b.html", "webpage")
    (tmp_path / "c.html").write_bytes(b"<html><meta charset=nothing><p>a")
    with pytest.raises(DataError, match="an encoding that is not known, 'nothing'"):
        only(tmp_path / "c.html", "webpage")


def test_a_book(tmp_path: Path) -> None:
    path = book(tmp_path / "a.epub", {"b.xhtml": "<html><p>Ada went home.", "a.xhtml": "<html><h1>One</h1><p>Start"})
    document = only(path)
    assert document.text == "One\nStart\n\nAda went home."
    assert (document.meta["title"], document.meta["creator"]) == ("Two Trips", "A. Byron")
    assert place(document, span(document, "Ada")).parts == ("OPS/b.xhtml",)
    assert detect(path).format.name == "epub"


def test_books_at_fault(tmp_path: Path) -> None:
    locked = '<encryption xmlns="urn:x"><CipherReference URI="OPS/a.xhtml"/></encryption>'
    with pytest.raises(DataError, match=r"is encrypted \(OPS/a.xhtml is\)"):
        only(book(tmp_path / "a.epub", {"a.xhtml": "<p>Ada"}, **{"META-INF__encryption_xml": locked}))
    with pytest.raises(DataError, match="a book without text"):
        only(book(tmp_path / "b.epub", {"a.xhtml": "<html><img src=x>"}))
    with pytest.raises(DataError, match=r"OPS/book.opf is no XML"):
        only(book(tmp_path / "c.epub", {}, opf="<package"))
    (tmp_path / "d.epub").write_bytes((tmp_path / "b.epub").read_bytes()[:300])
    with pytest.raises(DataError, match=r"d.epub"):
        only(tmp_path / "d.epub", "epub")


def test_rows_of_another_shape_are_refused() -> None:
    with pytest.raises(DataError, match=r"meta\['pages'\] has to be a list of rows, got int"):
        place(Document("Ada", meta={"pages": 1}), Span(0, 3, "PER"))
    with pytest.raises(DataError, match=r"the rows of meta\['boxes'\] have to be start, end and 5 more"):
        place(Document("Ada", meta={"boxes": [[0, 3]]}), Span(0, 3, "PER"))
    assert place(Document("Ada"), Span(0, 3, "PER")) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "problem", "one_of_several"),
    [
        ("damaged.pdf", "cannot be read as PDF", True),
        ("no-body.docx", "cannot be read as DOCX", True),
        ("cut.docx", "is damaged or cut off", False),
        ("no-package.epub", r"container\.xml names no package", True),
        ("cut.epub", "is damaged or cut off", False),
        ("no-text.html", "is a page without text", True),
        ("encoding.html", "names an encoding that is not known", True),
    ],
)
def test_invalid_files(data: Path, tmp_path: Path, name: str, problem: str, one_of_several: bool) -> None:
    path = data / "documents" / f"invalid-{name}"
    with pytest.raises(DataError, match=problem):
        list(read(path))
    (tmp_path / name).write_bytes(path.read_bytes())
    (tmp_path / "good.html").write_text("<!doctype html><p>Ada")
    rejects: list[Any] = []
    reading = read(tmp_path, rejects=rejects.append)
    assert [document.text for document in reading] == ["Ada"]
    assert (len(rejects), reading.report.ignored.total()) == ((1, 0) if one_of_several else (0, 1))

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

pytest.importorskip("pypdfium2")
pytest.importorskip("fpdf")
pytest.importorskip("selectolax")


def test_a_pdf_is_tagged_and_places_come_along(run: Run, model: Path, tmp_path: Path) -> None:
    from fpdf import FPDF

    file = FPDF()
    file.set_font("Helvetica")
    file.add_page()
    file.multi_cell(0, 8, "Ada Byron went to Paris in winter .")
    file.add_page()
    file.output(str(tmp_path / "a.pdf"))
    result = run("tag", "--model", model, tmp_path / "a.pdf")
    assert result.exit_code == 0, result.stderr
    values = json.loads(result.stdout)
    assert [(span["start"], span["end"], span["label"]) for span in values["spans"]] == [(0, 9, "PER"), (18, 23, "LOC")]
    assert values["meta"]["pages"][0][:3] == [0, 35, 1]
    assert len(values["meta"]["boxes"]) == 8
    assert "pages without text, which may be scans: 2" in result.stderr


def test_a_page_is_tagged_without_its_markup(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<!doctype html><p><b>Ada</b> Byron went to Paris")
    result = run("tag", "--model", model, tmp_path / "a.html")
    assert json.loads(result.stdout)["text"] == "Ada Byron went to Paris"


def test_a_broken_file_ends_with_a_message(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 and no more")
    result = run("tag", "--model", model, tmp_path / "a.pdf")
    assert (result.exit_code, "cannot be read as PDF" in result.stderr) == (2, True)


def test_a_word_file_and_a_book_are_tagged(run: Run, model: Path, tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    file = docx.Document()
    file.add_paragraph("Ada Byron went to Paris in winter .")
    file.save(str(tmp_path / "a.docx"))
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        container = "urn:oasis:names:tc:opendocument:xmlns:container"
        book.writestr("META-INF/container.xml", f'<rootfile xmlns="{container}" full-path="a.opf"/>')
        items = '<item id="a" href="a.html" media-type="application/xhtml+xml"/>'
        inside = f'<manifest>{items}</manifest><spine><itemref idref="a"/></spine>'
        book.writestr("a.opf", f'<package xmlns="http://www.idpf.org/2007/opf">{inside}</package>')
        book.writestr("a.html", "<html><p>Ada Byron went to <i>Paris</i> in winter .")
    for name in ("a.docx", "a.epub"):
        result = run("tag", "--model", model, tmp_path / name)
        assert result.exit_code == 0, result.stderr
        assert [span["label"] for span in json.loads(result.stdout)["spans"]] == ["PER", "LOC"]

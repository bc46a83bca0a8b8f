from __future__ import annotations

import json
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

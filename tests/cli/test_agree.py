"""``elman agree``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elman.data.document import Document, Span
from elman.data.formats import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

TEXTS = [
    Document("Ada met Bob in Rome .", (Span(0, 3, "PER"), Span(8, 11, "PER"), Span(15, 19, "LOC"))),
    Document("Eve left Paris .", (Span(0, 3, "PER"), Span(9, 14, "LOC"))),
    Document("Nobody came ."),
]


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    """The second lacks a span, and the third has another label."""
    lacking = replace(TEXTS[0], spans=TEXTS[0].spans[1:])
    other = replace(TEXTS[1], spans=(TEXTS[1].spans[0], Span(9, 14, "PER")))
    sides = {"ada": TEXTS, "ben": [lacking, *TEXTS[1:]], "cy": [TEXTS[0], other, TEXTS[2]]}
    for name, documents in sides.items():
        write(documents, tmp_path / f"{name}.jsonl")
    return [tmp_path / f"{name}.jsonl" for name in sides]


def test_the_tables(run: Run, three: list[Path]) -> None:
    result = run("agree", *three)
    assert result.exit_code == 0, result.output
    everyone, pairs, notes = result.stdout.split("\n\n")
    header, *rows = everyone.splitlines()
    assert header.split()[-3:] == ["ada", "ben", "cy"]
    assert [row.split()[0] for row in rows] == ["LOC", "PER", "all", "in"]
    # Pairs have 4, 4 and 3 spans alike, of 9, 10 and 9.
    assert rows[2].split()[2] == f"{100 * 2 * 11 / 28:.2f}"
    assert rows[2].split()[-3:] == ["5", "4", "5"]
    assert [row.split("  ")[0] for row in pairs.splitlines()[1:]] == ["ada and ben", "ada and cy", "ben and cy"]
    assert "Fleiss' of all annotators, Cohen's of two" in notes
    assert "over characters" in notes
    assert "bootstrap over documents, 1000 samples, seed 1" in notes


def test_json(run: Run, three: list[Path]) -> None:
    values = json.loads(run("agree", *three[:2], "--json", "--samples", 50, "--seed", 2).stdout)
    assert values["schema"] == "elman.agreement/1"
    assert values["all"]["f1"]["value"] == values["pairs"][0]["f1"]["value"] == 8 / 9
    assert values["all"]["documents"] == 3
    assert values["spans"]["ben"] == {"LOC": 2, "PER": 2}
    assert values["bootstrap"] == {"level": 0.95, "samples": 50, "seed": 2, "unit": "document"}


def test_no_intervals(run: Run, three: list[Path]) -> None:
    result = run("agree", *three, "--samples", 0)
    assert "No intervals" in result.stdout
    assert " to " not in result.stdout.split("\n\n")[0]


def test_one_file_of_all(run: Run, tmp_path: Path) -> None:
    documents = [replace(one, meta={"who": who}) for who in ("ada", "ben") for one in TEXTS]
    write(documents, tmp_path / "all.jsonl")
    result = run("agree", tmp_path / "all.jsonl", "--annotator-key", "who")
    assert result.exit_code == 0, result.output
    assert "ada and ben  100.00" in result.stdout
    missing = run("agree", tmp_path / "all.jsonl", "--annotator-key", "user")
    assert missing.exit_code == 2
    assert "does not name its annotator" in missing.stderr


def test_other_formats_and_labels(run: Run, tmp_path: Path) -> None:
    write(TEXTS, tmp_path / "a.jsonl")
    write(TEXTS, tmp_path / "b.json", "doccano")
    result = run("agree", tmp_path / "a.jsonl", tmp_path / "b.json", "--map", "LOC=", "--json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout)
    assert values["spans"] == {"a": {"PER": 3}, "b": {"PER": 3}}
    assert values["all"]["alpha"]["value"] == 1.0


def test_many_pairs(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / f"a{number}.jsonl" for number in range(6)]
    for path in paths:
        write(TEXTS, path)
    result = run("agree", *paths, "--samples", 0)
    assert "5 more pairs" in result.stdout
    assert len(result.stdout.split("\n\n")[1].splitlines()) == 12


def test_where_texts_part(run: Run, three: list[Path], tmp_path: Path) -> None:
    write([TEXTS[0], Document("Eve left London ."), TEXTS[2]], tmp_path / "other.jsonl")
    result = run("agree", three[0], tmp_path / "other.jsonl")
    assert result.exit_code == 2
    assert "ada, line 2: Eve left >>>Paris" in result.stderr
    assert "other, line 2: Eve left >>>London" in result.stderr
    assert result.stdout == ""


def test_bad_usage(run: Run, three: list[Path], tmp_path: Path) -> None:
    assert run("agree").exit_code == 2
    one = run("agree", three[0])
    assert one.exit_code == 2
    assert "expected a file for each annotator, or one file and the key" in one.stderr
    assert run("agree", three[0], tmp_path / "nothing.jsonl").exit_code == 2

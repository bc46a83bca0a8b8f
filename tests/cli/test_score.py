from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elman.cli.options import parse_settings
from elman.cli.score import of_sides
from elman.data.document import Document, Relation, Span
from elman.data.formats import write
from elman.errors import UsageError
from elman.metrics.conlleval import conlleval_report
from elman.metrics.tags import compare_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Run

FILES = Path(__file__).parents[1] / "data" / "score"
GOLD = FILES / "gold.conll"


def test_the_table_and_what_was_found_out(run: Run) -> None:
    result = run("score", GOLD, FILES / "iobes.conll")
    assert result.exit_code == 0
    rows = {row.split()[0]: row.split()[1:] for row in result.stdout.splitlines()[1:7]}
    assert rows["PER"][:3] == ["50.00"] * 3
    assert rows["micro"][:3] == ["33.33"] * 3
    assert f"{GOLD}: the tag scheme is IOB2" in result.stderr
    assert "iobes.conll: the tag scheme is IOBES" in result.stderr
    assert "warning: " in result.stderr
    assert "ORG (1)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["gold.conll", "shorter.conll"], "one side ends before the other"),
        (["gold.conll", "row_lost.conll"], "--align rows pairs row by row"),
        (["gold.conll", "row_lost.conll", "--align", "rows"], "equally many tokens on both sides"),
        (["gold.conll", "unknown_prefix.conll"], "unknown_prefix.conll:5: "),
        (["gold.conll", "no_label.conll"], "'B-'"),
        (["gold.conll", "other_names.conll"], "no label in common"),
        (["gold.conll", "iobes.conll", "--map", "X=Y"], "the label map names X"),
        (["gold.conll", "iobes.conll", "--scheme", "IOB2"], "iobes.conll:1: "),
        (["gold.conll", "iobes.conll", "--scheme", "A,B,C"], "--scheme reads NAME or GOLD,PREDICTED"),
        (["gold.conll", "iobes.conll", "--set", "column=1"], "--set reads gold.NAME=VALUE"),
        (["gold.conll", "iobes.conll", "--set", "gold.nope=1"], "there is no option nope"),
        (["gold.conll", "orphan.conll", "--repair", "refuse"], "orphan.conll:1: "),
        (["gold.conll", "spans.jsonl", "--format", "conll"], "spans.jsonl"),
        (["gold.conll"], "give a file with predictions too"),
        (["spans.jsonl"], "elman score GOLD PREDICTED"),
        (["gold.conll", "nowhere.conll"], "nowhere.conll: "),
        (["gold_ids.jsonl", "missing.jsonl"], "lacks 'b'"),
        (["gold_ids.jsonl", "document_twice.jsonl"], "several of 'c'"),
        (["gold.conll", "iobes.conll", "--beta=-1"], "--beta has to be at least 0"),
        (["gold.conll", "iobes.conll", "--style", "seqeval", "--json"], "choose one"),
        (["gold.conll", "iobes.conll", "--style", "seqeval", "--mode", "type"], "has the mode exact"),
        (["gold.conll", "iobes.conll", "--style", "nervaluate", "--mode", "exact"], "one of strict, type"),
        (["gold.conll", "iobes.conll", "--by", "seen"], "needs the training set"),
        (["gold.conll", "iobes.conll", "--by", "genre"], "no document has the key 'genre'"),
        (["gold.conll", "iobes.conll", "--report", "page.pdf"], "page.pdf"),
        (["gold_ids.jsonl", "gold_ids.jsonl", "--style", "conlleval"], "convert it to columns"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    run: Run, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FILES)
    result = run("score", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert "error: " in result.stderr


def test_json_of_one_system_is_its_result_and_the_input(run: Run) -> None:
    values = json.loads(run("score", GOLD, FILES / "orphan.conll", "--json", "--beta", 2, "--by", "length").stdout)
    assert values["schema"] == "elman.score/1"
    assert values["micro"]["f1"] == 1.0
    assert values["f_beta"] == {"beta": 2.0, "LOC": 1.0, "PER": 1.0, "micro": 1.0}
    assert values["input"]["systems"][0]["repairs"] == 2
    assert values["breakdowns"][0]["by"] == "length"
    assert values["breakdowns"][0]["groups"]["2 tokens"]["micro"]["support"] == 1


def test_several_systems_are_compared(run: Run) -> None:
    files = [FILES / name for name in ("further_label.conll", "spans.jsonl", "iobes.conll")]
    result = run("score", GOLD, *files)
    header, *rows = result.stdout.splitlines()
    assert header.split() == [
        "precision",
        "recall",
        "F1",
        "interval",
        "of",
        "F1",
        "difference",
        "interval",
        "of",
        "it",
        "p",
    ]
    assert rows[0].split()[:4] == ["further_label.conll", "75.00", "100.00", "85.71"]
    assert rows[1].split()[3] == "100.00"
    assert rows[1].split()[7] == "+14.29"
    assert ["ORG", "0.00"] in [row.split() for row in rows]
    assert "corrected for 2 comparisons (Holm 1979)" in result.stdout
    values = json.loads(run("score", GOLD, *files, "--json").stdout)
    assert values["schema"] == "elman.systems/1"
    assert [system["name"] for system in values["systems"]] == [file.name for file in files]
    differences = values["differences"]
    assert [(one["system"], one["against"]) for one in differences] == [
        ("spans.jsonl", "further_label.conll"),
        ("iobes.conll", "further_label.conll"),
    ]
    assert differences[0]["difference"] == pytest.approx(1 - 6 / 7)
    # Two systems that differ in one document only can trade it in two ways, and both are as far apart.
    assert differences[0]["p"] == 1.0
    assert all(one["p_holm"] >= one["p"] for one in differences)


def test_no_test_where_there_can_be_none(run: Run) -> None:
    surface = run("score", GOLD, FILES / "spans.jsonl", FILES / "iobes.conll", "--mode", "surface")
    assert "no test of the differences" in surface.stderr
    assert "-66.67" in surface.stdout
    assert " p\n" not in surface.stdout
    one = FILES / "gold_ids.jsonl"
    assert json.loads(run("score", one, one, one, "--json").stdout)["differences"][0]["p"] == 1.0


def test_conllevals_report_is_that_of_the_tags(run: Run) -> None:
    rows = [line.split() for line in (FILES / "columns.txt").read_text().splitlines()]
    sequences: list[list[list[str]]] = [[]]
    for row in rows:
        if row:
            sequences[-1].append(row)
        else:
            sequences.append([])
    gold, predicted = ([[row[column] for row in rows] for rows in sequences] for column in (-2, -1))
    expected = conlleval_report(compare_tags(gold, predicted))
    assert expected.startswith("processed 12 tokens with 3 phrases; found: 3 phrases; correct: 1.\naccuracy:  75.00%;")
    assert run("score", FILES / "columns.txt", "--style", "conlleval").stdout == expected
    piped = run("score", "-", "--style", "conlleval", stdin=(FILES / "columns.txt").read_bytes())
    assert piped.stdout == expected
    assert "standard input (predicted): 1 tags repaired" in piped.stderr


def test_tables_of_other_tools(run: Run) -> None:
    table = run("score", FILES / "columns.txt", "--style", "seqeval").stdout
    assert table.splitlines()[0].split() == ["precision", "recall", "f1-score", "support"]
    assert "weighted avg       0.33      0.33      0.33         3" in table
    table = run("score", FILES / "columns.txt", "--style", "nervaluate").stdout
    assert table.startswith("Scenario: all\n")
    table = run("score", FILES / "columns.txt", "--style", "nervaluate", "--mode", "boundaries").stdout
    assert table.startswith("Scenario: exact\n")
    both = run("score", GOLD, GOLD, FILES / "iobes.conll", "--style", "seqeval").stdout
    assert both.startswith("gold.conll:\n")
    assert "\niobes.conll:\n" in both


def test_groups_betas_and_relations(run: Run, tmp_path: Path) -> None:
    result = run("score", GOLD, FILES / "iobes.conll", "--by=seen", "--by=position", f"--train={GOLD}", "--beta=0.5")
    assert "\nby seen:\nseen " in result.stdout
    assert "\nby position:\n" in result.stdout
    assert "\nF0.5:\n" in result.stdout
    documents = [
        Document(
            "Ada met Bo.",
            (Span(0, 3, "PER", id="a"), Span(8, 10, "PER", id="b")),
            (Relation("a", "b", "met"),),
            id="1",
            meta={"genre": "news"},
        )
    ]
    turned = [Document(documents[0].text, documents[0].spans, (Relation("b", "a", "met"),), id="1")]
    write(documents, tmp_path / "gold.jsonl")
    write(turned, tmp_path / "turned.jsonl")
    result = run("score", tmp_path / "gold.jsonl", tmp_path / "turned.jsonl", "--relations", "--by=genre")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["strict", "ends", "0.00", "0.00", "0.00", "1", "1"] in lines
    assert ["news", "100.00", "100.00", "100.00", "2", "2"] in lines
    values = json.loads(run("score", tmp_path / "gold.jsonl", tmp_path / "gold.jsonl", "--relations", "--json").stdout)
    assert values["relations"]["labels"]["met"]["f1"] == 1.0


@pytest.mark.parametrize(("name", "begins"), [("page.html", "<!DOCTYPE html>"), ("page.md", "# "), ("page.json", "{")])
def test_reports(run: Run, tmp_path: Path, name: str, begins: str) -> None:
    path = tmp_path / name
    result = run("score", GOLD, FILES / "iobes.conll", FILES / "spans.jsonl", "--by=length", "--report", path)
    assert result.exit_code == 0
    text = path.read_text()
    assert text.lower().startswith(begins.lower())
    for told in ("iobes.conll on gold.conll", "spans.jsonl", "IOBES", "2 tokens"):
        assert told in text.replace("\\", "")
    assert f"report: {path}" in result.stderr


def test_options_of_both_sides() -> None:
    assert of_sides(None, "--scheme") == (None, None)
    assert of_sides("IOB1", "--scheme") == ("IOB1", "IOB1")
    assert of_sides("IOB1, IOB2", "--scheme") == ("IOB1", "IOB2")
    assert of_sides(",IOB2", "--scheme") == (None, "IOB2")
    both = ("conll:column=2,token=1", "csv:text=a,spans=b")
    assert of_sides(",".join(both), "--format") == both
    found = parse_settings(["gold.column=2", "predicted.column=-1"], "gold", "predicted")
    assert found == (
        {"column": "2"},
        {"column": "-1"},
    )
    with pytest.raises(UsageError, match="--set reads"):
        parse_settings(["gold.column"], "gold", "predicted")


WNUT = {
    "uh_ritual": (41.86, 40.24),
    "spinningbytes.txt": (40.78, 39.33),
    "sjtu_adapt.txt": (40.42, 37.62),
    "arcada": (39.98, 37.77),
    "flytxt": (38.35, 36.31),
    "mic-cis.txt": (37.06, 34.25),
    "drexel_cci": (26.30, 25.26),
}
"""Entity F1 and surface F1 of the WNUT-17 shared task (Derczynski et al. 2017), in percent."""


@pytest.mark.shared
def test_the_scores_of_wnut_17(run: Run, shared: Callable[[str], Path]) -> None:
    gold = shared("wnut17/emerging.test.annotated")
    paths = [shared(f"wnut17/submissions/{name}") for name in WNUT]
    found = []
    for mode in ("exact", "surface"):
        result = run("score", gold, *paths, "--align", "rows", "--mode", mode)
        rows = {row.split()[0]: row.split() for row in result.stdout.splitlines()[1 : len(WNUT) + 1]}
        found.append([float(rows[name][3]) for name in WNUT])
        # One system changed tokens, and the others did not.
        for path in paths:
            differing = "1,283" if path.name == "mic-cis.txt" else "0"
            assert f"{path}: paired row by row: {differing} of 23,394 tokens differ" in result.stderr
    assert list(zip(*found, strict=True)) == list(WNUT.values())

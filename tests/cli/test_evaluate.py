from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import elman
from elman.data.document import Document, Span
from elman.data.formats import write
from elman.runtime.evaluation import judge
from tests.training.examples import DOCUMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_the_table(run: Run, model: Path, data: Path) -> None:
    result = run("evaluate", model, data)
    assert result.exit_code == 0
    assert "train.conll: " in result.stderr
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["precision", "recall", "F1", "interval", "of", "F1", "support", "predicted"]
    assert [row.split()[0] for row in rows[:4]] == ["LOC", "PER", "micro", "macro"]
    assert rows[0].split()[1:4] == ["100.00"] * 3


def test_json_has_fractions_and_names_its_schema(run: Run, model: Path, data: Path) -> None:
    values = json.loads(run("evaluate", model, data, "--json").stdout)
    assert values["schema"] == "elman.score/1"
    assert values["micro"] == {
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "support": 64,
        "predicted": 64,
        "correct": 64,
        "interval": [1.0, 1.0],
    }
    assert set(values["labels"]) == {"PER", "LOC"}


def test_raw_text_gets_its_own_tokens(run: Run, model: Path, tmp_path: Path) -> None:
    # Tokens that no tokenizer makes: the model finds nothing in them.
    letters = [
        replace(
            document,
            tokens=elman.Tokens(document.text, [(at, at + 1) for at in range(len(document.text.rstrip()))]),
        )
        for document in DOCUMENTS
    ]
    write(letters, tmp_path / "letters.jsonl")
    command = ["evaluate", model, tmp_path / "letters.jsonl", "--json"]
    assert json.loads(run(*command).stdout)["micro"]["f1"] < 0.5
    assert json.loads(run(*command, "--raw").stdout)["micro"]["f1"] == 1.0


def test_labels_can_be_renamed_and_left_out(run: Run, model: Path, tmp_path: Path) -> None:
    other = [
        replace(
            document,
            spans=tuple(replace(span, label="PERSON") for span in document.spans if span.label == "PER"),
        )
        for document in DOCUMENTS
    ]
    write(other, tmp_path / "other.jsonl")
    result = run("evaluate", model, tmp_path / "other.jsonl", "--json")
    assert "labels that the model does not know count as missed: PERSON (32)" in result.stderr
    assert json.loads(result.stdout)["micro"]["correct"] == 0
    result = run("evaluate", model, tmp_path / "other.jsonl", "--json", "--map", "PERSON=PER")
    assert "warning" not in result.stderr
    assert json.loads(result.stdout)["micro"]["recall"] == 1.0
    write(DOCUMENTS, tmp_path / "all.jsonl")
    values = json.loads(run("evaluate", model, tmp_path / "all.jsonl", "--json", "--map", "LOC=").stdout)
    assert list(values["labels"]) == ["PER"]


def test_the_report_marks_every_error(run: Run, model: Path, tmp_path: Path) -> None:
    wrong = Document("Ada Byron went to Paris in winter .", (Span(0, 3, "PER"), Span(27, 33, "DATE")), id="wrong & co")
    write([*DOCUMENTS[:2], wrong], tmp_path / "gold.jsonl")
    page = tmp_path / "page.html"
    result = run("evaluate", model, tmp_path / "gold.jsonl", "--report", page)
    assert f"report: {page}" in result.stderr
    text = page.read_text("utf-8")
    assert "model on gold.jsonl" in text
    assert "wrong &amp; co" in text
    body = text.split("wrong &amp; co")[-1]
    for title in ("missed: PER", "missed: DATE", "wrong: PER, probability", "wrong: LOC, probability"):
        assert f'title="{title}' in body
    assert 'title="PER, probability' in text


def test_the_report_comes_in_the_form_that_its_name_asks_for(run: Run, model: Path, data: Path, tmp_path: Path) -> None:
    for name, begin in (("r.html", "<!doctype html>"), ("r.md", "# model on train.conll"), ("r.json", "{")):
        assert run("evaluate", model, data, "--report", tmp_path / name).exit_code == 0
        assert (tmp_path / name).read_text("utf-8").startswith(begin)
    values = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (values["schema"], values["scores"]["micro"]["f1"]) == ("elman.report/1", 1.0)
    for name, told in (
        ("r.pdf", "a report ends in .html"),
        ("r", "a report ends in"),
        ("no/r.md", "there is no folder"),
    ):
        result = run("evaluate", model, tmp_path / "nothing.conll", "--report", tmp_path / name)
        assert (result.exit_code, told in result.stderr) == (2, True)


def test_the_most_frequent_errors_are_listed(run: Run, model: Path, tmp_path: Path) -> None:
    wrong = Document("Ada Byron went to Paris in winter .", (Span(0, 3, "PER"), Span(27, 33, "DATE")))
    write([*DOCUMENTS[:2], wrong, wrong], tmp_path / "gold.jsonl")
    command = ["evaluate", model, tmp_path / "gold.jsonl"]
    told = run(*command).stdout
    assert "Errors: 2 missed, 2 spurious, 2 bounds." in told
    assert "2x  bounds, right  Ada [PER] > Ada Byron [PER]" in told
    assert "And 2 more.\n" in run(*command, "--errors", 1).stdout
    assert "Errors" not in run(*command, "--errors", 0).stdout
    assert run(*command, "--errors", -1).exit_code == 2


def test_invalid_tags_are_mended_as_asked_and_counted(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "tags.conll"
    path.write_text("Ada I-PER\nByron I-PER\nwent O\n\nAlan B-PER\nwent O\nto O\nOslo B-LOC\n\n" * 9)
    command = ["evaluate", model, path, "--scheme", "iob2", "--json"]
    mended, dropped = run(*command), run(*command, "--repair", "drop")
    assert json.loads(mended.stdout)["micro"]["support"] == 27
    assert json.loads(dropped.stdout)["micro"]["support"] == 18
    assert "9 tags repaired (conlleval)" in mended.stderr
    assert "18 tags repaired (drop)" in dropped.stderr
    refused = run(*command, "--repair", "refuse")
    assert (refused.exit_code, f"{path}:1" in refused.stderr) == (2, True)
    assert elman.evaluate(model, path, scheme="iob2", repair="drop").micro.support == 18


def test_a_pipe_needs_its_format(run: Run, model: Path, data: Path) -> None:
    result = run("evaluate", model, "-", stdin=data.read_bytes())
    assert (result.exit_code, "name it" in result.stderr) == (2, True)
    result = run("evaluate", model, "-", "--format", "conll", "--json", stdin=data.read_bytes())
    assert json.loads(result.stdout)["micro"]["support"] == 64


def test_the_format_says_where_tags_are_and_in_which_encoding(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "tags.conll"
    path.write_bytes("Zo\u00eb B-PER NNP\nwent O VBD\nto O TO\nOslo B-LOC NNP\n\n".encode("latin-1"))
    result = run("evaluate", model, path, "--format", "conll:column=1,encoding=latin-1", "--json")
    assert json.loads(result.stdout)["micro"]["support"] == 2
    result = run("score", path, path, "--format", "conll:column=1,encoding=latin-1", "--json")
    assert json.loads(result.stdout)["micro"]["correct"] == 2


def test_bad_input(run: Run, model: Path, data: Path, tmp_path: Path) -> None:
    for arguments in ([model, tmp_path / "none.conll"], [tmp_path, data], [model, data, "--map", "x"]):
        result = run("evaluate", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")


def test_from_python(model: Path, data: Path) -> None:
    result = elman.evaluate(model, data)
    assert result.micro.f1 == 1.0
    assert elman.evaluate(elman.load(model), DOCUMENTS, labels={"PER": ""}).labels.keys() == {"LOC"}
    assert elman.score(data, data).labels["PER"].recall == 1.0
    assert elman.score(DOCUMENTS, DOCUMENTS).micro.support == 64


def test_judging_shows_the_model_no_answers(model: Path) -> None:
    blank = [replace(document, spans=()) for document in DOCUMENTS]
    tagger = elman.load(model)
    shown = [pair.predicted.spans for pair in judge(tagger, DOCUMENTS)]
    assert shown == [pair.predicted.spans for pair in judge(tagger, blank)]

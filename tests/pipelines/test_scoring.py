"""Scoring: how gold and predictions come in, in which scheme, and what is refused or told."""

import json
import os
import threading

import pytest

import elman
from elman.data.document import Document, Region, Span
from elman.data.formats import write
from elman.errors import DataError, UsageError
from elman.metrics.counts import Counts
from elman.pipelines.scoring import score_systems
from elman.pipelines.sides import read_columns, read_side

GOLD = [Document("Ada wrote.", (Span(0, 3, "PER"),)), Document("To Bo.", (Span(3, 5, "PER"),))]


@pytest.fixture
def files(data):
    return data / "score"


def micro(scoring):
    return [system.result.micro for system in scoring.systems]


def test_formats_and_schemes_may_differ(files):
    gold = files / "gold.conll"
    scoring = score_systems(gold, [files / name for name in ("iobes.conll", "spans.jsonl", "orphan.conll")])
    assert micro(scoring) == [Counts(1, 3, 3), Counts(3, 3, 3), Counts(3, 3, 3)]
    assert [system.name for system in scoring.systems] == ["iobes.conll", "spans.jsonl", "orphan.conll"]
    lines = "\n".join(scoring.lines())
    for told in (
        f"{gold}: the tag scheme is IOB2: prefixes B- (3), I- (1)",
        "iobes.conll: the tag scheme is IOBES: prefixes S- (3)",
        "orphan.conll: the tag scheme is IOB2: as gold's",
        "orphan.conll: 2 tags repaired (conlleval), which IOB2 forbids",
        "spans.jsonl: 3 of 3 documents differ in white space alone",
    ):
        assert told in lines
    values = json.loads(json.dumps(scoring.to_json()))
    assert values["gold"]["scheme"] == "IOB2"
    assert [system["repairs"] for system in values["systems"][::2]] == [0, 2]
    assert values["systems"][1]["format"] == "jsonl"


def test_systems_have_names_of_their_own(files, tmp_path):
    gold, other = files / "gold.conll", tmp_path / "gold.conll"
    other.write_bytes(gold.read_bytes())
    assert [system.name for system in score_systems(gold, [gold, other]).systems] == [str(gold), str(other)]
    assert [system.name for system in score_systems(gold, [gold, gold]).systems] == [f"{gold} (1)", f"{gold} (2)"]


def test_documents_and_files_mix(tmp_path):
    write(GOLD, tmp_path / "gold.jsonl")
    kinds = (lambda: GOLD, lambda: tmp_path / "gold.jsonl", lambda: iter(GOLD))
    found = [score_systems(one(), [other()]) for one in kinds for other in kinds]
    assert {micro(scoring)[0] for scoring in found} == {Counts(2, 2, 2)}
    assert found[0].gold.name == "gold"
    assert found[0].systems[0].name == "predicted"
    with pytest.raises(UsageError, match="expected predictions beside gold"):
        score_systems(GOLD, [])


def test_one_file_has_both_in_its_last_columns(files):
    scoring = score_systems(files / "columns.txt", [])
    assert micro(scoring) == [Counts(1, 3, 3)]
    other = score_systems(files / "columns.txt", [], options=({"column": -1}, {"column": "-2"}))
    assert micro(other) == [Counts(1, 3, 3)]
    assert list(scoring.systems[0].result.labels) == ["LOC", "ORG", "PER"]
    with pytest.raises(UsageError, match=r"last two columns, got jsonl; give the file with predictions too"):
        score_systems(files / "spans.jsonl", [])
    with pytest.raises(DataError, match=r"too few columns.*give a file with predictions too"):
        score_systems(files / "gold.conll", [])
    gold, predicted = read_columns(files / "columns.txt")
    assert (gold.report.repairs, predicted.report.repairs) == (0, 1)


def test_a_pipe_is_read_as_often_as_need_be(files, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes((files / "columns.txt").read_bytes()))
    writer.start()
    scoring = score_systems(pipe, [])
    writer.join()
    assert micro(scoring) == [Counts(1, 3, 3)]
    assert "pipe (gold): the format is conll: gold tags in column -2" in scoring.lines()[1]


def test_predictions_are_in_golds_scheme_unless_clearly_in_another(files, tmp_path):
    gold = read_side(files / "gold.conll")

    def scheme(tags, **rest):
        words = ["Ada", "Lovelace", "wrote", "to", "Babbage", "."]
        path = tmp_path / "tags.conll"
        path.write_text("".join(f"{word} {tag}\n" for word, tag in zip(words, tags.split(), strict=True)))
        side = read_side(path, like=gold, **rest)
        return side.report.scheme, side.report.repairs, [span.key[1:3] for span in side.documents[0].spans]

    assert scheme("B-PER I-PER O O B-PER O") == ("IOB2", 0, [(0, 12), (22, 29)])
    # All I-: not IO, in which nothing were wrong, but IOB2 with faults.
    assert scheme("I-PER I-PER O O I-PER O") == ("IOB2", 2, [(0, 12), (22, 29)])
    assert scheme("I-PER I-PER O O I-PER O", repair="drop") == ("IOB2", 3, [])
    assert scheme("B-PER E-PER O O S-PER O") == ("IOBES", 0, [(0, 12), (22, 29)])
    # Faults in a scheme that gold's is not.
    assert scheme("B-PER I-PER O O S-PER O") == ("IOBES", 1, [(0, 12), (22, 29)])
    assert scheme("PER PER O O O O") == ("IO", 0, [(0, 12)])
    assert scheme("I-PER I-PER O O I-PER O", scheme="IO") == ("IO", 0, [(0, 12), (22, 29)])
    with pytest.raises(DataError, match=r"tags.conll:1: tag 0 .* which the scheme IOB2 forbids"):
        scheme("I-PER I-PER O O I-PER O", repair="refuse")
    with pytest.raises(DataError, match=r"tags.conll:3: tag 2 .* which the scheme IOBES forbids"):
        scheme("B-PER I-PER O O S-PER O", repair="refuse")


def test_gold_of_only_o_says_nothing_of_the_scheme(files):
    scoring = score_systems(files / "all_outside.conll", [files / "iobes.conll"])
    assert micro(scoring) == [Counts(0, 3, 0)]
    assert "all_outside.conll has no spans" in scoring.lines()[-1]
    assert any("the tag scheme is IOBES" in line for line in scoring.lines())
    both = score_systems(files / "all_outside.conll", [files / "all_outside.conll"])
    assert micro(both) == [Counts(0, 0, 0)]
    assert both.systems[0].result.micro.f1 == 0.0


def test_labels_of_one_side_alone(files):
    gold = files / "gold.conll"
    warned = score_systems(gold, [files / "further_label.conll"])
    assert (
        "further_label.conll has labels that gold does not have, and they count as wrong: VERB (1)"
        in (warned.systems[0].warnings[0])
    )
    assert warned.systems[0].result.labels["VERB"] == Counts(0, 1, 0)
    assert not score_systems(gold, [files / "further_label.conll"], known=["VERB"]).systems[0].warnings
    names = files / "other_names.conll"
    with pytest.raises(DataError, match=r"no label in common: gold has PER \(2\), LOC \(1\); .*PERSON \(2\), PLACE"):
        score_systems(gold, [names])
    assert micro(score_systems(gold, [names], labels={"PERSON": "PER", "PLACE": "LOC"})) == [Counts(3, 3, 3)]
    assert micro(score_systems(gold, [names], labels={"PER": "PERSON", "PLACE": "", "LOC": ""})) == [Counts(2, 2, 2)]
    assert micro(score_systems(gold, [names], labels={"PER": "PER"})) == [Counts(0, 3, 3)]
    assert micro(score_systems(gold, [names], mode="boundaries")) == [Counts(3, 3, 3)]
    with pytest.raises(UsageError, match="names NOPE, which no side has; there are LOC, PER, PERSON, PLACE"):
        score_systems(gold, [names], labels={"NOPE": "PER"})


def test_tags_that_are_none_are_refused(files):
    gold = files / "gold.conll"
    with pytest.raises(DataError, match=r"unknown_prefix.conll:5: .*X- \(1\)"):
        score_systems(gold, [files / "unknown_prefix.conll"])
    with pytest.raises(DataError, match=r"no_label.conll:\d: .*'B-'"):
        score_systems(gold, [files / "no_label.conll"])
    with pytest.raises(DataError, match=r"iobes.conll:1: .*'S-PER' is not a tag of the scheme IOB2"):
        score_systems(gold, [files / "iobes.conll"], schemes=(None, "IOB2"))
    with pytest.raises(UsageError, match="jsonl has no tags and so no scheme"):
        score_systems(gold, [files / "spans.jsonl"], schemes=(None, "IOB2"))


def test_spans_and_documents_that_are_there_twice(files):
    scoring = score_systems(files / "gold_ids.jsonl", [files / "span_twice.jsonl"])
    assert micro(scoring) == [Counts(2, 3, 2)]
    assert scoring.systems[0].notes == ["spans that are there more than once: 1 predicted; each counts"]
    both = score_systems(files / "span_twice.jsonl", [files / "span_twice.jsonl"])
    assert micro(both) == [Counts(3, 3, 3)]
    with pytest.raises(DataError, match=r"document_twice.jsonl: ids .* unique .*'c'"):
        score_systems(files / "gold_ids.jsonl", [files / "document_twice.jsonl"])
    with pytest.raises(DataError, match=r"missing.jsonl lacks 'b'; .*gold_ids.jsonl lacks 'd'"):
        score_systems(files / "gold_ids.jsonl", [files / "missing.jsonl"])
    order = score_systems(files / "gold_ids.jsonl", [files / "other_order.jsonl"])
    assert micro(order) == [Counts(1, 2, 2)]
    assert "2 of 3 documents stand elsewhere" in order.systems[0].notes[0]


def test_empty_documents_are_units_without_spans(files):
    scoring = score_systems(files / "empty_documents.jsonl", [files / "empty_documents.jsonl"])
    assert micro(scoring) == [Counts(1, 1, 1)]
    assert len(scoring.systems[0].result.counts) == 3


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shorter.conll", ["gold.conll, line 12: >>>Nobody came .", "shorter.conll, at its end (2 documents)"]),
        ("row_lost.conll", ["gold.conll, line 9: London >>>called .", "row_lost.conll, line 9: London >>>."]),
        ("other_text.conll", ["gold.conll, line 9: London call>>>ed", "other_text.conll, line 9: London call>>>s"]),
        ("gold_ids.jsonl", ["gold.conll, line 2: Ada >>>Lovelace", "gold_ids.jsonl, line 1: Ada >>>wrote"]),
    ],
)
def test_where_files_part_both_lines_are_named(files, name, told):
    with pytest.raises(DataError) as error:
        score_systems(files / "gold.conll", [files / name])
    for line in told:
        assert line in str(error.value)


def test_lines_are_those_of_the_file_where_documents_are_matched_by_id(files, tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text((files / "other_order.jsonl").read_text().replace("Ada wrote.", "Ada writes."))
    with pytest.raises(
        DataError, match=r"gold_ids.jsonl, line 1: Ada wr>>>ote.\n.*other.jsonl, line 3: Ada wr>>>ites."
    ):
        score_systems(files / "gold_ids.jsonl", [path])


def test_rows_are_paired_where_asked(files):
    scoring = score_systems(files / "gold.conll", [files / "other_text.conll"], align="rows")
    assert micro(scoring) == [Counts(2, 2, 3)]
    assert scoring.systems[0].notes == ["paired row by row: 1 of 12 tokens differ"]
    with pytest.raises(DataError, match=r"has 12 and .*row_lost.conll 11; .*:\n.*gold.conll, line 8\n.*, line 8\n"):
        score_systems(files / "gold.conll", [files / "row_lost.conll"], align="rows")


def test_layers_and_unknown_regions():
    inner = [Document("Ada wrote.", (Span(0, 3, "PER", "inner"),))]
    guess = [Document("Ada wrote.", (Span(0, 3, "PER", "inner"),), unknown=(Region(4, 9, "inner"),))]
    scoring = score_systems(inner, [guess], layer="inner")
    assert micro(scoring) == [Counts(1, 1, 1)]
    assert "1 regions are marked as unknown among the predictions" in scoring.systems[0].notes[0]
    other = score_systems(inner, [guess])
    assert "gold has no spans in the layer entities; there are inner (1)" in other.systems[0].warnings


def test_tags_agree_as_conlleval_counts_them(files, tmp_path):
    assert score_systems(files / "columns.txt", [], tags=True).systems[0].agreement == (12, 9)
    # To conlleval a row that begins a document is a token like any other.
    path = tmp_path / "documents.txt"
    path.write_text("-DOCSTART- -X- O O\n\n" + (files / "columns.txt").read_text())
    assert score_systems(path, [], tags=True).systems[0].agreement == (13, 10)
    gold = files / "gold.conll"
    # What is in IOBES, or came as spans, is compared in IOB2.
    assert score_systems(gold, [files / "iobes.conll"], tags=True).systems[0].agreement == (12, 10)
    assert score_systems(gold, [files / "spans.jsonl"], tags=True).systems[0].agreement == (12, 12)
    # As it stands in the file: B- in gold, I- predicted.
    assert score_systems(gold, [files / "orphan.conll"], tags=True).systems[0].agreement == (12, 10)
    assert score_systems(gold, [files / "orphan.conll"], tags=True, labels={"LOC": "L"}).systems[0].agreement == (
        12,
        12,
    )
    with pytest.raises(UsageError, match="came without; convert it to columns"):
        score_systems(GOLD, [GOLD], tags=True)


def test_the_face_takes_tags_documents_and_files(files):
    gold, predicted = [["B-PER", "I-PER", "O"], ["B-LOC"]], [["B-PER", "I-PER", "O"], ["I-LOC"]]
    said = []
    assert elman.score(gold, predicted, say=said.append).micro == Counts(2, 2, 2)
    assert "gold tags: IOB2" in said[0]
    assert "1 tags repaired" in said[1]
    assert elman.score(gold, predicted, repair="drop").micro == Counts(1, 1, 2)
    assert elman.score(iter(gold), iter(predicted), mode="tokens").micro == Counts(3, 3, 3)
    assert elman.score(GOLD, [*GOLD[:1], Document("To Bo.")], mode="strict").micro == Counts(1, 1, 2)
    assert elman.score(files / "columns.txt").micro == Counts(1, 3, 3)
    assert elman.score(str(files / "gold.conll"), files / "other_text.conll", align="rows").micro == Counts(2, 2, 3)
    assert elman.score([], []).micro == Counts()
    with pytest.raises(UsageError, match="no layer and no text"):
        elman.score(gold, predicted, labels={"PER": "P"})
    with pytest.raises(DataError, match="sequence 1 has 3 tags in gold"):
        elman.score(gold, [["O"], ["O"]])

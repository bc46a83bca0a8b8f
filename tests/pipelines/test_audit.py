"""Each kind of finding: data that have it, and data that have nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.data.formats import write
from elman.errors import UsageError
from elman.features.vectors import Vectors
from elman.pipelines.audit import KINDS, Audit, audit, audit_files, chosen
from elman.pipelines.audit.auditing import names_of, training_names
from elman.pipelines.audit.counts import BARS, bars, edges
from elman.pipelines.audit.encoding import decoded, mojibake
from elman.pipelines.audit.labels import alike
from elman.pipelines.audit.languages import language
from elman.pipelines.audit.script import is_mixed, scripts_of
from elman.pipelines.audit.spans import is_rim

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def marked(text: str, **values: Any) -> Document:
    """A document from a text with entities as ``[Ada Lovelace|PER]``."""
    plain, spans, done = "", [], 0
    for match in re.finditer(r"\[(.*?)\|(\w+)\]", text, re.DOTALL):
        plain += text[done : match.start()]
        spans.append(Span(len(plain), len(plain) + len(match[1]), match[2]))
        plain, done = plain + match[1], match.end()
    return Document(plain + text[done:], tuple(spans), **values)


TRAIN = (
    marked("[Ada Lovelace|PER] wrote to [Acme|ORG] about the engine that she saw in [London|LOC] .", id="t1"),
    marked("On Monday the board of [Acme|ORG] met in [Paris|LOC] , and [Bob Ray|PER] took notes for them .", id="t2"),
    marked("Nobody in [London|LOC] knew what [Bob Ray|PER] had paid for it , or why [Globex|ORG] sold .", id="t3"),
)
DEV = (
    marked("[Globex|ORG] sold the engine to [Ada Lovelace|PER] in [Paris|LOC] for them .", id="d1"),
    marked("[Bob Ray|PER] wrote what the board of [Globex|ORG] knew about [London|LOC] .", id="d2"),
)


def audited(train: Sequence[Document] = (), dev: Sequence[Document] = (), **options: Any) -> Audit:
    """The audit of the clean data with more documents."""
    return audit({"train": [*TRAIN, *train], "dev": [*DEV, *dev]}, **{"rare": 1, **options})


def kinds(result: Audit) -> set[str]:
    return {kind.name for kind in result.findings.kinds}


def test_clean_data_have_no_finding() -> None:
    words = sorted({word for document in TRAIN for word in document.text.split()})
    result = audited(vectors=Vectors(words, np.zeros((len(words), 2), np.float32)))
    assert kinds(result) == set()
    assert result.failed(chosen(["any"])) == []
    assert result.to_json()["kinds"] == {}


SENTENCE = "The engine of [Acme|ORG] was sold to the board of [Globex|ORG] on Monday ."
LONG = (
    "[Bob Ray|PER] took notes about the engine that the board had paid for on Monday , and she knew why it was sold "
    "in [Paris|LOC] to them"
)

MORE: dict[str, tuple[list[Document], list[Document], str, str]] = {
    # Further documents of train and of dev, the document of the place, its text.
    "leak": ([marked(LONG, id="a")], [marked(LONG, id="b")], "b", ""),
    "near-leak": ([marked(LONG, id="a")], [marked(LONG + " .", id="b")], "b", ""),
    "sentence-leak": ([marked(SENTENCE, id="a")], [marked(SENTENCE + "\nWhy [Paris|LOC] ?", id="b")], "b", ""),
    "duplicate": ([marked(LONG, id="a"), marked(LONG.replace(" ", "  "), id="b")], [], "b", ""),
    "near-duplicate": ([], [marked(LONG, id="a"), marked(LONG + " !", id="b")], "b", ""),
    "annotation-conflict": (
        [marked(SENTENCE, id="a"), marked(SENTENCE.replace("[Globex|ORG]", "Globex") + "\nWhy [Paris|LOC] ?", id="b")],
        [],
        "b",
        "",
    ),
    "label-conflict": ([marked("In [Globex|LOC] .", id="a")], [], "a", "Globex"),
    "label-spelling": ([marked("In [Paris|Loc] .", id="a")], [], "a", "Paris"),
    "rare-label": ([marked("On [Monday|DATE] .", id="a")], [], "a", "Monday"),
    "unseen-label": ([], [marked("On [Monday|DATE] .", id="b")], "b", "Monday"),
    "absent-label": ([marked("On [Monday|DATE] .", id="a")], [], "a", "Monday"),
    "span-whitespace": ([marked("In[ Paris|LOC] .", id="a")], [], "a", " Paris"),
    "span-punctuation": ([marked("In [Paris,|LOC] .", id="a")], [], "a", "Paris,"),
    "duplicate-span": ([Document("Paris", (Span(0, 5, "LOC"), Span(0, 5, "LOC")), id="a")], [], "a", "Paris"),
    "stacked-labels": ([Document("Paris", (Span(0, 5, "LOC"), Span(0, 5, "ORG")), id="a")], [], "a", "Paris"),
    "crossing-spans": (
        [Document("Acme in Paris", (Span(0, 7, "ORG"), Span(5, 13, "LOC")), id="a")],
        [],
        "a",
        "in Paris",
    ),
    "nested-spans": ([Document("Acme in Paris", (Span(0, 13, "ORG"), Span(8, 13, "LOC")), id="a")], [], "a", "Paris"),
    "misaligned": ([marked("In [Par|LOC]is .", id="a")], [], "a", "Par"),
    "mojibake": ([marked("In [Paris|LOC] cafÃ© .", id="a")], [], "a", "Ã©"),
    "replacement-character": ([marked("In [Paris|LOC] caf\ufffd .", id="a")], [], "a", "\ufffd"),
    "control-character": ([marked("In [Paris|LOC]\x07 .", id="a")], [], "a", "\x07"),
    "lone-surrogate": ([marked("In [Paris|LOC] \ud83d .", id="a")], [], "a", "\ud83d"),
    "mixed-script": ([marked("In [Раris|LOC] .", id="a")], [], "a", "Раris"),
    "wrong-script": ([marked("Мы были вместе тогда и там , в [Paris|LOC] .", id="a")], [], "a", ""),
    "long-sentence": ([marked("[Paris|LOC] " + "and " * 300, id="a")], [], "a", ""),
    "empty-document": ([Document(" \n", id="a")], [], "a", " \n"),
    "unannotated-document": ([Document("What for ?", id="a")], [], "a", "What for ?"),
    "unseen-word": ([], [marked("Tomorrow in [Paris|LOC] .", id="b")], "b", "Tomorrow"),
    "unseen-entity": ([], [marked("[the engine|ORG] in [Paris|LOC] .", id="b")], "b", "the engine"),
}


@pytest.mark.parametrize("name", MORE)
def test_each_kind_is_found_where_it_is(name: str) -> None:
    train, dev, document, text = MORE[name]
    result = audited(train, dev, rare=2 if name == "rare-label" else 1)
    assert name in kinds(result)
    places = [place for finding in result.findings.of(name) for place in finding.places]
    assert document in {place.document for place in places}
    found = next(place for place in places if place.document == document)
    if text:
        assert found.text == text
    whole = next(each for each in (*train, *dev) if each.id == document)
    assert 0 <= found.start < found.end <= len(whole.text)
    assert not text or whole.text[found.start : found.end] == text
    assert result.failed(chosen([name])) == [name]
    assert result.failed(chosen([KINDS[name].severity]))
    json.dumps(result.to_json())


def test_each_kind_has_a_test() -> None:
    by_reading = {"repaired-tags", "mended-offsets", "rejected-record", "left-out"}
    assert set(KINDS) == {*MORE, *by_reading, "wrong-language", "uncovered-word", "label-everywhere"}


def test_a_label_that_is_in_every_sentence() -> None:
    train = [
        marked(f"[Globex|ORG] sold engine {number} .\nOnly [Acme|ORG] knew .", id=f"{number}") for number in range(9)
    ]
    (finding,) = audited(train).findings.of("label-everywhere")
    assert (finding.details["label"], finding.count, finding.places[0].text) == ("ORG", 21, "Acme")
    assert "label-everywhere" not in kinds(audited([*train, marked("On Monday .", id="none")]))
    assert "label-everywhere" not in kinds(audited(train[:8]))


GERMAN = "Das ist nicht die Maschine, von der ich auf dem Weg nach [Paris|LOC] mit dir und den anderen sprach."


def test_documents_in_another_language() -> None:
    english = [
        marked(f"This is the engine of [Acme|ORG] that they had on the way to the {n} with you and me .", id=f"e{n}")
        for n in ("board", "notes", "Monday", "why", "what", "who")
    ]
    result = audited(english, [marked(GERMAN, id="x")])
    (finding,) = result.findings.of("wrong-language")
    assert (finding.what, finding.count) == ("German, where most is English", 1)
    assert [place.document for place in finding.places] == ["x"]
    assert "wrong-language" not in kinds(audited(english))


def test_words_without_a_vector() -> None:
    vectors = Vectors(["the", "in"], np.zeros((2, 3), np.float32))
    result = audited(vectors=vectors)
    found = {finding.what: finding for finding in result.findings.of("uncovered-word")}
    assert "Acme" in found
    assert "On" in found
    assert "the" not in found
    assert found["Acme"].count == 2
    place = found["Acme"].places[0]
    assert TRAIN[0].text[place.start : place.end] == "Acme"
    assert result.coverage["dev"].tokens.total == 24


def test_what_readers_find(tmp_path: Path) -> None:
    conll = tmp_path / "train.conll"
    conll.write_text("In O\nParis B-LOC\nRome I-ORG\n. O\n\nIn O\nParis B-LOC\nand I-LOC\nRome B-LOC\n\n")
    jsonl = tmp_path / "dev.jsonl"
    jsonl.write_text(
        '{"text": "In Paris", "spans": [{"start": 3, "end": 8, "label": "LOC"}]}\n'
        '{"text": "In Rome", "spans": [{"start": 3, "end": 99, "label": "LOC"}]}\n'
    )
    result = audit_files([conll, jsonl], rare=1)
    (repaired,) = result.findings.of("repaired-tags")
    assert repaired.count == 1
    assert "train.conll" in repaired.what
    (rejected,) = result.findings.of("rejected-record")
    assert rejected.places[0].document == "line 2"
    assert rejected.places[0].text.startswith('{"text": "In Rome"')


def test_offsets_that_are_mended(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    rows = [
        {"text": f"😀 In Paris {n}", "spans": [{"start": 6, "end": 11, "label": "LOC", "text": "Paris"}]}
        for n in range(5)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = audit_files([path], rare=1)
    if not result.findings.of("rejected-record"):  # a reader that mends
        assert result.findings.count("mended-offsets") == 5
        assert "misaligned" not in kinds(result)


def test_unknown_text_is_no_finding() -> None:
    text = "What for ?"
    result = audited([Document(text, unknown=(Region(0, len(text)),), id="a")])
    assert "unannotated-document" not in kinds(result)


def test_own_tokens_are_what_spans_have_to_fit() -> None:
    tokens = Tokens("Paris-based", [(0, 5), (5, 11)])
    document = Document("Paris-based", (Span(0, 5, "LOC"),), tokens=tokens, id="a")
    assert "misaligned" not in kinds(audited([document]))
    assert "misaligned" in kinds(audited([Document("Paris-based", (Span(0, 5, "LOC"),), id="a")]))


def test_equal_texts_count_once_for_each_copy() -> None:
    copies = [marked(LONG, id=f"a{n}") for n in range(5)]
    result = audited(copies, [marked(LONG, id="b"), marked(LONG, id="c")], examples=3)
    assert result.findings.count("duplicate") == 4 + 1
    (leak,) = result.findings.of("leak")
    assert leak.count == 2
    assert [(place.split, place.document) for place in leak.places] == [("train", "a0"), ("dev", "b"), ("dev", "c")]
    assert not result.findings.of("near-leak")


def test_a_conflict_shows_the_rarer_label_first() -> None:
    more = [marked(f"In [Globex|ORG] {n} .", id=f"m{n}") for n in range(4)] + [marked("In [Globex|LOC] .", id="x")]
    (finding,) = audited(more).findings.of("label-conflict")
    assert finding.details == {"string": "Globex", "labels": {"ORG": 7, "LOC": 1}}
    assert finding.count == 8
    assert finding.places[0].document == "x"


def test_labels_that_compete() -> None:
    result = audited([marked("In [Globex|LOC] .", id="x"), marked("[Bob Ray|PER] [Acme|ORG] .", id="y")])
    told = {pair.labels: pair for pair in result.pairs}
    assert told["LOC", "ORG"][1:] == (1, 1, 0, "Globex")
    assert told["ORG", "PER"].neighbours == 1


def test_places_are_bounded_and_counts_are_not() -> None:
    more = [marked("In [Paris,|LOC] .", id=f"m{n}") for n in range(50)]
    (finding,) = audited(more, examples=2).findings.of("span-punctuation")
    assert finding.count == 50
    assert len(finding.places) == 2


def test_findings_are_bounded() -> None:
    result = audited([], [marked(f"w{n} in [Paris|LOC] .", id=f"m{n}") for n in range(1200)])
    assert result.findings.count("unseen-word") == 1200
    assert len(result.findings.of("unseen-word")) + result.findings.more("unseen-word") == 1200
    assert result.to_json()["kinds"]["unseen-word"]["not_listed"] == 200


def test_counts() -> None:
    train, dev = audited().splits
    assert (train.documents, train.sentences, train.spans, train.split.trains) == (3, 3, 9, True)
    assert train.labels == {"PER": 3, "ORG": 3, "LOC": 3}
    assert (dev.unseen_words, dev.unseen_entities, dev.split.trains) == (0, 0, False)
    assert train.unseen_words is None
    assert train.strings["LOC"] == 2


def test_other_layers_are_told_of() -> None:
    document = Document("In Paris", (Span(3, 8, "LOC"), Span(0, 2, "ADP", "pos")), id="a")
    result = audited([document])
    assert result.notes == ["only the layer entities is audited; there are also spans in pos (1)"]
    assert result.splits[0].labels["ADP"] == 0


def test_which_data_are_learned_from() -> None:
    assert training_names(["test.txt", "x/train.txt", "dev.txt"]) == {"x/train.txt"}
    assert training_names(["one", "two"]) == {"one"}
    assert names_of(["a/train.conll", "b/dev.conll"]) == ["train.conll", "dev.conll"]
    assert names_of(["a/x.conll", "b/x.conll"]) == ["a/x.conll", "b/x.conll"]
    with pytest.raises(UsageError, match="each file once"):
        names_of(["a", "a"])


def test_unknown_names() -> None:
    with pytest.raises(UsageError, match="there is no kind of finding 'leaks'; choose among leak, near-leak"):
        chosen(["leaks"])
    with pytest.raises(UsageError, match="no data set dev"):
        audit({"train": []}, trains=["dev"])
    with pytest.raises(UsageError, match="at least one"):
        audit({})


RIMS = {
    "Paris": "",
    "U.S.": "",
    "Acme Inc.": "",
    "J.": "",
    "Workers'": "",
    "#tag": "",
    "@user": "",
    "100%": "",
    "(Beyond) Good": "",
    "Yahoo (UK)": "",
    "’90s": "",
    "Paris.": "end",
    "Paris,": "end",
    "UK)": "end",
    "(UK": "begin",
    "(UK)": "both",
    "«Paris»": "both",
    '"Paris"': "both",
    "'Paris'": "both",
    "-Roald Dahl": "begin",
}


@pytest.mark.parametrize("surface", RIMS)
def test_rims(surface: str) -> None:
    assert (is_rim(surface, True), is_rim(surface, False)) == (
        RIMS[surface] in ("begin", "both"),
        RIMS[surface] in ("end", "both"),
    )


def test_a_full_stop_within_a_sentence_is_none() -> None:
    assert is_rim("Acme Ltdx.", False, " It")
    assert not is_rim("Acme Ltdx.", False, " said")


ALIKE = [("Per", "PER"), ("date-time", "DATE_TIME"), ("PER", "PERSON"), ("ORGANISATION", "ORGANIZATION")]
NOT_ALIKE = [
    ("PER", "ORG"),
    ("LOC", "LOCK_NAME2"),
    ("PRODUCT", "PRODUCT_LINE"),
    ("Product", "ProductLine"),
    ("LEVEL1", "LEVEL2"),
    ("A", "AB"),
]


def test_labels_that_look_alike() -> None:
    assert all(alike(*pair) and alike(*pair[::-1]) for pair in ALIKE)
    assert not [pair for pair in NOT_ALIKE[:1] + NOT_ALIKE[2:] if alike(*pair) or alike(*pair[::-1])]


GARBLED = ["café", "naïve – “quoted”", "Привет", "Ελλάδα", "😀", "it’s", "10 €", "Ünlü Şişli"]


@pytest.mark.parametrize("text", GARBLED)
def test_mojibake_is_read_right(text: str) -> None:
    raw = text.encode()
    garbled = "".join(
        bytes([byte]).decode("cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1") for byte in raw
    )
    pieces = list(mojibake(garbled))
    assert pieces
    for start, end, meant in pieces:
        assert meant in text
        assert decoded(garbled[start:end]) == meant


SOUND = ["CAFÉ”", "„Fuß“", "à\u00a0« bonjour »", "MANHÃ”", "20 °C", "São Paulo", "Âge", "naïve", "Øl", "Привет", "ÎLE"]


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_no_mojibake(text: str) -> None:
    assert not list(mojibake(text))


def test_languages() -> None:
    assert language(marked(GERMAN).text.casefold().split()) == "German"
    assert language("the cat and the dog are in the house of my friend".split()) == "English"  # noqa: SIM905
    assert language("и он не был в том доме на этой улице".split()) == "Russian"  # noqa: SIM905
    assert language(["Acme", "Globex"]) is None
    assert language([]) is None


def test_scripts() -> None:
    assert scripts_of("Wi-Fi") == ("Latin",)
    assert scripts_of("日本のテレビ") == ("Chinese or Japanese",)
    assert scripts_of("12") == ()
    assert is_mixed("Раris")
    assert is_mixed("Οlympic")
    assert not is_mixed("IT-компания")
    assert not is_mixed("μm")
    assert not is_mixed("β-catenin")


@given(st.dictionaries(st.integers(0, 3000), st.integers(0, 50), max_size=30))
@settings(max_examples=50, deadline=None)
def test_histograms_hold_every_value(counts: dict[int, int]) -> None:
    starts = edges(counts)
    assert len(starts) <= BARS
    assert starts == sorted(set(starts))
    columns = bars(counts, starts)
    assert sum(count for *_, count in columns) == (sum(counts.values()) if starts else 0)
    for low, high, _ in columns:
        assert low <= high


TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)


@given(st.lists(st.tuples(TEXTS, st.integers(0, 40), st.integers(1, 40)), max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_audited(drawn: list[tuple[str, int, int]]) -> None:
    documents = []
    for text, start, length in drawn:
        end = min(start + length, len(text))
        documents.append(Document(text, (Span(start, end, "X"),) if start < end else ()))
    result = audit({"train": documents[:3], "dev": documents[3:]})
    values = json.loads(json.dumps(result.to_json()))
    texts = {
        (name, str(document.id or f"document {number}")): document.text
        for name, part in (("train", documents[:3]), ("dev", documents[3:]))
        for number, document in enumerate(part, 1)
    }
    for found in values["kinds"].values():
        assert found["count"] >= len(found["findings"]) > 0
        for finding in found["findings"]:
            for place in finding["places"]:
                text = texts[place["split"], place["document"]]
                assert 0 <= place["start"] <= place["end"] <= len(text)


@pytest.mark.shared
def test_conll_2003(shared: Any) -> None:
    paths = [shared(f"conll2003-en/{name}.txt") for name in ("train", "valid", "test")]
    result = audit_files(paths)
    assert [counts.spans for counts in result.splits] == [23_499, 5_942, 5_648]
    assert "leak" not in kinds(result)
    assert result.findings.count("sentence-leak") == 98
    assert result.findings.of("label-conflict")[0].details["string"] == "NEW YORK"


def test_files_are_read_by_their_format(tmp_path: Path) -> None:
    write(TRAIN, tmp_path / "train.jsonl")
    write(DEV, tmp_path / "dev.jsonl")
    result = audit_files([tmp_path / "train.jsonl", tmp_path / "dev.jsonl"], rare=1, labels={"PER": "PERSON", "X": ""})
    assert kinds(result) == set()
    assert result.splits[0].labels["PERSON"] == 3
    assert "no span has the label X, which was to be renamed" in result.notes
    assert "train.jsonl: 3 documents, 9 spans" in result.notes


def test_a_folder_of_several_formats(tmp_path: Path) -> None:
    write(TRAIN, tmp_path / "train.jsonl")
    (tmp_path / "more.conll").write_text("Ada I-PER\nran O\n\nBo B-PER\n\nof I-PER\n\n" + "a O\n\n" * 9)
    result = audit_files([tmp_path], repair="drop", rare=1)
    assert result.findings.count("repaired-tags") == 1
    assert "rejected-record" not in kinds(result)

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.errors import UsageError
from elman.metrics.comparison import Comparison, compare, pair
from elman.metrics.counts import Counts
from elman.metrics.matching import MODES
from elman.metrics.pairing import PAIRED
from elman.metrics.report import notes, render_text
from elman.metrics.score import Result, score

if TYPE_CHECKING:
    from elman.metrics.matching import Mode

NAMES = ("LOC", "PER")
TEXT = "Anna met Ben  in Rome. Anna left."
#       0    5   9    14 17  21 23   28  32
TOKENS = Tokens(
    TEXT,
    [[0, 4], [5, 8], [9, 12], [14, 16], [17, 21], [21, 22], [23, 27], [28, 32], [32, 33]],
    sentences=[0, 6],
)
SPANS = st.lists(
    st.builds(
        lambda start, length, label: (start, min(start + length, len(TEXT)), label),
        st.integers(0, len(TEXT) - 1),
        st.integers(1, 12),
        st.sampled_from(NAMES),
    ),
    max_size=6,
)
SIDES = st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=3)


def document(spans: Any = (), tokens: Tokens | None = TOKENS) -> Document:
    return Document(TEXT, tuple(Span(*span) for span in spans), tokens=tokens)


def scored(sides: Any, mode: Mode) -> Result:
    return score(compare(pair(*([document(each[side]) for each in sides] for side in (0, 1)))), mode)


def covered(spans: list[tuple[int, int, str]], tokens: bool) -> set[tuple[int, str]]:
    """Positions with their labels, one by one."""
    if not tokens:
        return {(at, label) for start, end, label in spans for at in range(start, end)}
    places = enumerate(TOKENS.offsets.tolist())
    return {
        (number, label)
        for number, (begin, stop) in places
        for start, end, label in spans
        if start < stop and begin < end
    }


@pytest.mark.parametrize("mode", ["tokens", "characters"])
@settings(max_examples=40, deadline=None)
@given(SIDES)
def test_positions_equal_sets_of_positions(mode: Mode, sides: Any) -> None:
    result = scored(sides, mode)
    expected = {name: Counts() for name in NAMES}
    touched = np.zeros((len(NAMES) + 1, 4), int)
    for spans in sides:
        gold, predicted = (covered(side, mode == "tokens") for side in spans)
        for number, name in enumerate(NAMES):
            one, other = ({at for at, label in side if label == name} for side in (gold, predicted))
            expected[name] += Counts(len(one & other), len(other), len(one))
            anything = [{at for at, _ in side} for side in (gold, predicted)]
            touched[number] += [len(one), len(one & anything[1]), len(other), len(other & anything[0])]
        both = len(anything[0] & anything[1])
        touched[-1] += [len(anything[0]), both, len(anything[1]), both]
    assert result.labels == {name: counts for name, counts in expected.items() if name in result.names}
    assert result.micro == sum(expected.values(), Counts())
    assert result.touched is not None
    rows = [NAMES.index(name) for name in result.names]
    assert result.touched.tolist() == touched[[*rows, -1]].tolist()
    shares = {
        name: 1 - covered / support if support else 0
        for name, (support, covered, *_) in zip((*NAMES, ""), touched, strict=True)
    }
    assert result.leaked == pytest.approx({name: shares[name] for name in (*result.names, "")})


@settings(max_examples=40, deadline=None)
@given(SIDES)
def test_surfaces_equal_sets_of_forms(sides: Any) -> None:
    result = scored(sides, "surface")
    gold, predicted, correct = set(), set(), set()
    for one, other in sides:
        gold |= {(" ".join(TEXT[start:end].split()), label) for start, end, label in one}
        predicted |= {(" ".join(TEXT[start:end].split()), label) for start, end, label in other}
        correct |= {(" ".join(TEXT[start:end].split()), label) for start, end, label in {*one} & {*other}}
    assert result.micro == Counts(len(correct), len(predicted), len(gold))
    for name, counts in result.labels.items():
        of_label = [sum(label == name for _, label in forms) for forms in (correct, predicted, gold)]
        assert counts == Counts(*of_label)
    assert (result.counts[..., 0] <= result.counts[..., 1:].min(axis=-1)).all()


def test_a_form_counts_once_and_where_it_is_right() -> None:
    anna, again = (0, 4, "PER"), (23, 27, "PER")
    sides = [([anna], []), ([anna, again], [again]), ([], [anna])]
    result = scored(sides, "surface")
    assert result.counts[:, 0].tolist() == [[0, 0, 0], [1, 1, 1], [0, 0, 0]]


def test_white_space_does_not_tell_forms_apart() -> None:
    text = "New York, New  York, New\nYork"
    spans = [Span(0, 8, "LOC"), Span(10, 19, "LOC"), Span(21, 29, "LOC")]
    gold, predicted = (Document(text, tuple(side)) for side in (spans, spans[1:]))
    assert score(compare(pair([gold], [predicted])), "surface").micro == Counts(1, 1, 1)


def test_a_span_between_tokens_covers_none() -> None:
    assert scored([([(12, 14, "PER"), (9, 12, "PER")], [(12, 14, "PER")])] * 2, "tokens").micro == Counts(0, 0, 2)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=15, deadline=None)
@given(SIDES, st.randoms(use_true_random=False))
def test_no_order_changes_anything(mode: Mode, sides: Any, random: Any) -> None:
    mixed = [[random.sample(side, len(side)) for side in spans] for spans in random.sample(sides, len(sides))]
    one, other = (scored([*some, ([], [])], mode) for some in (sides, mixed))
    assert (one.labels, one.micro) == (other.labels, other.micro)
    assert np.array_equal(one.verdicts, other.verdicts)
    assert np.array_equal(one.touched, other.touched)


@pytest.mark.parametrize("mode", MODES)
def test_a_single_document_scores_as_a_whole(mode: Mode) -> None:
    # The second pair of spans begins in different sentences, and overlaps.
    sides = ([(0, 4, "PER"), (21, 27, "PER"), (17, 21, "LOC")], [(0, 4, "PER"), (23, 27, "PER"), (17, 21, "PER")])
    alone, twice = scored([sides], mode), scored([sides, ([], [])], mode)
    assert (alone.unit, twice.unit) == ("sentence", "document")
    assert (alone.labels, alone.micro) == (twice.labels, twice.micro)
    assert np.array_equal(alone.verdicts, twice.verdicts)
    assert np.array_equal(alone.touched, twice.touched)
    assert alone.micro.correct > 0


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_intervals_notes_and_json(mode: Mode) -> None:
    sides = [([(0, 4, "PER"), (17, 21, "LOC")], [(0, 4, "PER"), (14, 21, "PER")]), ([(0, 4, "PER")], []), ([], [])] * 4
    result = scored(sides, mode)
    assert result.mode == mode
    intervals = result.intervals
    assert intervals is not None
    assert 0 <= intervals.micro.low <= result.micro.f1 <= intervals.micro.high <= 1
    plain = json.loads(json.dumps(result.to_json()))
    assert plain["matching"]["mode"] == mode
    assert plain["micro"]["correct"] == result.micro.correct
    assert plain["weighted"] == result.weighted._asdict()
    assert ("verdicts" in plain["micro"]) == (mode in PAIRED)
    assert ("any_label" in plain["micro"]) == (mode in ("tokens", "characters"))
    for key in ("verdicts", "any_label"):
        assert all((key in values) == (key in plain["micro"]) for values in plain["labels"].values())
    assert "Matched by" not in notes(result)[0]
    assert render_text(result).count("\n") > len(result.names) + 4


def test_json_of_verdicts_and_of_what_is_covered() -> None:
    sides = [([(0, 4, "PER"), (5, 8, "PER")], [(0, 4, "PER"), (4, 8, "LOC"), (28, 32, "PER")])] * 2
    partial = scored(sides, "partial").to_json()
    assert partial["labels"]["PER"]["verdicts"] == {
        "correct": 2,
        "incorrect": 0,
        "partial": 2,
        "missed": 0,
        "spurious": 2,
    }
    assert partial["micro"]["correct"] == 3.0
    assert partial["labels"]["LOC"]["predicted"] == 0  # it is the partner of a PER
    characters = scored(sides, "characters").to_json()
    assert characters["labels"]["PER"]["any_label"] == {
        "support": 14,
        "covered": 14,
        "predicted": 16,
        "correct": 8,
        "leaked": 0.0,
    }
    assert characters["micro"]["any_label"] == {
        "support": 14,
        "covered": 14,
        "predicted": 24,
        "correct": 14,
        "leaked": 0.0,
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("documents", [[], [Document("")], [Document(""), Document(""), document()]])
def test_nothing_to_score(mode: Mode, documents: list[Document]) -> None:
    result = score(compare(pair(documents, documents)), mode)
    assert result.micro == Counts()
    assert result.macro == result.weighted == (0.0, 0.0, 0.0)
    assert result.intervals is None
    assert result.verdicts is None or result.verdicts.shape == (0, 5)
    assert "Precision without predictions is 0" in " ".join(notes(result))


@pytest.mark.parametrize("mode", MODES)
def test_one_side_empty(mode: Mode) -> None:
    spans = [(0, 4, "PER"), (9, 12, "PER")]
    for sides, counts in (((spans, []), (0, 1)), (([], spans), (1, 0))):
        result = scored([sides, ([], [])], mode)
        assert result.micro.correct == 0
        assert (result.micro.predicted > 0, result.micro.support > 0) == tuple(map(bool, counts))


def test_averages() -> None:
    counts = np.array([[[1, 2, 4], [0, 1, 0], [0, 0, 0], [6, 6, 6]]])
    result = Result(("A", "B", "C", "D"), counts)
    f1 = 2 / 6
    assert result.macro == pytest.approx(((1 / 2 + 0 + 1) / 3, (1 / 4 + 0 + 1) / 3, (f1 + 0 + 1) / 3))
    assert result.macro.f1 == pytest.approx(result.macro_f1)
    assert result.weighted == pytest.approx(((4 / 2 + 6) / 10, (4 / 4 + 6) / 10, (4 * f1 + 6) / 10))


def test_a_mode_that_there_is_not() -> None:
    with pytest.raises(UsageError, match=r"no mode 'fuzzy'; there are exact, .*, surface"):
        scored([([], [])], "fuzzy")  # type: ignore[arg-type]


def test_a_mode_needs_what_it_counts() -> None:
    bare = [document([(0, 4, "PER")], tokens=None)] * 2
    comparison = compare(pair(bare, bare))
    with pytest.raises(UsageError, match="needs tokens, and some text with spans came without"):
        score(comparison, "tokens")
    with pytest.raises(UsageError, match="needs the texts of the spans"):
        score(replace(comparison, texts=None), "surface")
    in_tokens = replace(comparison, offsets="token")
    with pytest.raises(UsageError, match="needs offsets in characters"):
        score(in_tokens, "characters")
    assert score(in_tokens, "tokens").micro == score(comparison, "characters").micro
    with pytest.raises(UsageError, match="only the modes tokens and characters say what leaks"):
        _ = score(comparison).leaked


def test_texts_without_spans_need_no_tokens() -> None:
    documents = [document([(0, 4, "PER")]), document(tokens=None)]
    assert score(compare(pair(documents, documents)), "tokens").micro == Counts(1, 1, 1)


@pytest.mark.parametrize("mode", MODES)
def test_rows_that_cannot_be_are_shown_in_every_mode(mode: Mode) -> None:
    wrong = np.array([[0, 3, 3, 0]])
    with pytest.raises(UsageError, match="row 0 of the gold spans"):
        score(Comparison(("A",), wrong, wrong, 1), mode)

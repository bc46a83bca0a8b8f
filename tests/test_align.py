import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.align import (
    COLLIDING,
    CROSSING,
    DUPLICATE,
    NO_TOKEN,
    OVERLAPPING,
    SHRUNK,
    TRIMMED,
    WIDENED,
    WITHIN,
    Agreement,
    agreement,
    align,
    to_spans,
)
from elman.data.document import Span
from elman.data.ledger import EXAMPLES, Entry, Ledger
from elman.data.schemes import TokenSpan
from elman.errors import DataError

#       0123456789012345678901234567
TEXT = "In New-York, Ada  wrote (a)."
OFFSETS = np.array([[0, 2], [3, 11], [11, 12], [13, 16], [18, 23], [24, 25], [25, 26], [26, 27], [27, 28]])


def one(start, end, **policy):
    placed, (entry,) = align([Span(start, end, "X")], OFFSETS, text=TEXT, **policy)
    return [tuple(span)[:2] for span in placed], entry.kind, entry.reason, entry.to


@pytest.mark.parametrize(
    ("start", "end", "outside", "inside"),
    [
        (3, 11, ([(1, 2)], "kept", "", (3, 11)), ([(1, 2)], "kept", "", (3, 11))),
        (13, 23, ([(3, 5)], "kept", "", (13, 23)), ([(3, 5)], "kept", "", (13, 23))),
        (12, 18, ([(3, 4)], "moved", TRIMMED, (13, 16)), ([(3, 4)], "moved", TRIMMED, (13, 16))),
        (7, 11, ([(1, 2)], "moved", WIDENED, (3, 11)), ([], "refused", WITHIN, None)),
        (5, 6, ([(1, 2)], "moved", WIDENED, (3, 11)), ([], "refused", WITHIN, None)),
        (7, 16, ([(1, 4)], "moved", WIDENED, (3, 16)), ([(2, 4)], "moved", SHRUNK, (11, 16))),
        (12, 20, ([(3, 5)], "moved", WIDENED, (13, 23)), ([(3, 4)], "moved", SHRUNK, (13, 16))),
        (16, 18, ([], "refused", NO_TOKEN, None), ([], "refused", NO_TOKEN, None)),
    ],
)
def test_each_span_is_kept_moved_or_refused(start, end, outside, inside):
    assert one(start, end) == outside
    assert one(start, end, partial="inside") == inside


def test_characters_that_are_in_no_token_are_trimmed():
    text = "\u200bAda\u200b x"
    placed, (entry,) = align([Span(0, 5, "PER")], np.array([[1, 4], [6, 7]]), text=text)
    assert placed == (TokenSpan(0, 1, "PER"),)
    assert entry == Entry("moved", TRIMMED, Span(0, 5, "PER"), (1, 4), "\u200bAda\u200b")


def test_no_tokens_no_spans():
    assert align([], OFFSETS, text=TEXT) == ((), ())
    assert align([Span(0, 1, "A")], np.zeros((0, 2), np.int32), text=" ").entries[0].reason == NO_TOKEN


def test_a_span_outside_the_text_is_an_error():
    with pytest.raises(DataError, match="outside the text"):
        align([Span(0, 99, "A")], OFFSETS, text=TEXT)


def test_spans_do_not_cross_sentences():
    spans = [Span(3, 16, "A"), Span(13, 16, "B")]
    placed, entries = align(spans, OFFSETS, text=TEXT, sentences=np.array([0, 3]))
    assert placed == (TokenSpan(3, 4, "B"),)
    assert [entry.reason for entry in entries] == [CROSSING, ""]


NESTED = [Span(13, 16, "PER"), Span(3, 16, "ORG"), Span(18, 23, "V")]


def test_of_overlapping_spans_the_longest_or_the_first_stays():
    placed, entries = align(NESTED, OFFSETS, text=TEXT, overlap="longest")
    assert placed == (TokenSpan(1, 4, "ORG"), TokenSpan(4, 5, "V"))
    assert [(entry.kind, entry.reason) for entry in entries] == [
        ("refused", OVERLAPPING),
        ("kept", ""),
        ("kept", ""),
    ]
    placed, entries = align(NESTED, OFFSETS, text=TEXT, overlap="first")
    assert placed == (TokenSpan(3, 4, "PER"), TokenSpan(4, 5, "V"))
    assert [entry.reason for entry in entries] == ["", OVERLAPPING, ""]


def test_overlap_can_be_an_error():
    with pytest.raises(DataError, match=r"label='PER'.*label='ORG'.* on the same tokens"):
        align(NESTED, OFFSETS, text=TEXT, overlap="error")
    assert len(align(NESTED[1:], OFFSETS, text=TEXT, overlap="error").token_spans) == 2


def test_the_same_span_twice_is_told_from_two_spans():
    spans = [Span(3, 11, "A"), Span(3, 11, "A", id="again"), Span(3, 11, "B")]
    assert [entry.reason for entry in align(spans, OFFSETS, text=TEXT).entries] == [
        "",
        DUPLICATE,
        OVERLAPPING,
    ]


def test_a_moved_span_gives_way_to_one_that_fits():
    spans = [Span(7, 16, "LONG"), Span(3, 11, "FITS")]
    placed, entries = align(spans, OFFSETS, text=TEXT)
    assert placed == (TokenSpan(1, 2, "FITS"),)
    assert [entry.reason for entry in entries] == [COLLIDING, ""]


@st.composite
def tokenized(draw):
    """A text whose characters are tokens of several characters, or white space."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), max_size=8))
    place, offsets = 0, []
    for gap, length in lengths:
        offsets.append((place + gap, place + gap + length))
        place += gap + length
    size = place + draw(st.integers(0, 2))
    text = "".join("x" if any(a <= at < b for a, b in offsets) else " " for at in range(size))
    bounds = st.tuples(st.integers(0, max(size - 1, 0)), st.integers(1, max(size, 1)))
    pairs = draw(st.lists(bounds.filter(lambda pair: pair[0] < pair[1] <= size), max_size=6)) if size else []
    spans = [Span(a, b, draw(st.sampled_from("AB"))) for a, b in pairs]
    starts = draw(st.sets(st.integers(1, max(len(offsets) - 1, 1)))) if len(offsets) > 1 else set()
    sentences = np.array(sorted({0} | starts)) if offsets else np.zeros(0, int)
    return text, np.array(offsets, dtype=np.int32).reshape(-1, 2), spans, sentences


@given(
    case=tokenized(),
    partial=st.sampled_from(["outside", "inside"]),
    overlap=st.sampled_from(["longest", "first"]),
)
def test_the_ledger_accounts_for_every_span_once(case, partial, overlap):
    text, offsets, spans, sentences = case
    placed, entries = align(spans, offsets, text=text, sentences=sentences, partial=partial, overlap=overlap)
    assert [entry.span for entry in entries] == spans
    ledger = Ledger.of(entries)
    assert ledger.kept + ledger.moved + ledger.refused == ledger.given() == len(spans)
    assert len(placed) == ledger.kept + ledger.moved
    assert all(a.end <= b.start for a, b in pairwise(placed))
    for start, end, _ in placed:
        assert not any(start < border < end for border in sentences)
    for entry in entries:
        (kind, reason, span, to, surface, _) = entry
        assert surface == text[span.start : span.end]
        touched = [at for at, (a, b) in enumerate(offsets) if a < span.end and b > span.start]
        whole = [at for at, (a, b) in enumerate(offsets) if a >= span.start and b <= span.end]
        aim = touched if partial == "outside" else whole
        if kind == "refused":
            assert to is None
            assert reason
            assert (reason == NO_TOKEN) == (not touched)
            assert (reason == WITHIN) == (bool(touched) and not aim)
        else:
            assert to == (offsets[aim[0], 0], offsets[aim[-1], 1])
            assert (kind == "kept") == (to == (span.start, span.end))
            assert (reason == TRIMMED) == (kind == "moved" and touched == whole)
            assert to_spans([TokenSpan(aim[0], aim[-1] + 1, span.label)], offsets) == (Span(*to, span.label),)


@given(case=tokenized())
def test_spans_on_tokens_come_back(case):
    text, offsets, _, _ = case
    runs = tuple(TokenSpan(at, at + 1, "A") for at in range(0, len(offsets), 2))
    spans = to_spans(runs, offsets, layer="chunks")
    assert all(span.layer == "chunks" for span in spans)
    placed, entries = align(spans, offsets, text=text)
    assert placed == runs
    assert all(entry.kind == "kept" for entry in entries)


def test_ledgers_add_up_and_keep_a_few_examples():
    ledger = Ledger()
    for number in range(EXAMPLES + 3):
        ledger += align([Span(5, 6, "A"), Span(0, 2, "B"), Span(16, 17, "C")], OFFSETS, text=TEXT).ledger(f"d{number}")
    assert (ledger.given(), ledger.kept, ledger.moved, ledger.refused) == (24, 8, 8, 8)
    assert [row[1:4] for row in ledger.table()] == [
        ("kept", "", 8),
        ("moved", WIDENED, 8),
        ("refused", NO_TOKEN, 8),
    ]
    assert ledger.table()[1].example == "d0: A 5-6 -> 3-11 'w'"
    assert ledger.table()[2].example == "d0: C 16-17 ' '"
    assert [len(examples) for examples in ledger.examples.values()] == [EXAMPLES, EXAMPLES]
    said = json.loads(json.dumps(ledger.to_json()))
    of_spans = said["items"]["span"]
    assert (of_spans["given"], of_spans["moved"], of_spans["made"]) == (24, 8, 16)
    assert said["reasons"][0]["examples"][0] == {
        "document": "d0",
        "start": 5,
        "end": 6,
        "label": "A",
        "layer": "entities",
        "text": "w",
        "to": [3, 11],
    }
    assert Ledger.counted("kept", "", 3) + Ledger.counted("kept", "", 0) == Ledger.counted("kept", "", 3)


@given(cases=st.lists(tokenized(), min_size=2, max_size=3))
def test_a_ledger_is_the_same_however_it_is_added(cases):
    ledgers = [align(spans, offsets, text=text).ledger() for text, offsets, spans, _ in cases]
    assert sum(ledgers, Ledger()) == sum(ledgers[1:], ledgers[0])
    one, two, *_ = ledgers
    assert (one + two).counts == (two + one).counts


def test_agreement_counts_tokens_in_common():
    gold = np.array([[0, 2], [3, 6], [6, 11]])
    own = np.array([[0, 2], [3, 11]])
    assert agreement(gold, own) == (1, 3, 2)
    assert agreement(gold, gold) == (3, 3, 3)
    assert agreement(gold, np.zeros((0, 2), int)) == (0, 3, 0)
    assert agreement(gold, own) + agreement(gold, gold) == Agreement(4, 6, 5)

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.errors import UsageError
from elman.metrics.breakdown import GROUPS, KINDS, breakdown, breakdown_json, render_breakdown
from elman.metrics.comparison import Judged, compare, pair
from elman.metrics.counts import Counts
from elman.metrics.pairing import PAIRED
from elman.metrics.score import score

if TYPE_CHECKING:
    from elman.metrics.matching import Mode

WORDS = ["Anna", "met", "Ben", "in", "New", "York", "today", ".", "She", "left"]
TEXT = " ".join(WORDS)


def tokens(sentences: tuple[int, ...] = (0, 8)) -> Tokens:
    offsets, at = [], 0
    for word in WORDS:
        offsets.append((at, at + len(word)))
        at += len(word) + 1
    return Tokens(TEXT, offsets, sentences)


def spans(*places: tuple[int, int, str]) -> tuple[Span, ...]:
    """Spans of tokens, first and last one, exclusive."""
    offsets = tokens().offsets.tolist()
    return tuple(Span(offsets[first][0], offsets[last - 1][1], label) for first, last, label in places)


def document(*places: tuple[int, int, str], **rest: Any) -> Document:
    return Document(TEXT, spans(*places), **({"tokens": tokens()} | rest))


TRAIN = [
    Document("Anna saw  New\nYork .", (Span(0, 4, "PER"), Span(10, 18, "LOC"))),
    *[Document("Ben met Anna", (Span(0, 3, "PER"), Span(8, 12, "ORG")))] * 4,
]
PLACES = st.lists(
    st.builds(
        lambda first, length, label: (first, min(first + length, len(WORDS)), label),
        st.integers(0, len(WORDS) - 1),
        st.integers(1, 7),
        st.sampled_from(["LOC", "PER"]),
    ),
    max_size=5,
)
SIDES = st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=3)


@pytest.mark.parametrize("mode", ["exact", *PAIRED])
@pytest.mark.parametrize("by", [*KINDS, "genre"])
@settings(max_examples=12, deadline=None)
@given(SIDES)
def test_groups_add_up(by: str, mode: Mode, sides: Any) -> None:
    pairs = [
        Judged(document(*gold, meta={"genre": number % 2}), document(*predicted))
        for number, (gold, predicted) in enumerate(sides)
    ]
    groups = breakdown(pairs, by, TRAIN, mode=mode)
    whole = score(compare(pairs), mode)
    assert sum((result.micro for result in groups.values()), Counts()) == whole.micro
    support: Counter[str] = Counter()
    for result in groups.values():
        support.update({name: counts.support for name, counts in result.labels.items()})
    assert support == Counter({name: counts.support for name, counts in whole.labels.items()})
    if mode != "exact":
        total = sum(result.verdicts.sum(axis=0) for result in groups.values() if result.verdicts is not None)
        assert whole.verdicts is not None
        assert not groups or total.tolist() == whole.verdicts.sum(axis=0).tolist()
    if by in KINDS:
        assert all(result.micro.predicted + result.micro.support for result in groups.values())
        assert list(groups) == [name for name in GROUPS[by] if name in groups]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("length", {"1 token": 4, "2 tokens": 1, "3 tokens": 1, "5 tokens or more": 1}),
        ("frequency", {"never in train": 4, "once": 1, "2 to 4 times": 1, "5 to 9 times": 1}),
        ("seen", {"seen string": 3, "unseen string": 4}),
        # New are: in, today, She.
        ("seen-tokens", {"all tokens seen": 4, "some tokens seen": 2, "no token seen": 1}),
        ("position", {"first token": 3, "first third": 2, "middle third": 2}),
    ],
)
def test_groups_of_spans(by: str, expected: dict[str, int]) -> None:
    # Anna; Ben; New York; York; Ben in New; She; the first seven tokens. Eight tokens, then two.
    gold = document((0, 1, "PER"), (2, 3, "PER"), (4, 6, "LOC"), (5, 6, "LOC"), (2, 5, "X"), (8, 9, "PER"), (0, 7, "X"))
    groups = breakdown([Judged(gold, document())], by, TRAIN)
    assert {name: result.micro.support for name, result in groups.items()} == expected


def test_the_last_third_and_a_sentence_of_one_token() -> None:
    gold = document((7, 8, "X"), (6, 7, "X"), (9, 10, "X"), tokens=tokens((0, 8, 9)))
    groups = breakdown([Judged(gold, document())], "position")
    assert {name: result.micro.support for name, result in groups.items()} == {"first token": 1, "last third": 2}


def test_without_tokens_elmans_own_are_taken() -> None:
    pairs = [Judged(document((4, 6, "LOC"), tokens=None), document((4, 6, "LOC"), tokens=None))] * 2
    assert {name: result.micro for name, result in breakdown(pairs, "length").items()} == {"2 tokens": Counts(2, 2, 2)}


def test_a_predicted_span_is_in_its_partners_group() -> None:
    pairs = [Judged(document((4, 6, "LOC")), document((5, 6, "LOC"), (0, 1, "PER")))]
    groups = breakdown(pairs, "length", mode="type")
    assert {name: result.micro for name, result in groups.items()} == {
        "1 token": Counts(0, 1, 0),
        "2 tokens": Counts(1, 1, 1),
    }
    alone = {name: result.micro for name, result in breakdown(pairs, "length").items()}
    assert alone == {"1 token": Counts(0, 2, 0), "2 tokens": Counts(0, 0, 1)}


def test_groups_of_documents() -> None:
    gold = [document((0, 1, "PER"), meta={"genre": "news", "length": 3}), document(meta={"genre": 7}), document()]
    predicted = [document((0, 1, "PER")), document((2, 3, "PER")), document()]
    groups = breakdown(pair(gold, predicted), "genre", mode="characters")
    assert {name: result.micro for name, result in groups.items()} == {
        "(none)": Counts(),
        "7": Counts(0, 3, 0),
        "news": Counts(4, 4, 4),
    }
    assert list(breakdown(pair(gold, predicted), "meta:length")) == ["(none)", "3"]


def test_nothing_to_break_down() -> None:
    for by in (*KINDS, "genre"):
        assert breakdown([], by, []) == {}
    assert breakdown([Judged(Document(""), Document(""))], "position") == {}


def test_what_is_missing_is_said() -> None:
    pairs = [Judged(document(meta={"genre": "news"}), document())]
    with pytest.raises(UsageError, match=r"no document has the key 'gender'; their keys are: genre; .* length, "):
        breakdown(pairs, "gender")
    for by in ("frequency", "seen", "seen-tokens"):
        with pytest.raises(UsageError, match="needs the training set"):
            breakdown(pairs, by)
    with pytest.raises(UsageError, match="the mode surface does not count spans"):
        breakdown(pairs, "length", mode="surface")


def test_text_and_json() -> None:
    pairs = [Judged(document((0, 1, "PER"), (4, 6, "LOC")), document((0, 1, "PER"), (2, 3, "PER")))]
    groups = breakdown(pairs, "length")
    lines = render_breakdown(groups, "length").splitlines()
    assert [line.split()[:2] for line in lines] == [["length", "precision"], ["1", "token"], ["2", "tokens"]]
    assert lines[1].split()[2:5] == ["50.00", "100.00", "66.67"]
    assert render_breakdown({}, "meta:length").split()[0] == "length"
    plain = json.loads(json.dumps(breakdown_json(groups, "length")))
    assert (plain["schema"], plain["by"]) == ("elman.breakdown/1", "length")
    assert plain["groups"]["1 token"]["micro"]["recall"] == 1.0

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Span
from elman.metrics.mistakes import BOUNDS, KINDS, Mistake, mistakes


def spans(drawing: str) -> list[Span]:
    """Spans drawn below a text of one character each: ``AA.B`` is A over the first two, B over the fourth.

    Lines are for spans that overlap or touch.
    """
    found = []
    for line in drawing.split("/"):
        start = 0
        for at in range(1, len(line) + 1):
            if at == len(line) or line[at] != line[start]:
                if line[start] != ".":
                    found.append(Span(start, at, line[start].upper()))
                start = at
    return found


def told(found: list[Mistake]) -> list[str]:
    def place(span: Span | None) -> str:
        return "-" if span is None else f"{span.label}{span.start}:{span.end}"

    return [
        " ".join(filter(None, [place(one.gold), place(one.predicted), one.kind.replace(" ", "-"), one.bounds]))
        for one in found
    ]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ("AAA.BB", "AAA.BB", []),
        ("AAA.BB", "......", ["A0:3 - missed", "B4:6 - missed"]),
        ("......", "AAA.BB", ["- A0:3 spurious", "- B4:6 spurious"]),
        ("AAA...", "...AAA", ["A0:3 - missed", "- A3:6 spurious"]),
        ("AAA...", "BBB...", ["A0:3 B0:3 label"]),
        ("AAAA..", "..AA..", ["A0:4 A2:4 bounds left"]),
        ("AAAA..", "AA....", ["A0:4 A0:2 bounds right"]),
        ("AAAA..", ".AAAA.", ["A0:4 A1:5 bounds both"]),
        ("AAAA..", "..BB..", ["A0:4 B2:4 label-and-bounds left"]),
        ("AAAAAA", "AAA.aa", ["A0:6 A0:3 bounds split", "- A4:6 spurious split"]),
        ("AAA.aa", "AAAAAA", ["A0:3 A0:6 bounds merged", "A4:6 - missed merged"]),
        ("AAA.BB", "CCCCCC", ["A0:3 C0:6 label-and-bounds merged", "B4:6 - missed merged"]),
        # The same bounds are no matter of bounds, whatever else overlaps.
        ("AAAAAA", "BBBBBB/AA.AAA", ["- A0:2 spurious", "A0:6 B0:6 label", "- A3:6 spurious"]),
        # Pieces that overlap each other are not a split.
        ("AAAAAA", "AAAA../.AA...", ["A0:6 A0:4 bounds right", "- A1:3 spurious"]),
        # What is right takes no part: the rest of the text has no partner.
        ("AAAAAA/AAA...", "AAAAAA/...BBB", ["A0:3 - missed", "- B3:6 spurious"]),
        # The best overlap first, however early another one is; then the same label.
        ("AAAA.BBBBB", "...BBBBBBB", ["A0:4 - missed merged", "B5:10 B3:10 bounds merged"]),
        ("AAAA", "BBB./.AAA", ["- B0:3 spurious", "A0:4 A1:4 bounds left"]),
        # Twice in gold and once predicted is once missed.
        ("AA/AA", "AA", ["A0:2 - missed"]),
    ],
)
def test_kinds(gold: str, predicted: str, expected: list[str]) -> None:
    assert told(mistakes(spans(gold), spans(predicted))) == expected


def test_what_stands_beside_a_pair() -> None:
    (pair, piece) = mistakes(spans("AAAAAA"), spans("AAA.BB"))
    assert pair.beside == (piece.predicted,)
    (pair, piece) = mistakes(spans("AAA.BB"), spans("AAAAAA"))
    assert pair.beside == (piece.gold,)


SPANS = st.lists(
    st.builds(
        lambda start, length, label: Span(start, start + length, label),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from("AB"),
    ),
    max_size=7,
)


def overlap(one: Span, other: Span) -> Fraction:
    shared = set(range(one.start, one.end)) & set(range(other.start, other.end))
    return Fraction(len(shared), len(set(range(one.start, one.end)) | set(range(other.start, other.end))))


def by_definition(gold: list[Span], predicted: list[Span]) -> list[tuple[Span | None, Span | None]]:
    """The pairs, from the rules alone: take exact matches away, then always the best pair that is left."""
    lost, wrong = sorted(gold, key=lambda span: span.key), sorted(predicted, key=lambda span: span.key)
    for span in list(lost):
        if span in wrong:
            lost.remove(span)
            wrong.remove(span)
    pairs: list[tuple[Span | None, Span | None]] = []
    while touching := [(one, other) for one in lost for other in wrong if overlap(one, other)]:
        best = min(
            touching,
            key=lambda pair: (-overlap(*pair), pair[0].label != pair[1].label, pair[0].key, pair[1].key),
        )
        pairs.append(best)
        lost.remove(best[0])
        wrong.remove(best[1])
    return [*pairs, *((span, None) for span in lost), *((None, span) for span in wrong)]


@given(SPANS, SPANS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_pairs_are_as_defined_in_whatever_order_spans_come(gold: list[Span], predicted: list[Span], random) -> None:  # type: ignore[no-untyped-def]
    found = mistakes(gold, predicted)
    expected = by_definition(gold, predicted)
    assert sorted(map(str, ((one.gold, one.predicted) for one in found))) == sorted(map(str, expected))
    random.shuffle(gold)
    random.shuffle(predicted)
    assert mistakes(gold, predicted) == found
    for one in found:
        assert one.kind in KINDS
        assert one.bounds is None or one.bounds in BOUNDS
        if one.gold and one.predicted:
            same = (one.gold.start, one.gold.end) == (one.predicted.start, one.predicted.end)
            assert same == (one.bounds is None)

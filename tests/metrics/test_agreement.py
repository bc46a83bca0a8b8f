from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.errors import UsageError
from elman.metrics.agreement import agreement
from elman.metrics.comparison import compare, pair
from elman.metrics.score import score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.metrics.agreement import Agreement

    Row = Sequence[Document | None]
    Category = frozenset[str]

LABELS = "AB"


def words(*labels: str) -> Document:
    """A document of one-letter tokens, each a span of its label, or of none for ""."""
    text = "x " * len(labels)
    spans = tuple(Span(2 * at, 2 * at + 1, label) for at, label in enumerate(labels) if label)
    return Document(text, spans, tokens=Tokens(text, [(2 * at, 2 * at + 1) for at in range(len(labels))]))


def characters(length: int, *spans: tuple[int, int, str]) -> Document:
    return Document("x" * length, tuple(Span(*span) for span in spans))


@st.composite
def annotated(draw: st.DrawFn, annotators: int | None = None, overlap: bool = True) -> list[list[Document | None]]:
    """Texts of up to fourteen characters in tokens of two, some of them unknown or missing to some annotators."""
    number = annotators or draw(st.integers(2, 3))
    rows: list[list[Document | None]] = []
    for _ in range(draw(st.integers(1, 4))):
        length = draw(st.integers(1, 14))
        text = "x" * length
        tokens = Tokens(text, [(at, min(at + 2, length)) for at in range(0, length, 2)])
        row: list[Document | None] = []
        for _ in range(number):
            pieces = []
            for _ in range(draw(st.integers(0, 4))):
                start = draw(st.integers(0, length - 1))
                pieces.append((start, draw(st.integers(start + 1, length)), draw(st.sampled_from(LABELS))))
            if not overlap:
                pieces = [
                    one for at, one in enumerate(pieces) if all(one[0] >= p[1] or p[0] >= one[1] for p in pieces[:at])
                ]
            gap = draw(st.none() | st.integers(0, length - 1))
            unknown = () if gap is None else (Region(gap, min(length, gap + 3)),)
            document = Document(text, tuple(Span(*piece) for piece in pieces), unknown=unknown, tokens=tokens)
            row.append(draw(st.sampled_from([document, document, document, None])))
        if sum(document is not None for document in row) > 1:
            rows.append(row)
    if not rows:
        rows.append([words("A"), *[words("")] * (number - 1)])
    return rows


def said(document: Document | None, start: int, end: int) -> Category | None:
    """What an annotator says of a piece of text, None if nothing."""
    if document is None:
        return None
    labels = frozenset(span.label for span in document.spans if span.start < end and start < span.end)
    unknown = any(region.start < end and start < region.end for region in document.unknown)
    return None if unknown and not labels else labels


def items(rows: Iterable[Row], over: str) -> list[list[Category | None]]:
    """What each annotator says of each token or character."""
    found = []
    for row in rows:
        one = next(document for document in row if document is not None)
        places = [(at, at + 1) for at in range(len(one.text))]
        if over == "tokens":
            assert one.tokens is not None
            places = [(token.start, token.end) for token in one.tokens]
        found += [[said(document, *place) for document in row] for place in places]
    return found


def single(coded: list[list[Category | None]], label: str) -> list[list[Category | None]]:
    return [[None if one is None else one & {label} for one in item] for item in coded]


def cohen_by_definition(coded: list[list[Category | None]]) -> float | None:
    both = [(one, other) for one, other in coded if one is not None and other is not None]
    if not both:
        return None
    sides = [Counter(side) for side in zip(*both, strict=True)]
    observed = sum(one == other for one, other in both) / len(both)
    expected = sum(sides[0][each] * sides[1][each] for each in sides[0]) / len(both) ** 2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def fleiss_by_definition(coded: list[list[Category | None]]) -> float | None:
    kept = [[one for one in item if one is not None] for item in coded]
    kept = [item for item in kept if len(item) > 1]
    if not kept:
        return None
    observed = float(np.mean([np.mean([one == other for one, other in permutations(item, 2)]) for item in kept]))
    shares = [
        np.mean([item.count(each) / len(item) for item in kept]) for each in {one for item in kept for one in item}
    ]
    expected = sum(float(share) ** 2 for share in shares)
    return None if abs(expected - 1) < 1e-9 else (observed - expected) / (1 - expected)


def sections(
    document: Document | None, coded: list[Category | None], pairable: list[bool]
) -> Iterator[tuple[Category, int]]:
    """The category and the length of each run of characters that the same spans cover, as far as it can be paired."""
    cover, length, category = None, 0, frozenset[str]()
    for at, one in enumerate([*coded, None]):
        spans = () if document is None or at == len(coded) else document.spans
        here = frozenset(span.key for span in spans if span.start <= at < span.end)
        if here != cover or at == len(coded):
            yield category, length
            cover, length = here, 0
        category = one or frozenset()
        length += one is not None and pairable[at]


def alpha_by_definition(rows: Iterable[Row], keep: str = LABELS, marked: bool = False) -> float | None:
    """Krippendorff et al. 2016, equations 1 to 6, character by character."""
    observed: Counter[tuple[Category, Category]] = Counter()
    squared: Counter[Category] = Counter()
    for row in rows:
        if not any(row):
            continue
        kept = [
            None if one is None else replace(one, spans=tuple(span for span in one.spans if span.label in keep))
            for one in row
        ]
        coded = items([kept], "characters")
        counts = [sum(one is not None for one in item) for item in coded]
        for item, count in zip(coded, counts, strict=True):
            for one, other in permutations([one for one in item if one is not None], 2):
                observed[one, other] += 1 / (count - 1)  # type: ignore[assignment]
        for document, column in zip(kept, zip(*coded, strict=True), strict=True):
            for category, length in sections(document, list(column), [count > 1 for count in counts]):
                squared[category] += length**2 if category else length
    lengths: Counter[Category] = Counter()
    for (one, _), number in observed.items():
        lengths[one] += number
    total, alike = sum(lengths.values()), sum(squared.values())
    unlike = [pair for pair in permutations(lengths, 2) if not marked or not all(pair)]
    apart = sum(observed[pair] for pair in unlike)
    expected = sum(total * lengths[one] * lengths[other] / (total**2 - alike) for one, other in unlike)
    return None if not expected else 1 - apart / expected


def close(found: float | None, expected: float | None) -> bool:
    return found is expected is None or found == pytest.approx(expected, abs=1e-9)


def names_of(rows: Sequence[Row]) -> list[str]:
    return [f"annotator {number}" for number in range(len(rows[0]))]


def agree(rows: Sequence[Row], samples: int = 0) -> Agreement:
    return agreement(rows, names_of(rows), samples=samples)


@given(annotated())
@settings(max_examples=30, deadline=None)
def test_kappas_equal_their_definitions(rows: list[list[Document | None]]) -> None:
    for found, over in ((agree(rows), "tokens"), (agree([[bare(one) for one in row] for row in rows]), "characters")):
        assert f"{found.piece}s" == over
        coded = items(rows, over)
        assert close(found.everyone.overall.kappa.value, fleiss_by_definition(coded))
        for label, measures in found.everyone.labels.items():
            assert close(measures.kappa.value, fleiss_by_definition(single(coded, label)))
        for two, group in zip(combinations(range(len(rows[0])), 2), found.pairs, strict=True):
            chosen = [[item[place] for place in two] for item in coded]
            assert close(group.overall.kappa.value, cohen_by_definition(chosen))
            for label, measures in group.labels.items():
                assert close(measures.kappa.value, cohen_by_definition(single(chosen, label)))


def bare(document: Document | None) -> Document | None:
    return None if document is None else replace(document, tokens=None)


@given(annotated())
@settings(max_examples=30, deadline=None)
def test_alpha_equals_its_definition(rows: list[list[Document | None]]) -> None:
    found = agree(rows)
    groups = [(found.everyone, rows)]
    for two, group in zip(combinations(range(len(rows[0])), 2), found.pairs, strict=True):
        groups.append((group, [[row[place] for place in two] for row in rows]))
    for group, chosen in groups:
        assert close(group.overall.alpha.value, alpha_by_definition(chosen))
        assert close(group.marked.value, alpha_by_definition(chosen, marked=True))
        for label, measures in group.labels.items():
            # A place that is unknown but for a span of another label is known all the same.
            if not any(one is not None and one.unknown for row in chosen for one in row):
                assert close(measures.alpha.value, alpha_by_definition(chosen, label))


@given(annotated(annotators=2))
@settings(max_examples=30, deadline=None)
def test_f1_is_that_of_score(rows: list[list[Document | None]]) -> None:
    known = [[None if one is None else replace(one, unknown=()) for one in row] for row in rows]
    gold, predicted = zip(*[row for row in known if None not in row] or [(characters(1), characters(1))], strict=True)
    result = score(compare(pair([*gold, characters(1)], [*predicted, characters(1)])))  # type: ignore[list-item]
    found = agree(known).pairs[0]
    there = result.micro.predicted + result.micro.support
    assert close(found.overall.f1.value, result.micro.f1 if there else None)
    for label, counts in result.labels.items():
        assert close(found.labels[label].f1.value, counts.f1)


@given(annotated(), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_order_changes_nothing(rows: list[list[Document | None]], random) -> None:  # type: ignore[no-untyped-def]
    def shuffled(document: Document | None) -> Document | None:
        return (
            None
            if document is None
            else replace(document, spans=tuple(random.sample(document.spans, len(document.spans))))
        )

    order = random.sample(range(len(rows[0])), len(rows[0]))
    moved = [[shuffled(row[place]) for place in order] for row in random.sample(rows, len(rows))]
    one, other = agree(rows).everyone, agree(moved).everyone
    values = [
        [*each.overall, *(m for label in each.labels.values() for m in label), each.marked] for each in (one, other)
    ]
    assert all(close(a.value, b.value) for a, b in zip(*values, strict=True))


def test_the_example_of_unitising() -> None:
    # Krippendorff 2019, Content Analysis, figure 12.11: 0.510 and 0.413, the latter from rounded numbers.
    text = 60
    alex = characters(text, (0, 7, "1"), (7, 13, "2"), (30, 32, "5"), (32, 37, "6"), (37, 44, "6"), (44, 60, "7"))
    paul = characters(text, (0, 7, "1"), (7, 13, "3"), (13, 21, "5"), (32, 44, "6"))
    suzan = characters(text, (0, 7, "1"), (7, 13, "4"), (13, 21, "5"), (32, 37, "6"), (37, 41, "6"), (41, 44, "6"))
    found = agree([[alex, paul, suzan]]).everyone
    assert found.overall.alpha.value == pytest.approx(0.510, abs=5e-4)
    assert found.marked.value == pytest.approx(0.413, abs=1e-3)
    assert found.overall.alpha.interval is None


@pytest.mark.parametrize(
    ("one", "other", "kappa", "pi"),
    [
        ("001111111100001111110000", "000011110000000110000000", 0.385, 0.314),
        ("111111111111111111000000", "111111111100000000000000", 0.385, 0.314),
        ("001111110011001111001100", "110011110011110011001100", 0.314, 0.314),
    ],
)
def test_the_example_of_two_coders(one: str, other: str, kappa: float, pi: float) -> None:
    # Krippendorff 1995, On the Reliability of Unitizing Continuous Data, page 57; Fleiss' of two is Scott's pi.
    coders = [words(*(digit.strip("0") for digit in coder)) for coder in (one, other)]
    found = agree([coders])
    assert found.pairs[0].overall.kappa.value == pytest.approx(kappa, abs=1e-3)
    assert found.pairs[0].labels["1"].kappa.value == pytest.approx(kappa, abs=1e-3)
    assert found.everyone.overall.kappa.value == pytest.approx(pi, abs=1e-3)


def test_the_example_of_fourteen_raters() -> None:
    # Fleiss 1971 as it is worked everywhere: ten subjects, five categories, kappa 0.210.
    table = "0 0 0 0 14/0 2 6 4 2/0 0 3 5 6/0 3 9 2 0/2 2 8 1 1/7 7 0 0 0/3 2 6 3 0/2 5 3 2 2/6 5 2 1 0/0 2 2 3 7"
    subjects = [
        [category for category, count in zip("ABCDE", map(int, row.split()), strict=True) for _ in range(count)]
        for row in table.split("/")
    ]
    found = agree([[words(*(subject[rater] for subject in subjects)) for rater in range(14)]])
    assert found.everyone.overall.kappa.value == pytest.approx(0.210, abs=5e-4)
    assert len(found.pairs) == 91


def test_who_agrees_in_everything() -> None:
    rows = [[words("A", "", "B")] * 3, [words("", "B")] * 3]
    found = agree(rows, 50)
    for group in (found.everyone, *found.pairs):
        for measures in (group.overall, *group.labels.values()):
            assert [each.value for each in measures] == pytest.approx([1.0] * 3)
        assert group.marked.value == 1.0
    assert found.everyone.overall.f1.interval == (1.0, 1.0)


def test_where_agreement_is_not_defined() -> None:
    nothing = agree([[words("", ""), words("", "")]]).everyone
    assert [each.value for each in (*nothing.overall, nothing.marked)] == [None] * 4
    assert nothing.labels == {}
    # All the same label, everywhere: chance would do as well, but the spans are the same.
    same = agree([[characters(2, (0, 2, "A"))] * 2] * 2).everyone
    assert same.overall.f1 == (1.0, None)
    assert same.overall.kappa == same.overall.alpha == same.marked == (None, None)
    # One of them marked nothing: no span is the same, and chance would do as well.
    one = agree([[words("A", ""), words("", "")], [words("", "B"), words("", "")]], 20)
    assert one.pairs[0].overall.f1.value == 0.0
    assert one.pairs[0].overall.kappa.value == 0.0
    assert one.pairs[0].overall.alpha.value is not None
    assert one.pairs[0].overall.alpha.value < 0


def test_empty_texts_and_texts_of_one_annotator() -> None:
    found = agree([[Document(""), Document("")], [words("A", ""), words("A", "")], [words("C"), None]])
    assert found.everyone.documents == 2
    assert found.everyone.overall.kappa.value == 1.0
    assert found.spans == {"annotator 0": {"A": 1, "C": 1}, "annotator 1": {"A": 1}}
    empty = agree([[Document(""), Document("")]]).everyone
    assert [each.value for each in empty.overall] == [None] * 3


def test_two_who_share_no_text() -> None:
    one, other = words("A", ""), words("", "A")
    found = agree([[one, one, None], [None, other, other]])
    assert [pair.documents for pair in found.pairs] == [1, 0, 1]
    assert found.pairs[1].overall.f1 == found.pairs[1].overall.kappa == found.pairs[1].overall.alpha == (None, None)


def test_what_is_unknown_to_one_is_no_disagreement() -> None:
    one = words("A", "B", "", "")
    other = replace(words("A", "", "", ""), unknown=(Region(2, 3),))
    found = agree([[one, other]])
    assert [each.value for each in found.pairs[0].overall] == pytest.approx([1.0] * 3)
    assert agree([[one, words("A", "", "", "")]]).pairs[0].overall.f1.value == pytest.approx(2 / 3)


def test_intervals_are_those_of_documents_drawn_anew() -> None:
    rng = np.random.default_rng(1)
    said = rng.choice(["", "A", "B"], size=(30, 6), p=[0.5, 0.3, 0.2])
    others = np.where(rng.random(said.shape) < 0.8, said, "A")
    rows = [[words(*one), words(*other)] for one, other in zip(said, others, strict=True)]
    coded = [items([row], "tokens") for row in rows]
    drawn = [cohen_by_definition([item for at in rng.integers(30, size=30) for item in coded[at]]) for _ in range(500)]
    low, high = np.quantile(np.array(drawn, float), (0.025, 0.975))
    (found,) = agree(rows, 2000).pairs
    for measure in (found.overall.f1, found.overall.kappa, found.overall.alpha, found.labels["A"].kappa):
        assert measure.value is not None
        assert measure.interval is not None
        assert measure.interval.low < measure.value < measure.interval.high
    # The interval has corrections beside, so it is near only.
    assert found.overall.kappa.interval == pytest.approx((low, high), abs=0.25 * (high - low))


def test_json() -> None:
    values = agree([[words("A", "B"), words("A", "")], [words("B", ""), words("B", "")]], 20).to_json()
    assert values["schema"] == "elman.agreement/1"
    assert values["kappa"] == {"over": "tokens", "all": "Fleiss", "pairs": "Cohen"}
    assert set(values["all"]) == {"annotators", "documents", "f1", "kappa", "alpha", "marked", "labels"}
    assert values["pairs"][0]["labels"]["A"]["f1"] == {"value": 1.0, "interval": [1.0, 1.0]}
    assert values["bootstrap"] == {"level": 0.95, "samples": 20, "seed": 1, "unit": "document"}


def test_what_agreement_needs() -> None:
    row = [words("A"), words("A")]
    for names in (["a"], ["a", "a"], ["a", "b", "c"]):
        with pytest.raises(UsageError, match="at least two annotators of different names"):
            agreement([row], names)
    with pytest.raises(UsageError, match="no text has been annotated by two of a, b"):
        agreement([[words("A"), None]], ["a", "b"])
    with pytest.raises(UsageError, match="no text has been annotated"):
        agreement([], ["a", "b"])
    for samples, level in ((-1, 0.9), (10, 1.0)):
        with pytest.raises(UsageError, match="samples and a level"):
            agreement([row], ["a", "b"], samples=samples, level=level)

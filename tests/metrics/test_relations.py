from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Relation, Span
from elman.errors import UsageError
from elman.metrics.comparison import Judged
from elman.metrics.counts import Counts
from elman.metrics.relations import ENDS, UNTYPED, Ends, score_relations
from elman.metrics.report import render_text

TEXT = "Anna of Rome"
RELATION = st.tuples(
    *[st.tuples(st.integers(0, 1), st.integers(2, 3), st.sampled_from(["LOC", "PER"]))] * 2,
    st.sampled_from(["born", "near"]),
)
SIDES = st.lists(st.tuples(st.lists(RELATION, max_size=4), st.lists(RELATION, max_size=4)), min_size=1, max_size=3)


def document(relations: Any, prefix: str = "T") -> Document:
    """A document whose relations have ends of their own."""
    spans, found = [], []
    for number, (head, tail, label) in enumerate(relations):
        names = f"{prefix}{number}h", f"{prefix}{number}t"
        spans += [Span(*end, id=name) for end, name in zip((head, tail), names, strict=True)]
        found.append(Relation(*names, label))
    return Document(TEXT, tuple(spans), tuple(found))


def key(relation: Any, ends: str, types: bool, symmetric: bool) -> tuple[Any, ...]:
    """What two relations have to have in common."""
    head, tail, label = relation
    places = [end if ends == "strict" else end[:2] for end in (head, tail)]
    if symmetric and label == "near":
        places.sort()
    return (*places, label if types else UNTYPED)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("types", [False, True])
@pytest.mark.parametrize("ends", ENDS)
@settings(max_examples=30, deadline=None)
@given(SIDES)
def test_counts_equal_multisets(ends: Ends, types: bool, symmetric: bool, sides: Any) -> None:
    pairs = [Judged(document(gold), document(predicted, "X")) for gold, predicted in sides]
    result = score_relations(pairs, ends=ends, types=types, symmetric=("near",) if symmetric else ())
    gold, predicted = (
        Counter(
            (number, *key(relation, ends, types, symmetric))
            for number, each in enumerate(sides)
            for relation in each[side]
        )
        for side in (0, 1)
    )
    assert result.micro == Counts((gold & predicted).total(), predicted.total(), gold.total())
    assert set(result.labels) == {found[-1] for found in gold | predicted}
    for name, counts in result.labels.items():
        one, other = (Counter({k: n for k, n in side.items() if k[-1] == name}) for side in (gold, predicted))
        assert counts == Counts((one & other).total(), other.total(), one.total())
    assert len(result.counts) == len(sides)
    assert result.layer == "relations"


def test_direction_matters_but_for_symmetric_labels() -> None:
    there, back = (
        [((0, 2, "PER"), (1, 3, "LOC"), label) for label in ("born", "near")],
        [((1, 3, "LOC"), (0, 2, "PER"), label) for label in ("born", "near")],
    )
    pairs = [Judged(document(there), document(back))]
    assert score_relations(pairs).micro == Counts(0, 2, 2)
    assert score_relations(pairs, symmetric={"near"}).labels == {"born": Counts(0, 1, 1), "near": Counts(1, 1, 1)}


def test_an_end_of_several_pieces_is_right_as_a_whole() -> None:
    pieces = (Span(0, 2, "PER", id="a"), Span(5, 7, "PER", id="a"), Span(8, 12, "LOC", id="b"))
    relation = (Relation("a", "b", "born"),)
    whole, turned = Document(TEXT, pieces, relation), Document(TEXT, pieces[::-1], relation)
    part = Document(TEXT, pieces[1:], relation)
    assert score_relations([Judged(whole, turned)]).micro == Counts(1, 1, 1)
    assert score_relations([Judged(whole, part)]).micro == Counts(0, 1, 1)


def test_a_layer_is_part_of_an_end() -> None:
    one, other = (
        Document(TEXT, (Span(0, 4, "PER", layer, id="a"), Span(8, 12, "LOC", id="b")), (Relation("a", "b", "born"),))
        for layer in ("entities", "other")
    )
    assert score_relations([Judged(one, other)], ends="boundaries").micro == Counts(0, 1, 1)


def test_nothing_and_no_such_rule() -> None:
    assert score_relations([]).micro == Counts()
    assert score_relations([Judged(Document(""), Document(""))]).counts.shape == (1, 0, 3)
    with pytest.raises(UsageError, match="no rule 'partial' for a relation's ends; choose one of strict, boundaries"):
        score_relations([], ends="partial")  # type: ignore[arg-type]


@pytest.mark.parametrize("types", [False, True])
@pytest.mark.parametrize("ends", ENDS)
def test_the_report_says_what_was_matched(ends: Ends, types: bool) -> None:
    side = document([((0, 2, "PER"), (1, 3, "LOC"), "born")])
    text = render_text(score_relations([Judged(side, side)] * 2, ends=ends, types=types))
    assert "Counted are relations: they are right if their direction" in text
    assert ("type are" in text) == types
    assert ("label of both ends" in text) == (ends == "strict")

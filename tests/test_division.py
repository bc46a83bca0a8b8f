from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.division import divide, label_counts
from elman.data.document import Document, Span
from elman.errors import DataError, UsageError

DOCUMENTS = [
    Document(f"text {number}", (Span(0, 4, "RARE" if number % 20 == 0 else "OFTEN"),), meta={"case": number // 4})
    for number in range(200)
]
THREE = (0.8, 0.1, 0.1)


def sizes(parts):
    return [count for _, count in sorted(Counter(parts).items())]


def test_shares_are_kept_and_the_seed_decides():
    parts = divide(DOCUMENTS, THREE, seed=1).parts
    assert sizes(parts) == [160, 20, 20]
    assert parts == divide(DOCUMENTS, (8, 1, 1), seed=1).parts
    assert parts != divide(DOCUMENTS, THREE, seed=2).parts


def test_the_split_of_a_seed_stays_the_same_for_ever():
    parts = divide(DOCUMENTS[:20], THREE, seed=7).parts
    assert "".join(map(str, parts)) == PINNED


PINNED = "00002002001000010000"


def test_of_data_that_grow_nearly_all_stays():
    more = [*DOCUMENTS, *(Document(f"more {number}") for number in range(10))]
    before, after = divide(DOCUMENTS, THREE, seed=3).parts, divide(more, THREE, seed=3).parts
    assert sum(one != other for one, other in zip(before, after[:200], strict=True)) <= 10


def test_a_group_stays_together():
    division = divide(DOCUMENTS, THREE, seed=1, group="case")
    for number in range(0, 200, 4):
        assert len(set(division.parts[number : number + 4])) == 1
    assert sizes(division.parts) == [160, 20, 20]
    assert division.joined == 0


def test_a_text_in_two_groups_joins_them():
    documents = [*DOCUMENTS, Document("text 0", meta={"case": 49})]
    division = divide(documents, THREE, seed=1, group="case")
    assert (division.duplicates, division.joined) == (1, 1)
    assert len({division.parts[at] for at in (0, 1, 2, 3, 196, 197, 198, 199, 200)}) == 1


@pytest.mark.parametrize("group", [None, "case"])
def test_stratified_each_part_has_its_share_of_each_label(group):
    division = divide(DOCUMENTS, THREE, seed=5, group=group, stratify=True)
    rare = [part for part, document in zip(division.parts, DOCUMENTS, strict=True) if document.spans[0].label == "RARE"]
    assert sizes(rare) == [8, 1, 1]
    assert sizes(division.parts) == [160, 20, 20]


texts = st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("xyz"), st.sampled_from(["", "A", "B"])))


@settings(max_examples=60)
@given(drawn=texts, seed=st.integers(), stratify=st.booleans(), grouped=st.booleans(), k=st.integers(2, 4))
def test_no_text_and_no_group_is_on_two_sides(drawn, seed, stratify, grouped, k):
    documents = [
        Document(text, (Span(0, 1, label),) if label else (), meta={"g": f"{text} {group}"} if grouped else {})
        for text, group, label in drawn
    ]
    try:
        parts = divide(documents, [1] * k, seed, group="g" if grouped else None, stratify=stratify).parts
    except DataError:
        assert len({text for text, *_ in drawn}) < k or not any(document.spans for document in documents)
        return
    assert set(parts) == set(range(k))
    homes = {}
    for document, part in zip(documents, parts, strict=True):
        assert homes.setdefault(document.text, part) == part


def test_what_cannot_be_divided_is_refused():
    with pytest.raises(DataError, match="at least 3 documents with different texts for 3 parts, got 2"):
        divide([Document("a"), Document("b"), Document("a")], THREE, seed=1)
    with pytest.raises(DataError, match=r"document 2 \('two'\) has no 'case' in its meta to group by; it has place"):
        divide([DOCUMENTS[0], Document("a", id="two", meta={"place": 1})], THREE, seed=1, group="case")
    with pytest.raises(DataError, match="has a list as 'case'"):
        divide([Document("a", meta={"case": [1]})], THREE, seed=1, group="case")
    with pytest.raises(DataError, match="expected labels to stratify by"):
        divide([Document("a"), Document("b"), Document("c")], THREE, seed=1, stratify=True)
    for shares in ([1], [1, 0], [1, -1], [1, float("nan")]):
        with pytest.raises(UsageError, match="each above 0"):
            divide(DOCUMENTS, shares, seed=1)


def test_labels_are_those_of_the_entities_and_the_document():
    spans = (Span(0, 1, "PER"), Span(0, 1, "NN", "pos"))
    assert label_counts(Document("a", spans, labels=("news",))) == {"PER": 1, "news": 1}
    assert label_counts(Document("a", spans[1:])) == {"pos:NN": 1}

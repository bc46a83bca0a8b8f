"""Tags as arrays give what they give one sequence at a time, and what the tools of the field count."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conlleval_rules import tally
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.scheme import BILOU, IOB2, IOBES, IOE2, Entities

from elman.data.schemes import SCHEMES, convert
from elman.errors import DataError, UsageError
from elman.metrics.score import score
from elman.metrics.tags import TagComparison, compare_tag_ids, compare_tags

if TYPE_CHECKING:
    from elman.data.schemes import Repair

LABELS = ("PER", "ORG-PART", "X")
Spans = list[tuple[int, int, int, str]]


def inventory(name: str) -> list[str]:
    return ["O", "O", *SCHEMES[name].tags(LABELS)]


def pairs(name: str) -> st.SearchStrategy[list[list[list[str]]]]:
    """Gold and predicted sequences of any tags of a scheme, four of each."""
    tags = inventory(name)
    tag = st.integers(0, len(tags) - 1)
    drawn = st.lists(st.lists(st.tuples(tag, tag), max_size=8), min_size=4, max_size=4)
    return drawn.map(lambda rows: [[[tags[one[side]] for one in row] for row in rows] for side in (0, 1)])


def spans_of(found: TagComparison, side: str) -> Spans:
    names = found.comparison.names
    return [(unit, start, end, names[label]) for unit, start, end, label in getattr(found.comparison, side).tolist()]


def one_by_one(tags: list[list[str]], name: str, repair: Repair) -> tuple[Spans, int]:
    decoded = [SCHEMES[name].decode(sequence, repair) for sequence in tags]
    spans = [(unit, *span) for unit, (spans, _) in enumerate(decoded) for span in spans]
    return spans, sum(repairs for _, repairs in decoded)


@pytest.mark.parametrize("repair", ["conlleval", "drop"])
@pytest.mark.parametrize("name", SCHEMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_many_at_once_are_read_as_one_by_one(name: str, repair: Repair, data: Any) -> None:
    sides = data.draw(pairs(name))
    found = compare_tags(*sides, scheme=name, repair=repair)
    for side, tags, repairs in zip(("gold", "predicted"), sides, found.repairs, strict=True):
        assert (spans_of(found, side), repairs) == one_by_one(tags, name, repair)
    assert found.comparison.units == 4
    assert found.tokens == sum(map(len, sides[0]))
    used = {span[3] for side in ("gold", "predicted") for span in spans_of(found, side)}
    assert found.comparison.names == tuple(sorted(used))


SEQEVAL = {"IOB2": IOB2, "IOE2": IOE2, "IOBES": IOBES, "BILUO": BILOU}


def counts_of(found: TagComparison) -> dict[str, tuple[float, int, int]]:
    return {name: (one.correct, one.predicted, one.support) for name, one in score(found.comparison).labels.items()}


@pytest.mark.parametrize("name", SEQEVAL)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_dropped_is_what_the_strict_mode_of_seqeval_leaves_out(name: str, data: Any) -> None:
    sides = data.draw(pairs(name))
    gold, predicted = (
        {
            (entity.tag, entity.sent_id, entity.start, entity.end)
            for entities in Entities(side, SEQEVAL[name]).entities
            for entity in entities
        }
        for side in sides
    )
    expected = {
        label: tuple(sum(span[0] == label for span in spans) for spans in (gold & predicted, predicted, gold))
        for label in {span[0] for span in gold | predicted}
    }
    assert counts_of(compare_tags(*sides, scheme=name, repair="drop")) == expected


@pytest.mark.parametrize("name", ["IOB1", "IOB2", "IOE1", "IOE2"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_counts_are_those_of_conlleval(name: str, data: Any) -> None:
    sides = data.draw(pairs(name))
    assert_as_conlleval(compare_tags(*sides, scheme=name, repair="conlleval"), *sides)


@pytest.mark.parametrize("name", ["IO", "IOBES", "BILUO", "BMEWO"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_other_schemes_are_what_conlleval_reads_in_iob2(name: str, data: Any) -> None:
    sides = data.draw(pairs(name))
    converted = [[convert(tags, SCHEMES[name], SCHEMES["IOB2"], "conlleval").tags for tags in side] for side in sides]
    assert_as_conlleval(compare_tags(*sides, scheme=name, repair="conlleval"), *converted)


def assert_as_conlleval(found: TagComparison, gold: list[list[str]], predicted: list[list[str]]) -> None:
    expected = tally(gold, predicted)
    labels = expected.predicted | expected.support
    assert counts_of(found) == {
        label: (expected.correct[label], expected.predicted[label], expected.support[label]) for label in labels
    }
    assert (found.tokens, found.agreeing) == expected[:2]
    assert found.accuracy == (expected.agreeing / expected.tokens if expected.tokens else 0.0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SCHEMES)), st.sampled_from([np.uint8, np.int16, np.int64]), st.data())
def test_ids_are_read_as_the_tags_that_they_stand_for(name: str, kind: type, data: Any) -> None:
    sides = data.draw(pairs(name))
    tags = data.draw(st.permutations(["[PAD]", *SCHEMES[name].tags(LABELS)]))
    ids = [np.array([tags.index(tag) for sequence in side for tag in sequence], dtype=kind) for side in sides]
    starts = np.array([0, *accumulate(map(len, sides[0]))][:-1], dtype=np.int64)
    for repair in ("conlleval", "drop"):
        one = compare_tags(*sides, scheme=name, repair=repair)
        other = compare_tag_ids(*ids, starts, tags, scheme=name, repair=repair)
        assert spans_of(one, "gold") == spans_of(other, "gold")
        assert spans_of(one, "predicted") == spans_of(other, "predicted")
        assert (one.repairs, one.tokens, one.agreeing) == (other.repairs, other.tokens, other.agreeing)
        assert one.comparison.units == other.comparison.units


def test_without_an_o_among_the_tags_nothing_is_outside() -> None:
    ids = np.array([0, 1, 0])
    found = compare_tag_ids(ids, ids, np.array([0, 2]), ["B-PER", "I-PER"])
    assert spans_of(found, "gold") == [(0, 0, 2, "PER"), (1, 0, 1, "PER")]


def split(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("|")]


@pytest.mark.parametrize(
    ("gold", "predicted", "schemes"),
    [
        ("B-A I-A O | O B-B", "B-A I-A O | O B-B", ("IOB2", "IOB2")),
        ("B-A I-A O B-B", "I-A I-A O O", ("IOB2", "IOB2")),
        ("B-A I-A O B-B", "I-A B-B O I-B", ("IOB2", "IOB2")),
        ("B-A E-A O S-B", "O E-A B-A E-A", ("IOBES", "IOBES")),
        ("I-A I-A B-A O O I-A", "B-A I-A O O B-B O", ("IOB1", "IOB2")),
        ("B-A I-A O B-B", "B-A E-A O S-B", ("IOB2", "IOBES")),
        ("B-A I-A O B-B", "B-A L-A O U-B", ("IOB2", "BILUO")),
        ("A A O B O O", "A A O B O O", ("IO", "IO")),
        ("A A O B O O", "B-A I-A O B-B O O", ("IO", "IOB2")),
        ("O O O", "O O O", ("IOB2", "IOB2")),
        ("O O O", "O B-A L-A", ("IOB2", "BILUO")),
        ("I-A I-A O", "I-A O O", ("IO", "IO")),
        ("I-A I-A O", "B-A I-A O", ("IO", "IOB2")),
    ],
)
def test_schemes_are_found_out(gold: str, predicted: str, schemes: tuple[str, str]) -> None:
    found = compare_tags(split(gold), split(predicted))
    assert found.schemes == schemes
    assert all(found.evidence)


def test_what_was_done_is_said() -> None:
    found = compare_tags([["B-A", "O"], []], [["I-A", "I-A"], []])
    assert found.repairs == (0, 1)
    assert found.notes() == [
        f"gold tags: IOB2 ({found.evidence[0]})",
        "predicted tags: IOB2 (as gold); 1 tags repaired, policy conlleval",
    ]


@pytest.mark.parametrize("repair", ["refuse", "conlleval", "drop"])
@pytest.mark.parametrize("tags", [[], [[]], [[], []], [["O", "O"]], [["O"], [], ["O", "O"]]])
def test_nothing_to_find(tags: list[list[str]], repair: Repair) -> None:
    found = compare_tags(tags, tags, repair=repair)
    assert found.comparison.units == len(tags)
    assert found.comparison.names == ()
    assert found.comparison.gold.shape == found.comparison.predicted.shape == (0, 4)
    assert found.agreeing == found.tokens == sum(map(len, tags))
    assert found.accuracy == (1.0 if found.tokens else 0.0)
    assert score(found.comparison).micro.f1 == 0.0


def test_hundreds_of_labels() -> None:
    tags = [[f"B-{number}", f"I-{number}", "O"] for number in range(700)]
    found = compare_tags(tags, tags)
    assert len(found.comparison.names) == score(found.comparison).micro.correct == 700


@pytest.mark.parametrize(
    ("gold", "predicted", "options", "message"),
    [
        ("O|O", "O", {}, "predicted ends after 1 sequences, and gold goes on with 'O'"),
        ("O", "O|B-A I-A", {}, "gold ends after 1 sequences, and predicted goes on with 'B-A I-A'"),
        ("O|B-A O|O", "O|B-A|O O", {}, "sequence 2 has 2 tags in gold, 'B-A O', and 1 predicted ones, 'B-A'"),
        ("B-A I-A", "B-A X-A", {}, "predicted: the tags have the prefixes B- (1), X- (1), and no scheme"),
        ("B-A E-A", "B-A I-A", {"scheme": "BIO"}, "gold has tags that are not of the scheme IOB2, which has O, B-L"),
        ("O O", "X-A X-A", {"scheme": "BIO"}, "I-LABEL: 'X-A' (2); name the scheme"),
        ("O B-A|O I-A", "O O|O O", {"scheme": "BIO", "repair": "refuse"}, "gold, sequence 2: tag 1 ('I-A') stands"),
        ("O|O", "O|B-A", {"scheme": "IOBES", "repair": "refuse"}, "predicted, sequence 2: the end stands after 'B-A'"),
        ("O", "O", {"scheme": "BEEP"}, "there is no tag scheme 'BEEP'"),
    ],
)
def test_what_cannot_be_compared_is_refused(gold: str, predicted: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        compare_tags(split(gold), split(predicted), **options)


def test_calls_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="gold has 'O'; give a list of lists"):
        compare_tags(["O"], [["O"]])
    with pytest.raises(UsageError, match=r"got 1; compare_tag_ids"):
        compare_tags([["O"]], [[1]])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="no repair 'mend'; choose one of refuse, conlleval, drop"):
        compare_tags([["O"]], [["O"]], repair="mend")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gold", "predicted", "starts", "tags", "message"),
    [
        ([0, 1], [0], [0], ["O", "B-A"], "two arrays of integers"),
        ([0.0], [0.0], [0], ["O"], "two arrays of integers, one for each token, got float64 (1,)"),
        ([[0]], [[0]], [0], ["O"], "two arrays of integers"),
        ([0, 1], [0, -100], [0], ["O", "B-A"], "predicted has the id -100 at token 1, and tags are given for 0 to 1"),
        ([0, 2], [0, 0], [0], ["O", "B-A"], "gold has the id 2 at token 1"),
        ([0, 0], [0, 0], [1], ["O"], "sequences have to start at 0"),
        ([0, 0], [0, 0], [], ["O"], "sequences have to start at 0"),
        ([0, 0], [0, 0], [0, 3], ["O"], "sequences have to start at 0"),
        ([0, 0, 0], [0, 0, 0], [0, 2, 1], ["O"], "sequences have to start at 0"),
        ([0], [0], [0], ["O", "O"], "each id needs a tag of its own"),
    ],
)
def test_arrays_that_do_not_fit(gold: Any, predicted: Any, starts: Any, tags: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        compare_tag_ids(np.array(gold), np.array(predicted), np.array(starts, dtype=np.int64), tags)

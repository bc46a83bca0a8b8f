"""Tags as arrays give what they give one sequence at a time, and what the tools of the field count."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES, DataError
from elman.errors import UsageError
from elman.metrics.score import score
from elman.metrics.tags import TagComparison, compare_tag_ids, compare_tags

if TYPE_CHECKING:
    from elman.data.schemes import Repair

LABELS = ("PER", "ORG-PART", "X")
Spans = list[tuple[int, int, int, str]]


def inventory(name: str) -> list[str]:
    return ["O", "O", *SCHEMES[name].tags(LABELS)]


def sequences(name: str) -> st.SearchStrategy[list[tuple[list[str], list[str]]]]:
    """Pairs of sequences of the same length, of any tags of a scheme."""
    tag = st.sampled_from(inventory(name))
    pair = st.integers(0, 8).flatmap(lambda length: st.tuples(*[st.lists(tag, min_size=length, max_size=length)] * 2))
    return st.lists(pair, max_size=4)


def spans_of(found: TagComparison, side: str) -> Spans:
    names = found.comparison.names
    return [(unit, start, end, names[label]) for unit, start, end, label in getattr(found.comparison, side).tolist()]


def one_by_one(tags: list[list[str]], name: str, repair: Repair) -> tuple[Spans, int]:
    decoded = [SCHEMES[name].decode(sequence, repair) for sequence in tags]
    spans = [(unit, *span) for unit, (spans, _) in enumerate(decoded) for span in spans]
    return spans, sum(repairs for _, repairs in decoded)


@pytest.mark.parametrize("repair", ["conlleval", "drop"])
@pytest.mark.parametrize("name", SCHEMES)
@given(data=st.data())
def test_many_at_once_are_read_as_one_by_one(name: str, repair: Repair, data: Any) -> None:
    pairs = data.draw(sequences(name))
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    found = compare_tags(*sides, scheme=name, repair=repair)
    for side, tags, repairs in zip(("gold", "predicted"), sides, found.repairs, strict=True):
        assert (spans_of(found, side), repairs) == one_by_one(tags, name, repair)
    assert found.comparison.units == len(pairs)
    assert found.tokens == sum(map(len, sides[0]))
    used = {span[3] for side in ("gold", "predicted") for span in spans_of(found, side)}
    assert found.comparison.names == tuple(sorted(used))

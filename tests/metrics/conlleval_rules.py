"""The counts of conlleval, from its rules alone: one pass over the tokens of one file, both columns side by side.

Between two tokens an entity ends, or starts, by the prefixes alone (B before B, B before O, I before B, I before O, E
before E, E before I, E before O end one; B after B, after I or after O, I after O, E after O, E after E, I after E
start one) or because the types differ. An entity is correct if it starts, runs and ends on both sides at once with
the same type. A blank line is a token of no type that is O.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

ENDS = {"BB", "BO", "IB", "IO", "EE", "EI", "EO"}
STARTS = {"BB", "IB", "OB", "OI", "EE", "EI", "OE"}


class Tallies(NamedTuple):
    tokens: int
    agreeing: int
    correct: Counter[str]
    predicted: Counter[str]
    support: Counter[str]


def parts(tag: str) -> tuple[str, str]:
    prefix, _, kind = tag.partition("-")
    return prefix, kind


def tally(gold: list[list[str]], predicted: list[list[str]]) -> Tallies:
    tokens = agreeing = 0
    correct, found, there = Counter[str](), Counter[str](), Counter[str]()
    before = (("O", ""), ("O", ""))
    running = False
    pairs = [pair for one, other in zip(gold, predicted, strict=True) for pair in (*zip(one, other, strict=True), None)]
    for pair in pairs:
        here = (("O", ""), ("O", "")) if pair is None else (parts(pair[0]), parts(pair[1]))
        ends, starts = [], []
        for (prefix, kind), (prefix_before, kind_before) in zip(here, before, strict=True):
            differ = kind != kind_before
            ends.append(prefix_before + prefix in ENDS or (prefix_before != "O" and differ))
            starts.append(prefix_before + prefix in STARTS or (prefix != "O" and differ))
        same_kind = here[0][1] == here[1][1]
        if running and all(ends) and before[0][1] == before[1][1]:
            running = False
            correct[before[0][1]] += 1
        elif running and (any(ends) or not same_kind):
            running = False
        running |= all(starts) and same_kind
        there[here[0][1]] += starts[0]
        found[here[1][1]] += starts[1]
        tokens += pair is not None
        agreeing += pair is not None and here[0] == here[1]
        before = here
    return Tallies(tokens, agreeing, +correct, +found, +there)

"""Which schemes gold and predicted tags are in, where nobody says so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elman.data.detection import Detected, detect_counted
from elman.data.schemes import OUTSIDE, PREFIXED_IO
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.schemes import Scheme

SIDES = ("gold", "predicted")
"""What messages call the two sides."""


def detect_sides(pairs: Sequence[Counter[tuple[str, str]]], tokens: int) -> list[Detected]:
    """Find out the schemes of gold and predicted tags.

    The predicted tags are taken to be in the scheme of gold, unless they have tags that it does not have, or another
    scheme allows all of them and this one does not: what a faulty system writes is not a scheme of its own.

    Args:
        pairs: of each side how often each tag stands before each other, the start and the end of a sequence being O;
            those of O and O may be left out.
        tokens: how many tokens there are.

    Raises:
        DataError: if the tags of a side are in no scheme.
    """
    gold = _detect("gold", pairs[0], tokens)
    if gold.tagged and _broken(gold.scheme, pairs[1]) == 0:
        return [gold, Detected(gold.scheme, "as gold", 0)]
    predicted = _detect("predicted", pairs[1], tokens)
    # Faults of a system are no scheme of their own; nor are tags that happen to be all I-.
    faulty = predicted.scheme is PREFIXED_IO or _broken(predicted.scheme, pairs[1]) != 0
    if gold.tagged and faulty and _broken(gold.scheme, pairs[1]) is not None:
        predicted = Detected(gold.scheme, "as gold", 0)
    return [gold, predicted]


def _detect(side: str, pairs: Counter[tuple[str, str]], tokens: int) -> Detected:
    counts: Counter[str] = Counter()
    for (_, tag), times in pairs.items():
        counts[tag] += times
    del counts[OUTSIDE]
    counts[OUTSIDE] = tokens - counts.total()
    try:
        return detect_counted(counts, pairs)
    except DataError as error:
        raise DataError(f"{side}: {error.problem}") from None


def _broken(scheme: Scheme, pairs: Mapping[tuple[str, str], int]) -> int | None:
    """How often the scheme forbids a tag where it stands; None if tags are not its own."""
    tags = {tag for _, tag in pairs}
    # To IO without prefixes any tag is a label.
    if not all(map(scheme.has, tags)) or (scheme.bare and any(tag[1:2] == "-" for tag in tags)):
        return None
    return sum(times for pair, times in pairs.items() if not scheme.allows(*pair))

"""Which scheme a file's tags are in, found out from the tags."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from elman.data.schemes import OUTSIDE, SCHEMES, Scheme
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Detected(NamedTuple):
    """The scheme that tags were found to be in, the evidence, and how many tags other than O were seen."""

    scheme: Scheme
    evidence: str
    tagged: int


def detect(sequences: Iterable[Sequence[str]]) -> Detected:
    """Find out which scheme tags are in: the one with all their prefixes that forbids the fewest of them.

    Tags that are all ``I-`` or all bare labels are IO; where nothing but O is seen, IOB2 is assumed.

    Args:
        sequences: sentences; as many as are needed to be sure.

    Raises:
        DataError: if no scheme has all the prefixes; the message lists them.
    """
    pairs = Counter(pair for tags in sequences for pair in pairwise(chain((OUTSIDE,), tags, (OUTSIDE,))))
    counts: Counter[str] = Counter()
    for (_, tag), count in pairs.items():
        counts[tag] += count
    outside = counts.pop(OUTSIDE, 0)
    tagged = counts.total()
    if not tagged:
        return Detected(SCHEMES["IOB2"], "only O was seen, so IOB2 is assumed", 0)
    seen: Counter[str] = Counter()
    for tag, count in counts.items():
        seen[tag[0] if len(tag) > 2 and tag[1] == "-" else ""] += count
    if set(seen) == {""}:
        return _detect_bare(counts, outside)
    candidates = [candidate for candidate in SCHEMES.values() if set(seen) <= set(candidate.prefixes)]
    listed = ", ".join(
        f"{prefix}- ({count})" if prefix else f"none ({count})" for prefix, count in seen.most_common()
    )
    if not candidates:
        known = "; ".join(f"{known.name} has {' '.join(known.prefixes)}" for known in SCHEMES.values())
        raise DataError(
            f"the tags have the prefixes {listed}, and no scheme has all of them: {known}; "
            "name the scheme or the column of the tags"
        )
    broken = {
        candidate.name: sum(count for pair, count in pairs.items() if not candidate.allows(*pair))
        for candidate in candidates
    }
    name = min(broken, key=broken.__getitem__)
    verdict = f"{name} forbids {broken[name]} of them" if broken[name] else f"{name} allows all of them"
    others = ", ".join(f"{other} forbids {count}" for other, count in broken.items() if count > broken[name])
    return Detected(
        SCHEMES[name], f"prefixes {listed}: {verdict}" + (f" ({others})" if others else ""), tagged
    )


def _detect_bare(counts: Counter[str], outside: int) -> Detected:
    """IO, if tags without any prefix can be labels at all and are not, say, a column of words."""
    some = ", ".join(tag for tag, _ in counts.most_common(5))
    if len(counts) > outside or "" in counts:
        raise DataError(
            f"expected tags such as O and B-PER, got {len(counts)} different values without a prefix "
            f"({some}) and {outside} times O; name the column of the tags"
        )
    return Detected(SCHEMES["IO"], f"labels without prefixes ({some}) beside O", counts.total())

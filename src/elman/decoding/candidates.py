"""All entities that a linear-chain CRF holds for possible, not only those of its best tag sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.decoding.entities import EntityWalk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.data.tag_ids import Decoder
    from elman.decoding.marginals import Lattice

FLOOR = 0.001
"""Less probable entities are left out, unless the caller says otherwise."""

_SLACK = 1 - 1e-9
# An upper bound is a sum in another order than what it bounds: rounding may have put it below.


def candidates(
    lattice: Lattice, decoder: Decoder, floor: float = FLOOR
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Every entity, of any length and label, that is there with a probability of at least ``floor``.

    They may overlap and nest, as each is the sum over tag sequences of its own; the probabilities of those that hold
    one token add up to at most 1. A place is looked at only where a token has the label's tags with that probability,
    and an entity is made longer only as long as the probability that it goes that far suffices: both bound the
    probability of all that could come of it.

    Args:
        lattice: of the sentences.
        decoder: the scheme's tags.
        floor: in (0, 1].

    Returns:
        Spans, n x 4, int32: the sentence, the first token, one past the last token, the label, ascending; and their
        probabilities, which equal those of ``entity_probability`` to the last bit.

    Raises:
        ValueError: if the floor is not in (0, 1].
    """
    if not 0 < floor <= 1:
        raise ValueError(f"expected a floor above 0 and at most 1, got {floor}")
    found: list[tuple[NDArray[Any], ...]] = []
    if decoder.labels:
        walk = EntityWalk(lattice, decoder)
        tagged = lattice.marginals()[:, :, walk.own].sum(axis=-1)  # batch x time x labels
        sentence, first, label = np.nonzero(tagged >= floor * _SLACK)
        paths, stop = walk.begin(sentence, first, label), first + 1
        while len(first):
            going = walk.reach(paths, sentence, stop - 1, label) >= floor * _SLACK
            sentence, first, stop, label = (part[going] for part in (sentence, first, stop, label))
            paths = paths[going]
            probability = walk.end(paths, sentence, stop, label)
            enough = probability >= floor
            found.append(tuple(part[enough] for part in (sentence, first, stop, label, probability)))
            inside = stop < lattice.lengths[sentence]
            sentence, first, stop, label = (part[inside] for part in (sentence, first, stop, label))
            paths, stop = walk.extend(paths[inside], sentence, stop, label), stop + 1
    if not found:
        return np.zeros((0, 4), np.int32), np.zeros(0)
    *places, probabilities = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort(places[::-1])
    return np.column_stack(places)[order].astype(np.int32), probabilities[order]


def without_overlap(spans: NDArray[np.integer[Any]], scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which spans stay if no two may overlap: the most probable first, and of equals the first, as long as they fit.

    What stays among those above one score does not depend on those below it.

    Args:
        spans: n x 4: the sentence, the first token, one past the last token, the label.
        scores: n.
    """
    stays = np.zeros(len(spans), np.bool_)
    taken: set[tuple[int, int]] = set()
    order = np.lexsort((*spans.T[::-1], -scores))
    for at, (sentence, first, stop, _) in zip(order.tolist(), spans[order].tolist(), strict=True):
        tokens = [(sentence, token) for token in range(first, stop)]
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            stays[at] = True
    return stays

"""Coefficients of agreement that correct for chance, each from numbers that add up over documents.

For each coefficient there is a function that gives a row of numbers a document, and one that takes sums of such
rows. NaN is what is not defined: where all that was said is the same, chance would do as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.codings import NONE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from elman.metrics.codings import Codings

    Floats = NDArray[np.float64]

_TINY = 1e-12
"""What is no larger is zero but for rounding."""


def cohen_rows(codings: Codings, one: int, other: int, labels: int) -> Floats:
    """What Cohen's kappa of two annotators takes of each document, units x (2 + 3 categories and labels).

    The weight of all, and of what both gave the same category; of each category, and then of each label, what
    both have in it, the first has, the second has. Pieces that either said nothing of are left out.
    """
    sides = codings.category[:, [one, other]]
    both = (sides != UNKNOWN).all(axis=1)
    columns = [both, both & (sides[:, 0] == sides[:, 1])]
    for has in _memberships(codings, [one, other], labels):
        columns += [has.all(axis=1), has[:, 0] & both, has[:, 1] & both]
    return _per_unit(codings, [np.where(both, column, 0.0) for column in columns])


def cohen(sums: Floats, labels: int) -> Floats:
    """Cohen's kappa (Cohen 1960) over all categories, and of each label against the rest; n x (1 + labels)."""
    total, same = sums[:, 0], sums[:, 1]
    each = sums[:, 2:].reshape(len(sums), -1, 3)
    whole, single = each[:, : each.shape[1] - labels], each[:, each.shape[1] - labels :]
    by_chance = (whole[..., 1] * whole[..., 2]).sum(axis=1)
    kappas = [_ratio(same * total - by_chance, total**2 - by_chance)]
    for both, one, other in np.moveaxis(single, (1, 2), (0, 1)):
        # The same with two categories; the numerators and denominators are twice these.
        kappas.append(_ratio(2 * (both * total - one * other), one * (total - other) + other * (total - one)))
    return np.column_stack(kappas)


def fleiss_rows(codings: Codings, labels: int) -> Floats:
    """What Fleiss' kappa takes of each document, units x (1 + 2 categories and labels).

    The weight of all pieces that at least two annotators said something of; of each category, and then of each
    label, the share of the annotators who gave it, and of their pairs in which both did, summed over the pieces.
    """
    said = (codings.category != UNKNOWN).sum(axis=1)
    kept = said > 1
    everyone = list(range(codings.category.shape[1]))
    columns = [kept.astype(np.float64)]
    for has in _memberships(codings, everyone, labels):
        given = has.sum(axis=1)
        columns += [
            np.where(kept, given / np.maximum(said, 1), 0.0),
            np.where(kept, given * (given - 1) / np.maximum(said * (said - 1), 1), 0.0),
        ]
    return _per_unit(codings, columns)


def fleiss(sums: Floats, labels: int) -> Floats:
    """Fleiss' kappa (Fleiss 1971) over all categories, and of each label against the rest; n x (1 + labels).

    Where annotators said nothing of some pieces, a category's share is the mean of the pieces' shares
    (Gwet 2014, Handbook of Inter-Rater Reliability).
    """
    total = sums[:, :1]
    each = sums[:, 1:].reshape(len(sums), -1, 2)
    shares, pairs = (_ratio(each[..., at], total) for at in (0, 1))
    cut = shares.shape[1] - labels
    by_chance = (shares[:, :cut] ** 2).sum(axis=1)
    same = pairs[:, :cut].sum(axis=1)
    share, pair = shares[:, cut:], pairs[:, cut:]
    return np.column_stack([_ratio(same - by_chance, 1 - by_chance), _ratio(pair - share**2, share * (1 - share))])


def alpha_rows(codings: Codings, who: Sequence[int], labels: int) -> Floats:
    """What alpha takes of each document, units x (1 + 3 categories and labels).

    The length that can be paired; of each category, and then of each label, the length in it, the coincidences
    of it with itself, and the lengths of its sections, squared. Pieces that fewer than two annotators said
    something of cannot be paired. Each section of NONE is as long as one character, so that squared its length
    stays as it is.
    """
    said = (codings.category[:, who] != UNKNOWN).sum(axis=1)
    length = np.where(said > 1, codings.weight, 0).astype(np.float64)
    paired = np.maximum(said - 1, 1)
    columns = [said * length]
    squares: list[Floats] = []
    categories = int(codings.category.max(initial=NONE)) + 1
    for number, has in enumerate(_memberships(codings, list(who), labels)):
        given = has.sum(axis=1)
        columns += [given * length, given * (given - 1) / paired * length]
        if number == NONE:
            squares.append(_per_unit(codings, [given * length], weighted=False)[:, 0])
        elif number < categories:
            place, side = np.nonzero(has)
            squares.append(_squared(codings, place, codings.section[place, np.asarray(who)[side]], length))
        else:
            rows = codings.cover[np.isin(codings.cover[:, 1], who) & (codings.cover[:, 2] == number - categories)]
            squares.append(_squared(codings, rows[:, 0], rows[:, 3], length))
    found = _per_unit(codings, columns, weighted=False)
    each = found[:, 1:].reshape(codings.units, -1, 2)
    together = np.concatenate([each, np.column_stack(squares)[..., None]], axis=2)
    return np.column_stack([found[:, 0], together.reshape(codings.units, -1)])


def alpha(sums: Floats, labels: int) -> Floats:
    r"""Krippendorff's alpha for unitising, n x (2 + labels): all categories, marked or not, and each label alone.

    The definition is that of Krippendorff, Mathet, Bouvry and Widlöcher 2016 (On the reliability of unitizing
    textual continua), which takes the place of that of 1995 and 2004: the first is their alpha with the index u,
    the second that with the index \|u. That of a label is the first, of its spans alone. Texts are laid end to
    end into one continuum, and no section goes on from one to the next. Where annotators said nothing of some
    pieces, coincidences are weighted as in the alpha for coding.
    """
    total = sums[:, 0]
    each = sums[:, 1:].reshape(len(sums), -1, 3)
    cut = each.shape[1] - labels
    length, same, squared = np.moveaxis(each[:, :cut], 2, 0)
    pairable = total**2 - squared.sum(axis=1)
    whole = _ratio((total - same.sum(axis=1)) * pairable, total * (total**2 - (length**2).sum(axis=1)))
    gaps = length[:, NONE]
    marked = _ratio((gaps - same[:, NONE]) * pairable, total * gaps * (total - gaps))
    label, agreed, sections = np.moveaxis(each[:, cut:], 2, 0)
    rest = total[:, None] - label
    alone = _ratio((label - agreed) * (total[:, None] ** 2 - sections - rest), total[:, None] * label * rest)
    return 1 - np.column_stack([whole, marked, alone])


def _memberships(codings: Codings, who: Sequence[int], labels: int) -> Iterator[NDArray[np.bool_]]:
    """For each category and then for each label who gave it to which piece, n x annotators."""
    for category in range(int(codings.category.max(initial=NONE)) + 1):
        yield codings.category[:, who] == category
    places = {annotator: place for place, annotator in enumerate(who)}
    cover = codings.cover[np.isin(codings.cover[:, 1], list(who))]
    order = np.argsort(cover[:, 2], kind="stable")
    cuts = np.searchsorted(cover[order, 2], np.arange(labels + 1))
    for first, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        has = np.zeros((len(codings.unit), len(who)), np.bool_)
        rows = cover[order[first:end]]
        has[rows[:, 0], [places[annotator] for annotator in rows[:, 1].tolist()]] = True
        yield has


def _per_unit(codings: Codings, columns: Sequence[NDArray[Any]], *, weighted: bool = True) -> Floats:
    """Sums over the pieces of each document, units x columns."""
    weight = codings.weight if weighted else np.ones_like(codings.weight)
    sums = [np.bincount(codings.unit, column * weight, codings.units) for column in columns]
    return np.column_stack(sums).astype(np.float64)


def _squared(codings: Codings, places: NDArray[np.int64], sections: NDArray[np.int64], length: Floats) -> Floats:
    """The squared lengths of sections, summed for each document.

    Args:
        codings: with the documents of the places.
        places: of pieces, one for each piece of a section.
        sections: the number of the section of each.
        length: of all pieces.
    """
    numbers, first, which = np.unique(sections, return_index=True, return_inverse=True)
    lengths = np.bincount(which, weights=length[places], minlength=len(numbers))
    return np.asarray(np.bincount(codings.unit[places[first]], lengths**2, codings.units), dtype=np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    """A quotient, NaN where the divisor is zero."""
    above, below = np.broadcast_arrays(above, below)
    quotient = np.full(above.shape, np.nan)
    np.divide(above, below, out=quotient, where=below > _TINY)
    return quotient

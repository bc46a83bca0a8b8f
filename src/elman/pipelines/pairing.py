"""Which predicted documents belong to which gold ones, and where the two sides part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elman.errors import DataError
from elman.metrics.comparison import Judged
from elman.pipelines.parting import groups
from elman.pipelines.projection import by_rows, by_text, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.pipelines.parting import Align
    from elman.pipelines.sides import Side

_NAMED = 5
"""So many documents are named in a message."""


@dataclass
class Pairing:
    """Documents in pairs.

    Attributes:
        pairs: gold and predicted, on gold's text.
        notes: what was done to pair them, a line each.
        warnings: what may be wrong with them.
    """

    pairs: list[Judged]
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def pair_sides(gold: Side, predicted: Side, align: Align = "text") -> Pairing:
    """Pair documents: by their ids where both sides have the same in another order, else one after the other.

    Where the sides cut the same text into documents differently, they are joined to what both have in common.

    Raises:
        DataError: if texts differ in more than white space, or under ``rows`` the numbers of tokens; if ids
            occur twice; if documents are missing.
    """
    pairing = Pairing([])
    theirs = _in_order(gold, predicted, pairing)
    project = by_rows if align == "rows" else by_text
    cut = moved = tokens = differing = spaced = 0
    for ours, others in groups(gold, theirs, align):
        one, other = (joined(side.documents[part]) for side, part in ((gold, ours), (theirs, others)))
        cut += ours.stop - ours.start != 1 or others.stop - others.start != 1
        spaced += align == "text" and one.text != other.text
        found = project(one, other)
        pairing.pairs.append(Judged(found.gold, found.predicted))
        moved, tokens, differing = moved + found.moved, tokens + found.tokens, differing + found.differing
    if cut:
        pairing.notes.append(
            f"the sides cut the text into documents differently, {len(gold.documents):,} and "
            f"{len(theirs.documents):,}: compared as {len(pairing.pairs):,}, of which {cut:,} are joined"
        )
    if spaced:
        trimmed = f"; {moved:,} spans lost white space at their ends" if moved else ""
        pairing.notes.append(
            f"{spaced:,} of {len(pairing.pairs):,} documents differ in white space alone: offsets were put onto "
            f"gold's text{trimmed}"
        )
    if align == "rows":
        pairing.notes.append(f"paired row by row: {differing:,} of {tokens:,} tokens differ")
    return pairing


def _in_order(gold: Side, predicted: Side, pairing: Pairing) -> Side:
    """The predictions in gold's order, if ids say what it is."""
    ours, theirs = gold.ids, predicted.ids
    if ours is None or theirs is None:
        return predicted
    twice = [(side.name, _twice(ids)) for side, ids in ((gold, ours), (predicted, theirs))]
    if ours == theirs:
        if twice[0][1]:
            pairing.warnings.append(f"{gold.name} has documents of the same id: {_listed(twice[0][1])}")
        return predicted
    for name, ids in twice:
        if ids and set(ours) & set(theirs):
            raise DataError(
                f"ids of documents have to be unique where the two sides have another order, got several of "
                f"{_listed(ids)}; remove those that are there twice, or the ids",
                name,
            )
    if set(ours) == set(theirs):
        places = {name: at for at, name in enumerate(theirs)}
        order = [places[name] for name in ours]
        moved = sum(at != number for number, at in enumerate(order))
        pairing.notes.append(f"{moved:,} of {len(order):,} documents stand elsewhere than in {gold.name}: paired by id")
        return replace(predicted, documents=[predicted.documents[at] for at in order], order=order)
    if set(ours) & set(theirs) and not _same_text(gold, predicted):
        missing = [name for name in ours if name not in set(theirs)]
        further = [name for name in theirs if name not in set(ours)]
        parts = [f"{predicted.name} lacks {_listed(missing)}"] if missing else []
        parts += [f"{gold.name} lacks {_listed(further)}"] if further else []
        raise DataError(f"both sides have to have the same documents: {'; '.join(parts)}; compare the same documents")
    return predicted


def _same_text(gold: Side, predicted: Side) -> bool:
    """Whether the two sides have the same text in the same order, however it is cut."""
    try:
        return all(groups(gold, predicted, "text"))
    except DataError:
        return False


def _twice(ids: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(ids).items() if count > 1]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(repr, names[:_NAMED])) + more

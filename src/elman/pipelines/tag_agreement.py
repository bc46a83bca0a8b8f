"""How many tokens have the same tag on both sides, counted as conlleval counts them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats.columns import find_layout, sentences
from elman.data.formats.files import Source
from elman.data.formats.tagging import tag
from elman.data.schemes import OUTSIDE, SCHEMES
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.data.document import Document
    from elman.metrics.comparison import Judged
    from elman.pipelines.sides import Side

_AS_THEY_ARE = ("IOB1", "IOB2", "IOE1", "IOE2")
"""Schemes whose tags conlleval reads as they are; what is in another it has to be given in IOB2."""


class TagAgreement(NamedTuple):
    """How many tokens there are, and how many of them have the same tag on both sides."""

    tokens: int
    agreeing: int


def tag_agreement(gold: Side, predicted: Side, pairs: Sequence[Judged], layer: str, *, renamed: bool) -> TagAgreement:
    """Count tokens whose tags agree.

    Tags of files in IOB1, IOB2, IOE1 or IOE2 are compared as they stand there; all else as it is in IOB2. Rows
    that begin a document are tokens to conlleval, so they are here.

    Args:
        gold: as it was read.
        predicted: likewise.
        pairs: their documents in pairs.
        layer: the layer of spans that was compared.
        renamed: whether labels are no longer what they are in the files.

    Raises:
        UsageError: if a text with spans has no tokens.
    """
    starts = 0
    sides = (gold, predicted)
    columns = [_column(side) for side in sides]
    if columns[0] is not None:
        starts = sum(cell is None for cell in columns[0])
    as_they_are = not renamed and all(
        side.report is not None
        and side.report.scheme in _AS_THEY_ARE
        and (side.report.repair != "drop" or not side.report.repairs)
        for side in sides
    )
    if as_they_are and columns[0] is not None and columns[1] is not None:
        ours, theirs = ([cell for cell in column if cell is not None] for column in columns if column is not None)
        if len(ours) == len(theirs):
            same = sum(one == other for one, other in zip(ours, theirs, strict=True))
            return TagAgreement(starts + len(ours), starts + same)
    tokens = same = 0
    for pair in pairs:
        written = [_written(document, pair, layer) for document in pair]
        tokens += len(written[0])
        same += sum(one == other for one, other in zip(*written, strict=True))
    return TagAgreement(starts + tokens, starts + same)


def _column(side: Side) -> list[str | None] | None:
    """The tags of a file of columns, None where a document begins; None if it is no such file."""
    if side.path is None or side.report is None or side.report.format != "conll" or side.order is not None:
        return None
    places = [side.options.get(name) for name in ("token", "column")]
    if not all(place is None or str(place).lstrip("-").isdecimal() for place in places) or "layers" in side.options:
        return None
    source = Source(side.path, side.report.encoding)
    layout = find_layout(source.head, *(None if place is None else int(str(place)) for place in places))
    rows: list[list[str | None]] = []
    for sentence in sentences(source.blocks()):
        if isinstance(sentence, str):
            rows.append([None])
            continue
        columns = layout.columns(layout.split_comments(sentence)[1].text)
        rows.append(list(columns[layout.column]) if columns else [])
    return list(chain.from_iterable(rows))


def _written(document: Document, pair: Judged, layer: str) -> list[str]:
    """The tags of a document's tokens, or of its partner's, in IOB2."""
    tokens = pair.gold.tokens or pair.predicted.tokens
    if tokens is None:
        if document.layer(layer):
            raise UsageError("conlleval counts tokens, and a text here came without; convert it to columns first")
        return []
    return tag(document, tokens, layer, SCHEMES["IOB2"], "outside", "longest", unknown=OUTSIDE).tags

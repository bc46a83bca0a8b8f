"""Documents to tags of tokens, with the account: what the writing of all columns has in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.align import align, to_spans
from elman.data.ledger import OTHER_LAYER, Ledger, account
from elman.data.schemes import TokenSpan
from elman.data.unknown import MARK, account_for, unknown_tokens
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elman.data.align import Overlap, Partial
    from elman.data.document import Document, Span, Tokens
    from elman.data.ledger import Entry
    from elman.data.schemes import Scheme

JOINED = "touches one of its label, and the tag scheme cannot keep them apart"
RESPACED = "white space is as columns have it: one space between tokens, a line feed between sentences"


class Tagged(NamedTuple):
    """The tags of a document's tokens in one layer, and what became of that layer's spans and regions."""

    tags: list[str]
    entries: tuple[Entry, ...]
    regions: Ledger


def tag(
    document: Document,
    tokens: Tokens,
    layer: str,
    scheme: Scheme,
    partial: Partial,
    overlap: Overlap,
    *,
    spans: Sequence[Span] | None = None,
    unknown: str = MARK,
) -> Tagged:
    """Write the spans of one layer as tags.

    Args:
        document: whose spans they are.
        tokens: of its text.
        layer: which spans become tags, and whose regions are unknown.
        scheme: the tags'.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.
        spans: other spans than those of the layer.
        unknown: what stands in the place of a tag that nobody knows; "" if regions cannot be written.

    Raises:
        DataError: as ``align`` does.
    """
    offsets = tokens.offsets
    placed, entries = align(
        document.layer(layer) if spans is None else spans,
        offsets,
        text=document.text,
        sentences=tokens.sentences,
        partial=partial,
        overlap=overlap,
    )
    # As if an O stood between sentences: what touches across their border does not touch.
    shifts = np.searchsorted(tokens.sentences, [span.start for span in placed], "right").tolist()
    apart = [TokenSpan(a + shift, b + shift, label) for (a, b, label), shift in zip(placed, shifts, strict=True)]
    tags = scheme.encode(apart, len(tokens) + len(tokens.sentences))
    for start in tokens.sentences.tolist():
        del tags[start]
    merged = set(scheme.inexpressible(apart))
    if merged:
        runs = to_spans(placed, offsets)
        entries = _joined(entries, [(run, at in merged) for run, at in zip(runs, apart, strict=True)])
    regions = [region for region in document.unknown if region.layer == layer] if unknown else []
    if not regions:
        return Tagged(tags, entries, Ledger())
    mask = unknown_tokens(regions, offsets, placed)
    for at in np.flatnonzero(mask).tolist():
        tags[at] = unknown
    return Tagged(tags, entries, account_for(regions, mask, offsets, tokens.sentences.tolist(), layer))


def _joined(entries: Sequence[Entry], runs: Iterable[tuple[Span, bool]]) -> tuple[Entry, ...]:
    """The entries with those joined that the tags cannot keep apart.

    Args:
        entries: the spans' fates.
        runs: the spans as they are in the tags, ascending, and whether each is one with that before it.
    """
    groups: list[list[Span]] = []
    for run, is_one in runs:
        if is_one:
            groups[-1].append(run)
        else:
            groups.append([run])
    wholes = {
        (run.start, run.end): (group[0].start, group[-1].end) for group in groups if len(group) > 1 for run in group
    }
    return tuple(
        entry._replace(kind="joined", reason=JOINED, to=wholes[entry.to]) if entry.to in wholes else entry
        for entry in entries
    )


def account_tagged(
    document: Document,
    holds: frozenset[str],
    entries: Iterable[Entry],
    regions: Ledger,
    layer: str | None = None,
    *,
    text_moved: str = "",
) -> Ledger:
    """The whole account of a document that was written as tags: as ``account``, with the regions' own."""
    if not document.unknown:
        return account(document, holds, entries, layer, text_moved=text_moved)
    told = account(replace(document, unknown=()), holds, entries, layer, text_moved=text_moved) + regions
    elsewhere = len(document.unknown) - regions.given("region")
    return told + Ledger.counted("refused", OTHER_LAYER, elsewhere, "region")


def tokens_of(document: Document, tokenize: Callable[[str], Tokens] | None) -> Tokens:
    """The tokens that came with a document, or those that ``tokenize`` makes.

    Raises:
        DataError: if there are neither.
    """
    if document.tokens is not None:
        return document.tokens
    if tokenize is None:
        raise DataError(f"{titled(document)} has no tokens; give tokenize, which makes them")
    return tokenize(document.text)


def respaced(text: str, tokens: Tokens) -> str:
    """How the text differs from that of the columns; "" if it does not."""
    gaps = np.full(len(tokens), " ")
    gaps[tokens.sentences - 1] = "\n"
    gaps[-1:] = ""
    same = "".join(map(str.__add__, tokens.surfaces, gaps.tolist())) == text
    return "" if same else RESPACED


def titled(document: Document) -> str:
    """How a message names a document."""
    return "a document without id" if document.id is None else f"the document {document.id!r}"

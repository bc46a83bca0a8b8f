"""Documents to columns of tokens and tags; see ``conll`` for how they are read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.columns import DOCSTART
from elman.data.formats.tagging import account_tagged, respaced, tag, titled, tokens_of
from elman.data.ledger import OTHER_LAYER, Entry, Ledger
from elman.data.schemes import OUTSIDE
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARK, META, check_mark
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elman.data.align import Overlap, Partial
    from elman.data.formats.tagging import Tagged

HOLDS = frozenset({"spans", "unknown", "tokens", "sentences", "columns"})
MISSING = "_"
"""The cell of a column that a document lacks and the first one has."""
FOREIGN_COLUMN = "further column of the tokens, which the first document does not have"


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    scheme: str = "IOB2",
    delimiter: str = " ",
    layer: str = ENTITIES,
    layers: Sequence[str] = (),
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
    docstart: bool = True,
    unknown: str | None = None,
) -> Ledger:
    """Write columns: the token, the columns that came with it, the tag.

    All rows have the further columns of the first document with tokens: where another lacks one its cells are
    ``_``, and what another has beyond them is refused.

    Args:
        documents: what to write.
        put: takes the text.
        scheme: the tags' scheme.
        delimiter: between cells, a space or a tab.
        layer: which spans become tags.
        layers: several layers, each of which gets a column of tags, in this order; instead of ``layer``.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.
        docstart: whether a row ``-DOCSTART-`` begins each document; if not, one cannot tell where they begin.
        unknown: the tag of tokens that nobody annotated; by default the one that the document came with, or ``-``.

    Returns:
        The account of all spans and other annotations: what columns cannot hold is refused.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, if a cell holds the delimiter or
            a line end, or as ``align`` does.
        UsageError: if the delimiter is neither a space nor a tab, the mark of unknown tags is a tag, or a layer
            is named twice.
    """
    if delimiter not in (" ", "\t"):
        raise UsageError(f"the delimiter of columns has to be a space or a tab, got {delimiter!r}")
    wanted = tuple(layers) or (layer,)
    if len(set(wanted)) < len(wanted):
        raise UsageError(f"each layer has one column of tags, got {', '.join(wanted)}")
    target = scheme_named(scheme)
    if unknown is not None:
        check_mark(unknown, target)
    ledger = Ledger()
    names: tuple[str, ...] | None = None
    for given in documents:
        tokens = tokens_of(given, tokenize)
        if len(tokens) and names is None:
            names = tuple(tokens.columns)
        document, refused = _with_columns(given, names or ())
        columns = [tokens.columns.get(name) or [MISSING] * len(tokens) for name in names or ()]
        came_with = document.meta.get(META)
        mark = unknown or (came_with if isinstance(came_with, str) else MARK)
        if document.unknown:
            check_mark(mark, target)
        tagged = [tag(document, tokens, one, target, partial, overlap, unknown=mark) for one in wanted]
        if docstart:
            row = (DOCSTART, *("-X-" for _ in names or ()), *(OUTSIDE for _ in wanted))
            put(delimiter.join(row) + "\n\n")
        put(_rows(document, tokens, (*columns, *(one.tags for one in tagged)), delimiter))
        ledger += _account(document, tokens, tagged, wanted, mark) + refused
    return ledger


def _with_columns(document: Document, names: Sequence[str]) -> tuple[Document, Ledger]:
    """A document without columns other than these, and the account of what it thereby loses."""
    tokens = document.tokens
    if tokens is None or not len(tokens) or tokens.columns.keys() <= set(names):
        return document, Ledger()
    columns = {name: cells for name, cells in tokens.columns.items() if name in names}
    lost = Ledger.counted("refused", FOREIGN_COLUMN, len(tokens.columns) - len(columns), "column")
    return replace(document, tokens=Tokens(tokens.text, tokens.offsets, tokens.sentences, columns)), lost


def _account(document: Document, tokens: Tokens, tagged: Sequence[Tagged], wanted: Sequence[str], mark: str) -> Ledger:
    """What became of a document."""
    ledger = sum((one.regions for one in tagged), Ledger())
    meta = dict(document.meta)
    kept = Ledger()
    if meta.get(META) == mark and any(mark in one.tags for one in tagged):
        del meta[META]
        kept = Ledger.counted("kept", "", 1, "meta")
        document = replace(document, meta=meta)
    text_moved = respaced(document.text, tokens)
    if len(wanted) == 1:
        return kept + account_tagged(document, HOLDS, tagged[0].entries, ledger, wanted[0], text_moved=text_moved)
    entries = [entry for one in tagged for entry in one.entries]
    entries += [
        Entry("refused", OTHER_LAYER, span, None, document.surface(span))
        for span in document.spans
        if span.layer not in wanted
    ]
    return kept + account_tagged(document, HOLDS, entries, ledger, text_moved=text_moved)


def _rows(document: Document, tokens: Tokens, cells: Sequence[Sequence[str]], delimiter: str) -> str:
    """The rows of a document with these columns beside the tokens, and a blank line after each sentence."""
    columns = (tokens.surfaces, *cells)
    for column in columns:
        joined = "\v".join(column)
        wrong = [mark for mark in (delimiter, "\t", "\n", "\r", "\0", DOCSTART) if mark in joined]
        if wrong or "" in column:
            raise DataError(
                f"{titled(document)} has a cell that is empty or holds {''.join(wrong[:1])!r}, which no "
                "column can; tokenize it further, or choose a tab as the delimiter where it holds a space"
            )
    rows = [delimiter.join(row) for row in zip(*columns, strict=True)]
    return "".join(["\n".join(rows[start:end]) + "\n\n" for start, end in tokens.ranges()])

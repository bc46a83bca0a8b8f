"""Documents to CoNLL-U; see ``conllu`` for how it is read."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.conllu_rows import EMPTY, FIELDS, MISC, escape, flat, shown, unescape
from elman.data.formats.tagging import account_tagged, tag, titled, tokens_of
from elman.data.ledger import Ledger
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARK, check_mark
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from elman.data.align import Overlap, Partial

COMMENTS = "sentence_comments"
"""Where a document's ``meta`` has the comments of its sentences."""

ROWS = "rows"
"""The column of rows that are no tokens."""

NEWPAR = "newpar"
HOLDS = frozenset({"text", "spans", "tokens", "sentences", "columns", "ids", "unknown"})

FOREIGN_COLUMN = "column of the tokens that is none of CoNLL-U"
FOREIGN_META = "entry of meta, which the format cannot hold"
UNWRITABLE_ID = "id of the document, which is blank at a rim or holds a line end"
NO_TOKENS = "text is lost: no token is in it"
_OWN = (*FIELDS, MISC, ROWS)


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    key: str = "NER",
    scheme: str = "IOB2",
    layer: str = ENTITIES,
    unknown: str = MARK,
    offsets: bool = False,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Ledger:
    """Write CoNLL-U.

    Args:
        documents: what to write.
        put: takes the text.
        key: of the tags in MISC.
        scheme: the tags' scheme.
        layer: which spans become tags.
        unknown: the tag of a token in a region that nobody annotated.
        offsets: whether ``start_char`` and ``end_char`` are written, too.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, if a cell is empty or holds a tab
            or a line end, or as ``align`` does.
        UsageError: if the key cannot be one, there is no such scheme, or the mark is one of its tags.
    """
    if not key or any(mark in key for mark in "|= \t\r\n"):
        raise UsageError(f"expected a key for MISC without white space, bars and =, got {key!r}")
    target = scheme_named(scheme)
    check_mark(unknown, target)
    ledger = Ledger()
    for document in documents:
        tokens = tokens_of(document, tokenize)
        if "\0" in document.text:
            raise DataError(f"{titled(document)} holds a zero byte, which no text file can; take it out")
        tagged = tag(document, tokens, layer, target, partial, overlap, unknown=unknown)
        entries = [f"{key}={escape(one)}" for one in tagged.tags]
        as_written, refused = _as_written(document, tokens)
        put("# newdoc\n" if as_written.id is None else f"# newdoc id = {as_written.id}\n")
        put("".join(_sentences(as_written, tokens, entries, offsets)) or "\n")
        holds = HOLDS | {"meta"} if as_written.meta else HOLDS
        lost = NO_TOKENS if document.text and not len(tokens) else ""
        ledger += account_tagged(as_written, holds, tagged.entries, tagged.regions, layer, text_moved=lost) + refused
    return ledger


def _as_written(document: Document, tokens: Tokens) -> tuple[Document, Ledger]:
    """The document without what cannot be written of its id, meta and columns, and the account of that."""
    refused = Ledger()
    name = document.id
    if name is not None and (not name.strip() or name != name.strip() or any(mark in name for mark in "\t\n\r\0")):
        refused += Ledger.counted("refused", UNWRITABLE_ID, 1, "id")
        name = None
    meta = {key: value for key, value in document.meta.items() if key == COMMENTS and _are_comments(value, tokens)}
    refused += Ledger.counted("refused", FOREIGN_META, len(document.meta) - len(meta), "meta")
    if document.tokens is None:
        return replace(document, id=name, meta=meta), refused
    columns = {key: tokens.columns[key] for key in _OWN if key in tokens.columns}
    if len(tokens):
        lost = len(tokens.columns) - len(columns)
        refused += Ledger.counted("refused", FOREIGN_COLUMN, lost, "column")
    tokens = Tokens(tokens.text, tokens.offsets, tokens.sentences, columns)
    return replace(document, id=name, meta=meta, tokens=tokens), refused


def _are_comments(value: object, tokens: Tokens) -> bool:
    """Whether this is a list of lines for each sentence."""
    return (
        isinstance(value, list)
        and any(value)
        and len(value) == len(tokens.sentences)
        and all(isinstance(lines, list) and all(map(_is_comment, lines)) for lines in value)
    )


def _is_comment(line: object) -> bool:
    if not isinstance(line, str) or line != line.strip(" \t") or any(mark in line for mark in "\n\r\0"):
        return False
    return line.partition("=")[0].strip() not in ("text", "newdoc", "newdoc id")


def _sentences(document: Document, tokens: Tokens, entries: Sequence[str], offsets: bool) -> Iterator[str]:
    """The sentences with their comments and blank lines."""
    text = document.text
    rims = tokens.offsets.tolist()
    comments = document.meta.get(COMMENTS) or [[] for _ in tokens.sentences]
    assert isinstance(comments, list)
    gaps = [text[a[1] : b[0]] for a, b in pairwise(rims)] + [text[rims[-1][1] :]] if rims else []
    cells = _cells(document)
    inside = 0
    for number, (first, end) in enumerate(tokens.ranges()):
        lines = [f"# {line}".rstrip(" ") if line else "#" for line in comments[number]]
        shown_text = flat(text[rims[first][0] : rims[end - 1][1]])
        if shown_text:
            lines.append(f"# text = {shown_text}")
        following = comments[number + 1] if end < len(rims) else None
        count = 0
        for at in range(first, end):
            before, after = _around(cells[ROWS][at]) if ROWS in cells else ([], [])
            inside = max(inside - 1, _pieces(before))
            form, spaced = shown(text[rims[at][0] : rims[at][1]])
            misc = [entries[at]]
            if offsets:
                misc += [f"start_char={rims[at][0]}", f"end_char={rims[at][1]}"]
            misc += [] if MISC not in cells or cells[MISC][at] == EMPTY else [cells[MISC][at]]
            if spaced:
                misc.append(f"SpacesInToken={spaced}")
            if at == 0 and rims[0][0]:
                misc.append(f"SpacesBefore={escape(text[: rims[0][0]])}")
            if not inside:
                misc += _spacing(gaps[at], following if at + 1 == end else [""], at + 1 == len(rims))
            range_words = sum(row.partition("\t")[0].isdecimal() for row in after)
            name = f"{count + 1}-{count + range_words}" if range_words else f"{count + 1}"
            count += range_words or 1
            own = [name, form, *(cells[field][at] if field in cells else EMPTY for field in FIELDS), "|".join(misc)]
            lines += [*before, "\t".join(own), *after]
        yield "\n".join(lines) + "\n\n"


def _spacing(gap: str, following: list[str] | None, last: bool) -> list[str]:
    """What MISC says of the text behind a token, if it is not what one assumes.

    Args:
        gap: that text.
        following: the comments of the next sentence, where the token ends one.
        last: whether the token is the document's last.
    """
    usual = "" if last else "\n" if any(line.startswith(NEWPAR) for line in following or ()) else " "
    if gap == usual:
        return []
    return [f"SpacesAfter={escape(gap)}"] if gap else ["SpaceAfter=No"]


def _around(cell: str) -> tuple[list[str], list[str]]:
    """The rows before and after a token's own."""
    if cell == EMPTY:
        return [], []
    lines = unescape(cell).split("\n")
    own = lines.index("") if "" in lines else len(lines)
    return lines[:own], lines[own + 1 :]


def _pieces(before: Sequence[str]) -> int:
    """How many words the range before a token has; 0 if there is none."""
    for row in before:
        first, sign, second = row.partition("\t")[0].partition("-")
        if sign and first.isdecimal() and second.isdecimal():
            return int(second) - int(first) + 1
    return 0


def _cells(document: Document) -> dict[str, Sequence[str]]:
    """The columns that came with the tokens."""
    columns = document.tokens.columns if document.tokens is not None else {}
    for name, values in columns.items():
        for value in values:
            if not value or any(mark in value for mark in "\t\n\r\0"):
                raise DataError(
                    f"{titled(document)} has the cell {value!r} in its column {name}, which CoNLL-U cannot hold; "
                    f"write {EMPTY} where there is nothing, and no tabs or line ends"
                )
    return dict(columns)

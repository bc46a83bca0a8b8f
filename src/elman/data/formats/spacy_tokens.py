"""Tokens as spaCy has them, which cover the whole of a text but for single spaces between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.document import Tokens
from elman.data.ledger import Ledger
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.document import Document

BLANK = "token that is white space, which is a gap between tokens here"
"""Why a token of spaCy's is none of ours."""

FURTHER = "there is a further token for what was in none"


def tokens_of(document: Document, tokenize: Callable[[str], Tokens] | None) -> Tokens:
    """The tokens of a document, made by ``tokenize`` if it came without.

    Raises:
        UsageError: if there are none, and nothing to make them.
    """
    if document.tokens is not None:
        return document.tokens
    if tokenize is None:
        name = "a document without id" if document.id is None else f"the document {document.id!r}"
        raise UsageError(f"{name} has no tokens; give tokenize, which makes them")
    return tokenize(document.text)


def covering(tokens: Tokens) -> Tokens:
    """The same tokens, and one more for each gap between them that is not white space; its columns are empty."""
    text, at = tokens.text, 0
    offsets: list[tuple[int, int]] = []
    olds: list[int] = []
    new_sentences, starts = [], set(tokens.sentences.tolist())
    for index, (start, end) in enumerate([*tokens.offsets.tolist(), [len(text), len(text)]]):
        gap = text[at:start]
        if gap.strip():
            offsets.append((start - len(gap.lstrip()), at + len(gap.rstrip())))
            olds.append(-1)
        if index in starts:
            new_sentences.append(len(offsets))
        if end > start:
            offsets.append((start, end))
            olds.append(index)
        at = end
    if len(offsets) == len(tokens):
        return tokens
    if offsets:
        new_sentences[:1] = [0]
    columns = {name: [*values, ""] for name, values in tokens.columns.items()}
    return Tokens(
        text, offsets, new_sentences, {name: [values[old] for old in olds] for name, values in columns.items()}
    )


def account_for_tokens(document: Document, tokens: Tokens) -> tuple[Document, Ledger]:
    """The account of a document's tokens if those that are written are more; without them, what is left of it."""
    given = document.tokens
    if given is None or len(given) == len(tokens):
        return document, Ledger()
    ledger = Ledger.counted("moved", FURTHER, len(given), "token")
    ledger += Ledger.counted("moved", FURTHER, len(given.sentences), "sentence")
    return replace(document, tokens=None), ledger + Ledger.counted("moved", FURTHER, len(given.columns), "column")


def pieces(tokens: Tokens) -> Iterator[tuple[str, bool, int | None]]:
    """A text as words that a single space may follow: the word, whether it does, the index of its token if any.

    White space that is more than one space between two tokens makes words of its own.
    """
    text, at = tokens.text, 0
    word: tuple[str, int | None] | None = None
    for index, (start, end) in enumerate([*tokens.offsets.tolist(), [len(text), len(text)]]):
        gap = text[at:start]
        spaced = word is not None and gap.startswith(" ")
        if word is not None:
            yield word[0], spaced, word[1]
        if gap[spaced:]:
            yield gap[spaced:], False, None
        word = (text[start:end], index) if end > start else None
        at = end


def placed(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where words stand in a text, one after the other, with nothing but white space between.

    Raises:
        DataError: if one is not there; spaCy's ``raw`` has to be the text that the tokens are from.
    """
    offsets, at = [], 0
    for word in words:
        start = text.find(word, at)
        if start < 0 or text[at:start].strip():
            raise DataError(
                f"expected the token {word!r} after {text[max(at - 20, 0) : at]!r} in the raw text, "
                f"got {text[at : at + 20]!r}"
            )
        at = start + len(word)
        offsets.append((start, at))
    return offsets

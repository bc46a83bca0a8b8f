"""What a language model reads and writes one after the other: characters, or words that know of the space before them.

Words are the tokens of ``elman.text``. One that blank space or a line's beginning stands before has a space as its
first character, and a line end is a word of its own; so text can be put together again, each run of blank space as
one space or one line feed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elman.text.tokenizer import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable

CHARACTERS = "characters"

WORDS = "words"

UNITS = (CHARACTERS, WORDS)

LINE_END = "\n"

_AT_START = re.compile(r"(\A|\n) ")


def split_units(text: str, unit: str, *, begins: bool = True) -> list[str]:
    """A text in units.

    Args:
        text: any text.
        unit: one of ``UNITS``.
        begins: whether nothing stands before it; if not, its first word has only the space that it has.
    """
    if unit == CHARACTERS:
        return list(text)
    found: list[str] = []
    done = 0
    for start, end in tokenize(text).tolist():
        gap = text[done:start]
        if LINE_END in gap:
            found.append(LINE_END)
        found.append(f" {text[start:end]}" if gap or (begins and not start) else text[start:end])
        done = end
    if LINE_END in text[done:]:
        found.append(LINE_END)
    return found


def join_units(units: Iterable[str], unit: str) -> str:
    """The inverse; of words with each run of blank space as one."""
    text = "".join(units)
    return text if unit == CHARACTERS else _AT_START.sub(r"\1", text)

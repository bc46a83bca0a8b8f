"""The shape of a word: which of its characters are capital, small, digits, or something else."""

from __future__ import annotations

import unicodedata

KINDS = 8
"""A shape has at most so many kinds in a row; what follows is left out."""

_EXTENDING = frozenset({"Mn", "Mc", "Me", "Cf"})


def shape(word: str) -> str:
    """The kinds of a word's characters, each run of one kind once.

    Small letters are ``x``, one capital ``X``, two or more ``XX``, digits ``d``, letters without case ``c``.
    Other ASCII characters stand for themselves, any other character is ``s``: ``McDonald`` is ``XxXx``,
    ``U.N.`` ``X.X.``, ``1996-12-06`` ``d-d-d``, ``NATO`` ``XX``, ``€12`` ``sd``. Combining marks and format
    characters count as part of the character before them.

    Args:
        word: any word.

    Returns:
        A string of at most ``KINDS`` kinds, empty for an empty word.
    """
    kinds: list[str] = []
    last = ""
    for character in word:
        kind = _kind(character, last)
        if kind != last:
            if len(kinds) == KINDS:
                break
            kinds.append(kind)
            last = kind
        elif kind == "X":
            kinds[-1] = "XX"
    return "".join(kinds)


def _kind(character: str, last: str) -> str:
    if character.islower():
        return "x"
    if character.isupper() or character.istitle():
        return "X"
    if character.isdigit():
        return "d"
    if character.isalpha():
        return "c"
    if character.isascii():
        return character
    return last if last and unicodedata.category(character) in _EXTENDING else "s"

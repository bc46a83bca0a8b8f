"""The shape of a word: what of it is capital, small, digit, or something else."""

from __future__ import annotations

KINDS = 8
"""A shape has at most so many kinds in a row; what follows is left out."""


def shape(word: str) -> str:
    """The kinds of a word's characters, each run of a kind once.

    Small letters are ``x``, a capital ``X``, two and more of them ``XX``, digits ``d``, letters without case ``c``; other
    ASCII characters stand for themselves, and the rest are ``s``: ``McDonald`` is ``XxXx``, ``U.N.`` ``X.X.``,
    ``1996-12-06`` ``d-d-d``, ``NATO`` ``XX``.

    Args:
        word: any word.

    Returns:
        A string of at most ``KINDS`` kinds, empty for an empty word.
    """
    kinds: list[str] = []
    for character in word:
        kind = _kind(character)
        if kinds and kinds[-1] == kind:
            if kind == "X":
                kinds[-1] = "XX"
            continue
        if kinds and kinds[-1] == "XX" and kind == "X":
            continue
        if len(kinds) == KINDS:
            break
        kinds.append(kind)
    return "".join(kinds)


def _kind(character: str) -> str:
    if character.islower():
        return "x"
    if character.isupper():
        return "X"
    if character.isdigit():
        return "d"
    if character.isalpha():
        return "c"
    return character if character.isascii() else "s"

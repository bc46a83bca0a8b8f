"""Tokens with exact offsets for any Unicode text, by one compiled pattern.

Every character that is neither white space nor a control character lies in exactly one token. The conventions
are those of the Penn Treebank and of CoNLL-2003: clitics come off (``John|'s``, ``do|n't``), hyphenated words
stay whole, an abbreviation keeps its full stop and the last word of a sentence does not. Combining marks and
format characters stay with what they follow, an emoji sequence is one token, and scripts that are written
without spaces (Han, Hiragana, Thai, Lao, Khmer, Burmese) give one token a character with its marks, so that
every span of theirs falls on token boundaries.

A token depends on at most ``REACH`` characters from its start, and on nothing behind the white space that
ends its run: this is what lets ``elman.text.segment`` tokenize a stream. No token is longer than ``LONGEST``
characters: a longer run is cut there, counted from the start of the run.

The Unicode classes are those of the running Python. Why this and not a library: docs/decisions/0002.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from elman.text.abbreviations import ABBREVIATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

LONGEST = 256
"""The most characters that a token has."""

REACH = 300
"""The most characters, counted from the start of a token, that decide where it ends."""

SPACE = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The inside of a character class: white space and control characters, which belong to no token."""


def _ranges(characters: Iterable[str]) -> str:
    """The inside of a character class that holds just these characters."""
    spans: list[list[int]] = []
    for code in sorted({ord(character) for character in characters}):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in spans)


def _by_category() -> dict[str, list[str]]:
    """The characters that are neither letters nor digits, by category; blocks of letters only are skipped."""
    groups: dict[str, list[str]] = defaultdict(list)
    blocks = ((0x80, 0x3400), (0xA000, 0xAC00), (0xFB00, 0x10380), (0x10A00, 0x12000), (0x16A00, 0x1F000))
    codes = np.concatenate([np.arange(*block, dtype="<u4") for block in blocks])
    # The pattern passes over letters and digits many times as fast as a loop does.
    others = re.findall(r"\W", codes.tobytes().decode("utf-32-le"))
    for character, category in zip(others, map(unicodedata.category, others), strict=True):
        groups[category].append(character)
    return groups


def _abbreviations() -> str:
    """Alternatives by first letter, which the engine tells apart by one comparison each."""
    rest: dict[str, list[str]] = defaultdict(list)
    for word in sorted(ABBREVIATIONS, key=lambda word: (-len(word), word)):
        rest[word[0]].append(re.escape(word[1:]))
    return "|".join(f"{first}(?:{'|'.join(tails)})" for first, tails in sorted(rest.items()))


def _extenders(groups: dict[str, list[str]]) -> str:
    """Marks, format characters, two vowels that are letters to Unicode only, skin tones, and tags."""
    marks = chain("\u0e33\u0eb3", *(groups[category] for category in ("Mn", "Mc", "Me", "Cf")))
    return _ranges(marks) + "\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef"


def _signs(groups: dict[str, list[str]]) -> str:
    """Punctuation, symbols, private use, and the blocks of emoji, whether assigned yet or not."""
    categories = ("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So")
    signs = chain("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~", *(groups[category] for category in categories))
    return _ranges(signs) + "\ue000-\uf8ff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"


_GROUPS = _by_category()
EXTEND = _extenders(_GROUPS)
"""The inside of a character class: what stays with the character before it."""

_UPPER = "A-Z" + _ranges(filter(str.isupper, map(chr, range(0x80, 0x590))))
# Han and Hiragana; Thai, Lao, Burmese and Khmer letters.
_ALONE = (
    "\u3005-\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
)
_WORD = f"[^{SPACE}{_signs(_GROUPS)}{_ALONE}]"
# Latin, Greek, Cyrillic, Hebrew, Arabic and Hangul letters.
_COMMON = "a-zA-ZÀ-ÖØ-öø-ɏΈ-ϵϷ-ҁҊ-ԯא-תؠ-ي가-힣"
_LETTER = rf"[^\W\d_{_ALONE}]"
_PART = rf"[^\W{_ALONE}]"
_HYPHEN = r"\-\u2010\u2011"
_QUOTE = "'\u2019"
_CLITIC = r"(?:[sSmMdD]|[rR][eE]|[vV][eE]|[lL][lL])(?!\w)"
_URL = rf"[^{SPACE}\"<>()«»“”\u3001\u3002\uff00-\uff20{_ALONE}]"
_URL_END = r"(?<![.,;:!?'\]])"
# In a word: mid-week, O'Brien, bbc.co.uk, U.S.-led, 1,204.50, 12/05/2020, 1961–64, S&P, צה"ל.
_JOINT = (
    rf"(?:[{_QUOTE}](?!{_CLITIC})|\.?[{_HYPHEN}]|\.(?![{_UPPER}])|(?<=[{_UPPER}0-9])\."
    r"|(?<=\d)[,:/–](?=\d)|(?<=[A-Z])&(?=[A-Z])|(?<=[א-ת])[\"״׳](?=[א-ת]))"
)

# The first four alternatives only make the frequent cases fast: without them the tokens would be the same.
_TOKEN = rf"""(?=[^{SPACE}])(?:
    [A-Za-z]{{1,{LONGEST}}}+ (?=[ ,\n;?!)"])
  | [^\w] (?=[ \n])
  | \d{{1,{LONGEST}}}+ (?=[ \n)])
  | [{_COMMON}]{{1,{LONGEST}}}+ (?=[ ,\n;?!)])
  | (?:
      (?={_LETTER}|\d)(?:
        # https://a.b/c, bit.ly/x, a.b@c.org
        (?:[hH][tT][tT][pP][sS]?|[fF][tT][pP])://
        (?:{_URL}{{1,150}}\({_URL}{{0,40}}\){_URL}{{0,40}}|{_URL}{{1,240}}) {_URL_END}
      | (?=[\w.\-]{{4,99}}+/) [a-zA-Z0-9][\w\-]{{0,40}}(?:\.[\w\-]{{1,20}}){{0,3}}\.[a-zA-Z]{{2,10}}/
        {_URL}{{1,100}} {_URL_END}
      | [\w.+%\-]{{1,64}}+ @ {_PART}{{1,40}}(?:[.\-]{_PART}{{1,30}}){{0,4}}
        # 3. where no word leads to it: it counts a line
      | (?<![^\W\d]\ )(?<!\S) \d{{1,3}}\. (?=[ \n])
        # U.N., J., Mr., US$
      | (?:[^\W\d_]\.){{2,8}} (?![{_HYPHEN}\w])
      | {_LETTER}\. (?!\w)
      | (?=\w{{1,12}}+\.) (?:{_abbreviations()})\. (?![{_HYPHEN}\w])
      | [A-Z]{{1,3}}[$] (?!\w(?<!\d))
        # the do of don't; w/o, s/he
      | (?=[a-zA-Z]{{1,50}}+[{_QUOTE}][tT](?!\w)) [a-zA-Z]{{1,50}}? (?=[nN][{_QUOTE}][tT](?!\w))
      | {_LETTER}/(?:[^\W\d_]{{1,2}}(?!\w)|(?=[ \n]))
      )
      # @user, #tag; 's, '90s; &amp;
    | [@\#]{_WORD}{{1,220}}
    | [{_QUOTE}](?:{_CLITIC}|(?<!\w.)\d\ds?(?!\w))
    | &(?:[a-z]{{2,6}}|\#\d{{1,5}});
      # words and numbers, +44, .500 and .org included, and a hyphen that ends a word
    | (?:(?<![\w)\]])(?:[+\-−]?\.?(?=\d)|(?<!\S)\.(?=[a-z])))? (?![{EXTEND}])
      {_WORD}{{1,32}}+(?:{_JOINT}{_WORD}{{1,29}}+){{0,7}} (?:[{_HYPHEN}](?=[ \n)])|(?!{_WORD}))
      # a flag; :-)
    | [\U0001f1e6-\U0001f1ff]{{2}}
    | (?<!\w)[:;=][\-o]?[)(\]\[DPpOo/](?!\w)
    ) [{EXTEND}]{{0,3}}+
  | [{EXTEND}]{{1,{LONGEST}}}+
    # long words, dashes and dots, and any other sign, emoji sequences included
  | {_WORD}{{1,{LONGEST}}} (?![{EXTEND}])
  | (?:([!-'*-/:-@\\^-`|~…–—―·•─═])\1{{1,{LONGEST - 1}}}|[!?]{{2,{LONGEST}}}) (?![{EXTEND}])
  | [^{SPACE}](?:[{EXTEND}]{{1,16}}+(?:(?<=\u200d)[^\w{SPACE}])?){{0,15}}
    )"""


@cache
def _token() -> re.Pattern[str]:
    """Compiled when it is first needed: that takes longer than reading a small model."""
    return re.compile(_TOKEN, re.VERBOSE)


def tokenize(text: str) -> NDArray[np.int32]:
    """Cut a text into tokens.

    Args:
        text: any text; lone surrogates are characters like others.

    Returns:
        n x 2, the ``[start, end)`` of each token in code points of ``text``, ascending, without overlap.

    Raises:
        TypeError: if ``text`` is not a str.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected text as str, got {type(text).__name__}; decode bytes first")
    return np.fromiter(_offsets(text, 0), dtype=np.int32).reshape(-1, 2)


def offsets(text: str, start: int) -> list[int]:
    """The tokens from ``start`` on as a flat list: start, end, start, end.

    ``start`` has to be the end of a token or lie outside any token; what lies before it is context.
    """
    return list(_offsets(text, start))


def _offsets(text: str, start: int) -> Iterator[int]:
    return chain.from_iterable(map(re.Match.span, _token().finditer(text, start)))

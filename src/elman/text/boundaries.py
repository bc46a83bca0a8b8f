"""Where a sentence ends: the rules for one gap between two tokens.

A gap is the white space between two tokens, or the empty place after a Chinese or Japanese full stop. The rules look
at the text before the gap and at most ``WIDEST`` characters after it. They answer True or False as soon as nothing that
can still arrive would change the answer, and None until then.

A mark of the end (``. ! ? …`` and those of other scripts), with any closing quotes and brackets behind it, ends a sentence
unless an abbreviation, an initial or an ordinal number carries the full stop, or what follows cannot begin a sentence. A
blank line, a form feed, a bullet and ``WIDE_GAP`` characters of white space always end one.

A single line break ends a sentence, except where the text is hard-wrapped: the line has ``SHORT_LINE`` to ``LONG_LINE``
characters, no mark ends it, and the next line goes on in lower case. Such a line shows the width to which the text is
wrapped. From then on a line that ends without a mark also goes on in the next one if that begins with a capital whose
word would not have fitted within the width. So headlines, tables, addresses and chats break at every line, and prose
does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elman.text.abbreviations import CLOSERS, ORDINAL_LEADERS, REFERENCES, STARTERS, TITLES
from elman.text.tokenizer import SPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE_GAP = 128
"""So many characters of white space end a sentence."""

SHORT_LINE = 40
"""A line below this length is not a wrapped one."""

LONG_LINE = 140
"""A line above this length is not a wrapped one."""

WIDEST = 160
"""The most characters after a gap that the rules look at."""

_LONGEST_STARTER = 12
_NEWLINE = "\n\r\v\f\x85\u2028\u2029"
_MARK = ".!?…‽؟۔।॥።։"
WIDE_MARK = "。！？｡"
"""Marks that need no white space after them; inside a character class."""

CLOSING = "\"'”’»)\\]}›」』）】》〉“\u200b\u200e\u200f\ufeff"
"""What may stand between a mark and the gap; inside a character class."""

_BULLET = "•‣▪●◦"
_CANNOT_START = frozenset(")]}”’»›,;:.!?…%")
_NEVER_LAST = TITLES | REFERENCES

GAP = re.compile(
    rf"(?<=[{_MARK}{WIDE_MARK}{CLOSING}])[{SPACE}]++"
    rf"|(?<![{SPACE}])(?:[^\S{_NEWLINE}]*+[{_NEWLINE}][{SPACE}]*+|[{SPACE}]{{{WIDE_GAP},}}+|[{SPACE}]++(?=[{_BULLET}]))"
    rf"|(?<=[{WIDE_MARK}])(?=[^{SPACE}{WIDE_MARK}{CLOSING}])|(?<=[{WIDE_MARK}][{CLOSING}])(?=[^{SPACE}{WIDE_MARK}{CLOSING}])"
)
"""The gaps at which a sentence may end; every other gap is inside one."""

HOT = re.compile(rf"[{_MARK}{WIDE_MARK}{_NEWLINE}{_BULLET}]")
"""What a text has to contain for a sentence to end in it, wide gaps aside."""

_LINE_END = re.compile(rf"\r\n|[{_NEWLINE}]")
_ENDING = re.compile(rf"([{_MARK}{WIDE_MARK}])(?: ?[{CLOSING}])*\Z")
_ALPHANUMERIC = re.compile(r"\w+")
_VISIBLE = re.compile(rf"[^{SPACE}]+")


@dataclass(slots=True)
class Lines:
    """What the rules remember of the lines so far: where this one began, and the width to which the text is wrapped (0: is not)."""

    start: int = 0
    fresh: bool = True
    width: int = 0

"""Where a sentence ends: the rules for one gap between two tokens.

A gap is the white space between two tokens, or the empty place behind a Chinese or Japanese full stop. The
rules look at the text before the gap and at most ``LONG_LINE`` characters behind it. They answer True or
False as soon as nothing that can still come would change the answer, and None until then.

A mark of the end (``. ! ? …`` and those of other scripts), with any closing quotes and brackets behind it,
ends a sentence unless an abbreviation, an initial or an ordinal number carries the full stop, or what follows
cannot begin a sentence. A blank line, a form feed, a bullet and ``WIDE_GAP`` characters of white space always
end one.

A single line break ends a sentence, except where the text is hard-wrapped: the line has ``SHORT_LINE`` to
``LONG_LINE`` characters, no mark ends it, and the next line goes on in lower case or this one ends with a
word such as "the" or "of". Such a line shows the width to which the text is wrapped. From then on a line that
no mark ends also goes on if the next one begins with a word that would not have fitted within the width. So
headlines, tables, addresses and chats break at every line, and wrapped prose does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elman.text.abbreviations import CLOSERS, LEADERS, ORDINAL_LEADERS, REFERENCES, STARTERS, TITLES
from elman.text.tokenizer import EXTEND, SPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE_GAP = 128
"""So many characters of white space end a sentence."""

SHORT_LINE = 40
"""A line below this length is not a wrapped one."""

LONG_LINE = 140
"""A line above this length is not a wrapped one."""

_LONGEST_STARTER = 12
_SLACK = 10  # a line may be so much longer than the width before it shows that there is none,
_NARROWER = 25  # and so much shorter before it shows another
_NEWLINE = "\n\r\v\f\x85\u2028\u2029"
_MARK = ".!?…‽؟۔।॥።։"
WIDE_MARK = "。！？｡"
"""The inside of a character class: marks that need no white space behind them."""

CLOSING = "\"'”’»)\\]}›」』）】》〉“\u200b\u200e\u200f\ufeff"
"""The inside of a character class: what may stand between a mark and the gap."""

_PAGE_END = frozenset("\f\u2029")
_BULLET = "•‣▪●◦"
_CANNOT_START = frozenset(")]}”’»›,;:.!?…%")
_NEVER_LAST = TITLES | REFERENCES

# The line break or the look ahead that opens the second alternative turns nearly every space away at once.
GAP = re.compile(
    rf"""[{SPACE}{WIDE_MARK}](?:
      (?<=[{_MARK}{WIDE_MARK}{CLOSING}][{SPACE}])[{SPACE}]*+
    | (?:(?<=[{_NEWLINE}])|(?=[{SPACE}{_BULLET}])) (?<=[{SPACE}])(?<![{SPACE}][{SPACE}])
      (?: (?<=[{_NEWLINE}])[{SPACE}]*+ | [^\S{_NEWLINE}]*+[{_NEWLINE}][{SPACE}]*+
        | [{SPACE}]{{{WIDE_GAP - 1},}}+ | [{SPACE}]*+(?=[{_BULLET}]) )
    | (?<=[{WIDE_MARK}])[{WIDE_MARK}]{{0,7}}+[{CLOSING}]{{0,4}}+(?=[^{SPACE}{WIDE_MARK}{CLOSING}{EXTEND}])
    )""",
    re.VERBOSE,
)
"""The gaps at which a sentence may end, every other one being inside a sentence.

A match that begins with a wide mark stands for the empty gap at its end.
"""

HOT = re.compile(rf"[{_MARK}{WIDE_MARK}{_NEWLINE}{_BULLET}]")
"""What a text has to contain for a sentence to end in it, wide gaps aside."""

_LINE_END = re.compile(rf"\r\n|[{_NEWLINE}]")
_ENDING = re.compile(rf"([{_MARK}{WIDE_MARK}])(?: ?[{CLOSING}])*\Z")
_FIRST_WORD = re.compile(rf"\w{{1,{_LONGEST_STARTER}}}")
_VISIBLE = re.compile(rf"[^{SPACE}]{{1,{LONG_LINE}}}")


@dataclass(slots=True)
class Context:
    """What the rules remember of the text so far; positions count in the text at hand.

    Attributes:
        sentence: where the sentence began.
        line: where the line began, or, if ``fresh``, where to look for the first token of the line.
        fresh: whether that token has not come yet.
        width: the width to which the text is wrapped, or 0 where no line has shown one.
        quoted: whether an odd number of straight double quotes stands between ``sentence`` and ``counted``.
        counted: up to where quotes are counted.
    """

    sentence: int = 0
    line: int = 0
    fresh: bool = True
    width: int = 0
    quoted: bool = False
    counted: int = 0

    def advance(self, text: str, end: int, starts: Sequence[int]) -> None:
        """Take in the text up to ``end``, whose tokens begin at ``starts``."""
        if self.fresh:
            at = bisect_left(starts, self.line)
            if at < len(starts):
                self.line, self.fresh = starts[at], False
        if end > self.counted:
            self.quoted ^= text.count('"', self.counted, end) % 2 == 1
            self.counted = end

    def shift(self, by: int) -> None:
        """Move every position, because ``by`` characters were taken from the front of the text."""
        self.sentence -= by
        self.line -= by
        self.counted -= by


@dataclass(slots=True)
class Boundaries:
    """The rules over one text and its tokens.

    Attributes:
        text: the text at hand.
        starts: where its tokens begin.
        ends: where they end.
        closed: whether no more text will come.
        context: what is remembered; every gap that is decided brings it up to date.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    closed: bool
    context: Context

    def decide(self, start: int, end: int) -> bool | None:
        """Whether a sentence ends at the gap ``[start, end)``; None: more text is needed.

        Gaps come in their order. One at the end of the text may grow, as long as the answer is None.
        """
        context = self.context
        context.advance(self.text, start, self.starts)
        breaks = _LINE_END.findall(self.text, start, end)
        length = start - context.line
        alone = bool(breaks) and (length < SHORT_LINE or breaks[0] in _PAGE_END)
        verdict: bool | None
        if alone or len(breaks) > 1 or end - start >= WIDE_GAP:
            verdict = True
        elif end == len(self.text):
            verdict = False if self.closed else None
        elif breaks:
            verdict = self._ends_line(start, end, length)
        else:
            verdict = self.text[end] in _BULLET or self._ends_sentence(start, end, line_ends=False)
        if verdict is not None and breaks:
            context.line, context.fresh = end, True
        if verdict:
            context.sentence, context.quoted, context.counted = end, False, end
        return verdict

    def _ends_line(self, start: int, end: int, length: int) -> bool | None:
        """Whether a sentence ends at a single line break behind a line that may be a wrapped one."""
        context, following = self.context, self.text[end]
        goes_on = False
        if following in _BULLET:
            verdict: bool | None = True
        elif self._ending(start):
            verdict = self._ends_sentence(start, end, line_ends=True)
        elif following.islower() or self._leads_on(start):
            goes_on = length <= LONG_LINE
            verdict = not goes_on
        elif length <= context.width:
            verdict = self._fits(end, context.width - length - 1)
        else:
            verdict = True
        if goes_on and not context.width - _NARROWER <= length <= context.width:
            context.width = length
        elif verdict and length > context.width + _SLACK:
            context.width = 0
        return verdict

    def _ending(self, start: int) -> re.Match[str] | None:
        return _ENDING.search(self.text, max(self.context.sentence, start - 8, 0), start)

    def _leads_on(self, start: int) -> bool:
        """Whether the line that ends at ``start`` ends with a word or a sign that wants another."""
        last = self._token(bisect_right(self.ends, start - 1))
        return last in LEADERS

    def _fits(self, end: int, room: int) -> bool | None:
        """Whether the word at ``end`` has at most ``room`` characters."""
        word = _VISIBLE.match(self.text, end)
        length = word.end() - end if word else 0
        if length <= room and end + length == len(self.text) and not self.closed:
            return None
        return length <= room

    def _ends_sentence(self, start: int, end: int, *, line_ends: bool) -> bool | None:
        """Whether a sentence ends at a gap behind a mark; False where there is no mark."""
        ending = self._ending(start)
        if ending is None:
            return False
        mark, following = ending[1], self.text[end]
        enclosed = ending.end(1) < start
        if mark in WIDE_MARK:
            return following not in WIDE_MARK and following not in CLOSING
        if following in _CANNOT_START:
            return False
        if following == '"' and self.context.quoted and not line_ends:
            if end + 1 == len(self.text) and not self.closed:
                return None
            if not self.text[end + 1 : end + 2].strip():
                return False
        if mark == ".":
            return self._ends_at_stop(ending.end(1), end, enclosed=enclosed, line_ends=line_ends)
        return not following.islower() or (mark in "!?" and not enclosed)

    def _ends_at_stop(self, stop: int, end: int, *, enclosed: bool, line_ends: bool) -> bool | None:
        """Whether a full stop that ends at ``stop`` ends a sentence, the next token beginning at ``end``."""
        at = bisect_right(self.ends, stop - 1)
        token = self._token(at)
        following = self.text[end]
        if token.startswith(".."):
            return not following.islower()
        if len(token) > 1 and token.endswith("."):
            return self._ends_abbreviation(token[:-1], end)
        previous = self._token(at - 1)
        if following.islower():
            apart = previous != "" and self.ends[at - 1] < self.starts[at]
            return line_ends or ((apart or (len(previous) >= 4 and previous.isalpha())) and not enclosed)
        if following.isdigit() and previous in {"No", "Nos", "no", "nos"}:
            return False
        return not (previous.isdigit() and len(previous) <= 2 and self._token(at - 2).lower() in ORDINAL_LEADERS)

    def _token(self, at: int) -> str:
        """The token at an index, or nothing where that one belongs to an earlier sentence."""
        if at < 0 or self.starts[at] < self.context.sentence:
            return ""
        return self.text[self.starts[at] : self.ends[at]]

    def _ends_abbreviation(self, stem: str, end: int) -> bool | None:
        """Whether a sentence ends behind an abbreviation, given without its full stop."""
        if stem.isupper():
            stem = stem.capitalize()
        if len(stem) == 1 or stem.isdigit() or stem in _NEVER_LAST:
            return False
        if stem in CLOSERS:
            return self.text[end].isupper()
        word = _FIRST_WORD.match(self.text, end)
        if word and word.end() == len(self.text) and not self.closed:
            return None
        return word is not None and word[0] in STARTERS

r"""Sentences of CoNLL-U: rows to words, words to text, and the escapes of MISC.

White space that is more than one blank is in MISC as UDPipe has it: ``SpacesAfter``, ``SpacesBefore`` and
``SpacesInToken``, in which ``\s \t \r \n \p \\`` stand for a blank, a tab, the line ends, a bar, a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from elman.errors import DataError

FIELDS = ("lemma", "upos", "xpos", "feats", "head", "deprel", "deps")
"""The columns between the form and MISC."""

MISC = "misc"
EMPTY = "_"
_WIDTH = 3 + len(FIELDS)
_ID = re.compile(r"(\d+)(?:([-.])(\d+))?")
_BLANK = re.compile(r"[ \t\r\n]+")
_ESCAPES = {"\\": "\\\\", " ": "\\s", "\t": "\\t", "\r": "\\r", "\n": "\\n", "|": "\\p"}
_ESCAPED = {escape[1]: character for character, escape in _ESCAPES.items()}
_ESCAPE = re.compile(r"\\(?:([strnp\\])|u([0-9A-Fa-f]{4}))")
_SPACING = ("SpaceAfter", "SpacesAfter", "SpacesBefore", "SpacesInToken", "start_char", "end_char")


def escape(text: str) -> str:
    """Text as a value in MISC, without white space of ASCII and without bars."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def unescape(value: str) -> str:
    r"""The inverse of ``escape``; ``\u00A0`` is read, too, and a backslash before anything else is itself."""
    return _ESCAPE.sub(lambda match: chr(int(match[2], 16)) if match[2] else _ESCAPED[match[1]], value)


def squeezed(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


class Misc:
    """The entries of MISC, in their order; an entry without ``=`` has the value None."""

    def __init__(self, cell: str) -> None:
        self.entries: list[tuple[str, str | None]] = []
        for part in cell.split("|") if cell != EMPTY else ():
            key, sign, value = part.partition("=")
            self.entries.append((key, value if sign else None))

    def get(self, key: str) -> str | None:
        """The value of a key, None if it has none."""
        return next((value for name, value in self.entries if name == key), None)

    def without(self, *keys: str) -> str:
        """The cell without the entries of some keys."""
        kept = [name if value is None else f"{name}={value}" for name, value in self.entries if name not in keys]
        return "|".join(kept) or EMPTY

    def rest(self, key: str | None) -> str:
        """The cell without tags and spacing."""
        return self.without(*_SPACING, *(() if key is None else (key,)))


@dataclass
class Row:
    """A row of a file: its line, its id (first, kind "", "-" or ".", second), its cells and its MISC."""

    line: int
    first: int
    kind: str
    second: int
    cells: list[str]
    misc: Misc

    @property
    def form(self) -> str:
        """The token as it stands in the text."""
        spaced = self.misc.get("SpacesInToken")
        return self.cells[1] if spaced is None else unescape(spaced)


@dataclass
class Word:
    """A token of the text.

    Attributes:
        row: its own; that of the range, if the words of the range are not pieces of it.
        spacing: the row whose MISC says what follows the token: that of the range on the range's last word;
            None if the next token follows at once.
        before: rows that stand before its own and are no tokens.
        after: rows that stand after its own and are no tokens; words in a range among them.
        tagged: the rows with its tags; several if it is a range.
    """

    row: Row
    spacing: Row | None
    before: list[Row] = field(default_factory=list)
    after: list[Row] = field(default_factory=list)
    tagged: list[Row] = field(default_factory=list)


class Block(NamedTuple):
    """A sentence as it stands in a file: the numbers of its lines, and the lines."""

    lines: list[tuple[int, str]]

    @property
    def raw(self) -> str:
        """The lines as they stand in the file."""
        return "\n".join(line for _, line in self.lines)

    def comments(self) -> list[str]:
        """What stands behind each #."""
        return [line[1:].strip(" \t") for _, line in self.lines if line.startswith("#")]


def comment(comments: list[str], key: str) -> str | None:
    """The value of a comment ``key = value``; "" if it has none, None if there is no such comment."""
    for line in comments:
        name, _, value = line.partition("=")
        if name.strip() == key:
            return value.strip(" \t")
    return None


def rows(block: Block, name: str) -> list[Row]:
    """The rows of a sentence.

    Raises:
        DataError: with the line, if a row has not ten columns, no form, or an id out of order.
    """
    found = []
    for line, text in block.lines:
        if text.startswith("#"):
            continue
        cells = text.split("\t")
        if len(cells) != _WIDTH:
            raise DataError(
                f"expected {_WIDTH} columns with tabs between them, got {len(cells)}; mend the row", name, line
            )
        match = _ID.fullmatch(cells[0])
        if match is None:
            raise DataError(f"expected an id such as 3, 3-4 or 3.1, got {cells[0]!r}; mend the row", name, line)
        if not cells[1]:
            raise DataError("expected a form in column 1, got nothing; mend the row", name, line)
        found.append(Row(line, int(match[1]), match[2] or "", int(match[3] or 0), cells, Misc(cells[9])))
    return found


def words(given: list[Row], key: str | None, name: str) -> list[Word]:
    """The tokens of a sentence.

    The words of a range are tokens if they make up its form and have the tags; otherwise the range is one.

    Args:
        given: the sentence's rows.
        key: where in MISC the tags are.
        name: of the file.

    Raises:
        DataError: with the line, if ids do not count up from 1, or a range lacks words.
    """
    found: list[Word] = []
    before: list[Row] = []
    at, count = 0, 0
    while at < len(given):
        row = given[at]
        at += 1
        if row.kind == ".":
            if found:
                found[-1].after.append(row)
            else:
                before.append(row)
            continue
        if row.first != count + 1 or (row.kind == "-" and row.second < row.first):
            raise DataError(
                f"expected the id {count + 1}, got {row.cells[0]}; mend the row or take it out", name, row.line
            )
        if row.kind == "":
            count += 1
            found.append(Word(row, row, before, [], [row]))
            before = []
            continue
        inside = []
        while at < len(given) and given[at].kind != "-" and count < row.second:
            if given[at].kind == "":
                count += 1
                if given[at].first != count:
                    raise DataError(
                        f"expected the id {count}, got {given[at].cells[0]}; mend the row", name, given[at].line
                    )
            inside.append(given[at])
            at += 1
        if count != row.second:
            raise DataError(f"expected the words {row.cells[0]} behind it, they are not there", name, row.line)
        found += _range(row, inside, before, key)
        before = []
    return found


def _range(row: Row, inside: list[Row], before: list[Row], key: str | None) -> list[Word]:
    """The tokens of a range and its words."""
    parts = [part for part in inside if not part.kind]
    tagged = [part for part in parts if key is not None and part.misc.get(key) is not None]
    own = key is not None and row.misc.get(key) is not None and not tagged
    if own or "".join(part.form for part in parts) != row.form or len(parts) < 2:
        return [Word(row, row, before, inside, [row] if own else parts)]
    found: list[Word] = []
    for part in inside:
        if part.kind:
            found[-1].after.append(part) if found else before.append(part)
        else:
            found.append(Word(part, None, [], [], [part]))
    found[0].before = [*before, row]
    found[-1].spacing = row
    return found


class Text(NamedTuple):
    """A sentence's text: what is before its first token, the tokens, what follows each; None if nobody says."""

    before: str
    forms: list[str]
    gaps: list[str | None]


def rebuild(found: list[Word], text: str | None, name: str, line: int) -> Text:
    """The text of a sentence, from its rows and from ``# text``.

    Args:
        found: its tokens.
        text: what ``# text`` says, None if it is not there or is not to be believed.
        name: of the file.
        line: the first of the sentence.

    Raises:
        DataError: if what ``# text`` says is not the tokens, but for white space.
    """
    forms = [word.row.form for word in found]
    gaps = [_gap(word) for word in found]
    if found:
        for at, gap in enumerate(_counted(found)):
            if gap is not None and (gaps[at] is None or len(gaps[at] or "") != gap):
                gaps[at] = " " * gap
    before = unescape(found[0].row.misc.get("SpacesBefore") or "") if found else ""
    inner = [" " if gap is None else gap for gap in gaps[:-1]]
    if not text or not found:
        return Text(before, forms, [*inner, *gaps[-1:]])
    made = "".join(form + gap for form, gap in zip(forms, [*inner, ""], strict=True))
    if made != text:
        exact = any(word.row.misc.get(key) for word in found for key in ("SpacesAfter", "SpacesInToken"))
        if squeezed(made) != squeezed(text):
            raise DataError(
                f"# text says {text[:80]!r}, but the tokens make {made[:80]!r}; mend one of them, or read the "
                "tokens alone with check_text=False",
                name,
                line,
            )
        if not exact:
            told = _between(forms, text)
            inner = inner if told is None else told
    return Text(before, forms, [*inner, gaps[-1]])


def _gap(word: Word) -> str | None:
    """What follows a token, None if its row does not say."""
    if word.spacing is None:
        return ""
    misc = word.spacing.misc
    spaces = misc.get("SpacesAfter")
    if spaces is not None:
        return unescape(spaces)
    return "" if misc.get("SpaceAfter") == "No" else None


def _counted(found: list[Word]) -> list[int | None]:
    """How many characters stand between tokens by ``start_char`` and ``end_char``, unless white space is told."""
    counts: list[int | None] = []
    for word, other in pairwise(found):
        end, start = (word.spacing or word.row).misc.get("end_char"), other.row.misc.get("start_char")
        told = word.spacing is None or word.spacing.misc.get("SpacesAfter") is not None
        plain = not told and end is not None and start is not None and end.isdecimal() and start.isdecimal()
        gap = int(start or 0) - int(end or 0) if plain else -1
        counts.append(gap if gap >= 0 else None)
    return counts


def _between(forms: list[str], text: str) -> list[str] | None:
    """What stands between tokens in a text; None if they are not in it as they are."""
    gaps, at = [], 0
    for number, form in enumerate(forms):
        start = at
        while not text.startswith(form, at) and at < len(text) and text[at].isspace():
            at += 1
        if not text.startswith(form, at):
            return None
        if number:
            gaps.append(text[start:at])
        at += len(form)
    return gaps


def shown(form: str) -> tuple[str, str]:
    """A token as a form, and as ``SpacesInToken``, "" if the form is all of it."""
    plain = _BLANK.sub(" ", form)
    if plain == form and form == form.strip(" "):
        return form, ""
    return plain.strip(" ") or EMPTY, escape(form)


def flat(text: str) -> str:
    """Text on one line, for ``# text``."""
    return _BLANK.sub(" ", text).strip()

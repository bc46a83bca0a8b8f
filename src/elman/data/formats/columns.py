"""Rows of cells as the CoNLL shared tasks have them: how a file makes them, and how it groups them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from elman.data.unknown import uncover
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DOCSTART = "-DOCSTART-"
# Not str.split's idea of white space: a no-break space or an ideographic one is a character of its token.
_BLANKS = re.compile("[ \t]+")
_BLANK = re.compile("^[ \t]+$", re.MULTILINE)
# How many rows show how all are made.
_SAMPLE = 2000
_TAG = re.compile(r"O|[BIELSUMW]-\S+")


class Sentence(NamedTuple):
    """The rows of a sentence as they stand in the file, and the line that the first of them is on."""

    line: int
    text: str

    @property
    def length(self) -> int:
        """How many rows it has."""
        return self.text.count("\n") + 1


def sentences(blocks: Iterable[tuple[int, str]]) -> Iterator[Sentence | str]:
    """Cut the blocks of ``Source.blocks`` into sentences; a row that says that a document begins comes by itself."""
    line, rest = 1, "\n"
    for _, block in chain(blocks, ((0, "\n\n"),)):
        text = rest + block
        if text[:1] in " \t" or "\n " in text or "\n\t" in text:
            text = _BLANK.sub("", text)
        *pieces, rest = text.split("\n\n")
        begins = DOCSTART in text
        for piece in pieces:
            rows = piece.lstrip("\n")
            if rows:
                # The line feed before the first line of all is not in the file.
                sentence = Sentence(line + len(piece) - len(rows) - 1, rows)
                if begins and DOCSTART in rows:
                    yield from _at_docstart(sentence)
                else:
                    yield sentence
            line += piece.count("\n") + 2


def _at_docstart(sentence: Sentence) -> Iterator[Sentence | str]:
    """Rows in which a document begins: what is before that, the row that says so, and what is after it."""
    line, rows = sentence.line, sentence.text.split("\n")
    for is_start, group in groupby(rows, key=lambda row: row.startswith(DOCSTART)):
        part = list(group)
        yield from part if is_start else (Sentence(line, "\n".join(part)),)
        line += len(part)


@dataclass(frozen=True)
class Layout:
    """How the rows of a file are made.

    Attributes:
        separator: between cells; None for any run of blanks and tabs.
        width: how many cells each row has.
        token: the index of the cell with the token.
        column: the index of the cell with the tag.
        bare: whether tags are labels without prefixes, so that of no cell one can tell that it is not a tag.
        marks: what stands in the tag's place where the tag is unknown.
    """

    separator: str | None
    width: int
    token: int
    column: int
    bare: bool = False
    marks: frozenset[str] = frozenset()

    def split(self, row: str) -> list[str]:
        """The cells of a row, however many they are."""
        if self.separator:
            cells = row.split(self.separator)
            if len(cells) == self.width:
                return cells
            if self.separator == "\t":
                # Tabs at the end of a row make no further columns.
                return cells if any(cells[self.width :]) else cells[: self.width]
        return _BLANKS.split(row.strip(" \t"))

    def split_comments(self, sentence: Sentence) -> tuple[list[str], Sentence]:
        """The comments with which a sentence begins, and the rest of it.

        A token can be or begin with # too, so a comment is a row that does and has no tag in the tag's place.
        """
        if not sentence.text.startswith("#"):
            return [], sentence
        rows = sentence.text.split("\n")
        count = 0
        while count < len(rows) and rows[count].startswith("#"):
            cells = self.split(rows[count])
            tag = cells[self.column] if len(cells) == self.width else ""
            if tag and (self.bare or tag in self.marks or _TAG.fullmatch(tag)):
                break
            count += 1
        return rows[:count], Sentence(sentence.line + count, "\n".join(rows[count:]))

    def lost_tags(self, row: str, places: Sequence[int]) -> int:
        """How many tags other than O a row has that begins a document, so that they are no token's.

        Args:
            row: as it stands in the file; it may have another width than the rows of tokens.
            places: the indices of the cells with tags.
        """
        cells = self.split(row)
        if len(cells) != self.width:
            return sum(map(_is_entity, cells[-1:]))
        # Of labels without prefixes one can only say that they are not like -X- or _.
        return sum(
            _is_entity(tag) or (self.bare and tag[:1].isalpha() and tag != "O") for tag in (cells[at] for at in places)
        )

    def columns(self, text: str) -> list[Sequence[str]] | None:
        """The columns of rows; None if a row has too few or too many cells, or no token."""
        columns = self._even_columns(text) if self.separator else None
        if columns is None:
            rows = [self.split(row) for row in text.split("\n")]
            if any(len(cells) != self.width for cells in rows):
                return None
            columns = list(zip(*rows, strict=True))
        return None if "" in columns[self.token] else columns

    def _even_columns(self, text: str) -> list[Sequence[str]] | None:
        """The columns of rows that need no second look, cut out of all cells at once."""
        separator, step = self.separator, self.width + 1
        cells = text.replace("\n", f"{separator}\n{separator}").split(separator)
        count = text.count("\n") + 1
        # Line ends stand among the cells as cells, so a row of another width puts one out of its place.
        if len(cells) != count * step - 1 or cells[self.width :: step].count("\n") != count - 1:
            return None
        return [cells[index::step] for index in range(self.width)]

    def check(self, cells: Sequence[str], path: str, line: int) -> None:
        """Raise a ``DataError`` if these are not the cells of a row with a token."""
        if len(cells) != self.width:
            few = "few" if len(cells) < self.width else "many"
            raise DataError(
                f"too {few} columns: expected {self.width}, as in the file's other rows, got {len(cells)}; "
                "mend the row",
                path,
                line,
            )
        if not cells[self.token]:
            raise DataError(f"column {self.token} has to hold a token and is empty; mend the row", path, line)


@lru_cache(maxsize=1)
def find_layout(head: str, token: int | None, column: int | None) -> Layout:
    """Find out from a file's head how its rows are made.

    Args:
        head: the beginning of the file.
        token: the index of the tokens' column, from the end if negative; None to find it out.
        column: the like of the tags' column.

    Raises:
        DataError: if rows have a single column, or none at the indices.
    """
    lines = _rows(head)
    separator = _separator(lines)
    cut = [line.split(separator) if separator else _BLANKS.split(line.strip(" \t")) for line in lines]
    widths = Counter(map(len, cut))
    width = widths.most_common(1)[0][0] if widths else 0
    if width < 2:
        raise DataError(
            "too few columns: expected a token and a tag in each row, "
            f"got {'no rows' if not width else 'one column'}; give a file that is labelled"
        )
    table = [cells for cells in cut if len(cells) == width]
    if token is None:
        token = 1 if width > 2 and column not in (1, 1 - width) and _counts(table) else 0
    if column is None:
        found = None if any(cells[-1] == "O" for cells in table) else _tag_column(table, token)
        column = -1 if found is None else found[0]
    places = [index + width if index < 0 else index for index in (token, column)]
    if not all(0 <= place < width for place in places) or places[0] == places[1]:
        raise DataError(
            f"too few columns: expected a token in column {token} and a tag in column {column}, "
            f"got rows of {width}; columns count from 0, or from -1 backwards"
        )
    return Layout(separator, width, token=places[0], column=places[1])


def find_tags(head: str) -> str | None:
    """What in a file's head shows that it has a column of tags, or None."""
    try:
        layout = find_layout(head, None, None)
    except DataError:
        return None
    lines = _rows(head)
    table = [cells for cells in map(layout.split, lines) if len(cells) == layout.width]
    if len(table) < 0.9 * len(lines):
        return None
    found = _tag_column(table, layout.token)
    return None if found is None else f"rows of {layout.width} columns, {found[1]} in column {found[0]}"


def _is_entity(tag: str) -> bool:
    return tag != "O" and _TAG.fullmatch(tag) is not None


def _counts(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first column counts the tokens of each sentence, from 0 or 1."""
    before = -1
    for cells in table:
        number = int(cells[0]) if cells[0].isdecimal() and cells[0].isascii() else -1
        if number < 0 or (number > 1 and number != before + 1):
            return False
        before = number
    return bool(table)


def _tag_column(table: Sequence[Sequence[str]], token: int) -> tuple[int, str] | None:
    """The last column that is tags, and what they are."""
    width = len(table[0]) if table else 0
    for index in range(width - 1, 0, -1):
        if index == token:
            continue
        column = [cells[index] for cells in table]
        if any(map(_TAG.fullmatch, column)):
            column = list(uncover(column).tags)
        if sum(map(bool, map(_TAG.fullmatch, column))) > 0.99 * len(column):
            return index, "tags"
        if column.count("O") > len(column) / 2:
            return index, "O and other labels"
    return None


def _rows(head: str) -> list[str]:
    """A sample of the lines that are rows: not blank, no start of a document, and rather not begun with #."""
    lines = [
        line
        for line in head.split("\n", 2 * _SAMPLE)[: 2 * _SAMPLE]
        if line.strip(" \t") and not line.startswith(DOCSTART)
    ]
    return ([line for line in lines if not line.startswith("#")] or lines)[:_SAMPLE]


def _separator(lines: Sequence[str]) -> str | None:
    """A tab, or a single blank, if the rows are clearly made with it; None for runs of both."""
    for separator, rims in (("\t", (" \t", "\t ")), (" ", ("  ", "\t"))):
        counts = Counter(line.count(separator) for line in lines)
        count, regular = counts.most_common(1)[0] if counts else (0, 0)
        if count and regular >= 0.9 * len(lines) and not any(rim in line for line in lines for rim in rims):
            return separator
    return None

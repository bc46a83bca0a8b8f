"""CoNLL-U: ten columns, of which the last, MISC, may have the tags.

``NER=B-PER`` in MISC is a tag, under whichever key the file has it; or another column, such as ``upos``, labels each
token. The text is rebuilt from the forms and
``SpaceAfter=No``, ``SpacesAfter``, ``start_char`` and ``end_char``, and has to agree with ``# text``. Between
sentences stands a blank, before a new paragraph a line feed, unless MISC says otherwise. ``# newdoc`` begins a
document; in a file without it each sentence is one. Other columns stay with the tokens by their names, what
else is in MISC as ``misc``; rows that are no tokens (ranges, empty nodes) as ``rows``; other comments are in
``meta["sentence_comments"]``, a list for each sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.detection import DetectionError
from elman.data.document import ENTITIES, Document, Region, Span, Tokens
from elman.data.formats.conllu_keys import Key, find_key, rows_around, tags_of, used_columns
from elman.data.formats.conllu_rows import (
    EMPTY,
    FIELDS,
    MISC,
    Block,
    Row,
    Word,
    comment,
    rebuild,
    rows,
    words,
)
from elman.data.formats.conllu_writing import COMMENTS, HOLDS, NEWPAR, ROWS, write
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.tagged import LayerTags
from elman.data.schemes import TagError
from elman.data.unknown import regions_of
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.formats.files import Source
    from elman.data.schemes import Repair


def read(
    source: Source,
    /,
    *,
    key: str | None = None,
    column: str | None = None,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
    check_text: bool = True,
) -> Reading:
    """Read CoNLL-U.

    Args:
        source: the file.
        key: the key of the tags in MISC; by default it is found out. A word without it is O, or, if the file
            writes O, unknown.
        column: a column that labels each token, such as ``upos``, ``xpos`` or ``deprel``: each token is a span then,
            one with ``_``, as a range of words has it, is unknown; and MISC is not looked into.
        scheme: the tags' scheme; by default it is found out.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" stands for none.
        check_text: whether the tokens have to be those of ``# text``.

    Raises:
        DataError: with file and line, where a row has not ten columns, ids are out of order, the tokens are
            not those of ``# text``, or a tag is at fault.
        UsageError: if there is no such scheme, repair or column.
    """
    if column is not None and column not in FIELDS:
        raise UsageError(f"there is no column {column!r} in CoNLL-U; choose one of {', '.join(FIELDS)}")
    blocks = list(_blocks(enumerate(source.head.split("\n"), 1)))
    given = [row for block in blocks for row in _rows(block, source.name)]
    found = find_key(given, key) if column is None else Key(None, False, f"labels are the tokens' {column}")
    grouped = any(_is_newdoc(line) for block in blocks for line in block.comments())
    report = ReadReport("conllu", docstart=grouped, notes=[found.evidence])
    head = [tags_of(_words(block, found, source.name), found)[0] for block in blocks]
    try:
        tags = LayerTags((layer,), (head,), scheme, repair, report, unknown)
    except DetectionError as error:
        lines = (row.line for row in given if found.name and row.misc.get(found.name) == error.tag)
        raise DataError(error.problem, source.name, next(lines, None)) from None
    if found.name is None:
        report.scheme = None
    reader = _Reader(source, found, tags, column, layer, used_columns(given, found.name), check_text, report)
    return Reading(_documents(source, reader, grouped), report)


def sniff(head: Head) -> Sniffed | None:
    """Rows of ten columns that begin with an id."""
    if head.text is None:
        return None
    lines = [line for line in head.text.split("\n", 400)[:400] if line.strip() and not line.startswith("#")][:50]
    if not lines:
        return None
    try:
        rows(Block(list(enumerate(lines, 1))), head.name)
    except DataError:
        return None
    return Sniffed(0.95, "rows of ten columns that begin with an id")


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterator[Block]:
    """The sentences of a file."""
    block: list[tuple[int, str]] = []
    for number, line in lines:
        if line.strip(" \t\r"):
            block.append((number, line))
        elif block:
            yield Block(block)
            block = []
    if block:
        yield Block(block)


def _is_newdoc(line: str) -> bool:
    return line.partition("=")[0].strip() in ("newdoc", "newdoc id")


def _rows(block: Block, name: str) -> list[Row]:
    """The rows of a sentence in the head; none if it is at fault, of which one is told when it is read."""
    try:
        return rows(block, name)
    except DataError:
        return []


def _words(block: Block, key: Key, name: str) -> list[Word]:
    """The like for the words."""
    try:
        return words(rows(block, name), key.name, name)
    except DataError:
        return []


class _Reader(NamedTuple):
    """What is known of a file."""

    source: Source
    key: Key
    tags: LayerTags
    column: str | None
    layer: str
    columns: tuple[str, ...]
    check_text: bool
    report: ReadReport


def _documents(source: Source, reader: _Reader, grouped: bool) -> Iterator[Document]:
    growing: _Growing | None = None
    count = 0
    for block in _blocks(source.lines()):
        comments = block.comments()
        begins = any(map(_is_newdoc, comments))
        if growing is None or begins or not grouped:
            if growing is not None and (growing.starts or growing.begun):
                yield growing.document()
            count += 1
            name = comment(comments, "newdoc id") or None if begins else comment(comments, "sent_id")
            if not begins:
                name = name if name and not grouped else f"{source.stem}-{count}"
            growing = _Growing(reader, name, begins)
        try:
            growing.add(block, comments)
        except DataError as error:
            source.reject(error, block.raw, "sentence")
    if growing is not None and (growing.starts or growing.begun):
        yield growing.document()


class _Growing:
    """A document as far as it has been read."""

    def __init__(self, reader: _Reader, name: str | None, begun: bool) -> None:
        self.starts: list[int] = []
        self.begun = begun
        self._reader = reader
        self._name = name
        self._pieces: list[str] = []
        self._length = 0
        self._gap: str | None = ""
        self._offsets: list[tuple[int, int]] = []
        self._spans: list[Span] = []
        self._unknown: list[Region] = []
        self._columns: dict[str, list[str]] = {name: [] for name in reader.columns}
        self._comments: list[list[str]] = []

    def add(self, block: Block, comments: list[str]) -> None:
        """Add a sentence.

        Raises:
            DataError: with the line, if it is at fault; the document is then as it was.
        """
        reader, name = self._reader, self._reader.source.name
        found = words(rows(block, name), reader.key.name, name)
        others = [line for line in comments if not _is_newdoc(line) and line.partition("=")[0].strip() != "text"]
        if not found:
            if comment(comments, "text"):
                raise DataError("expected rows behind # text, got none", name, block.lines[0][0])
            if others:
                reader.report.ignored["comment without a sentence"] += len(others)
            return
        told = comment(comments, "text") if reader.check_text else None
        text = rebuild(found, told, name, block.lines[0][0])
        gap = self._gap
        if gap is None:
            gap = "\n" if any(line.startswith(NEWPAR) for line in others) else " "
        gap += text.before
        at = self._length + len(gap)
        offsets = []
        pieces = [gap]
        # What follows the last token waits for the next sentence.
        for form, after in zip(text.forms, [*text.gaps[:-1], ""], strict=True):
            offsets.append((at, at + len(form)))
            pieces += (form, after or "")
            at += len(form) + len(after or "")
        self._decode(found, offsets)
        self._pieces += pieces
        self._length, self._gap = at, text.gaps[-1]
        self.starts.append(len(self._offsets))
        self._keep(found)
        self._offsets += offsets
        self._comments.append(others)

    def _decode(self, found: list[Word], offsets: list[tuple[int, int]]) -> None:
        """Add the sentence's spans."""
        if self._reader.column is not None:
            self._label(found, offsets, 2 + FIELDS.index(self._reader.column))
        if self._reader.key.name is None:
            return
        tags, at = tags_of(found, self._reader.key)
        try:
            spans, unknown, _ = self._reader.tags.decode((tags,), (0, len(tags)), np.array(offsets)[at])
        except TagError as error:
            lines = [row.line for word in found for row in word.tagged]
            line = lines[min(error.position, len(lines) - 1)]
            raise DataError(error.problem, self._reader.source.name, line) from None
        except DataError as error:
            raise DataError(error.problem, self._reader.source.name, found[0].row.line) from None
        self._spans += spans
        self._unknown += unknown

    def _label(self, found: list[Word], offsets: list[tuple[int, int]], at: int) -> None:
        """Add a span for each token, with the label of its column."""
        layer, cells = self._reader.layer, [word.row.cells[at] for word in found]
        self._spans += [
            Span(start, end, cell, layer) for (start, end), cell in zip(offsets, cells, strict=True) if cell != EMPTY
        ]
        places = [place for place, cell in enumerate(cells) if cell == EMPTY]
        self._unknown += regions_of(places, np.array(offsets), [0], layer)

    def _keep(self, found: list[Word]) -> None:
        """Add the sentence's columns; one that had nothing so far, but now has, is filled up."""
        key = self._reader.key.name
        columns = {name: [word.row.cells[2 + at] for word in found] for at, name in enumerate(FIELDS)}
        columns[MISC] = [word.row.misc.rest(key) for word in found]
        columns[ROWS] = [rows_around(word, key) for word in found]
        for name, cells in columns.items():
            if name not in self._columns and any(cell != EMPTY for cell in cells):
                self._columns[name] = [EMPTY] * len(self._offsets)
            if name in self._columns:
                self._columns[name] += cells

    def document(self) -> Document:
        """The document."""
        text = "".join((*self._pieces, self._gap or ""))
        order = [name for name in (*FIELDS, MISC, ROWS) if name in self._columns]
        columns = {name: self._columns[name] for name in order} if self._offsets else {}
        meta: dict[str, object] = {COMMENTS: self._comments} if any(self._comments) else {}
        return Document(
            text,
            tuple(self._spans),
            unknown=tuple(self._unknown),
            tokens=Tokens(text, self._offsets, self.starts, columns),
            id=self._name,
            meta=meta,
        )


CONLLU = Format(
    "conllu",
    (".conllu", ".conllup"),
    "CoNLL-U, ten columns, with tags in MISC",
    sniff,
    read,
    write,
    holds=HOLDS,
)

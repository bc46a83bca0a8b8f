"""Columns of tokens and tags, as the CoNLL shared tasks have them.

A row is a token and its columns, a blank line ends a sentence, ``-DOCSTART-`` begins a document; in a file
without it each sentence is a document. The text of a document is its tokens, joined by one space, and its
sentences, joined by a line feed. Columns other than those of the tokens and the tags stay with the tokens, by
their index or their name. Rows at the head of a sentence that start with # and have no tag are comments, and go to
``meta["comments"]``. A tag ``-`` or ``?`` says that nobody knows the tag, which is not the same as O: such
tokens make regions of ``Document.unknown``. A tag other than O in a row ``-DOCSTART-`` is no token's; it is
refused, and the report says so.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from elman.data.detection import DetectionError
from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.columns import DOCSTART, Layout, Sentence, find_layout, find_tags, sentences
from elman.data.formats.conll_writing import HOLDS, write
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.tagged import LayerTags, check_repair, joined, line_of
from elman.data.ledger import Ledger
from elman.data.schemes import TagError
from elman.data.unknown import MARK, META
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elman.data.formats.files import Source
    from elman.data.schemes import Repair

TAG_OF_NO_TOKEN = f"tag in a row {DOCSTART}, which is no token"


def read(
    source: Source,
    /,
    *,
    column: int | str | None = None,
    token: int | str | None = None,
    names: Sequence[str] = (),
    layers: Mapping[str, int | str] | None = None,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
) -> Reading:
    """Read columns.

    Args:
        source: the file.
        column: the tags' column, by its index, from the end if negative, or by its name; by default the last,
            or, if that has no tags, the last that has.
        token: the tokens' column; by default the first, or, if that counts the tokens, the second.
        names: of the columns from the first on; those without one are named by their index.
        layers: several columns of tags, each by its layer: ``{"entities": 2, "inner": 3}``.
        scheme: the tags' scheme; by default it is found out from the head of the file. Tags further on that
            contradict what was found are at fault, and ``repair`` says what happens to them.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans, if there is one column of tags.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" stands for none. To the scheme it is as if O stood there.

    Raises:
        DataError: with file and line, where a row has too few or too many columns, or a tag is at fault.
        UsageError: if there is no such scheme or repair, or no column of such a name.
    """
    check_repair(repair)
    wanted = {name: _index(place, names) for name, place in (layers or {}).items()}
    first = next(iter(wanted.values())) if wanted else _index(column, names)
    try:
        layout = find_layout(source.head, _index(token, names), first)
        tagged = [_within(place, layout, first) for place in wanted.values()] or [layout.column]
    except DataError as error:
        raise DataError(error.problem, source.name, error.line) from None
    # Rows before the first -DOCSTART- are a document too, if the head shows that there will be one.
    report = ReadReport(
        "conll",
        docstart=f"\n{DOCSTART}" in f"\n{source.head}",
        notes=_notes(layout, layers if column is None else column, token),
    )
    head = list(_head_lines(source.head, layout, tagged))
    try:
        tags = LayerTags(
            tuple(wanted) or (layer,),
            [[cells[at] for _, cells in head] for at in range(len(tagged))],
            scheme,
            repair,
            report,
            unknown,
        )
    except DetectionError as error:
        raise DataError(error.problem, source.name, _line_of(error.tag, head)) from None
    builder = _Builder(source, replace(layout, bare=tags.bare, marks=tags.marks), tags, tagged, names)
    return Reading(_documents(source, builder, report), report)


def sniff(head: Head) -> Sniffed | None:
    """Rows of equally many cells, one column of which is tags."""
    found = find_tags(head.text) if head.text else None
    return Sniffed(0.7, found) if found else None


def _index(place: int | str | None, names: Sequence[str]) -> int | None:
    """The index of a column that was named by that or by its name."""
    if not isinstance(place, str) or place.lstrip("-").isdecimal():
        return None if place is None else int(place)
    if place not in names:
        known = f"the names are {', '.join(names)}" if names else "names gives none"
        raise UsageError(
            f"there is no column {place!r}; {known}; columns also have indices, from 0 or from -1 backwards"
        )
    return list(names).index(place)


def _within(place: int | None, layout: Layout, first: int | None) -> int:
    """The index of a further column of tags, counted from the first."""
    index = layout.column if place is None or place == first else place + layout.width if place < 0 else place
    if not 0 <= index < layout.width or index == layout.token:
        raise DataError(
            f"too few columns: expected tags in column {place}, got rows of {layout.width} with the token in column "
            f"{layout.token}; columns count from 0, or from -1 backwards"
        )
    return index


def _notes(layout: Layout, column: object, token: int | str | None) -> list[str]:
    """What a person has to know of columns that were found out and are not the usual ones."""
    notes = []
    if token is None and layout.token:
        notes.append(f"tokens are in column {layout.token}: column 0 counts them")
    if column is None and layout.column != layout.width - 1:
        notes.append(f"tags are in column {layout.column}, the last that has any")
    return notes


class _HeadLines(NamedTuple):
    """A sentence in the head: its first line, and for each layer its tags."""

    line: int
    tags: list[Sequence[str]]


def _head_lines(head: str, layout: Layout, tagged: Sequence[int]) -> Iterator[_HeadLines]:
    """The sentences in a file's head, as far as they are not at fault, of which one is told when they are read."""
    rests = [layout.split_comments(sentence)[1] for sentence in sentences([(1, head)]) if not isinstance(sentence, str)]
    rests = [sentence for sentence in rests if sentence.text]
    # All at once is faster, but says of none where it is at fault.
    whole = layout.columns("\n".join([sentence.text for sentence in rests])) if rests else None
    at = 0
    for sentence in rests:
        columns, end = layout.columns(sentence.text) if whole is None else whole, at + sentence.length
        if columns:
            yield _HeadLines(
                sentence.line, [columns[index][slice(at, end) if whole else slice(None)] for index in tagged]
            )
        at = end


def _line_of(tag: str | None, head: Sequence[_HeadLines]) -> int | None:
    """The first line of a file's head with this tag."""
    found = (
        line + list(tags).index(tag) for line, layers in head for tags in layers if tag is not None and tag in tags
    )
    return next(found, None)


def _documents(source: Source, builder: _Builder, report: ReadReport) -> Iterator[Document]:
    begun = False
    group: list[Sentence] = []
    comments: list[str] = []
    for sentence in sentences(source.blocks()):
        if isinstance(sentence, str):
            if begun or group:
                yield from builder.documents(group, comments)
                group, comments = [], []
            report.docstart = begun = True
            if lost := builder.lost_tags(sentence):
                report.ignored[TAG_OF_NO_TOKEN] += lost
                report.ledger += Ledger.counted("refused", TAG_OF_NO_TOKEN, lost)
            continue
        rest = sentence
        # Asked here too: there are many sentences, and few have comments.
        if sentence.text.startswith("#"):
            more, rest = builder.layout.split_comments(sentence)
            comments += more
        if rest.text:
            group.append(rest)
            if not report.docstart:
                yield from builder.documents(group, comments)
                group, comments = [], []
    if begun or group:
        yield from builder.documents(group, comments)
    elif comments:
        report.ignored["comment after the last sentence"] += len(comments)


class _Builder:
    """Makes documents of sentences of rows."""

    def __init__(
        self, source: Source, layout: Layout, tags: LayerTags, tagged: Sequence[int], names: Sequence[str]
    ) -> None:
        self.layout = layout
        self._source = source
        self._tags = tags
        self._tagged = tagged
        self._count = 0
        self._names = {
            index: names[index] if index < len(names) else str(index)
            for index in range(layout.width)
            if index != layout.token and index not in tagged
        }

    def lost_tags(self, row: str) -> int:
        """How many tags other than O are in a row that begins a document."""
        return self.layout.lost_tags(row, self._tagged)

    def documents(self, group: Sequence[Sentence], comments: list[str]) -> Iterator[Document]:
        """The document of these sentences, if they are not all at fault.

        Raises:
            DataError: at the first sentence at fault, if rejects are not collected.
        """
        self._count += 1
        try:
            yield self._document(group, comments)
        except DataError as error:
            if not self._source.collects:
                raise
            sound = [sentence for sentence in group if self._is_sound(sentence)]
            if len(sound) == len(group):
                self._source.reject(error, "\n\n".join([sentence.text for sentence in group]))
            elif sound:
                yield self._document(sound, comments)

    def _is_sound(self, sentence: Sentence) -> bool:
        """Whether a sentence can be read by itself; if not, it is rejected."""
        repairs = self._tags.repairs
        try:
            self._document([sentence], [])
        except DataError as error:
            self._source.reject(error, sentence.text, "sentence")
            return False
        finally:
            self._tags.repairs = repairs
        return True

    def _document(self, group: Sequence[Sentence], comments: list[str]) -> Document:
        """The document of these sentences; what it shows of the tags' scheme goes into the report."""
        name = f"{self._source.stem}-{self._count}"
        meta: dict[str, object] = {"comments": comments} if comments else {}
        if not group:
            return Document("", tokens=Tokens("", []), id=name, meta=meta)
        if self._source.collects:
            for line, rows in group:
                if not rows.isascii():
                    self._source.check_legible(rows, line)
        columns = self._columns(group)
        words = columns[self.layout.token]
        starts = list(accumulate((sentence.length for sentence in group), initial=0))
        text, offsets = joined(words, starts)
        try:
            spans, unknown, mark = self._tags.decode([columns[index] for index in self._tagged], starts, offsets)
        except TagError as error:
            line = line_of(error.position, starts, [sentence.line for sentence in group])
            raise DataError(error.problem, self._source.name, line) from None
        except DataError as error:
            raise DataError(error.problem, self._source.name, group[0].line) from None
        if mark and mark != MARK:
            meta[META] = mark
        kept = {name: columns[index] for index, name in self._names.items()}
        return Document(
            text, spans, unknown=unknown, tokens=Tokens(text, offsets, starts[:-1], kept), id=name, meta=meta
        )

    def _columns(self, group: Sequence[Sentence]) -> list[Sequence[str]]:
        columns = self.layout.columns("\n".join([sentence.text for sentence in group]))
        if columns is None:
            for line, text in group:
                for number, row in enumerate(text.split("\n"), line):
                    self.layout.check(self.layout.split(row), self._source.name, number)
            raise AssertionError("columns are refused where no row is at fault")
        return columns


CONLL = Format(
    "conll",
    (".conll", ".iob", ".bio", ".iob2", ".tsv"),
    "a token and its tag in each row, a blank line between sentences",
    sniff,
    read,
    write,
    holds=HOLDS,
)

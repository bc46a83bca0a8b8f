"""Columns of tokens and tags, as the CoNLL shared tasks have them.

A row is a token and its columns, a blank line ends a sentence, ``-DOCSTART-`` begins a document; in a file
without it each sentence is a document. The text of a document is its tokens, joined by one space, and its
sentences, joined by a line feed. Columns other than those of the tokens and the tags stay with the tokens, by
their index. Rows at the head of a sentence that start with # and have no tag are comments, and go to
``meta["comments"]``. A tag ``-`` or ``?`` says that nobody knows the tag, which is not the same as O: such
tokens make regions of ``Document.unknown``.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np

from elman.data.align import Overlap, Partial, align, to_spans
from elman.data.detection import Detected, DetectionError, TagReader, detect
from elman.data.document import ENTITIES, Document, Span, Tokens
from elman.data.formats.columns import DOCSTART, Layout, Sentence, find_layout, find_tags, sentences
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.ledger import Entry, Ledger, account
from elman.data.schemes import OUTSIDE, PREFIXED_IO, Repair, Scheme, TagError, TokenSpan
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import (
    MARK,
    META,
    MarkReader,
    account_for,
    check_mark,
    regions_of,
    uncover,
    unknown_tokens,
)
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.data.formats.files import Source

JOINED = "touches one of its label, and the tag scheme cannot keep them apart"
RESPACED = "white space is as columns have it: one space between tokens, a line feed between sentences"


def read(
    source: Source,
    /,
    *,
    column: int = -1,
    token: int = 0,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
) -> Reading:
    """Read columns.

    Args:
        source: the file.
        column: the index of the tags' column, from the end if negative.
        token: the index of the tokens' column.
        scheme: the tags' scheme; by default it is found out from the head of the file. Tags further on that
            contradict what was found are at fault, and ``repair`` says what happens to them.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" stands for none. To the scheme it is as if O stood there.

    Raises:
        DataError: with file and line, where a row has too few or too many columns, or a tag is at fault.
        UsageError: if there is no such scheme or repair.
    """
    if repair not in get_args(Repair):
        raise UsageError(f"there is no repair {repair!r}; choose one of {', '.join(get_args(Repair))}")
    try:
        layout = find_layout(source.head, token, column)
    except DataError as error:
        raise DataError(error.problem, source.name, error.line) from None
    notes: list[str] = []
    marks = MarkReader(unknown, notes)
    layout = replace(layout, marks=marks.marks)
    try:
        if scheme is None:
            found = detect(_head_tags(source.head, layout))
        else:
            found = Detected(_said(scheme, source.head, layout), "as was said", 1)
    except DetectionError as error:
        line = _line_of(error.tag, source.head, layout)
        raise DataError(error.problem, source.name, line) from None
    # Rows before the first -DOCSTART- are a document too, if the head shows that there will be one.
    docstart = f"\n{DOCSTART}" in f"\n{source.head}"
    report = ReadReport(
        "conll",
        scheme=found.scheme.name,
        scheme_evidence=found.evidence,
        repair=repair,
        docstart=docstart,
        notes=notes,
    )
    tags = TagReader(found, repair, guessed=scheme is None)
    builder = _Builder(source, replace(layout, bare=found.scheme.bare), tags, marks, layer, report)
    return Reading(_documents(source, builder, report), report)


def sniff(head: Head) -> Sniffed | None:
    """Rows of equally many cells, one column of which is tags."""
    found = find_tags(head.text) if head.text else None
    return Sniffed(0.7, found) if found else None


def _said(name: str, head: str, layout: Layout) -> Scheme:
    """The scheme of this name; IO in the way in which the file has it."""
    scheme = scheme_named(name)
    # Otherwise B-PER would be a label, and nobody would be told.
    prefixed = scheme.bare and any(tag[1:2] == "-" for tags in _head_tags(head, layout) for tag in tags)
    return PREFIXED_IO if prefixed else scheme


def _head_tags(head: str, layout: Layout) -> Iterator[Sequence[str]]:
    """The tags of the sentences in a file's head."""
    return (tags for _, tags in _head_lines(head, layout))


def _line_of(tag: str | None, head: str, layout: Layout) -> int | None:
    """The first line of a file's head with this tag."""
    lines = (line + tags.index(tag) for line, tags in _head_lines(head, layout) if tag in tags)
    return next(lines, None) if tag is not None else None


def _head_lines(head: str, layout: Layout) -> Iterator[tuple[int, Sequence[str]]]:
    """Of the sentences in a file's head the first line, and the tags, O for those that are unknown."""
    for sentence in sentences([(1, head)]):
        if sentence:
            rest = layout.split_comments(sentence)[1]
            columns = layout.columns(rest.text)
            # A sentence that is at fault will be told of when it is read.
            if columns:
                yield rest.line, uncover(columns[layout.column], layout.marks).tags


def _documents(source: Source, builder: _Builder, report: ReadReport) -> Iterator[Document]:
    begun = False
    group: list[Sentence] = []
    comments: list[str] = []
    for sentence in sentences(source.blocks()):
        if sentence is None:
            if begun or group:
                yield from builder.documents(group, comments)
                group, comments = [], []
            report.docstart = begun = True
            continue
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
        self, source: Source, layout: Layout, tags: TagReader, marks: MarkReader, layer: str, report: ReadReport
    ) -> None:
        self.layout = layout
        self._source = source
        self._tags = tags
        self._marks = marks
        self._layer = layer
        self._report = report
        self._count = 0
        self._names = {index: str(index) for index in range(layout.width) if index not in (layout.token, layout.column)}

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
        columns = self._columns(group)
        words = columns[self.layout.token]
        tags, places, marks = self._marks.uncover(columns[self.layout.column])
        if marks and marks[0] != MARK:
            meta[META] = marks[0]
        starts = list(accumulate((sentence.length for sentence in group), initial=0))
        text = "\n".join([" ".join(words[start:end]) for start, end in pairwise(starts)])
        # Each token, the last of a sentence too, is followed by one character.
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        offsets = np.empty((len(words), 2), np.int64)
        offsets[:, 1] = (lengths + 1).cumsum() - 1
        offsets[:, 0] = offsets[:, 1] - lengths
        kept = {name: columns[index] for index, name in self._names.items()}
        return Document(
            text,
            self._spans(group, tags, starts, offsets),
            unknown=regions_of(places, offsets, starts, self._layer),
            tokens=Tokens(text, offsets, starts[:-1], kept),
            id=name,
            meta=meta,
        )

    def _columns(self, group: Sequence[Sentence]) -> list[Sequence[str]]:
        columns = self.layout.columns("\n".join([sentence.text for sentence in group]))
        if columns is None:
            for line, text in group:
                for number, row in enumerate(text.split("\n"), line):
                    self.layout.check(self.layout.split(row), self._source.name, number)
            raise AssertionError("columns are refused where no row is at fault")
        return columns

    def _spans(
        self,
        group: Sequence[Sentence],
        tags: Sequence[str],
        starts: Sequence[int],
        offsets: NDArray[np.int64],
    ) -> tuple[Span, ...]:
        try:
            runs = self._tags.decode(tags, starts)
        except TagError as error:
            sentence = bisect_right(starts, error.position) - 1
            line = group[sentence].line + error.position - starts[sentence]
            raise DataError(error.problem, self._source.name, line) from None
        except DataError as error:
            raise DataError(error.problem, self._source.name, group[0].line) from None
        found = self._tags.found
        self._report.scheme, self._report.scheme_evidence = found.scheme.name, found.evidence
        self._report.repairs = self._tags.repairs
        return to_spans(runs, offsets, self._layer)


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    scheme: str = "IOB2",
    delimiter: str = " ",
    layer: str = ENTITIES,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
    docstart: bool = True,
    unknown: str | None = None,
) -> Ledger:
    """Write columns: the token, the columns that came with it, the tag.

    Args:
        documents: what to write.
        put: takes the text.
        scheme: the tags' scheme.
        delimiter: between cells, a space or a tab.
        layer: which spans become tags.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.
        docstart: whether a row ``-DOCSTART-`` begins each document; if not, one cannot tell where they begin.
        unknown: the tag of tokens that nobody annotated; by default the one that the document came with, or ``-``.

    Returns:
        The account of all spans and other annotations: what columns cannot hold is refused.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, if a cell holds the delimiter or
            a line end, if documents have different columns, or as ``align`` does.
        UsageError: if the delimiter is neither a space nor a tab, or the mark of unknown tags is a tag.
    """
    if delimiter not in (" ", "\t"):
        raise UsageError(f"the delimiter of columns has to be a space or a tab, got {delimiter!r}")
    target = scheme_named(scheme)
    if unknown is not None:
        check_mark(unknown, target)
    ledger = Ledger()
    names: tuple[str, ...] | None = None
    for document in documents:
        tokens = document.tokens
        if tokens is None:
            if tokenize is None:
                raise DataError(f"{_titled(document)} has no tokens; give tokenize, which makes them")
            tokens = tokenize(document.text)
        if len(tokens) and names is None:
            names = tuple(tokens.columns)
        if len(tokens) and names != tuple(tokens.columns):
            raise DataError(
                f"{_titled(document)} has the columns {[*tokens.columns]}, "
                f"those before it {[*(names or ())]}; write them to different files"
            )
        tags, placed, entries = _encode(document, tokens, layer, target, partial, overlap)
        document, regions = _cover(document, tokens, tags, placed, layer, target, unknown)
        if docstart:
            put(delimiter.join((DOCSTART, *("-X-" for _ in names or ()), OUTSIDE)) + "\n\n")
        put(_rows(document, tokens, tags, delimiter))
        ledger += regions
        ledger += account(document, CONLL.holds, entries, layer, text_moved=_respaced(document.text, tokens))
    return ledger


def _encode(
    document: Document, tokens: Tokens, layer: str, scheme: Scheme, partial: Partial, overlap: Overlap
) -> tuple[list[str], tuple[TokenSpan, ...], tuple[Entry, ...]]:
    """The tags of a document, the spans in the layer as they are on its tokens, and the fates of all of them."""
    spans, offsets = document.layer(layer), tokens.offsets
    placed, entries = align(
        spans, offsets, text=document.text, sentences=tokens.sentences, partial=partial, overlap=overlap
    )
    # As if an O stood between sentences: what touches across their border does not touch.
    shifts = np.searchsorted(tokens.sentences, [span.start for span in placed], "right").tolist()
    apart = [TokenSpan(a + shift, b + shift, label) for (a, b, label), shift in zip(placed, shifts, strict=True)]
    tags = scheme.encode(apart, len(tokens) + len(tokens.sentences))
    for start in tokens.sentences.tolist():
        del tags[start]
    merged = set(scheme.inexpressible(apart))
    if merged:
        runs = to_spans(placed, offsets)
        entries = _joined(entries, [(run, at in merged) for run, at in zip(runs, apart, strict=True)])
    return tags, placed, entries


def _cover(
    document: Document,
    tokens: Tokens,
    tags: list[str],
    placed: Iterable[TokenSpan],
    layer: str,
    scheme: Scheme,
    mark: str | None,
) -> tuple[Document, Ledger]:
    """Put the mark in the place of the tags that nobody knows.

    Returns:
        The document without its regions and its mark, and the account of these.
    """
    if not document.unknown:
        return document, Ledger()
    regions = [region for region in document.unknown if region.layer == layer]
    unknown = unknown_tokens(regions, tokens.offsets, placed)
    came_with = document.meta.get(META)
    if mark is None:
        mark = came_with if isinstance(came_with, str) else MARK
        check_mark(mark, scheme)
    for at in np.flatnonzero(unknown).tolist():
        tags[at] = mark
    ledger = account_for(document.unknown, unknown, tokens.offsets, tokens.sentences.tolist(), layer)
    meta = dict(document.meta)
    if unknown.any() and came_with == mark:
        del meta[META]
        ledger += Ledger.counted("kept", "", 1, "meta")
    return replace(document, unknown=(), meta=meta), ledger


def _joined(entries: Sequence[Entry], runs: Iterable[tuple[Span, bool]]) -> tuple[Entry, ...]:
    """The entries with those joined that the tags cannot keep apart.

    Args:
        entries: the spans' fates.
        runs: the spans as they are in the tags, ascending, and whether each is one with that before it.
    """
    groups: list[list[Span]] = []
    for run, is_one in runs:
        if is_one:
            groups[-1].append(run)
        else:
            groups.append([run])
    wholes = {
        (run.start, run.end): (group[0].start, group[-1].end) for group in groups if len(group) > 1 for run in group
    }
    return tuple(
        entry._replace(kind="joined", reason=JOINED, to=wholes[entry.to]) if entry.to in wholes else entry
        for entry in entries
    )


def _respaced(text: str, tokens: Tokens) -> str:
    """How the text differs from that of the columns; "" if it does not."""
    gaps = np.full(len(tokens), " ")
    gaps[tokens.sentences - 1] = "\n"
    gaps[-1:] = ""
    same = "".join(map(str.__add__, tokens.surfaces, gaps.tolist())) == text
    return "" if same else RESPACED


def _rows(document: Document, tokens: Tokens, tags: Sequence[str], delimiter: str) -> str:
    """The rows of a document, and a blank line after each sentence."""
    columns = (tokens.surfaces, *tokens.columns.values(), tags)
    for column in columns:
        joined = "\v".join(column)
        wrong = [mark for mark in (delimiter, "\t", "\n", "\r", "\0", DOCSTART) if mark in joined]
        if wrong or "" in column:
            raise DataError(
                f"{_titled(document)} has a cell that is empty or holds {''.join(wrong[:1])!r}, which no "
                "column can; tokenize it further, or choose a tab as the delimiter where it holds a space"
            )
    rows = [delimiter.join(cells) for cells in zip(*columns, strict=True)]
    return "".join(["\n".join(rows[start:end]) + "\n\n" for start, end in tokens.ranges()])


def _titled(document: Document) -> str:
    return "a document without id" if document.id is None else f"the document {document.id!r}"


CONLL = Format(
    "conll",
    (".conll", ".iob", ".bio", ".iob2", ".tsv"),
    "a token and its tag in each row, a blank line between sentences",
    sniff,
    read,
    write,
    holds=frozenset({"spans", "unknown", "tokens", "sentences", "columns"}),
)

"""Kaggle's NER CSV: ``Sentence #,Word,POS,Tag``, a word a row, the sentence's number before its first word only.

Each sentence is a document, whose id is what stands in the first column; the other columns stay with the tokens.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import ENTITIES
from elman.data.formats.ended_lines import ended_lines
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.tagged import Assembler, TaggedSentence
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.document import Document
    from elman.data.formats.files import Source
    from elman.data.schemes import Repair

_SENTENCE = ("sentence #", "sentence_id", "sentence_idx")
_SAMPLE = 1000


class _Layout(NamedTuple):
    """The indices of the columns, and the names of all."""

    names: list[str]
    sentence: int
    word: int
    tag: int


def read(
    source: Source,
    /,
    *,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
) -> Reading:
    """Read sentences.

    Args:
        source: the file.
        scheme: the tags' scheme; by default it is found out.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are.

    Raises:
        DataError: with file and line, if a column is missing, or a row or a tag is at fault.
        UsageError: if there is no such scheme or repair.
    """
    report = ReadReport("kaggle")
    first = source.head.partition("\n")[0]
    layout = _layout(next(csv.reader([first]), []))
    if layout is None:
        raise DataError(f"expected the columns 'Sentence #', 'Word' and 'Tag', got {first[:60]!r}", source.name, 1)
    head = [sentence for _, sentence in islice(_sentences(source, layout, quiet=True), _SAMPLE)]
    assembler = Assembler(source, report, (layer,), head, scheme, repair, unknown)
    return Reading(_documents(source, layout, assembler), report)


def sniff(head: Head) -> Sniffed | None:
    """The first row names the columns."""
    names = (head.text or "").partition("\n")[0]
    if _layout(names.split(",")) is None:
        return None
    return Sniffed(0.95, "its first row is 'Sentence #', 'Word' and 'Tag'")


def _layout(names: list[str]) -> _Layout | None:
    lower = [name.strip().lower() for name in names]
    sentence = next((lower.index(name) for name in _SENTENCE if name in lower), -1)
    if sentence < 0 or "word" not in lower or "tag" not in lower:
        return None
    return _Layout([name.strip() for name in names], sentence, lower.index("word"), lower.index("tag"))


def _documents(source: Source, layout: _Layout, assembler: Assembler) -> Iterator[Document]:
    for name, sentence in _sentences(source, layout, quiet=False):
        try:
            yield assembler.document([sentence], name, {})
        except DataError as error:
            pairs = zip(sentence.words, sentence.tags[0], strict=True)
            source.reject(error, "\n".join(f"{word},{tag}" for word, tag in pairs))


def _sentences(source: Source, layout: _Layout, *, quiet: bool) -> Iterator[tuple[str, TaggedSentence]]:
    """The sentences with their names; one with a row at fault is set aside, or passed over if it is to be quiet."""
    name = ""
    rows: list[tuple[int, list[str]]] = []
    fault: DataError | None = None

    def finished() -> Iterator[tuple[str, TaggedSentence]]:
        if fault and not quiet:
            source.reject(fault, "\n".join(",".join(cells) for _, cells in rows))
        if rows and not fault:
            columns = list(zip(*(cells for _, cells in rows), strict=True))
            others: dict[str, Sequence[str]] = {
                title: columns[at]
                for at, title in enumerate(layout.names)
                if at not in (layout.sentence, layout.word, layout.tag)
            }
            yield name, TaggedSentence(rows[0][0], columns[layout.word], (columns[layout.tag],), others)

    for number, cells, problem in _rows(source, len(layout.names), layout.word):
        own = cells[layout.sentence].strip() if len(cells) > layout.sentence else ""
        if own and own != name:
            yield from finished()
            name, rows, fault = own, [], None
        rows.append((number, cells))
        fault = fault or problem
    yield from finished()


def _rows(source: Source, width: int, word: int) -> Iterator[tuple[int, list[str], DataError | None]]:
    for number, line, fault in islice(ended_lines(source), 1, None):
        # Words that are quotes stand there unquoted, so a quote that does not end must not eat what follows.
        cells = next(csv.reader([line.rstrip("\r\n")]), [])
        if not any(cells):
            continue
        problem = fault
        if problem is None and len(cells) != width:
            problem = DataError(f"expected {width} cells, got {len(cells)}; mend the row", source.name, number)
        elif problem is None and not cells[word]:
            problem = DataError("expected a word, got an empty cell; mend the row", source.name, number)
        yield number, cells, problem


KAGGLE = Format(
    "kaggle",
    (),
    "Kaggle's NER CSV, with the columns Sentence #, Word, POS and Tag",
    sniff,
    read,
    holds=frozenset({"spans", "tokens", "columns", "ids", "unknown"}),
)

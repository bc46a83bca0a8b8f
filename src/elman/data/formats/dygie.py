"""DyGIE's JSON lines, as SciERC comes in: a document a line, its sentences, and per sentence what is in it.

``{"doc_key", "sentences": [[]], "ner": [[[start, end, label]]], "relations": [[[start, end, start, end,
label]]]}``; tokens count through the document, ends inclusive. Clusters and other keys stay in ``meta``. Read
only.
"""

from __future__ import annotations

import json
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Relation, Span, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import records
from elman.data.formats.json_fields import is_object, strings, take, take_name
from elman.data.formats.tagged import joined
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_UNNAMED = "relation of a piece that is no entity: the piece is now one, with the label"
_PIECE = "-"


def read(source: Source, /, *, layer: str = ENTITIES) -> Reading:
    """Read DyGIE's JSON lines.

    Args:
        source: the file.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, if a document is not as it has to be.
    """
    report = ReadReport("dygie")
    return Reading(_documents(source, report, layer), report)


def sniff(head: Head) -> Sniffed | None:
    """A first line that is an object with sentences and what is in them."""
    first = (head.text or "").lstrip().partition("\n")[0]
    if not first.startswith("{"):
        return None
    try:
        keys = set(json.loads(first))
    except (ValueError, RecursionError):
        keys = {key for key in ("sentences", "ner") if f'"{key}"' in first} if '"sentences": [[' in first else set()
    return Sniffed(0.9, "its first line has sentences and ner") if {"sentences", "ner"} <= keys else None


def _documents(source: Source, report: ReadReport, layer: str) -> Iterator[Document]:
    for record in records(source):
        try:
            yield _document(record.value, f"{source.stem}-{record.line}", report, layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)


def _document(value: object, name: str, report: ReadReport, layer: str) -> Document:
    item = is_object(value, "a document")
    given = take(item, "sentences", list, "a document")
    sentences = [strings(words, "a sentence of a document") for words in given]
    words = list(chain.from_iterable(sentences))
    if "" in words:
        raise DataError("a token of a document has to be some text, got ''")
    starts = [0, *accumulate(len(sentence) for sentence in sentences if sentence)]
    text, offsets = joined(words, starts)
    ids: dict[tuple[int, int], str] = {}
    spans = []
    entities = _lists(take(item, "ner", list, "a document"), 2, len(words), "an entity")
    for at, (ends, label) in enumerate(entities):
        first = ids.setdefault(ends[0], f"e{at}") == f"e{at}"
        spans.append(_span(ends[0], label, offsets.tolist(), layer, f"e{at}" if first else None))
    relations = []
    for ends, label in _lists(take(item, "relations", list, "a document", []), 4, len(words), "a relation"):
        for piece in ends:
            if piece not in ids:
                ids[piece] = f"e{len(spans)}"
                spans.append(_span(piece, _PIECE, offsets.tolist(), layer, ids[piece]))
                note = f"{_UNNAMED} {_PIECE!r}"
                report.notes += [] if note in report.notes else [note]
        relations.append(Relation(ids[ends[0]], ids[ends[1]], label))
    named = {end for relation in relations for end in (relation.head, relation.tail)}
    return Document(
        text,
        tuple(span if span.id in named else Span(span.start, span.end, span.label, span.layer) for span in spans),
        tuple(relations),
        tokens=Tokens(text, offsets, starts[:-1]),
        id=take_name(item, "doc_key", "a document") or name,
        meta=item,
    )


def _lists(value: list[object], numbers: int, length: int, what: str) -> Iterator[tuple[list[tuple[int, int]], str]]:
    """The entries of all sentences: their pieces, as half-open token ranges, and the label."""
    for sentence in value:
        if not isinstance(sentence, list):
            raise DataError(f"expected a list for each sentence, got {str(sentence)[:60]}")
        for entry in sentence:
            sound = isinstance(entry, list) and len(entry) > numbers
            if not sound or not all(type(one) is int for one in entry[:numbers]) or type(entry[numbers]) is not str:
                raise DataError(f"expected {what} as {numbers} numbers and a label, got {str(entry)[:60]}")
            pieces = [(entry[at], entry[at + 1] + 1) for at in range(0, numbers, 2)]
            if not all(0 <= start < end <= length for start, end in pieces):
                raise DataError(f"{what} has the tokens {entry[:numbers]}, there are {length}; ends are inclusive")
            yield pieces, entry[numbers]


def _span(piece: tuple[int, int], label: str, offsets: list[list[int]], layer: str, name: str | None) -> Span:
    return Span(offsets[piece[0]][0], offsets[piece[1] - 1][1], label, layer, None, name)


DYGIE = Format(
    "dygie",
    (),
    "DyGIE's JSON lines, as SciERC comes in: sentences, ner, relations",
    sniff,
    read,
    holds=frozenset({"spans", "nested", "overlapping", "relations", "tokens", "sentences", "ids", "meta"}),
)

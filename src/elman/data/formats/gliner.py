"""GLiNER's JSON: ``{"tokenized_text": ["in", "Bonn"], "ner": [[1, 1, "place"]]}``, in an array or a line each.

Ends are the index of the last token. ``relations`` are pairs of indices into ``ner`` with a label. The text is the
tokens, joined by one space; what stands between them is not held. A record without ``ner`` is unknown. Other keys
stay in ``meta`` and are written back.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.align import Partial, align
from elman.data.document import ENTITIES, Document, Region, Relation, Span, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import dumped, records
from elman.data.formats.json_fields import is_all_unknown, is_object, joined_meta, named, strings, take, take_name
from elman.data.formats.spacy_tokens import tokens_of
from elman.data.ledger import Entry, Ledger, account
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from elman.data.formats.files import Source

RESPACED = "the tokens are joined by one space"

_HOLDS = frozenset({"spans", "nested", "overlapping", "relations", "unknown", "ids", "meta", "tokens"})
_TEXT = re.compile(r'"tokenized_text"\s*:\s*\[')
_OWN = ("tokenized_text", "ner", "relations", "id", "meta")


def read(source: Source, /, *, layer: str = ENTITIES) -> Reading:
    """Read GLiNER's JSON.

    Args:
        source: the file.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, where a record has no tokens, or a span is not on them.
    """
    report = ReadReport("gliner")
    return Reading(_documents(source, layer), report)


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    layer: str = ENTITIES,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    lines: bool = False,
) -> Ledger:
    """Write GLiNER's JSON.

    Args:
        documents: any number.
        put: takes the text.
        layer: which spans are written.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        lines: whether each document is on a line of its own (JSONL), not in an array.

    Raises:
        UsageError: if a document has no tokens and ``tokenize`` is not given.
        DataError: if a document's ``meta`` has values that JSON has not.
    """
    ledger, between = Ledger(), "" if lines else "[\n"
    for document in documents:
        tokens = tokens_of(document, tokenize)
        record, entries = _record(document, tokens, layer, partial)
        put(between + dumped(record, document.id))
        between = "\n" if lines else ",\n"
        holds = _HOLDS if is_all_unknown(document, layer) else _HOLDS - {"unknown"}
        # One sentence goes without saying.
        holds = holds | {"sentences"} if len(tokens.sentences) < 2 else holds
        moved = "" if document.text == " ".join(tokens.surfaces) else RESPACED
        ledger += account(document, holds, entries, layer, text_moved=moved)
    put({"": "", "\n": "\n", "[\n": "[]\n", ",\n": "\n]\n"}[between])
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """A list of tokens."""
    text = (head.text or head.data.decode("utf-8", "replace")).lstrip("\ufeff \t\r\n")
    if text[:1] in ("[", "{") and _TEXT.search(text):
        return Sniffed(0.9, "its records have tokenized_text, as GLiNER trains on")
    return None


def _documents(source: Source, layer: str) -> Iterator[Document]:
    for record in records(source):
        try:
            document = _document(record.value, layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)
            continue
        yield document


def _document(value: object, layer: str) -> Document:
    record = is_object(value, "a record")
    if "tokenized_text" not in record:
        raise DataError(f"a record needs 'tokenized_text', a list; got {', '.join(record) or 'no key'}")
    words = strings(record.pop("tokenized_text"), "'tokenized_text' of a record")
    if "" in words:
        raise DataError(f"the token {words.index('')} is empty")
    text = " ".join(words)
    starts = list(accumulate((len(word) + 1 for word in words), initial=0))[:-1]
    offsets = np.array([(start, start + len(word)) for start, word in zip(starts, words, strict=True)], np.int64)
    tokens = Tokens(text, offsets.reshape(-1, 2))
    items = take(record, "ner", list, "a record", None)
    spans = [_span(item, tokens.offsets, layer) for item in items or ()]
    relations = [_relation(item, len(spans)) for item in take(record, "relations", list, "a record", [])]
    ends = {end for head, tail, _ in relations for end in (head, tail)}
    return Document(
        text,
        tuple(replace(span, id=str(at)) if at in ends else span for at, span in enumerate(spans)),
        tuple(Relation(str(head), str(tail), label) for head, tail, label in relations),
        (Region(0, len(text), layer),) if items is None and text else (),
        tokens=tokens,
        id=take_name(record, "id", "a record"),
        meta=joined_meta(record, record.pop("meta", None)),
    )


def _span(item: Any, offsets: NDArray[np.int32], layer: str) -> Span:
    if type(item) is not list or [type(one) for one in item] != [int, int, str]:
        raise DataError(f"expected a span as [first token, last token, label], got {str(item)[:60]}")
    first, last, label = item
    if not 0 <= first <= last < len(offsets):
        raise DataError(
            f"the span {first}-{last} {label} is not on the {len(offsets)} tokens; a span ends with its last token, "
            "not with the one after it"
        )
    return Span(int(offsets[first, 0]), int(offsets[last, 1]), label, layer)


def _relation(item: Any, count: int) -> tuple[int, int, str]:
    if type(item) is not list or [type(one) for one in item] != [int, int, str]:
        raise DataError(f"expected a relation as [span, span, label], got {named(item)} {str(item)[:60]}")
    head, tail, label = item
    if not (0 <= head < count and 0 <= tail < count):
        raise DataError(f"the relation {item} names a span that is not there; there are {count}, counted from 0")
    return head, tail, label


def _record(document: Document, tokens: Tokens, layer: str, partial: Partial) -> tuple[dict[str, object], list[Entry]]:
    """The record, and the fates of the layer's spans; they may overlap, so each is aligned alone."""
    places: dict[str, int] = {}
    ner: list[list[object]] = []
    entries: list[Entry] = []
    starts = {start: at for at, (start, _) in enumerate(tokens.offsets.tolist())}
    ends = {end: at for at, (_, end) in enumerate(tokens.offsets.tolist())}
    for span in document.layer(layer):
        first, last = starts.get(span.start), ends.get(span.end)
        if first is not None and last is not None:
            entry = Entry("kept", "", span, (span.start, span.end), "")
        else:
            aligned = align([span], tokens.offsets, text=document.text, partial=partial)
            entry = aligned.entries[0]
            if entry.to is not None:
                first, last = starts[entry.to[0]], ends[entry.to[1]]
        entries.append(entry)
        if entry.to is not None:
            if span.id is not None:
                places.setdefault(span.id, len(ner))
            ner.append([first, last, span.label])
    record: dict[str, object] = {} if document.id is None else {"id": document.id}
    record["tokenized_text"] = tokens.surfaces
    if not is_all_unknown(document, layer):
        record["ner"] = ner
    pairs = [(places.get(one.head), places.get(one.tail), one.label) for one in document.relations]
    if pairs:
        record["relations"] = [[head, tail, label] for head, tail, label in pairs if None not in (head, tail)]
    beside = {key: value for key, value in document.meta.items() if key not in _OWN}
    nested = {key: value for key, value in document.meta.items() if key in _OWN}
    return {**record, **beside, **({"meta": nested} if nested else {})}, entries


GLINER = Format(
    "gliner",
    (),
    "GLiNER's records: tokenized_text and ner, in a JSON array or a line each",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

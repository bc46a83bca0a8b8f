"""spaCy's training data as JSON: ``["text", {"entities": [[0, 5, "ORG"]]}]``, in an array or a line each.

The annotations may also have ``spans`` (a layer for each group) and ``cats``; a text whose annotations have no
``entities`` at all is unknown, not without entities. Read, too, are objects with ``text`` and ``entities``, and the
array of such pairs under ``annotations`` beside ``classes``. spaCy's entities cannot overlap: where those of a
document do, a group ``entities`` has all of them, and ``entities`` the longest.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import Record, dumped, records
from elman.data.formats.json_fields import is_all_unknown, is_object, joined_meta, named, take, take_name
from elman.data.ledger import Ledger, account
from elman.data.offsets import Loose, LooseSpan, settle
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from elman.data.document import Document, Span
    from elman.data.formats.files import Source

CATS = "cats"
"""The entry of ``meta`` with classes that are more than there or not there."""

TWICE = "label of the document that it has twice"

_HOLDS = frozenset({"text", "spans", "nested", "overlapping", "layers", "labels", "unknown"})
_EXPECTED = 'expected a record as ["text", {"entities": [[0, 5, "ORG"]]}]'
_PAIR = re.compile(r'(?:\[\s*)?\[\s*"(?:[^"\\]|\\.)*"\s*,\s*\{')
_LISTS = re.compile(r'"entities"\s*:\s*\[\s*\[\s*\d')


def read(source: Source, /, *, offsets: str = "auto") -> Reading:
    """Read spaCy's training data as JSON.

    Args:
        source: the file.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, where a record is not a text with annotations.
    """
    report = ReadReport("spacy-json")
    return Reading(settle(_records(source, report), source, report, offsets=offsets, own=True), report)


def write(documents: Iterable[Document], put: Callable[[str], object], /, *, lines: bool = False) -> Ledger:
    """Write pairs of text and annotations.

    Args:
        documents: any number.
        put: takes the text.
        lines: whether each is on a line of its own (JSONL), not in an array.
    """
    ledger, between = Ledger(), "" if lines else "[\n"
    for document in documents:
        put(between + dumped([document.text, _annotations(document)], document.id))
        between = "\n" if lines else ",\n"
        holds = _HOLDS if is_all_unknown(document) else _HOLDS - {"unknown"}
        told, twice = labels_once(document)
        ledger += twice + account(told, holds | {"meta"} if set(document.meta) == {CATS} else holds)
    put({"": "", "\n": "\n", "[\n": "[]\n", ",\n": "\n]\n"}[between])
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """A text and an object in a list, or lists of numbers under "entities"."""
    text = (head.text or head.data.decode("utf-8", "replace")).lstrip("\ufeff \t\r\n")
    if _PAIR.match(text):
        return Sniffed(0.9, "its first record is a list of a text and its annotations, as spaCy trains on")
    if text[:1] in ("[", "{") and '"text"' in text and _LISTS.search(text):
        return Sniffed(0.85, "its records have entities as lists of start, end and label, as spaCy trains on")
    if text.startswith("{") and '"classes"' in text[:1000] and '"annotations"' in text:
        return Sniffed(0.85, "it has classes and annotations, which are pairs as spaCy trains on")
    return None


def cats_of(cats: Mapping[str, object], meta: dict[str, object]) -> tuple[str, ...]:
    """The classes that a text has, which are those of at least one half; if that is not all, it goes to ``meta``.

    Raises:
        DataError: if a class has something else than a number.
    """
    for label, value in cats.items():
        if type(value) not in (int, float, bool):
            raise DataError(f"expected a number from 0 to 1 for the class {label!r}, got {named(value)}")
    if any(value != 1 for value in cats.values()):
        meta[CATS] = dict(cats)
    return tuple(label for label, value in cats.items() if float(value) >= 0.5)  # type: ignore[arg-type]


def cats_for(document: Document) -> dict[str, object]:
    """The way back: the classes of a document with their numbers."""
    cats = document.meta.get(CATS)
    numbers = isinstance(cats, dict) and all(type(value) in (int, float, bool) for value in cats.values())
    if isinstance(cats, dict) and numbers and cats_of(cats, {}) == document.labels:
        return cats
    return dict.fromkeys(document.labels, 1.0)


def labels_once(document: Document) -> tuple[Document, Ledger]:
    """The document without the labels that it has twice, which ``cats`` cannot have, and the account of these."""
    once = tuple(dict.fromkeys(document.labels))
    if len(once) == len(document.labels):
        return document, Ledger()
    ledger = Ledger.counted("refused", TWICE, len(document.labels) - len(once), "label")
    return replace(document, labels=once), ledger


def flat(spans: Sequence[Span]) -> list[Span]:
    """Those spans that stay if none may overlap another, in their order: the longest, of those the first."""
    if all(one.end <= other.start for one, other in pairwise(sorted(spans, key=lambda span: span.start))):
        return list(spans)
    kept: list[int] = []
    for at in sorted(range(len(spans)), key=lambda at: (spans[at].start - spans[at].end, at)):
        if all(spans[at].end <= spans[one].start or spans[one].end <= spans[at].start for one in kept):
            kept.append(at)
    return [spans[at] for at in sorted(kept)]


def groups_of(document: Document) -> dict[str, list[Span]]:
    """The groups of spans: all layers but the entities, and these, too, if they overlap."""
    groups: dict[str, list[Span]] = {}
    for span in document.spans:
        groups.setdefault(span.layer, []).append(span)
    if len(flat(groups.get(ENTITIES, []))) == len(groups.get(ENTITIES, [])):
        groups.pop(ENTITIES, None)
    return groups


def _annotations(document: Document) -> dict[str, object]:
    annotations: dict[str, object] = {}
    if not is_all_unknown(document):
        annotations["entities"] = [_fields(span) for span in flat(document.layer())]
    groups = groups_of(document)
    if groups:
        annotations["spans"] = {name: [_fields(span) for span in group] for name, group in groups.items()}
    cats = cats_for(document)
    return {**annotations, CATS: cats} if cats else annotations


def _fields(span: Span) -> list[object]:
    return [span.start, span.end, span.label]


def _records(source: Source, report: ReadReport) -> Iterator[Loose]:
    for record in records(source):
        for value in _pairs(record, report):
            try:
                loose = _loose(value, report)
            except DataError as error:
                source.reject(DataError(error.problem, source.name, record.line), record.raw)
                continue
            loose.line, loose.raw = record.line, record.raw
            yield loose


def _pairs(record: Record, report: ReadReport) -> Iterator[object]:
    value = record.value
    if type(value) is not dict or type(value.get("annotations")) is not list or "text" in value:
        yield value
        return
    for pair in value["annotations"]:
        if pair is None:
            report.ignored["text that was deleted (null)"] += 1
        else:
            yield pair


def _loose(value: object, report: ReadReport) -> Loose:
    if type(value) is list:
        if len(value) != 2 or type(value[0]) is not str:
            raise DataError(f"{_EXPECTED}, got a list of {len(value)}: {', '.join(named(item) for item in value[:3])}")
        loose, annotations = Loose(value[0]), is_object(value[1], "the annotations of a text")
    elif type(value) is dict:
        annotations = dict(value)
        loose = Loose(take(annotations, "text", str, "a record"))
        loose.id = take_name(annotations, "id", "a record")
    else:
        raise DataError(f"{_EXPECTED}, got {named(value)}")
    entities = take(annotations, "entities", list, "the annotations of a text", None)
    groups = take(annotations, "spans", dict, "the annotations of a text", {})
    cats = take(annotations, CATS, dict, "the annotations of a text", {})
    if entities is None and ENTITIES not in groups and loose.text:
        loose.unknown = [(0, len(loose.text), ENTITIES)]
    loose.meta = joined_meta(annotations, annotations.pop("meta", None))
    loose.labels = cats_of(cats, loose.meta)
    loose.spans = [_span(item, ENTITIES, report) for item in entities or ()]
    for layer, items in groups.items():
        if type(items) is not list:
            raise DataError(f"the group {layer!r} has to be a list of spans, got {named(items)}")
        spans = [_span(item, layer, report) for item in items]
        if layer == ENTITIES:
            # It has all of them.
            places = {(span.start, span.end, span.label) for span in spans}
            loose.spans = [
                span
                for span in loose.spans
                if span.layer != ENTITIES or (span.start, span.end, span.label) not in places
            ]
        loose.spans += spans
    return loose


def _span(value: Any, layer: str, report: ReadReport) -> LooseSpan:
    if type(value) is dict:
        item = dict(value)
        start, end = take(item, "start", int, "a span"), take(item, "end", int, "a span")
        return LooseSpan(start, end, take(item, "label", str, "a span"), layer)
    if type(value) is str:
        raise DataError("entities as tags are not read here; give them as [start, end, label]")
    if type(value) is not list or len(value) < 3 or [type(item) for item in value[:3]] != [int, int, str]:
        raise DataError(f"expected a span as [start, end, label], got {str(value)[:60]}")
    if any(value[3:]):
        report.ignored["id of a span (a fourth value)"] += 1
    return LooseSpan(value[0], value[1], value[2], layer)


SPACY_JSON = Format(
    "spacy-json",
    (),
    "pairs of a text and its entities, as spaCy trains on, in a JSON array or a line each",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

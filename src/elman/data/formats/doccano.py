"""doccano's exports: a record a line, or an array, with ``label`` as start, end and type of each span.

``{"id": 1, "text": "Sony sues.", "label": [[0, 4, "ORG"]]}``; older exports say ``labels`` or ``annotations``,
and ``data`` instead of ``text``. With relations, spans are ``entities`` with ``id``, ``start_offset`` and
``end_offset``, and ``relations`` have ``from_id``, ``to_id`` and ``type``. ``label`` or ``cats`` as a list of
strings are classes of the whole text. All else, such as ``Comments``, goes to ``meta``. Offsets may be UTF-16
units, which is found out. A project in which each works alone is exported as an archive of one file a user; these
are read one after the other, and the file's name goes to ``meta`` as ``user``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES, Document, Relation, Span
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import dumped
from elman.data.formats.json_fields import ignore, is_object, joined_meta, named, take, take_name
from elman.data.formats.loose_records import loose_records
from elman.data.ledger import Ledger, account
from elman.data.offsets import Loose, LooseSpan, settle
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.formats.files import Source

VARIANTS = ("auto", "spans", "relations")
"""How a record is written: as ``relations`` if it has any, or always as one of the two."""

_HOLDS = frozenset({"text", "spans", "nested", "overlapping", "relations", "labels", "ids", "span ids", "meta"})
_SPANS = ("label", "labels", "entities", "annotations")
_RESERVED = frozenset({"id", "text", "data", "relations", "cats", "meta", *_SPANS})
_LOOKED_AT = 50


def read(source: Source, /, *, offsets: str = "auto", layer: str = ENTITIES) -> Reading:
    """Read a doccano export.

    Args:
        source: the file.
        offsets: what offsets count, as ``settle`` has it.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, where a record lacks its text or has anything of another type than expected.
        UsageError: if ``offsets`` is something else.
    """
    report = ReadReport("doccano")
    return Reading(settle(_records(source, report, layer), source, report, offsets=offsets), report)


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    variant: str = "auto",
    layer: str = ENTITIES,
) -> Ledger:
    """Write records that doccano imports, a line each.

    Args:
        documents: any number.
        put: takes the text.
        variant: one of ``VARIANTS``.
        layer: which spans are written.

    Raises:
        DataError: if a document's ``meta`` has values that JSON has not.
        UsageError: if there is no such variant.
    """
    if variant not in VARIANTS:
        raise UsageError(f"variant has to be one of {', '.join(VARIANTS)}, got {variant!r}")
    ledger = Ledger()
    for document in documents:
        related = variant == "relations" or (variant == "auto" and bool(document.relations))
        record, ids_kept = _record(document, related, layer)
        put(dumped(record, document.id) + "\n")
        lost = set() if related else {"relations", "span ids"}
        ledger += account(document, _HOLDS - lost - (set() if ids_kept else {"span ids"}), layer=layer)
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """A record among the first that has spans or classes as doccano writes them."""
    for record in _first(head.text or ""):
        if type(record) is not dict or not any(type(record.get(key)) is str for key in ("text", "data")):
            return None
        for key in _SPANS:
            items = record.get(key)
            if type(items) is not list:
                continue
            if key != "entities" and any(_is_triple(item) for item in items):
                return Sniffed(0.9, f"it has {key!r} as lists of start, end and type")
            if any(type(item) is dict and "start_offset" in item for item in items):
                return Sniffed(0.9, f"it has {key!r} with 'start_offset'")
            if key == "label" and (not items or all(type(item) is str for item in items)):
                return Sniffed(0.87 if items else 0.85, "it has 'label' as a list")
        if type(record.get("cats")) is list:
            return Sniffed(0.87, "it has 'cats' as a list")
    return None


def _is_triple(item: object) -> bool:
    return type(item) is list and [type(part) for part in item] == [int, int, str]


def _first(text: str) -> Iterator[Any]:
    """The first records of a file that is an array or has one a line, as far as they are whole."""
    decoder, at, array = json.JSONDecoder(), 0, text.lstrip()[:1] == "["
    for number in range(_LOOKED_AT):
        while at < len(text) and (text[at].isspace() or (array and text[at] == ("," if number else "["))):
            at += 1
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield record


def _records(source: Source, report: ReadReport, layer: str) -> Iterator[Loose]:
    for loose in loose_records(source, lambda value: (_loose(value, report, layer),)):
        if source.among:
            loose.meta = {"user": source.stem, **loose.meta}
        yield loose


def _loose(value: object, report: ReadReport, layer: str) -> Loose:
    item = is_object(value, "a record")
    key = "data" if "text" not in item and type(item.get("data")) is str else "text"
    loose = Loose(take(item, key, str, "a record"), id=take_name(item, "id", "a record"))
    labels: list[str] = []
    for key in _SPANS:
        for piece in take(item, key, list, "a record", []):
            if type(piece) is str:
                labels.append(piece)
            else:
                loose.spans.append(_span(piece, key, layer, report))
    for piece in take(item, "cats", list, "a record", []):
        if type(piece) is not str:
            raise DataError(f"'cats' of a record has to be a list of strings, got {named(piece)} in it")
        labels.append(piece)
    loose.labels = tuple(labels)
    loose.relations = tuple(_relation(piece, report) for piece in take(item, "relations", list, "a record", []))
    loose.meta = joined_meta(item, item.pop("meta", None))
    return loose


def _span(value: object, key: str, layer: str, report: ReadReport) -> LooseSpan:
    what = f"an item of {key!r}"
    if type(value) is list:
        if not _is_triple(value):
            raise DataError(f'{what} has to be start, end and type, [0, 4, "ORG"] say, got {str(value)[:60]}')
        start, end, label = value
        return LooseSpan(start, end, label, layer)
    item = is_object(value, what)
    start, end = take(item, "start_offset", int, what), take(item, "end_offset", int, what)
    # The exports of 2020 name labels by their numbers.
    label, name = take_name(item, "label", what), take_name(item, "id", what)
    if label is None:
        raise DataError(f"{what} needs 'label', a string; got {', '.join(item) or 'no further key'}")
    ignore(item, what, report)
    return LooseSpan(start, end, label, layer, id=name)


def _relation(value: object, report: ReadReport) -> Relation:
    what = "a relation"
    item = is_object(value, what)
    head, tail, kind = (take_name(item, key, what) for key in ("from_id", "to_id", "type"))
    if head is None or tail is None or kind is None:
        raise DataError("a relation needs 'from_id', 'to_id' and 'type'")
    ignore(item, what, report)
    return Relation(head, tail, kind)


def _record(document: Document, related: bool, layer: str) -> tuple[dict[str, object], bool]:
    """The record, and whether its spans have the ids that they had."""
    record: dict[str, object] = {} if document.id is None else {"id": _number(document.id)}
    record["text"] = document.text
    spans = document.layer(layer)
    ids_kept = True
    if related:
        names = {span.id: _number(span.id) for span in spans if span.id is not None}
        ids_kept = all(type(number) is int for number in names.values())
        if not ids_kept:
            names = {name: number for number, name in enumerate(names, 1)}
        record["entities"] = [_fields(span, names) for span in spans]
        record["relations"] = [
            {"id": number, "from_id": names[one.head], "to_id": names[one.tail], "type": one.label}
            for number, one in enumerate(document.relations, 1)
            if one.head in names and one.tail in names
        ]
    elif spans or not document.labels:
        record["label"] = [[span.start, span.end, span.label] for span in spans]
    if document.labels:
        record["cats" if "label" in record or related else "label"] = list(document.labels)
    inner = {key: value for key, value in document.meta.items() if key in _RESERVED}
    record |= {key: value for key, value in document.meta.items() if key not in _RESERVED}
    return (record | {"meta": inner} if inner else record), ids_kept


def _fields(span: Span, names: dict[str, int | str]) -> dict[str, object]:
    """A span as an entity; doccano's ids are whole numbers."""
    name: dict[str, object] = {} if span.id is None else {"id": names[span.id]}
    return {**name, "start_offset": span.start, "end_offset": span.end, "label": span.label}


def _number(name: str) -> int | str:
    """A name as the whole number that it is the decimal of."""
    plain = name.isascii() and name.isdecimal() and len(name) < 19
    return int(name) if plain and str(int(name)) == name else name


DOCCANO = Format("doccano", (), "a doccano export, JSONL or an array", sniff, read, write, holds=_HOLDS)

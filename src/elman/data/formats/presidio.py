"""Presidio: what its analyzer found, and the labelled samples that its evaluator makes.

A record is ``{"text": ..., "results": [{"entity_type", "start", "end", "score"}]}``; the list may also be called
``entities``, ``analyzer_results`` or ``items`` (of an anonymized text). A sample of the evaluator has ``full_text``
and ``spans`` with ``entity_type``, ``entity_value``, ``start_position`` and ``end_position``. A file may also be
the results of one text alone; the text is then in the file beside it with the suffix ``.txt``. All else goes to
``meta``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import dumped
from elman.data.formats.json_fields import ignore, is_object, joined_meta, take, take_name, take_score
from elman.data.formats.loose_records import loose_records, with_text_beside
from elman.data.ledger import Ledger, account
from elman.data.offsets import Loose, LooseSpan, settle
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.document import Document
    from elman.data.formats.files import Source
    from elman.data.formats.json_array import Record

_HOLDS = frozenset({"text", "spans", "nested", "overlapping", "scores", "ids", "meta"})
_LISTS = ("results", "entities", "analyzer_results", "items")
_BARE = re.compile(r'\s*\[\s*\{[^{}\[\]]*"entity_type"')


def read(source: Source, /, *, text: str = "", offsets: str = "auto", layer: str = ENTITIES) -> Reading:
    """Read Presidio's results or samples.

    Args:
        source: the file.
        text: of results without a text, the file that has it; by default the one beside with the suffix .txt.
        offsets: what offsets count, as ``settle`` has it.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, where a record lacks its text or has anything of another type than expected,
            or if the text of results is not there.
        UsageError: if ``offsets`` is something else.
    """
    report = ReadReport("presidio")
    return Reading(settle(_records(source, report, text, layer), source, report, offsets=offsets), report)


def write(documents: Iterable[Document], put: Callable[[str], object], /, *, layer: str = ENTITIES) -> Ledger:
    """Write texts with their results, a line each.

    Args:
        documents: any number.
        put: takes the text.
        layer: which spans are written.

    Raises:
        DataError: if a document's ``meta`` has values that JSON has not.
    """
    ledger = Ledger()
    for document in documents:
        record: dict[str, object] = {} if document.id is None else {"id": document.id}
        record["text"] = document.text
        record["results"] = [
            {"entity_type": span.label, "start": span.start, "end": span.end}
            | ({} if span.score is None else {"score": span.score})
            for span in document.layer(layer)
        ]
        if document.meta:
            record["meta"] = dict(document.meta)
        put(dumped(record, document.id) + "\n")
        ledger += account(document, _HOLDS, layer=layer)
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """Results or samples at the beginning of the file."""
    text = head.text or ""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    if _BARE.match(text):
        return Sniffed(0.9, "it begins with results that have an 'entity_type'")
    if '"full_text"' in text and '"spans"' in text:
        return Sniffed(0.9, "it has 'full_text' with 'spans', as Presidio's evaluator has")
    lists = [name for name in _LISTS if re.search(rf'"{name}"\s*:\s*\[', text)]
    if lists and '"entity_type"' in text:
        return Sniffed(0.9, f"it has {lists[0]!r} with 'entity_type'")
    empty = re.match(r"\s*\[?\s*\{", text) and "results" in lists and '"text"' in text
    return Sniffed(0.82, "it has a text with 'results'") if empty else None


def _records(source: Source, report: ReadReport, text: str, layer: str) -> Iterator[Loose]:
    bare: list[Record] = []
    yield from loose_records(source, lambda value: (_loose(value, report, layer),), apart=bare, is_apart=_is_bare)
    if bare:
        loose = with_text_beside(source, text, bare, "results")
        for record in bare:
            try:
                loose.spans.append(_span(record.value, layer, report))
            except DataError as error:
                source.reject(DataError(error.problem, source.name, record.line), record.raw)
        yield loose


def _is_bare(value: object) -> bool:
    """Whether a record is a result for a text that is in another file."""
    return isinstance(value, dict) and "entity_type" in value


def _loose(value: object, report: ReadReport, layer: str) -> Loose:
    item = is_object(value, "a record")
    key = "full_text" if "full_text" in item else "text"
    loose = Loose(take(item, key, str, "a record"), id=take_name(item, "id", "a record"))
    names = ("spans",) if key == "full_text" else tuple(name for name in _LISTS if name in item)
    for name in names:
        loose.spans += [_span(piece, layer, report) for piece in take(item, name, list, "a record", [])]
    # Most records of the evaluator say that they have none.
    loose.meta = joined_meta(item, item.pop("meta", None))
    return loose


def _span(value: object, layer: str, report: ReadReport) -> LooseSpan:
    what = "a result"
    item = is_object(value, what)
    label = take(item, "entity_type", str, what)
    start, end = _offset(item, "start"), _offset(item, "end")
    score = take_score(item, what, report)
    surface = take(item, "entity_value", str, what, None) or take(item, "text", str, what, None)
    ignore({key: given for key, given in item.items() if given is not None}, what, report)
    return LooseSpan(start, end, label, layer, score, None, surface)


def _offset(item: dict[str, Any], side: str) -> int:
    key = f"{side}_position" if f"{side}_position" in item else side
    offset: int = take(item, key, int, "a result")
    return offset


PRESIDIO = Format("presidio", (), "Presidio's results or samples, with their texts", sniff, read, write, holds=_HOLDS)

"""SpERT's JSON: sentences of tokens with entities, and relations between the entities by their places in the list.

``{"tokens": [], "entities": [{"type", "start", "end"}], "relations": [{"type", "head", "tail"}], "orig_id"}``,
ends exclusive; in the place of the entities TablERT has ``tags``, one a token. Read only.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from elman.data.align import to_spans
from elman.data.detection import detect
from elman.data.document import ENTITIES, Document, Relation, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import records
from elman.data.formats.json_fields import ignore, is_object, strings, take, take_name
from elman.data.formats.tagged import check_repair, joined, said
from elman.data.schemes import TokenSpan
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source
    from elman.data.schemes import Repair, Scheme

_SAMPLE = 500
_KEYS = ({"tokens", "entities", "relations"}, {"tokens", "tags", "relations"})


def read(source: Source, /, *, scheme: str | None = None, repair: Repair = "refuse", layer: str = ENTITIES) -> Reading:
    """Read SpERT's JSON, a document a sentence.

    Args:
        source: the file.
        scheme: that of ``tags``; by default it is found out from the first sentences.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, if a sentence is not as it has to be.
        UsageError: if there is no such scheme or repair.
    """
    check_repair(repair)
    report = ReadReport("spert")
    return Reading(_documents(source, report, scheme, repair, layer), report)


def sniff(head: Head) -> Sniffed | None:
    """A first object with tokens, relations, and entities or tags."""
    if head.text is None or not head.text.lstrip().startswith(("[", "{")):
        return None
    start = head.text.find("{")
    if head.text[:start].strip() not in ("", "["):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(head.text[start:])
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not any(keys <= set(value) for keys in _KEYS):
        return None
    return Sniffed(0.9, f"its first object has {', '.join(sorted(set(value) & (_KEYS[0] | _KEYS[1])))}")


def _documents(
    source: Source, report: ReadReport, scheme: str | None, repair: Repair, layer: str
) -> Iterator[Document]:
    waiting: list[tuple[int, dict[str, Any], str]] = []
    found: Scheme | None = None
    for record in records(source):
        if found is None and isinstance(record.value, dict) and "tags" in record.value:
            # The scheme is found out from the first sentences, so these wait.
            waiting.append((record.line, record.value, record.raw))
            if len(waiting) < _SAMPLE:
                continue
        else:
            waiting.append((record.line, record.value, record.raw))
        if found is None:
            found = _found(waiting, source, report, scheme, repair)
        yield from _settled(waiting, source, report, found, repair, layer)
        waiting.clear()
    if waiting:
        found = found or _found(waiting, source, report, scheme, repair)
        yield from _settled(waiting, source, report, found, repair, layer)


def _found(
    waiting: list[tuple[int, dict[str, Any], str]], source: Source, report: ReadReport, name: str | None, repair: str
) -> Scheme | None:
    """The scheme of the tags, None if there are none."""
    given = [value["tags"] for _, value, _ in waiting if isinstance(value, dict) and "tags" in value]
    tags = [one for one in given if isinstance(one, list) and all(isinstance(cell, str) for cell in one)]
    if not tags:
        return None
    try:
        scheme, evidence = (said(name, tags), "as was said") if name else detect(tags)[:2]
    except DataError as error:
        raise DataError(error.problem, source.name) from None
    report.scheme, report.scheme_evidence, report.repair = scheme.name, evidence, repair
    return scheme


def _settled(
    waiting: list[tuple[int, dict[str, Any], str]],
    source: Source,
    report: ReadReport,
    scheme: Scheme | None,
    repair: Repair,
    layer: str,
) -> Iterator[Document]:
    for line, value, raw in waiting:
        try:
            yield _document(value, f"{source.stem}-{line}", report, scheme, repair, layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, line), raw)


def _document(
    value: object, name: str, report: ReadReport, scheme: Scheme | None, repair: Repair, layer: str
) -> Document:
    item = is_object(value, "a sentence")
    words = strings(take(item, "tokens", list, "a sentence"), "'tokens' of a sentence")
    if "" in words:
        raise DataError("a token of a sentence has to be some text, got ''")
    text, offsets = joined(words, (0, len(words)) if words else (0,))
    runs = _runs(item, words, report, scheme, repair)
    relations = take(item, "relations", list, "a sentence", [])
    ends = [_relation(relation, len(runs), report) for relation in relations]
    named = {at for relation in ends for at in relation[:2]}
    spans = tuple(
        replace(span, id=f"e{at}") if at in named else span for at, span in enumerate(to_spans(runs, offsets, layer))
    )
    identity = take_name(item, "orig_id", "a sentence") if "orig_id" in item else None
    return Document(
        text,
        spans,
        tuple(Relation(f"e{head}", f"e{tail}", label) for head, tail, label in ends),
        tokens=Tokens(text, offsets),
        id=identity or name,
        meta=item,
    )


def _runs(
    item: dict[str, Any], words: list[str], report: ReadReport, scheme: Scheme | None, repair: Repair
) -> list[TokenSpan]:
    """The entities of a sentence in the order in which relations count them."""
    if "entities" in item:
        return [_entity(entity, len(words), report) for entity in take(item, "entities", list, "a sentence")]
    tags = strings(take(item, "tags", list, "a sentence"), "'tags' of a sentence")
    if len(tags) != len(words):
        raise DataError(f"expected a tag for each of the {len(words)} tokens, got {len(tags)}; mend the sentence")
    assert scheme is not None
    decoded = scheme.decode(tags, repair)
    report.repairs += decoded.repairs
    return list(decoded.spans)


def _entity(value: object, length: int, report: ReadReport) -> TokenSpan:
    entity = is_object(value, "an entity")
    start, end = (take(entity, key, int, "an entity") for key in ("start", "end"))
    label = take(entity, "type", str, "an entity")
    ignore(entity, "an entity", report)
    if not 0 <= start < end <= length:
        raise DataError(f"an entity has the tokens {start}-{end}, there are {length}; ends are exclusive")
    return TokenSpan(start, end, label)


def _relation(value: object, entities: int, report: ReadReport) -> tuple[int, int, str]:
    relation = is_object(value, "a relation")
    head, tail = (take(relation, key, int, "a relation") for key in ("head", "tail"))
    label = take(relation, "type", str, "a relation")
    ignore(relation, "a relation", report)
    if not (0 <= head < entities and 0 <= tail < entities):
        raise DataError(f"a relation is between entities {head} and {tail}, there are {entities}; they count from 0")
    return head, tail, label


SPERT = Format(
    "spert",
    (),
    "SpERT's JSON: tokens, entities or tags, and relations",
    sniff,
    read,
    holds=frozenset({"spans", "nested", "overlapping", "relations", "tokens", "ids", "meta"}),
)

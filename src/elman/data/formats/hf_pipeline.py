"""What token classification pipelines of Hugging Face give.

An entity has ``entity_group``, ``score``, ``word``, ``start`` and ``end``. A record is ``{"text": ...,
"entities": [...]}``; the list may also be called ``predictions`` or ``ner``. A file may also be the entities of
one text alone; the text is then in the file beside it with the suffix ``.txt``. Pieces of words that were not
aggregated (``entity``, ``index``) are put together as ``aggregation_strategy="simple"`` does.
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

_LISTS = ("entities", "predictions", "ner")
_ENTITY = re.compile(r'\{[^{}\[\]]*"entity(?:_group)?"\s*:\s*"[^{}\[\]]*"word"')
_HOLDS = frozenset({"text", "spans", "nested", "overlapping", "scores", "ids", "meta"})
PIECE = "piece of an entity"


def read(source: Source, /, *, text: str = "", layer: str = ENTITIES, offsets: str = "auto") -> Reading:
    """Read what a pipeline gave.

    Args:
        source: the file.
        text: of entities without a text, the file that has it; by default the one beside with the suffix .txt.
        layer: the layer of the spans.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, where a record lacks its text or has anything of another type than expected,
            if entities have no offsets, or if their text is not there.
        UsageError: if ``offsets`` is something else.
    """
    report = ReadReport("hf-pipeline")
    return Reading(settle(_records(source, report, text, layer), source, report, offsets=offsets, own=True), report)


def write(documents: Iterable[Document], put: Callable[[str], object], /, *, layer: str = ENTITIES) -> Ledger:
    """Write texts with their entities as a pipeline gives them, a line each.

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
        record["entities"] = [
            {"entity_group": span.label}
            | ({} if span.score is None else {"score": span.score})
            | {"word": document.surface(span), "start": span.start, "end": span.end}
            for span in document.layer(layer)
        ]
        if document.meta:
            record["meta"] = dict(document.meta)
        put(dumped(record, document.id) + "\n")
        ledger += account(document, _HOLDS, layer=layer)
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """Entities of a pipeline at the beginning of the file."""
    if (head.text or "").lstrip()[:1] not in ("[", "{") or not _ENTITY.search(head.text or ""):
        return None
    return Sniffed(0.9, "it has entities with 'entity_group' or 'entity', and 'word'")


def _records(source: Source, report: ReadReport, text: str, layer: str) -> Iterator[Loose]:
    bare: list[Record] = []
    yield from loose_records(source, lambda value: (_loose(value, report, layer),), apart=bare, is_apart=_is_bare)
    if bare:
        loose = with_text_beside(source, text, bare, "entities")
        try:
            loose.spans = _spans([record.value for record in bare], loose.text, layer, report)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, bare[0].line), bare[0].raw)
            return
        yield loose


def _is_bare(value: object) -> bool:
    """Whether a record is an entity of a text that is in another file."""
    return isinstance(value, dict) and "word" in value and not any(name in value for name in _LISTS)


def _loose(value: object, report: ReadReport, layer: str) -> Loose:
    item = is_object(value, "a record")
    text = take(item, "text", str, "a record")
    loose = Loose(text, id=take_name(item, "id", "a record"))
    name = next((name for name in _LISTS if name in item), _LISTS[0])
    loose.spans = _spans(take(item, name, list, "a record", []), text, layer, report)
    loose.meta = joined_meta(item, item.pop("meta", None))
    return loose


def _spans(values: list[Any], text: str, layer: str, report: ReadReport) -> list[LooseSpan]:
    spans: list[LooseSpan] = []
    pieces: list[int] = []
    last = -1
    for value in values:
        item = is_object(value, "an entity")
        grouped = "entity_group" in item
        label = take(item, "entity_group" if grouped else "entity", str, "an entity")
        index = take(item, "index", int, "an entity", None)
        if item.get("start") is None or item.get("end") is None:
            raise DataError(
                f"the entity {label} has no offsets, because its tokenizer is a slow one; "
                "run the pipeline with a fast tokenizer (use_fast=True)"
            )
        start, end = take(item, "start", int, "an entity"), take(item, "end", int, "an entity")
        word = take(item, "word", str, "an entity", None)
        score = take_score(item, "an entity", report)
        ignore(item, "an entity", report)
        prefix, _, rest = label.partition("-")
        tagged = not grouped and prefix in ("B", "I") and rest
        name = rest if tagged else label
        if (
            not grouped
            and prefix != "B"
            and spans
            and index is not None
            and index == last + 1
            and spans[-1].label == name
        ):
            _extend(spans, pieces, end, score)
        else:
            spans.append(LooseSpan(start, end, name, layer, score, None, _surface(word, text, start, end)))
            pieces.append(1)
        last = -1 if index is None else index
    many = [count for count in pieces if count > 1]
    report.ledger += Ledger.counted("joined", PIECE, sum(many), "span", len(many))
    joined_scores = [count for count, span in zip(pieces, spans, strict=True) if count > 1 and span.score is not None]
    report.ledger += Ledger.counted("joined", PIECE, sum(joined_scores), "score", len(joined_scores))
    return spans


def _extend(spans: list[LooseSpan], pieces: list[int], end: int, score: float | None) -> None:
    """Put a piece to the last span; its score is the mean."""
    span, count = spans[-1], pieces[-1]
    span.end, span.surface = end, None
    span.score = None if span.score is None or score is None else (span.score * count + score) / (count + 1)
    pieces[-1] += 1


def _surface(word: str | None, text: str, start: int, end: int) -> str | None:
    """The word as evidence of where it is, unless the tokenizer may have changed it."""
    if not word or _bare(word) == _bare(text[max(start, 0) : max(end, 0)]):
        return None
    return word if word in text else None


def _bare(word: str) -> str:
    return re.sub(r"\s|^##", "", word).casefold()


HF_PIPELINE = Format(
    "hf-pipeline",
    (),
    "what a token classification pipeline of Hugging Face gives",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

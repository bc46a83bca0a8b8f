r"""Span JSONL: one document a line, and all of it, so that what is written reads back the same.

``{"text": "Ada wrote.", "spans": [{"start": 0, "end": 3, "label": "PER"}]}`` is a line. Spans may also have
``layer`` (``entities`` unless said), ``score`` and ``id``, and on reading ``text``, which is compared with
what the offsets give. A document may also have ``id``, ``relations`` (``head``, ``tail``, ``label``,
``score``), ``unknown`` (``start``, ``end``, ``layer``), ``labels``, ``tokens`` (pairs of start and end),
``sentences`` (indices of tokens), ``columns`` (lists of strings by name) and ``meta``; other keys go to
``meta``. Offsets are code points, ends exclusive; in a file where they cannot be that, it is found out what they
are. Lines end with ``\n``; any other separator is a character of the text. An array of such objects is read, too.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from elman.data.document import ENTITIES, Document, Region, Relation, Span, Tokens
from elman.data.formats.format import HOLDS, Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import Record, records
from elman.data.formats.json_line import line_of
from elman.data.ledger import Ledger, account
from elman.data.loose import Loose, LooseSpan
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.formats.files import Source

_ARRAY = re.compile(rb"\s*\[\s*\{")
_SPAN = {"start": int, "end": int, "label": str}
_SPAN_MAY = {"layer": str, "score": (float, int), "id": str, "text": str}
_REGION = {"start": int, "end": int}
_REGION_MAY = {"layer": str}
_RELATION = {"head": str, "tail": str, "label": str}
_RELATION_MAY = {"score": (float, int)}
_DOCUMENT = {"text": str}
_DOCUMENT_MAY = {
    "id": str,
    "spans": list,
    "relations": list,
    "unknown": list,
    "labels": list,
    "tokens": list,
    "sentences": list,
    "columns": dict,
    "meta": dict,
}
_JSON_NAMES = {
    str: "a string",
    int: "a whole number",
    (float, int): "a number",
    list: "a list",
    dict: "an object",
    bool: "true or false",
    float: "a number with a fraction",
    type(None): "null",
}


def read(source: Source, /, *, text: str = "text", label: str | None = None, offsets: str = "auto") -> Reading:
    """Read span JSONL; see the module for its keys.

    Args:
        source: the file.
        text: the key of the text.
        label: the key of the document's label, or of a list of labels, besides ``labels``.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, where a line is not a JSON object, lacks its text, has a span outside
            the text, or has anything of another type than expected.
        UsageError: if ``offsets`` is something else.
    """
    report = ReadReport("jsonl")
    # To write takes none of the doctor's modules.
    from elman.data.offsets import settle

    if _ARRAY.match(source.peek.data.removeprefix(codecs.BOM_UTF8)):
        objects: Iterable[Record] = records(source)
    else:
        objects = _lines(source)
    if (text, label) != ("text", None):
        objects = _renamed(objects, text, label)
    return Reading(settle(_records(objects, source, report), source, report, offsets=offsets, own=True), report)


def documents_of(lines: Iterable[tuple[int, str]], name: str, report: ReadReport) -> Iterator[Document]:
    """The documents of lines that come one after the other; each is there before the next line is asked for.

    No line can wait for what the others tell of how offsets are counted: they are code points.

    Args:
        lines: each with its number.
        name: what messages call the source.
        report: gets what was passed over.

    Raises:
        DataError: as ``read``.
    """
    from elman.data.offsets import settle

    given = _Lines(lines, name)
    return settle(_records(_lines(given), given, report), given, report, offsets="code-points")


class _Lines:
    """Lines as a source: the first that is at fault is an error."""

    def __init__(self, lines: Iterable[tuple[int, str]], name: str) -> None:
        self._lines = lines
        self.name = name

    def lines(self) -> Iterable[tuple[int, str]]:
        return self._lines

    def reject(self, error: DataError, raw: str) -> None:  # noqa: ARG002
        raise error


def write(documents: Iterable[Document], put: Callable[[str], object], /) -> Ledger:
    """Write span JSONL, every field of every document; all spans are kept.

    Raises:
        DataError: if a document's ``meta`` has values that JSON has not.
    """
    ledger = Ledger()
    for document in documents:
        put(_line(document) + "\n")
        ledger += account(document, HOLDS)
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """A first line that is an object with a text; of a line longer than the head, its beginning; or such an array."""
    if head.text is None:
        return None
    if head.text.lstrip()[:1] == "[":
        return _sniff_array(head.text)
    line = next((line for line in head.text.split("\n") if line.strip()), "").strip()
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        looks = line.startswith("{") and '"text"' in line
        return Sniffed(0.3, "its first line begins as a JSON object with a text") if looks else None
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return Sniffed(0.8, "its first line is a JSON object with a text")
    return None


def _sniff_array(text: str) -> Sniffed | None:
    """An array whose first object has a text and nothing that might be labels in a way of its own."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip()[1:].lstrip())
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return None
    if any(isinstance(item, list | dict) for key, item in value.items() if key not in _DOCUMENT_MAY):
        return None
    return Sniffed(0.2, "it is an array of JSON objects with a text")


def _lines(source: Source | _Lines) -> Iterator[Record]:
    """The objects that stand on a line each."""
    for number, line in source.lines():
        if not line.strip(" \t\r"):
            continue
        try:
            yield Record(number, _DECODER.decode(line), line)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, number), line)
        except (ValueError, RecursionError) as error:
            problem = f"expected a JSON object on each line, got invalid JSON: {error}"
            source.reject(DataError(problem, source.name, number), line)


def _renamed(objects: Iterable[Record], text: str, label: str | None) -> Iterator[Record]:
    """The same with the keys that they should have; what has these keys without being meant goes to ``meta``."""
    own = {text: "text"} | ({label: "labels"} if label else {})
    for line, value, raw in objects:
        if type(value) is not dict:
            yield Record(line, value, raw)
            continue
        apart = {key: value[key] for key in own.values() if key in value and key not in own}
        renamed = {own.get(key, key): item for key, item in value.items() if key not in apart}
        if apart and type(meta := renamed.get("meta", {})) is dict:
            renamed["meta"] = meta | apart
        if label and (given := renamed.get("labels")) is not None:
            renamed["labels"] = [str(one) for one in (given if type(given) is list else [given])]
        yield Record(line, renamed, raw)


def _records(objects: Iterable[Record], source: Source | _Lines, report: ReadReport) -> Iterator[Loose | Document]:
    for number, value, raw in objects:
        try:
            record = record_of(value, report)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, number), raw)
            continue
        if isinstance(record, Loose):
            record.line, record.raw = number, raw
        yield record


def _no_number(name: str) -> NoReturn:
    raise DataError(f"{name} is not JSON; leave out the number that is not known")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def record_of(value: object, report: ReadReport) -> Loose | Document:
    """What a line has; a document, where its offsets are the same in all units and nothing contradicts them."""
    if type(value) is dict and value.get("text") is None:
        problem = f"a document needs 'text', a string; got {', '.join(value) or 'no key'}"
        raise DataError(f"{problem}; where its key is another, say jsonl:text=KEY as the format")
    line = _checked(value, "document", _DOCUMENT, _DOCUMENT_MAY)
    text: str = line.pop("text")
    spans = [_span(item, report) for item in line.pop("spans", ())]
    relations = tuple([_relation(item, report) for item in line.pop("relations", ())])
    unknown = [_region(item, report) for item in line.pop("unknown", ())]
    labels = tuple(line.pop("labels", ()))
    if not all(type(label) is str for label in labels):
        raise DataError("the labels of a document have to be strings")
    parts = [line.pop(key, None) for key in ("tokens", "sentences", "columns")]
    tokens, sentences, columns = _checked_tokens(*parts)
    name, meta = line.pop("id", None), line.pop("meta", {})
    for key in line.keys() & meta.keys():
        raise DataError(f"{key!r} stands both beside the text and in meta; rename one")
    meta = {**meta, **line}
    if not (text.isascii() or not (spans or unknown or tokens)) or not all(_fits(span, text) for span in spans):
        return Loose(text, spans, relations, unknown, labels, tokens, sentences, columns, name, meta)
    return Document(
        text,
        tuple([Span(span.start, span.end, span.label, span.layer, span.score, span.id) for span in spans]),
        relations,
        tuple([Region(*region) for region in unknown]),
        labels,
        None if tokens is None else Tokens(text, tokens, sentences, columns),
        name,
        meta,
    )


def _fits(span: LooseSpan, text: str) -> bool:
    """Whether a span can be in the text, and its own text is there."""
    surface = span.surface
    return 0 <= span.start < span.end <= len(text) and (surface is None or surface == text[span.start : span.end])


def _checked(value: object, what: str, needed: dict[str, Any], allowed: dict[str, Any]) -> dict[str, Any]:
    """A copy of a JSON object whose keys are of the right types; a null counts as a key that is not there."""
    if type(value) is not dict:
        raise DataError(f"expected a {what} as an object, got {_named(value)}")
    copy = {key: item for key, item in value.items() if item is not None or key not in allowed}
    for key, types in needed.items():
        if key not in copy:
            raise DataError(f"a {what} needs {key!r}, {_JSON_NAMES[types]}; got {', '.join(value) or 'no key'}")
    for key, item in copy.items():
        types = needed.get(key) or allowed.get(key)
        # Not isinstance: a bool is an int in Python, and must not be one here.
        if types and type(item) is not types and not (isinstance(types, tuple) and type(item) in types):
            raise DataError(f"{key!r} of a {what} has to be {_JSON_NAMES[types]}, got {_named(item)}")
    return copy


def _named(value: object) -> str:
    return _JSON_NAMES.get(type(value), "something else")


def _rest(item: dict[str, Any], what: str, report: ReadReport) -> None:
    """Count what no field takes, so that it is not lost in silence."""
    report.ignored.update(f"{key!r} of a {what}" for key in item)


def _span(value: object, report: ReadReport) -> LooseSpan:
    item = _checked(value, "span", _SPAN, _SPAN_MAY)
    start, end, label = item.pop("start"), item.pop("end"), item.pop("label")
    layer, score, name = item.pop("layer", ENTITIES), _score(item), item.pop("id", None)
    surface = item.pop("text", None)
    if item:
        _rest(item, "span", report)
    return LooseSpan(start, end, label, layer, score, name, surface)


def _score(item: dict[str, Any]) -> float | None:
    score = item.pop("score", None)
    if score is not None and not 0 <= score <= 1:
        raise DataError(f"a score has to be a probability in [0, 1], got {score}")
    return None if score is None else float(score)


def _region(value: object, report: ReadReport) -> tuple[int, int, str]:
    item = _checked(value, "region", _REGION, _REGION_MAY)
    region = item.pop("start"), item.pop("end"), item.pop("layer", ENTITIES)
    _rest(item, "region", report)
    return region


def _relation(value: object, report: ReadReport) -> Relation:
    item = _checked(value, "relation", _RELATION, _RELATION_MAY)
    relation = Relation(item.pop("head"), item.pop("tail"), item.pop("label"), _score(item))
    _rest(item, "relation", report)
    return relation


def _checked_tokens(
    offsets: list[Any] | None, sentences: list[Any] | None, columns: object
) -> tuple[list[Any] | None, list[Any] | None, dict[str, list[str]]]:
    if offsets is None and (sentences is not None or columns is not None):
        raise DataError("sentences and columns need tokens, which are not there")
    columns = columns or {}
    if not isinstance(columns, dict) or not all(
        isinstance(values, list) and all(type(cell) is str for cell in values) for values in columns.values()
    ):
        raise DataError("columns have to be lists of strings by name")
    return offsets, sentences, columns


def _line(document: Document) -> str:
    try:
        return line_of(document)
    except (TypeError, ValueError) as error:
        place = "" if document.id is None else f"document {document.id!r}: "
        raise DataError(f"{place}cannot be written as JSON: {error}; meta takes JSON's types only") from None


JSONL = Format(
    "jsonl",
    (".jsonl", ".ndjson"),
    'an object with "text" and "spans" on each line',
    sniff,
    read,
    write,
    holds=HOLDS,
)

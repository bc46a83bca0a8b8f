"""Sentences with one marked pair and its relation, as SciBERT has them: ``[[ head ]] is used for << tail >>``.

``{"text", "label", "metadata": [head's first and last token, tail's]}`` a line. The marks are taken out of the
text; what the two are is not said, so their label is ``ENTITY``. Read only.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Relation, Span, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import records
from elman.data.formats.json_fields import is_object, take
from elman.data.formats.tagged import joined
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

ENTITY = "ENTITY"
_MARKS = {"[[": "head", "]]": "head", "<<": "tail", ">>": "tail"}
_CLOSING = ("]]", ">>")
_BLANKS = re.compile("[ \t]+")


def read(source: Source, /, *, layer: str = ENTITIES) -> Reading:
    """Read marked pairs, a document a line.

    Args:
        source: the file.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, if a line has not both marks.
    """
    report = ReadReport("marked")
    return Reading(_documents(source, layer), report)


def sniff(head: Head) -> Sniffed | None:
    """A first line with a text that has both marks, and a label."""
    try:
        value = json.loads((head.text or "").lstrip().partition("\n")[0])
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or type(value.get("text")) is not str or type(value.get("label")) is not str:
        return None
    if not set(_MARKS) <= set(value["text"].split()):
        return None
    return Sniffed(0.95, "its first line has a text with [[ ]] and << >> and a label")


def _documents(source: Source, layer: str) -> Iterator[Document]:
    for record in records(source):
        try:
            yield _document(record.value, f"{source.stem}-{record.line}", layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)


def _document(value: object, name: str, layer: str) -> Document:
    item = is_object(value, "a sentence")
    marked, label = (take(item, key, str, "a sentence") for key in ("text", "label"))
    words: list[str] = []
    places: dict[str, list[int]] = {"head": [], "tail": []}
    for piece in _BLANKS.split(marked.strip(" \t")):
        end = _MARKS.get(piece)
        # Beyond the first two marks of a kind they are words.
        if end and len(places[end]) == (piece in _CLOSING):
            places[end].append(len(words))
        else:
            words.append(piece)
    if not all(len(ends) == 2 and ends[0] < ends[1] for ends in places.values()):
        raise DataError(f"expected one pair as in [[ head ]] and << tail >>, got {marked[:80]!r}; mend the line")
    text, offsets = joined(words, (0, len(words)))
    spans = [
        Span(int(offsets[start, 0]), int(offsets[end - 1, 1]), ENTITY, layer, None, name)
        for name, (start, end) in places.items()
    ]
    relation = Relation("head", "tail", label)
    return Document(text, tuple(spans), (relation,), tokens=Tokens(text, offsets), id=name, meta=item)


MARKED = Format(
    "marked",
    (),
    "sentences with one marked pair, [[ head ]] and << tail >>, and its relation",
    sniff,
    read,
    holds=frozenset({"spans", "nested", "relations", "tokens", "meta"}),
)

"""A document as a line of JSON: what ``json.dumps`` gives, put together in pieces because that is much faster."""

from __future__ import annotations

import json
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from elman.data.document import Document, Region, Relation, Span, Tokens


_SMALL = 1 << 13
_STARTS = [f"[{number}, " for number in range(_SMALL)]
_ENDS = [f"{number}]" for number in range(_SMALL)]


def line_of(document: Document) -> str:
    """The document with all that it has, without a line feed.

    Raises:
        TypeError: if its ``meta`` has what JSON has not.
        ValueError: likewise, or if texts have two lone surrogates beside each other, which would be read as one
            character.
    """
    parts = [] if document.id is None else [f'"id": {quoted(document.id)}']
    parts.append(f'"text": {quoted(document.text)}')
    parts.append(f'"spans": [{", ".join(_spans(document.spans))}]')
    if document.relations:
        parts.append(f'"relations": {_dumped(map(_fields, document.relations))}')
    if document.unknown:
        parts.append(f'"unknown": {_dumped(map(_fields, document.unknown))}')
    if document.labels:
        parts.append(f'"labels": {_dumped(document.labels)}')
    if document.meta:
        parts.append(f'"meta": {json.dumps(dict(document.meta), ensure_ascii=False, allow_nan=False)}')
    if document.tokens is not None:
        parts += _tokens(document.tokens)
    line = f"{{{', '.join(parts)}}}"
    return line if _encodable(line) else _escaped(line, document.text)


def _spans(spans: Iterable[Span]) -> list[str]:
    """Each span; whole numbers look in JSON as in Python."""
    labels: dict[str, str] = {}
    pieces = []
    for span in spans:
        if span.layer != ENTITIES or span.score is not None or span.id is not None:
            pieces.append(json.dumps(_fields(span), ensure_ascii=False, allow_nan=False))
            continue
        label = labels.get(span.label) or labels.setdefault(span.label, quoted(span.label))
        pieces.append(f'{{"start": {span.start}, "end": {span.end}, "label": {label}}}')
    return pieces


def _tokens(tokens: Tokens) -> list[str]:
    parts = [f'"tokens": {_pairs(tokens.offsets)}', f'"sentences": {tokens.sentences.tolist()}']
    if tokens.columns:
        columns = ", ".join([f"{quoted(name)}: {_strings(values)}" for name, values in tokens.columns.items()])
        parts.append(f'"columns": {{{columns}}}')
    return parts


def _pairs(offsets: NDArray[np.int32]) -> str:
    """Pairs of numbers; of those that are small, put together of pieces that are there already."""
    if not len(offsets) or offsets[-1, 1] >= _SMALL:
        return str(offsets.tolist())
    starts, ends = offsets.T.tolist()
    pairs = map(str.__add__, map(_STARTS.__getitem__, starts), map(_ENDS.__getitem__, ends))
    return f"[{', '.join(pairs)}]"


def _strings(values: Sequence[str]) -> str:
    """A list of strings, quoted all at once where no string has what the trick would mistake."""
    joined = "\n".join(values)
    if not values or "\\" in joined or joined.count("\n") >= len(values):
        return f"[{', '.join(map(quoted, values))}]"
    return f"[{quoted(joined)}]".replace("\\n", '", "')


def _fields(piece: Span | Region | Relation) -> dict[str, object]:
    """The fields that say something."""
    return {
        name: value
        for name in piece.__slots__
        if (value := getattr(piece, name)) is not None and (name, value) != ("layer", ENTITIES)
    }


def _dumped(values: Iterable[object]) -> str:
    return json.dumps(list(values), ensure_ascii=False, allow_nan=False)


def _encodable(line: str) -> bool:
    if line.isascii():
        return True
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(line: str, text: str) -> str:
    """The line with escapes: lone surrogates are no characters, but a text that has them can still be written."""
    values = json.loads(line)
    dumped = json.dumps(values)
    if json.loads(dumped) != values or values["text"] != text:
        raise ValueError("two lone surrogates beside each other would read back as one character")
    return dumped

"""Overlapping and nested spans on several flat layers, for a tagger that is flat, and back on one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Region, Span
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.data.document import Document


def base_of(layer: str) -> str:
    """The layer that a further one was spread from: ``entities`` of ``entities/2``; of any other itself."""
    match = re.fullmatch(r"(.+)/(?:[2-9]|[1-9][0-9]+)", layer, re.DOTALL)
    return match[1] if match else layer


def layers(document: Document, layer: str = ENTITIES) -> Document:
    """Spread the spans of a layer over flat layers: ``entities``, ``entities/2``, ``entities/3`` and so on.

    A span is on a further layer than all that contain it, and on the first that is free. Of two in the same
    place the one given first is the outer. What is unknown in the layer is unknown in all of them.

    Raises:
        DataError: if the document has spans or regions in such a further layer already.
    """
    number = _numbered(layer)
    pieces: tuple[Span | Region, ...] = (*document.spans, *document.unknown)
    taken = next((name for name in (piece.layer for piece in pieces) if number(name) > 1), None)
    if taken:
        raise DataError(f"the layer {layer!r} is spread already, there is {taken!r}; merge the layers first")
    places = _spread([span for span in document.spans if span.layer == layer])
    if max(places, default=1) == 1:
        return document
    at = iter(places)
    spans = tuple(
        replace(span, layer=_name(layer, next(at))) if span.layer == layer else span for span in document.spans
    )
    regions = [region for region in document.unknown if region.layer == layer]
    further = (replace(region, layer=_name(layer, depth)) for depth in range(2, max(places) + 1) for region in regions)
    return replace(document, spans=spans, unknown=(*document.unknown, *further))


def flattened(document: Document, layer: str = ENTITIES) -> Document:
    """The document with a layer and its further ones flat: as it is if they are, or else spread anew."""
    number = _numbered(layer)
    family: dict[str, list[Span]] = {}
    for span in document.spans:
        if number(span.layer):
            family.setdefault(span.layer, []).append(span)
    flat = all(max(_spread(spans)) == 1 for spans in family.values())
    return document if flat else layers(merge_layers(document, layer), layer)


def merge_layers(document: Document, layer: str = ENTITIES) -> Document:
    """The way back: the spans of the further layers are in the layer again."""
    number = _numbered(layer)
    pieces: tuple[Span | Region, ...] = (*document.spans, *document.unknown)
    if not any(number(piece.layer) > 1 for piece in pieces):
        return document
    spans = tuple(replace(span, layer=layer) if number(span.layer) > 1 else span for span in document.spans)
    unknown = [region for region in document.unknown if number(region.layer) <= 1]
    for region in document.unknown:
        whole = replace(region, layer=layer)
        if number(region.layer) > 1 and whole not in unknown:
            unknown.append(whole)
    return replace(document, spans=spans, unknown=tuple(unknown))


def _spread(spans: list[Span]) -> list[int]:
    """For each span the number of its layer, from 1."""
    numbers = [0] * len(spans)
    ends: list[int] = []
    around: list[int] = []
    for index in sorted(range(len(spans)), key=lambda index: (spans[index].start, -spans[index].end, index)):
        span = spans[index]
        around = [other for other in around if spans[other].end > span.start]
        depth = max((numbers[other] for other in around if spans[other].end >= span.end), default=0)
        while depth < len(ends) and ends[depth] > span.start:
            depth += 1
        ends[depth : depth + 1] = [span.end]
        numbers[index] = depth + 1
        around.append(index)
    return numbers


def _name(layer: str, number: int) -> str:
    return layer if number == 1 else f"{layer}/{number}"


def _numbered(layer: str) -> Callable[[str], int]:
    """Tells the number of a flat layer of this layer; 0 where it is another."""
    pattern = re.compile(re.escape(layer) + r"/([2-9]|[1-9][0-9]+)")

    def number(name: str) -> int:
        if name == layer:
            return 1
        match = pattern.fullmatch(name)
        return int(match[1]) if match else 0

    return number

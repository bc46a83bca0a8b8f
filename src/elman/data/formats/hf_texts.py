"""Rows of texts of Hugging Face datasets as objects of span JSONL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.data.formats.hf_columns import LABELS, SPANS, name_of, plain
from elman.data.formats.hf_features import names_in
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.formats.format import ReadReport
    from elman.data.formats.hf_columns import Options

_ALIASES = {"start": ("start_offset", "begin"), "end": ("end_offset",), "label": ("entity_type", "type", "entity")}
# What datasets have in the place of labels that are kept secret.
_NONE = -1


class TextRows:
    """Makes objects of span JSONL of rows with a text."""

    def __init__(
        self,
        text: str,
        columns: Sequence[str],
        features: Mapping[str, Any],
        report: ReadReport,
        options: Options,
    ) -> None:
        self.own = "token_offsets" in columns and "spans" in columns
        self.report = report
        self._text = text
        self._label = next((name for name in LABELS if name in columns), None)
        self._spans = next((name for name in SPANS if name in columns), None)
        self._names = list(options.labels) if options.labels else names_in(features.get(self._label or ""))
        self._span_names = names_in(_inside(features.get(self._spans or ""), "label"))
        self._layer = options.layer

    def value(self, row: dict[str, Any]) -> dict[str, Any]:
        """The object.

        Raises:
            DataError: if the row is at fault.
        """
        given = {key: item for key, item in row.items() if item is not None}
        value: dict[str, Any] = {"text": given.pop(self._text, None)}
        if "id" in given:
            value["id"] = str(given.pop("id"))
        if self._spans in given:
            value["spans"] = [self._span(span) for span in _listed(given.pop(self._spans))]
        if self._label in given:
            labels = given.pop(self._label)
            labels = labels if isinstance(labels, list) else [labels]
            value["labels"] = [name_of(label, self._names, self._label or "") for label in labels if label != _NONE]
            self.report.ignored[f"number {_NONE} in {self._label!r}, which stands for no label"] += labels.count(_NONE)
        if self.own:
            value |= {key: given.pop(key) for key in ("relations", "unknown", "sentences") if key in given}
            if "token_offsets" in given:
                value["tokens"] = given.pop("token_offsets")
            for key in ("columns", "meta"):
                value[key] = json.loads(given.pop(key)) if key in given else None
        meta = {key: plain(item, key, self.report) for key, item in given.items()}
        return {**value, "meta": {**(value.get("meta") or {}), **meta}}

    def _span(self, span: object) -> object:
        if isinstance(span, list) and len(span) == 3:
            span = dict(zip(("start", "end", "label"), span, strict=True))
        if not isinstance(span, dict):
            return span
        found = {key: item for key, item in span.items() if item is not None}
        for key, others in _ALIASES.items():
            other = next((name for name in others if name in found), None)
            if key not in found and other:
                found[key] = found.pop(other)
        if type(found.get("label")) is int:
            found["label"] = name_of(found["label"], self._span_names, "label")
        return {"layer": self._layer, **found}


def _inside(feature: object, key: str) -> object:
    """The feature of a field of the objects that a feature is a list of."""
    while isinstance(feature, list | dict) and feature:
        if isinstance(feature, list):
            feature = feature[0]
        elif key in feature:
            return feature[key]
        else:
            feature = feature.get("feature")
    return None


def _listed(spans: object) -> list[Any]:
    """Spans as a list; they may also be an object of lists, or JSON."""
    if isinstance(spans, str):
        try:
            spans = json.loads(spans)
        except ValueError as error:
            raise DataError(f"expected spans, got a string that is no JSON: {error}; mend the row") from None
    if isinstance(spans, dict) and all(isinstance(values, list) for values in spans.values()):
        return [dict(zip(spans, items, strict=True)) for items in zip(*spans.values(), strict=True)]
    if not isinstance(spans, list):
        raise DataError(f"expected a list of spans, got {str(spans)[:60]}")
    return spans

"""What the columns of Hugging Face datasets are called, and the values in them."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.data.formats.hf_features import UNKNOWN
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.data.formats.format import ReadReport
    from elman.data.schemes import Repair

TOKENS = ("tokens", "words", "token")
TAGS = ("ner_tags", "ner", "tags", "ner_tag", "bio_tags", "labels", "label_ids", "label")
TEXTS = ("text", "sentence", "content", "document")
LABELS = ("labels", "label", "category", "coarse_label")
SPANS = ("spans", "entities")


class Options(NamedTuple):
    """What a reader was told; see ``hf.read_parquet``."""

    tokens: str | None
    tags: str | None
    text: str | None
    labels: Sequence[str] | None
    scheme: str | None
    repair: Repair
    layer: str
    unknown: str | None
    offsets: str


class Row(NamedTuple):
    """A row, or a line of JSON; where it is, and what it has as it came."""

    line: int
    value: dict[str, Any]

    @property
    def raw(self) -> str:
        """For the file of rejects."""
        return json.dumps(self.value, ensure_ascii=False, default=str)


def are(value: object, kind: type) -> bool:
    """Whether a value is a list of this kind."""
    return isinstance(value, list) and all(type(item) is kind for item in value)


def name_of(number: object, names: Sequence[str] | None, column: str) -> str:
    """The name behind a number; what is a string already is its own."""
    if type(number) is not int or names is None or number == UNKNOWN:
        return str(number)
    if not 0 <= number < len(names):
        raise DataError(f"{column!r} has the number {number}, and there are {len(names)} names; mend the row")
    return names[number]


def plain(item: object, column: str, report: ReadReport) -> object:
    """A value in JSON's types; bytes, such as those of pictures, are left out and counted."""
    if isinstance(item, dict):
        return {str(key): plain(one, column, report) for key, one in item.items()}
    if isinstance(item, list | tuple):
        return [plain(one, column, report) for one in item]
    if isinstance(item, bytes):
        report.ignored[f"bytes in the column {column!r}"] += 1
        return None
    if isinstance(item, datetime | date | time):
        return item.isoformat()
    return item if item is None or isinstance(item, str | int | float | bool) else str(item)


def checked_labels(labels: Sequence[str] | str | None) -> list[str] | None:
    """The names of tags in their order.

    Raises:
        UsageError: if one stands there twice.
    """
    names = labels.split(",") if isinstance(labels, str) else list(labels) if labels else None
    if names and len(set(names)) < len(names):
        raise UsageError(f"labels have to be different, got {', '.join(names)}")
    return names

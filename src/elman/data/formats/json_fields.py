"""Fields of JSON objects that come from other tools: taken with their types checked, and none forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.data.ledger import Ledger
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from elman.data.document import Document
    from elman.data.formats.format import ReadReport

_NAMES: dict[object, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    bool: "true or false",
    type(None): "null",
}
NO_LABEL = "span without a label"
OUT_OF_RANGE = "score that is no probability in [0, 1]"
NOT_GOLD = "of an example that is no gold"


def named(value: object) -> str:
    """What kind of JSON value this is, in words."""
    return _NAMES.get(type(value), "something else")


def is_object(value: object, what: str) -> dict[str, Any]:
    """A copy of the object.

    Raises:
        DataError: if it is none; ``what`` says what it should be.
    """
    if type(value) is not dict:
        raise DataError(f"expected {what} as an object, got {named(value)}")
    return dict(value)


def take(item: dict[str, Any], key: str, kind: type, what: str, default: Any = ...) -> Any:
    """Take a field out of an object; null counts as a field that is not there.

    Args:
        item: the object, which has the key no more afterwards.
        key: the field's.
        kind: its type; ``float`` takes whole numbers, too.
        what: the object's name in messages, with its article.
        default: what is given where the field is not there; without it that is an error.

    Raises:
        DataError: if the field is missing or of another type.
    """
    keys = ", ".join(item)
    value = item.pop(key, None)
    if value is None:
        if default is ...:
            raise DataError(f"{what} needs {key!r}, {_NAMES[kind]}; got {keys or 'no key'}")
        return default
    # Not isinstance: a bool is an int in Python, and must not be one here.
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise DataError(f"{key!r} of {what} has to be {_NAMES[kind]}, got {named(value)}")
    return value


def take_name(item: dict[str, Any], key: str, what: str) -> str | None:
    """Take a name that tools give as a string or as a number."""
    if type(item.get(key)) is int:
        return str(item.pop(key))
    name: str | None = take(item, key, str, what, None)
    return name


def take_score(item: dict[str, Any], what: str, report: ReadReport, key: str = "score") -> float | None:
    """Take a probability; a number that can be none goes into the ledger."""
    score = take(item, key, float, what, None)
    if score is not None and not 0 <= score <= 1:
        report.ledger += Ledger.counted("refused", OUT_OF_RANGE, 1, "score")
        return None
    return None if score is None else float(score)


def strings(values: object, what: str) -> list[str]:
    """A list of strings.

    Raises:
        DataError: if it is none; ``what`` is its name.
    """
    if type(values) is not list or not all(type(value) is str for value in values):
        raise DataError(f"{what} has to be a list of strings, got {str(values)[:60]}")
    return values


def ignore(item: Mapping[str, Any], what: str, report: ReadReport) -> None:
    """Count the fields that are left, so that nothing is lost in silence."""
    report.ignored.update(f"{key!r} of {what}" for key in item)


def joined_meta(beside: dict[str, Any], nested: object) -> dict[str, Any]:
    """One ``meta`` of the keys that stand beside the text and those of its own object ``meta``.

    Where both have a key with different values, the one in ``meta`` is named ``meta.KEY``.
    """
    if nested is None:
        return beside
    if type(nested) is not dict:
        return {**beside, "meta": nested}
    meta = dict(beside)
    for key, value in nested.items():
        meta[key if key not in meta or meta[key] == value else f"meta.{key}"] = value
    return meta


def parted_meta(meta: Mapping[str, object], beside: Collection[str]) -> dict[str, object]:
    """The way back from ``joined_meta``: these keys and those that begin with ``_`` stand beside the text."""
    outer = {key: value for key, value in meta.items() if key in beside or key.startswith("_")}
    nested = {key: value for key, value in meta.items() if key not in outer}
    return {**outer, "meta": nested} if nested else outer


def is_all_unknown(document: Document, layer: str = ENTITIES) -> bool:
    """Whether a document says of this layer that nobody annotated it, and of nothing else."""
    regions = [(region.start, region.end, region.layer) for region in document.unknown]
    return regions == [(0, len(document.text), layer)] and not document.layer(layer)

"""What a network is made of: parts, each with a name, known without torch."""

from __future__ import annotations

from dataclasses import MISSING, asdict, fields
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, get_type_hints

from elman.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import Field

Shapes = dict[str, tuple[int, ...]]
"""The shapes of tensors, by their names."""


class Part(Protocol):
    """A frozen dataclass of plain values, from which the shapes of a part's tensors follow.

    ``elman.nn.parts`` makes a torch module of it, ``elman.runtime.parts`` what computes the same in NumPy; both have
    the same methods, so that a task's ``forward`` runs over either.

    Attributes:
        kind: its name in a model folder.
    """

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def tensors(self) -> Shapes:
        """The shapes of its tensors, by the names that they have in it.

        Raises:
            ModelError: if there is no such part.
        """
        ...


def encode_part(part: Part) -> dict[str, Any]:
    """A part as plain values, for JSON."""
    return {"kind": part.kind, **asdict(part)}


def decode_part(tree: object, kinds: Mapping[str, type[Part]], place: str) -> Part:
    """The inverse of ``encode_part``.

    Args:
        tree: what came from JSON.
        kinds: all parts that there are, by their names.
        place: what a message calls it.

    Raises:
        ModelError: if it is none of them, or a value is missing, unknown or of the wrong type.
    """
    if not isinstance(tree, dict) or tree.get("kind") not in kinds:
        known = ", ".join(sorted(kinds))
        raise ModelError(f"{place}: expected a part out of {known} (upgrade elman?), got {tree!r:.80}")
    made = kinds[tree["kind"]]
    hints, values = get_type_hints(made), dict[str, Any]()
    for field in fields(made):
        if field.name not in tree and field.default is not MISSING:
            continue
        value = tree.get(field.name)
        if isinstance(value, list):
            value = tuple(value)
        if not _fits(value, hints[field.name]):
            raise ModelError(f"{place}: {field.name}: expected {field.type}, got {value!r:.80}")
        values[field.name] = value
    if unknown := tree.keys() - {field.name for field in fields(made)} - {"kind"}:
        raise ModelError(f"{place}: there is no {', '.join(sorted(unknown))} (upgrade elman?)")
    part = made(**values)
    for name, shape in part.tensors().items():
        if not all(size >= 0 for size in shape):
            raise ModelError(f"{place}: {name} cannot have the shape {shape}")
    return part


def _fits(value: object, hint: object) -> bool:
    """Whether a plain value is of a plain type."""
    if hint is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if hint in (str, bool):
        return isinstance(value, str if hint is str else bool)
    if hint == tuple[int, ...]:
        return isinstance(value, tuple) and all(_fits(one, int) for one in value)
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)

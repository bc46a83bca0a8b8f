"""What the scores of every task have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Figure(NamedTuple):
    """The one number that a run is judged by.

    Attributes:
        name: as a person knows it, such as ``F1``.
        value: the larger, the better.
        shown: as a person reads it, such as ``91.95%``; of a rate of errors, say, that rate and not ``value``.
    """

    name: str
    value: float
    shown: str

    def __str__(self) -> str:
        return f"{self.name} {self.shown}"


def figure_in(scores: Mapping[str, Any]) -> Figure:
    """The figure in what ``to_json`` gave of any task's scores."""
    if "figure" in scores:
        return Figure(**scores["figure"])
    f1 = float(scores["micro"]["f1"])
    return Figure("F1", f1, f"{f1:.2%}")


class Scores(Protocol):
    """How well a model does a task."""

    @property
    def figure(self) -> Figure:
        """What a run is judged by."""
        ...

    @property
    def curves(self) -> Mapping[str, float]:
        """Further numbers that are worth a curve over a training, by their names."""
        ...

    def to_json(self) -> dict[str, Any]:
        """All of it, as plain values; of all tasks but tagging with ``figure``, its three parts under their names."""
        ...

    def lines(self) -> Iterator[str]:
        """What a person reads, a line each."""
        ...

"""How well the labels of tokens are told, of which each token has one: an accuracy."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from elman.metrics.figure import Figure
from elman.metrics.score import Result

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, eq=False)
class TokenResult(Result):
    """A result that is judged by the share of the labelled tokens whose label was told."""

    @classmethod
    def of(cls, result: Result) -> TokenResult:
        """The same counts."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

    @property
    def accuracy(self) -> float:
        """The share of the gold labels that were told; 0.0 if there are none."""
        return self.micro.recall

    @property
    def figure(self) -> Figure:
        """The accuracy."""
        return Figure("accuracy", self.accuracy, f"{self.accuracy:.2%}")

    def to_json(self) -> dict[str, Any]:
        """As ``Result`` gives it, with ``figure`` and ``accuracy``."""
        return super().to_json() | {"figure": self.figure._asdict(), "accuracy": self.accuracy}

    def lines(self) -> Iterator[str]:
        """The accuracy, and a table as of every result."""
        micro = self.micro
        yield f"accuracy {self.accuracy:.2%} of {int(micro.support):,} tokens"
        yield ""
        yield from super().lines()

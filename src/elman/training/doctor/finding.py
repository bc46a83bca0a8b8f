"""What the doctor says: what was seen, what it likely means, what to try."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a run.

    Attributes:
        kind: what it is called, such as ``step-too-large``; each is explained in docs/how-to/doctor.md.
        seen: what was seen, with the figures.
        means: what it likely means.
        advice: what to try.
        figures: the figures by name, for a machine.
    """

    kind: str
    seen: str
    means: str
    advice: str
    figures: Mapping[str, float | int | str]

    def to_json(self) -> dict[str, object]:
        """For a machine."""
        return asdict(self)

    def __str__(self) -> str:
        return f"doctor: {self.kind}: {self.seen}. {self.means}. Try: {self.advice}."

"""All that a report shows of a system; every form of the report is drawn from this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.data.document import ENTITIES
from elman.metrics.calibration import Reliability, reliability
from elman.metrics.comparison import compare, judged
from elman.metrics.errors import Errors, errors
from elman.metrics.report import notes
from elman.metrics.score import Result, score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.metrics.comparison import Judged
    from elman.metrics.intervals import Interval

SCHEMA = "elman.report/1"
"""The name and version of what ``Assessment.to_json`` gives."""


class System(NamedTuple):
    """One of several systems on the same data."""

    name: str
    result: Result


class Contrast(NamedTuple):
    """How far two systems are apart.

    Attributes:
        one: a system's name.
        other: another's.
        difference: the F1 of ``one`` minus that of ``other``, a fraction.
        interval: of the difference; None if there is none.
        p_value: how often chance alone makes so great a difference, in [0, 1].
        test: how that was found out.
    """

    one: str
    other: str
    difference: float
    interval: Interval | None
    p_value: float
    test: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How a score changed while the system learned, or with how much it learned from.

    Attributes:
        across: what the first number of a point is, such as ``epoch``.
        lines: by name, such as ``dev F1``, points in ascending order; the second number is a fraction.
    """

    across: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Assessment:
    """A system, judged.

    Attributes:
        title: what was judged on what.
        facts: lines that stand below the title.
        result: the scores.
        errors: of exact matching, whatever the mode of ``result``.
        pairs: the documents, for those forms of the report that show them.
        calibration: whether the probabilities of predicted spans are what they say; None if they have none.
        curve: how the system learned, if that is known.
        breakdowns: scores of parts of the data: by what they are divided, then by part.
        systems: all systems that are compared, this one first; empty if there is no other.
        contrasts: between them.
    """

    title: str
    result: Result
    errors: Errors
    pairs: Sequence[Judged] = ()
    facts: Sequence[str] = ()
    calibration: Reliability | None = None
    curve: Curve | None = None
    breakdowns: Mapping[str, Mapping[str, Result]] = field(default_factory=dict)
    systems: Sequence[System] = ()
    contrasts: Sequence[Contrast] = ()

    @property
    def notes(self) -> list[str]:
        """What a reader has to know of the scores, and of what stands below them."""
        said = notes(self.result)
        if self.result.mode != "exact":
            mode = self.result.mode
            said.append(f"The scores are in the mode {mode}; the errors and documents are judged by exact matching.")
        return said

    def to_json(self) -> dict[str, Any]:
        """The assessment as plain values, without the documents; ratios as fractions.

        Under ``scores``, and of each part and system, what ``Result.to_json`` gives; under ``errors`` and
        ``calibration`` what ``Errors.to_json`` and ``Reliability.to_json`` do. Under ``schema`` its name and
        version. What is not known is None or empty.
        """
        return {
            "schema": SCHEMA,
            "title": self.title,
            "facts": list(self.facts),
            "documents": self.errors.documents,
            "scores": self.result.to_json(),
            "errors": self.errors.to_json(),
            "calibration": self.calibration and self.calibration.to_json(),
            "curve": self.curve
            and {
                "across": self.curve.across,
                "lines": {name: [list(point) for point in points] for name, points in self.curve.lines.items()},
            },
            "breakdowns": {
                by: {part: result.to_json() for part, result in parts.items()} for by, parts in self.breakdowns.items()
            },
            "systems": [{"name": system.name, "scores": system.result.to_json()} for system in self.systems],
            "contrasts": [
                contrast._asdict() | {"interval": contrast.interval and list(contrast.interval)}
                for contrast in self.contrasts
            ],
        }


_HEADINGS = {
    "length": "By length",
    "frequency": "By frequency in train",
    "seen": "Seen and unseen strings",
    "seen-tokens": "Seen and unseen tokens",
    "position": "By place in the sentence",
}


def heading_of(by: str) -> str:
    """What stands above a breakdown."""
    return _HEADINGS.get(by, f"By {by}")


def assess(
    pairs: Sequence[Judged],
    *,
    title: str,
    facts: Sequence[str] = (),
    layer: str = ENTITIES,
    result: Result | None = None,
    curve: Curve | None = None,
    breakdowns: Mapping[str, Mapping[str, Result]] | None = None,
    systems: Sequence[System] = (),
    contrasts: Sequence[Contrast] = (),
) -> Assessment:
    """Judge a system.

    Args:
        pairs: documents as they should be and as the system has them.
        title: what was judged on what.
        facts: lines to stand below the title.
        layer: of the spans.
        result: the scores, if they are there already, in any mode; else exact matching is counted.
        curve: how the system learned.
        breakdowns: scores of parts of the data.
        systems: all systems that are compared, this one first.
        contrasts: between them.
    """
    return Assessment(
        title=title,
        facts=facts,
        result=score(compare(pairs, layer)) if result is None else result,
        errors=errors(pairs, layer),
        pairs=pairs,
        calibration=_calibration(pairs, layer),
        curve=curve,
        breakdowns=breakdowns or {},
        systems=systems,
        contrasts=contrasts,
    )


def _calibration(pairs: Sequence[Judged], layer: str) -> Reliability | None:
    """Of the predicted spans that have a probability, if there are any."""
    said: list[float] = []
    right: list[bool] = []
    for pair in pairs:
        gold, predicted = judged(pair, layer)
        expected = {span.key for span in gold}
        for span in predicted:
            if span.score is not None:
                said.append(span.score)
                right.append(span.key in expected)
    return reliability(said, right) if said else None

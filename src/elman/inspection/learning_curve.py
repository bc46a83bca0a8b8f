"""How the score grows with the labels: the runs, the curve through them, what it says, and a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.inspection.figures import COLOURS, named, picture
from elman.inspection.power_law import PowerLaw, fit, resampled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA = "elman.curve/1"
"""The name and version of what ``LearningCurve.to_json`` gives."""

REACH = 4.0
"""Nothing is said of more than so many times the labels that there are."""

WORTH = 0.005
"""A gain in F1 of less is not worth the name."""

MISS = 0.015
"""Of a curve that is further off in its test, it is said that it does not hold."""

LEVEL = 0.95
"""Of the intervals."""


class CurveRun(NamedTuple):
    """One training.

    Attributes:
        share: of the training set.
        seed: of what was drawn, and of the training.
        units: documents, or sentences, that it learned from.
        spans: entities in them.
        f1: micro F1 on dev, in [0, 1].
        seconds: that it took.
    """

    share: float
    seed: int
    units: int
    spans: int
    f1: float
    seconds: float


@dataclass(frozen=True)
class LearningCurve:
    """What came of it.

    Attributes:
        runs: at four sizes or more; of the full size at least one.
        unit: what is counted, ``documents`` or ``sentences``.
        train: the training set's name.
        dev: the other's.
    """

    runs: Sequence[CurveRun]
    unit: str
    train: str
    dev: str

    @cached_property
    def law(self) -> PowerLaw:
        """Through all runs."""
        return fit(*self._points(self.runs))

    @cached_property
    def might_be(self) -> list[PowerLaw]:
        """Through runs drawn again; empty if a share has only one run."""
        if any(len(self._at(units)) < 2 for units in self.sizes):
            return []
        return resampled(*self._points(self.runs))

    @property
    def sizes(self) -> list[int]:
        """Different sizes, ascending."""
        return sorted({run.units for run in self.runs})

    def gain(self, factor: float) -> tuple[float, tuple[float, float] | None]:
        """F1 that so many times the labels add, and its interval."""
        now = self.sizes[-1]
        gains = [float(law(factor * now) - law(now)) for law in (self.law, *self.might_be)]
        return gains[0], _interval(gains[1:])

    def needed(self, points: float = 0.01) -> tuple[float, tuple[float, float] | None]:
        """Units to add for so much more F1, and the interval; infinite where the curve does not get there."""
        now = self.sizes[-1]
        more = [law.size_for(float(law(now)) + points) - now for law in (self.law, *self.might_be)]
        return more[0], _interval(more[1:])

    def foreseen(self) -> tuple[float, float] | None:
        """What a curve without the largest size says of it, and what was measured; None with too few sizes."""
        if len(self.sizes) < 5:
            return None
        last = self.sizes[-1]
        law = fit(*self._points([run for run in self.runs if run.units < last]))
        return float(law(last)), float(np.mean([run.f1 for run in self._at(last)]))

    def to_json(self) -> dict[str, Any]:
        """For a machine; what is infinite is null."""
        gain, gains = self.gain(2)
        needed, most = self.needed()
        return {
            "schema": SCHEMA,
            "train": self.train,
            "dev": self.dev,
            "unit": self.unit,
            "runs": [run._asdict() for run in self.runs],
            "law": vars(self.law),
            "twice": {"gain": gain, "interval": gains},
            "one_point": {"more": _finite(needed), "interval": most and [_finite(end) for end in most]},
            "foreseen": self.foreseen(),
        }

    def lines(self) -> Iterator[str]:
        """For a person."""
        rows = [["share", self.unit, "entities", "dev F1", "deviation", "runs", "curve"]]
        for units in self.sizes:
            runs = self._at(units)
            scores = [100 * run.f1 for run in runs]
            deviation = f"{np.std(scores, ddof=1):.2f}" if len(runs) > 1 else "-"
            spans = round(np.mean([run.spans for run in runs]))
            row = [f"{runs[0].share:.0%}", f"{units:,}", f"{spans:,}", f"{np.mean(scores):.2f}", deviation]
            rows.append([*row, str(len(runs)), f"{100 * self.law(units):.2f}"])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        yield from ("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
        yield ""
        yield from self.sentences()

    def sentences(self) -> Iterator[str]:
        """Would more labels help, and how many?"""
        gain, gains = self.gain(2)
        now = self.sizes[-1]
        told = f"{100 * gain:+.1f} points of F1" + _told(gains, "{:+.1f}", 100)
        if gains is None:
            verdict = "With one run at a share there is no interval; give --seeds 3. By the curve, "
        elif gains[0] >= WORTH:
            verdict = "More labels would help: "
        elif gains[1] < WORTH:
            verdict = "More labels would hardly help: "
        else:
            verdict = "Whether more labels would help, these runs do not settle: "
        yield f"{verdict}twice the {self.unit} ({2 * now:,}) are expected to give {told}."
        more, most = self.needed()
        if more > (REACH - 1) * now:
            limit = f"{round((REACH - 1) * now):,} more {self.unit}, as far as the curve can be asked"
            yield f"One point more is not expected within {limit}."
        else:
            yield f"One point more takes about {_round(more)} more {self.unit}{_told(most, '{}', 1, self._beyond)}."
        if (foreseen := self.foreseen()) is not None:
            yield (
                f"A test of the curve: drawn without the full size, it says {100 * foreseen[0]:.1f} there; "
                f"{100 * foreseen[1]:.1f} was measured."
            )
            if (miss := abs(foreseen[0] - foreseen[1])) > MISS:
                told = f"That is a miss by {100 * miss:.1f} points"
                yield f"{told}: scores here do not follow it, so lean on none of this."
        yield (
            "All of this holds for labels like those that are there and judged by this dev set, and only if scores go "
            "on along a power law."
        )

    def draw(self, path: Path) -> None:
        """Every run, the curve, and where it goes on beyond the labels that there are.

        Args:
            path: its ending, .png or .svg, says what it becomes.
        """
        now = self.sizes[-1]
        inside, beyond = np.geomspace(self.sizes[0], now, 60), np.geomspace(now, REACH * now, 60)
        with picture(path) as axes:
            if self.might_be:
                everywhere = np.concatenate((inside, beyond[1:]))
                laws = np.array([law(everywhere) for law in self.might_be])
                low, high = np.quantile(laws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
                label = f"{LEVEL:.0%} of curves through resampled runs"
                axes.fill_between(everywhere, 100 * low, 100 * high, color=COLOURS[0], alpha=0.18, lw=0, label=label)
            axes.plot(inside, 100 * self.law(inside), color=COLOURS[0], label="power law")
            axes.plot(beyond, 100 * self.law(beyond), color=COLOURS[0], linestyle="--", label="extrapolated")
            x, y = self._points(self.runs)
            axes.plot(x, 100 * np.asarray(y), "o", color=COLOURS[1], markersize=7, label="a training")
            axes.axvline(now, color="#555555", linewidth=1.2, linestyle=":")
            axes.annotate(" all labels", (now, 0.02), xycoords=("data", "axes fraction"), color="#555555")
            axes.set_xscale("log")
            ticks = [*self.sizes, 2 * now, 4 * now]
            axes.set_xticks(ticks, [f"{size:,}" for size in ticks])
            axes.minorticks_off()
            axes.legend(loc="lower right", bbox_to_anchor=(1, 0.06), frameon=True, facecolor="white", edgecolor="none")
            named(
                axes, f"Learning curve: {self.train}, judged on {self.dev}", f"{self.unit} to learn from", "dev F1, %"
            )

    def _at(self, units: int) -> list[CurveRun]:
        return [run for run in self.runs if run.units == units]

    @staticmethod
    def _points(runs: Sequence[CurveRun]) -> tuple[list[int], list[float]]:
        return [run.units for run in runs], [run.f1 for run in runs]

    def _beyond(self, more: float) -> str:
        limit = (REACH - 1) * self.sizes[-1]
        return _round(more) if more <= limit else f"over {_round(limit)}"


def _interval(values: Sequence[float]) -> tuple[float, float] | None:
    if not values:
        return None
    # By rank: between two infinite values nothing can be interpolated.
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest").tolist()
    return low, high


def _told(interval: tuple[float, float] | None, form: str, factor: float, shown: Any = lambda value: value) -> str:
    if interval is None:
        return ""
    low, high = (form.format(shown(factor * end)) for end in interval)
    return f" ({LEVEL:.0%} interval {low} to {high})"


def _round(number: float) -> str:
    """With two digits."""
    return f"{round(float(f'{number:.2g}')):,}"


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None

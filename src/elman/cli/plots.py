"""Plots as SVG: calibration and learning; in numbers beside or below, and not by colour alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from elman.cli.page_parts import isolated, wide
from elman.data.formats.html import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elman.metrics.assessment import Curve
    from elman.metrics.calibration import Reliability

STYLE = """\
:root { --line-one: #0072b2; --line-two: #b34700; }
@media (prefers-color-scheme: dark) { :root { --line-one: #56b4e9; --line-two: #e69f00; } }
svg { display: block; width: 100%; max-width: 30rem; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink);
  font-variant-numeric: tabular-nums; }
svg.key { display: inline-block; width: 30px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .ideal { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg .gap { stroke: var(--line-two); stroke-width: 2; }
svg .one { stroke: var(--line-one); fill: none; stroke-width: 2; }
svg .two { stroke: var(--line-two); fill: none; stroke-width: 2; stroke-dasharray: 7 4; }
svg .three { stroke: var(--soft); fill: none; stroke-width: 2; stroke-dasharray: 2 3; }
svg .dot { fill: var(--line-one); stroke: var(--page); stroke-width: 1.5; }
svg .dot.of-two { fill: var(--line-two); }
svg .dot.of-three { fill: var(--soft); }
"""
"""Rules of style for the plots."""

_LINES = ("one", "two", "three")


def reliability_plot(diagram: Reliability) -> str:
    """Of bins of probabilities the share that was right; on the dashed line both are equal."""
    points = list(zip(diagram.probability.tolist(), diagram.accuracy.tolist(), diagram.counts.tolist(), strict=True))
    heights = _ends([value for said, right, _ in points for value in (said, right)])
    frame = _Frame((heights[0], 1.0), (heights[0], 1.0))
    low = heights[0]
    pieces = [
        frame.grid("share that is right", "probability", ratio=True),
        _line("ideal", [frame.at(low, low), frame.at(1, 1)]),
    ]
    for said, right, count in points:
        told = f"{count:,} spans with a probability of {said:.1%} on average, {right:.1%} of them right"
        (x, y), (_, even) = frame.at(said, right), frame.at(said, said)
        pieces.append(f'<line class="gap" x1="{x}" y1="{y}" x2="{x}" y2="{even}"/>')
        pieces.append(f'<circle class="dot" cx="{x}" cy="{y}" r="5"><title>{told}</title></circle>')
    rows = [
        (f"{low:.1%} to {high:.1%}", f"{said:.1%}", f"{right:.1%}", f"{count:,}")
        for low, high, (said, right, count) in zip(diagram.low.tolist(), diagram.high.tolist(), points, strict=True)
    ]
    table = wide("calibration", ("probability", "on average", "right", "spans"), rows)
    return _svg("reliability diagram; the table below has its numbers", pieces) + _details("The bins", table)


def curve_plot(curve: Curve) -> str:
    """Scores over time, a line for each, told apart by dashes too."""
    points = [point for line in curve.lines.values() for point in line]
    places = [x for x, _ in points] or [0.0]
    frame = _Frame((min(places), max(max(places), min(places) + 1)), _ends([y for _, y in points]))
    pieces, keys = [frame.grid("", curve.across)], []
    for number, (name, line) in enumerate(curve.lines.items()):
        kind = _LINES[number % len(_LINES)]
        pieces.append(_line(kind, [frame.at(x, y) for x, y in line]))
        pieces += [
            '<circle class="dot of-{}" cx="{}" cy="{}" r="3"><title>{}</title></circle>'.format(
                kind, *frame.at(x, y), text_of(f"{name}: {y:.2%} at {curve.across} {x:g}")
            )
            for x, y in line
        ]
        stroke = _line(kind, [("0", "4"), ("30", "4")])
        sample = f'<svg viewBox="0 0 30 8" class="key" aria-hidden="true">{stroke}</svg>'
        best = max((y for _, y in line), default=0.0)
        keys.append(f"<li>{sample} {isolated(name)}, at best {best:.2%}</li>")
    return f"<ul>{''.join(keys)}</ul>\n" + _svg("learning curve", pieces)


class _Frame(NamedTuple):
    """Where in the drawing a point is.

    Attributes:
        across: the first and the last number from left to right.
        up: the first and the last from bottom to top, both multiples of a tenth.
    """

    across: tuple[float, float]
    up: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[str, str]:
        right = 44 + 290 * (x - self.across[0]) / (self.across[1] - self.across[0])
        down = 24 + 240 * (self.up[1] - y) / (self.up[1] - self.up[0])
        return f"{right:.1f}", f"{down:.1f}"

    def grid(self, up: str, across: str, *, ratio: bool = False) -> str:
        """Lines and numbers, and what they are numbers of; ``ratio``: those across are of the same kind."""
        pieces = [f'<text x="4" y="12">{text_of(up)}</text>']
        pieces.append(f'<text x="189" y="300" text-anchor="middle">{text_of(across)}</text>')
        for tick in _ticks(*self.up):
            x, y = self.at(self.across[0], tick)
            pieces.append(_line("grid", [(x, y), self.at(self.across[1], tick)]))
            pieces.append(f'<text x="38" y="{float(y) + 4:.1f}" text-anchor="end">{tick:.0%}</text>')
        first, last = self.across
        for place in _ticks(first, last) if ratio else (first, (first + last) / 2, last):
            told = f"{place:.0%}" if ratio else f"{place:,.4g}"
            pieces.append(f'<text x="{self.at(place, 0)[0]}" y="282" text-anchor="middle">{told}</text>')
        return "".join(pieces)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """Tenths around fractions."""
    low = math.floor(10 * min(values, default=0.0)) / 10
    high = min(1.0, math.floor(10 * max(values, default=1.0) + 1) / 10)
    return min(low, high - 0.1), high


def _ticks(low: float, high: float) -> list[float]:
    """Multiples of a tenth, or a fifth of many, down from the highest."""
    tenths = round(10 * (high - low))
    return [high - step / 10 for step in range(0, tenths + 1, 2 if tenths > 5 else 1)]


def _line(kind: str, points: Sequence[tuple[str, str]]) -> str:
    return f'<polyline class="{kind}" fill="none" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def _svg(name: str, pieces: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 356 306" role="img" aria-label="{name}">{"".join(pieces)}</svg>\n'


def _details(name: str, body: str) -> str:
    return f"<details><summary>{name}</summary>\n{body}</details>\n"

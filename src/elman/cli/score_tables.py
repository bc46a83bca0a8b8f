"""What ``elman score`` prints besides the table of one system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.cli.tables import aligned
from elman.metrics.conlleval import render_conlleval
from elman.metrics.peer_tables import SCENARIOS, nervaluate_report, seqeval_report
from elman.metrics.relations import ENDS, score_relations
from elman.metrics.report import heading as heading_row
from elman.metrics.report import notes, ratios, render_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.metrics.comparison import Judged
    from elman.metrics.intervals import Interval
    from elman.metrics.matching import Mode
    from elman.metrics.score import Result
    from elman.pipelines.differences import Against
    from elman.pipelines.scoring import Scoring, System


def styled(system: System, style: str, mode: Mode | None) -> str:
    """The table of another tool.

    Args:
        system: what was scored.
        style: ``conlleval``, ``seqeval`` or ``nervaluate``.
        mode: one of nervaluate's four, for its table of each label; None for that of all four.
    """
    if style == "conlleval":
        assert system.agreement is not None
        return render_conlleval(system.result, *system.agreement)
    if style == "seqeval":
        return seqeval_report(system.result)
    scenarios = {own: name for name, own in SCENARIOS.items()}
    return nervaluate_report(system.comparison, None if mode is None else scenarios[mode])


def compared(scoring: Scoring, against: Sequence[Against]) -> str:
    """The systems, one a line, then the F1 of each label; text that ends with a line break."""
    tests = {one.name: one for one in against}
    first = scoring.systems[0]
    rows = [["", "precision", "recall", "F1", "interval of F1", "difference", "interval of it", "p"]]
    for system in scoring.systems:
        result = system.result
        row = ratios(system.name, result.micro, result.intervals.micro if result.intervals else None)
        more = ["", "", ""]
        if system is not first:
            more[0] = f"{100 * (result.micro.f1 - first.result.micro.f1):+.2f}"
        if system.name in tests:
            one = tests[system.name]
            more[1:] = [_range(one.difference.interval), _p(one.p)]
        rows.append([*row[:5], *more])
    if not tests:
        rows = [row[:6] for row in rows]
    names = list(dict.fromkeys(name for system in scoring.systems for name in system.result.names))
    labels = [["F1 of each label", *(system.name for system in scoring.systems)]]
    for name in sorted(names):
        found = [system.result.labels.get(name) for system in scoring.systems]
        labels.append([name, *("" if counts is None else f"{100 * counts.f1:.2f}" for counts in found)])
    said = [*notes(first.result), f"Differences are to {first.name}, in percentage points of F1."]
    if against:
        times = f", corrected for {len(against)} comparisons (Holm 1979)" if len(against) > 1 else ""
        said += [f"P values are two-sided{times}.", against[0].difference.resampled]
    return "\n".join([*aligned(rows), "", *aligned(labels), "", *said, ""])


def betas(result: Result, beta: float) -> str:
    """F-beta of each label and of all together; text that ends with a line break."""
    values = {**result.labels, "micro": result.micro}
    rows = [["", f"F{beta:g}"], *([name, f"{100 * counts.f_beta(beta):.2f}"] for name, counts in values.items())]
    say = f"Recall matters {beta:g} times as much as precision."
    return "\n".join([*aligned(rows), "", say, ""])


def related(pairs: Sequence[Judged]) -> str:
    """The relations: each rule for a match, then each label by the strictest; text that ends with a line break."""
    rows = []
    for ends in ENDS:
        for types in (True, False):
            result = score_relations(pairs, ends=ends, types=types)
            title = f"{ends} ends" + ("" if types else ", any type")
            rows.append(ratios(title, result.micro, result.intervals.micro if result.intervals else None))
    table = aligned([heading_row("relations"), *rows])
    return "\n".join([*table, "", render_text(score_relations(pairs))])


def _range(interval: Interval) -> str:
    return f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f}"


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"

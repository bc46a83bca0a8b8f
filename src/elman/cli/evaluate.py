"""``elman evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import (
    EngineOption,
    Format,
    Json,
    Labels,
    PrecisionOption,
    RepairOption,
    Report,
    Scheme,
    print_json,
    say,
)


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Labelled file.")],
    raw: Annotated[
        bool, typer.Option("--raw", help="Give the model the bare text instead of the data's own tokens.")
    ] = False,
    json: Json = False,
    report: Report = None,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
    repair: RepairOption = "conlleval",
    errors: Annotated[
        int, typer.Option(metavar="N", min=0, help="List so many different errors, the most frequent first.")
    ] = 10,
    engine: EngineOption = "auto",
    precision: PrecisionOption = "float32",
) -> None:
    """Score a model on labelled data, with intervals: of a tagger each label's F1, and its errors."""
    from elman.model.task_folder import task_in
    from elman.tasks.registry import TAGGING

    if task_in(model) != TAGGING:
        _evaluate_task(model, data, json=json, format=format)
        return
    from elman.cli.report import report_form, write_report
    from elman.data.labels import parse_map
    from elman.metrics.assessment import assess
    from elman.metrics.breakdown import breakdown
    from elman.metrics.comparison import compare
    from elman.metrics.error_list import render_errors
    from elman.metrics.errors import errors as analyse
    from elman.metrics.score import score
    from elman.runtime.evaluation import judge, judged_result, read_gold
    from elman.runtime.tagger import load

    if report is not None:
        report_form(report)
    tagger = load(model, engine, precision)
    documents = read_gold(data, format, scheme, repair, tagger.layer)
    pairs = judge(tagger, documents, raw=raw, labels=parse_map(labels))
    listed = errors > 0 and not json
    # Without errors to show, documents are forgotten as soon as they are compared.
    kept = list(pairs) if listed or report is not None else []
    result = judged_result(tagger, score(compare(kept or pairs, tagger.layer)))
    for line in documents.report.lines():
        say(f"{data.name}: {line}")
    unknown = {label: counts.support for label, counts in result.labels.items() if label not in tagger.labels}
    if unknown:
        told = ", ".join(f"{label} ({count})" for label, count in unknown.items())
        say(
            f"warning: labels that the model does not know count as missed: {told}; it knows "
            f"{', '.join(tagger.labels)}; --map renames labels"
        )
    if report is not None:
        title = f"{model.resolve().name} on {data.name}"
        breakdowns = {by: breakdown(kept, by, layer=tagger.layer) for by in ("length", "position")}
        write_report(report, assess(kept, title=title, layer=tagger.layer, result=result, breakdowns=breakdowns))
        say(f"report: {report}")
    if json:
        print_json(result.to_json())
        return
    print("\n".join(result.lines()))
    if listed:
        print("\n" + render_errors(analyse(kept, tagger.layer), errors), end="")


def _evaluate_task(model: Path, data: Path, *, json: bool, format: str | None) -> None:  # noqa: A002
    """A model of another task than tagging."""
    from elman.errors import DataError
    from elman.runtime.predictor import load

    predictor = load(model)
    examples = list(predictor.task.read(data, format))
    if not examples:
        raise DataError("expected at least one example, found none", data)
    for line in predictor.task.remarks(examples):
        say(f"{data.name}: {line}")
    scores = predictor.evaluate(examples)
    if json:
        print_json(scores.to_json())
        return
    for line in scores.lines():
        print(line)

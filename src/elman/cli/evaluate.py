"""``elman evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from elman.cli.options import Format, Json, Labels, Report, Scheme, print_json, say


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
    repair: Annotated[
        Literal["refuse", "conlleval", "drop"],
        typer.Option(help="Invalid tags: refuse the file, start an entity there, or drop the entity."),
    ] = "conlleval",
) -> None:
    """Score a model on labelled text: precision, recall and F1 of each label, with intervals."""
    import elman
    from elman.cli.page import write_page
    from elman.data.labels import parse_map
    from elman.metrics.comparison import compare
    from elman.metrics.report import render_text
    from elman.metrics.score import score
    from elman.runtime.evaluation import judge, read_gold

    tagger = elman.load(model)
    documents = read_gold(data, format, scheme, repair)
    pairs = judge(tagger, documents, raw=raw, labels=parse_map(labels))
    if report is not None:
        pairs = iter(kept := list(pairs))
    result = score(compare(pairs))
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
        write_page(report, result, kept, title=f"{model.resolve().name} on {data.name}")
        say(f"report: {report}")
    if json:
        print_json(result.to_json())
    else:
        print(render_text(result), end="")

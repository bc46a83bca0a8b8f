"""``elman score``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from elman.cli.options import Json, Labels, RepairOption, parse_settings, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.document import Document
    from elman.metrics.matching import Mode
    from elman.metrics.score import Result
    from elman.pipelines.differences import Against
    from elman.pipelines.scoring import Scoring

SCHEMA = "elman.systems/1"
"""The name and version of the JSON of several systems."""


def score(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="GOLD PREDICTED...",
            help="Labelled files of any format; one file alone has gold and predicted tags in its last two columns. "
            "- is standard input.",
        ),
    ],
    mode: Annotated[
        Literal["exact", "strict", "type", "partial", "boundaries", "tokens", "characters", "surface"] | None,
        typer.Option(help="How spans are matched; exact if not given."),
    ] = None,
    style: Annotated[
        Literal["conlleval", "seqeval", "nervaluate"] | None, typer.Option(help="Print the table of that tool.")
    ] = None,
    beta: Annotated[
        float | None, typer.Option(metavar="B", help="Print F-beta too: recall matters B times as much.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help="Scores of groups too: length, position, seen, seen-tokens, frequency, or a key of the documents.",
        ),
    ] = None,
    train: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the systems learned from, for seen and frequency.")
    ] = None,
    relations: Annotated[bool, typer.Option("--relations", help="Score relations too.")] = False,
    format: Annotated[  # noqa: A002  # the option's name
        str | None,
        typer.Option(metavar="NAME", help="Format of all files, or GOLD,PREDICTED; found out if not given."),
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Tag scheme of all files, or GOLD,PREDICTED; found out if not given."),
    ] = None,
    repair: RepairOption = "conlleval",
    labels: Labels = "",
    layer: Annotated[str, typer.Option(metavar="NAME", help="The layer of spans to compare.")] = "entities",
    align: Annotated[
        Literal["text", "rows"],
        typer.Option(help="rows: pair row by row where a system changed tokens; text: all have the same text."),
    ] = "text",
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the files.")] = "utf-8",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="gold.NAME=V", help="Option of gold's format; predicted.NAME=V of the predictions'."
        ),
    ] = None,
    json: Json = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report on the first system: .html, .md or .json.")
    ] = None,
) -> None:
    """Score predictions in files: precision, recall and F1 of each label, with intervals.

    Formats may differ: spans in JSONL against tags in columns, say, as long as the text is the same but for
    white space. Several files with predictions are compared with one another.
    """
    from elman.cli.report import report_form
    from elman.data.labels import parse_map
    from elman.pipelines.scoring import score_systems
    from elman.pipelines.sides import read_side

    _check(style, mode, json=json, beta=beta)
    if report is not None:
        report_form(report)
    gold, *predicted = files
    formats, schemes = of_sides(format, "--format"), of_sides(scheme, "--scheme")
    names = parse_map(labels)
    learned = None
    if train is not None:
        learned = read_side(train, format=formats[0], scheme=schemes[0], repair=repair, encoding=encoding).documents
    scoring = score_systems(
        gold,
        predicted,
        mode=mode if mode is not None and style is None else "exact",
        layer=layer,
        formats=formats,
        schemes=schemes,
        repair=repair,
        labels=names,
        align=align,
        encoding=encoding,
        options=parse_settings(settings or (), "gold", "predicted"),
        known=() if learned is None else {span.label for document in learned for span in document.layer(layer)},
        tags=style == "conlleval",
    )
    for line in scoring.lines():
        say(line)
    against = _against(scoring)
    groups = _groups(scoring, by or (), learned)
    if report is not None:
        _write_report(report, scoring, against, groups[0])
        say(f"report: {report}")
    if json:
        print_json(_plain(scoring, against, groups, beta=beta, relations=relations))
    elif style is not None:
        _show_style(scoring, style, mode)
    else:
        _show(scoring, against, groups, beta=beta, relations=relations)


def _check(style: str | None, mode: str | None, *, json: bool, beta: float | None) -> None:
    """Raise a ``UsageError`` for options that do not go together."""
    if style is not None and json:
        raise UsageError("--style prints the table of another tool and --json our own values; choose one")
    if beta is not None and not beta >= 0:
        raise UsageError(f"--beta has to be at least 0, got {beta}")
    paired = ("strict", "type", "partial", "boundaries")
    if style is not None and mode is not None and (mode not in paired if style == "nervaluate" else mode != "exact"):
        has = f"one of {', '.join(paired)}, or all without --mode" if style == "nervaluate" else "exact"
        raise UsageError(f"--style {style} has the mode {has}; got --mode {mode}")


def of_sides(text: str | None, option: str) -> tuple[str | None, str | None]:
    """What an option says of gold and of the predictions: one value for both, or two with a comma between.

    A comma before ``NAME=`` is one between options behind a format.

    Raises:
        UsageError: if there are more.
    """
    if text is None:
        return None, None
    parts = [part.strip() or None for part in re.split(r",(?!\w+=)", text)]
    if len(parts) > 2:
        raise UsageError(f"{option} reads NAME or GOLD,PREDICTED, got {text!r}")
    return parts[0], parts[-1]


def _against(scoring: Scoring) -> list[Against]:
    """The differences to the first system; none, and said why, where there can be no test."""
    from elman.pipelines.differences import against_first

    if len(scoring.systems) < 2:
        return []
    if scoring.systems[0].result.mode == "surface":
        # A form counts where it is right first, so that a document's numbers depend on the system.
        say("no test of the differences: forms are counted once over all documents, and not in each")
        return []
    try:
        return against_first(scoring)
    except UsageError as error:
        say(f"warning: no test of the differences: {error}")
        return []


def _groups(
    scoring: Scoring, by: Sequence[str], learned: Sequence[Document] | None
) -> list[dict[str, dict[str, Result]]]:
    """For each system, and by each key, the results of the groups."""
    from elman.metrics.breakdown import breakdown

    return [
        {
            key: breakdown(
                system.pairs, key, learned, layer=system.comparison.layer, mode=cast("Mode", system.result.mode)
            )
            for key in by
        }
        for system in scoring.systems
    ]


def _show_style(scoring: Scoring, style: str, mode: Mode | None) -> None:
    from elman.cli.score_tables import styled

    for system in scoring.systems:
        if len(scoring.systems) > 1:
            print(f"{system.name}:")
        print(styled(system, style, mode), end="")


def _show(
    scoring: Scoring,
    against: Sequence[Against],
    groups: Sequence[Mapping[str, Mapping[str, Result]]],
    *,
    beta: float | None,
    relations: bool,
) -> None:
    from elman.cli.score_tables import betas, compared, related
    from elman.metrics.breakdown import render_breakdown
    from elman.metrics.report import render_text

    several = len(scoring.systems) > 1
    print(compared(scoring, against) if several else render_text(scoring.systems[0].result), end="")
    for system, parts in zip(scoring.systems, groups, strict=True):
        title = f"{system.name}, " if several else ""
        if beta is not None:
            print(f"\n{title}F{beta:g}:\n{betas(system.result, beta)}", end="")
        for by, found in parts.items():
            print(f"\n{title}by {by}:\n{render_breakdown(found, by)}", end="")
        if relations:
            print(f"\n{title}relations:\n{related(system.pairs)}", end="")


def _write_report(
    path: Path, scoring: Scoring, against: Sequence[Against], groups: Mapping[str, Mapping[str, Result]]
) -> None:
    """The report on the first system, in the form that the suffix names."""
    from elman.cli.report import write_report
    from elman.metrics.assessment import Contrast, System, assess

    first = scoring.systems[0]
    several = len(scoring.systems) > 1
    assessment = assess(
        first.pairs,
        title=f"{first.name} on {Path(scoring.gold.name).name}",
        facts=scoring.lines(),
        layer=first.comparison.layer,
        result=first.result,
        breakdowns=groups,
        systems=[System(system.name, system.result) for system in scoring.systems] if several else (),
        contrasts=[
            Contrast(
                one.name, one.first, one.difference.difference, one.difference.interval, one.p, one.difference.resampled
            )
            for one in against
        ],
    )
    write_report(path, assessment)


def _plain(
    scoring: Scoring,
    against: Sequence[Against],
    groups: Sequence[Mapping[str, Mapping[str, Result]]],
    *,
    beta: float | None,
    relations: bool,
) -> dict[str, Any]:
    """One system's result with what was read; of several a list of them, and their differences."""
    from elman.metrics.breakdown import breakdown_json
    from elman.metrics.relations import score_relations

    values = []
    for system, parts in zip(scoring.systems, groups, strict=True):
        each: dict[str, Any] = system.result.to_json()
        if beta is not None:
            counts = {**system.result.labels, "micro": system.result.micro}
            each["f_beta"] = {"beta": beta} | {name: one.f_beta(beta) for name, one in counts.items()}
        if parts:
            each["breakdowns"] = [breakdown_json(found, by) for by, found in parts.items()]
        if relations:
            each["relations"] = score_relations(system.pairs).to_json()
        values.append(each)
    told = scoring.to_json()
    if len(values) == 1:
        return {**values[0], "input": told}
    return {
        "schema": SCHEMA,
        "systems": [{"name": system.name} | each for system, each in zip(scoring.systems, values, strict=True)],
        "differences": [one.to_json() for one in against],
        "input": told,
    }

"""``elman score``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from elman.cli.options import Json, Labels, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elman.pipelines.scoring import Scoring


def score(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="GOLD PREDICTED...",
            help="Labelled files of any format; one file alone has gold and predicted tags in its last two columns. "
            "- is standard input.",
        ),
    ],
    format: Annotated[  # noqa: A002  # the option's name
        str | None,
        typer.Option(metavar="NAME", help="Format of all files, or GOLD,PREDICTED; found out if not given."),
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Tag scheme of all files, or GOLD,PREDICTED; found out if not given."),
    ] = None,
    repair: Annotated[
        Literal["refuse", "conlleval", "drop"],
        typer.Option(help="Invalid tags: refuse the file, start an entity there, or drop the entity."),
    ] = "conlleval",
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
) -> None:
    """Score predictions in files: precision, recall and F1 of each label, with intervals.

    Formats may differ: spans in JSONL against tags in columns, say, as long as the text is the same but for
    white space. Several files with predictions are compared with one another.
    """
    from elman.data.labels import parse_map
    from elman.pipelines.scoring import score_systems

    gold, *predicted = files
    scoring = score_systems(
        gold,
        predicted,
        layer=layer,
        formats=of_sides(format, "--format"),
        schemes=of_sides(scheme, "--scheme"),
        repair=repair,
        labels=parse_map(labels),
        align=align,
        encoding=encoding,
        options=parse_settings(settings or ()),
    )
    for line in scoring.lines():
        say(line)
    if json:
        print_json(_plain(scoring))
        return
    _show(scoring)


def of_sides(text: str | None, option: str) -> tuple[str | None, str | None]:
    """What an option says of gold and of the predictions: one value for both, or two with a comma between.

    Raises:
        UsageError: if there are more.
    """
    if text is None:
        return None, None
    parts = [part.strip() or None for part in text.split(",")]
    if len(parts) > 2:
        raise UsageError(f"{option} reads NAME or GOLD,PREDICTED, got {text!r}")
    return parts[0], parts[-1]


def parse_settings(settings: Sequence[str]) -> tuple[dict[str, object], dict[str, object]]:
    """The options of the formats of gold and predictions, of ``gold.NAME=V`` and ``predicted.NAME=V``.

    Raises:
        UsageError: if one reads otherwise.
    """
    sides: dict[str, dict[str, object]] = {"gold": {}, "predicted": {}}
    for setting in settings:
        name, equals, value = setting.partition("=")
        side, dot, option = name.strip().partition(".")
        if side not in sides or not dot or not option or not equals:
            raise UsageError(f"--set reads gold.NAME=VALUE or predicted.NAME=VALUE, got {setting!r}")
        sides[side][option] = value
    return sides["gold"], sides["predicted"]


def _show(scoring: Scoring) -> None:
    from elman.metrics.report import render_text

    for system in scoring.systems:
        print(render_text(system.result), end="")


def _plain(scoring: Scoring) -> dict[str, object]:
    return {**scoring.systems[0].result.to_json(), "input": scoring.to_json()}

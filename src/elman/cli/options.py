"""Options that several verbs have, and what they print alike."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Format of the files; found out if not given. NAME:OPTION=VALUE,... says its options, too.",
    ),
]
Scheme = Annotated[
    str | None,
    typer.Option("--scheme", metavar="NAME", help="Tag scheme of the files; found out if not given."),
]
Labels = Annotated[
    str,
    typer.Option("--map", metavar="OLD=NEW,...", help="Rename labels of the data; an empty NEW leaves the label out."),
]
Train = Annotated[Path, typer.Option(metavar="FILE", help="Labelled file to learn from.")]
Dev = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Labelled file to judge by; else a tenth of --train is held out."),
]
WordVectors = Annotated[Path | None, typer.Option("--vectors", metavar="FILE", help="Pretrained word vectors.")]
Config = Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Settings.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="GROUP.NAME=VALUE", help="One setting; may be repeated.")
]
Jobs = Annotated[
    int, typer.Option(min=1, metavar="N", help="Trainings side by side, one thread each if there are several.")
]
Keep = Annotated[
    Path | None, typer.Option(metavar="FILE.json", help="Keep the runs made, so that the same command goes on.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Page = Annotated[Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page with the findings.")]
Report = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", help="Write a report: a page (.html), Markdown (.md) or JSON (.json), by the name."
    ),
]

RepairOption = Annotated[
    Literal["refuse", "conlleval", "drop"],
    typer.Option("--repair", help="Invalid tags: refuse the file, start an entity there, or drop the entity."),
]
EngineOption = Annotated[
    Literal["auto", "numpy", "onnx"],
    typer.Option("--engine", help="What computes: ONNX Runtime, NumPy, or the first that is installed."),
]
PrecisionOption = Annotated[
    Literal["float32", "int8"],
    typer.Option("--precision", help="Of the recurrent network; int8 is faster, and needs ONNX Runtime."),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", min=1, help="How many batches at once; by default one a processor."),
]


def say(line: str) -> None:
    """Tell a person something that is no result."""
    print(line, file=sys.stderr)


def print_json(values: Mapping[str, Any]) -> None:
    """Print a result for a machine."""
    print(json.dumps(values, ensure_ascii=False, indent=2))


def parse_settings(settings: Sequence[str], one: str, other: str) -> tuple[dict[str, object], dict[str, object]]:
    """The options of the formats of two sides, of ``one.NAME=V`` and ``other.NAME=V``.

    Args:
        settings: what was given.
        one: what the first side is called.
        other: what the second is.

    Raises:
        UsageError: if one reads otherwise.
    """
    sides: dict[str, dict[str, object]] = {one: {}, other: {}}
    for setting in settings:
        name, equals, value = setting.partition("=")
        side, dot, option = name.strip().partition(".")
        if side not in sides or not dot or not option or not equals:
            raise UsageError(f"--set reads {one}.NAME=VALUE or {other}.NAME=VALUE, got {setting!r}")
        sides[side][option] = value
    return sides[one], sides[other]

"""``elman audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from elman.cli.options import Format, Json, Labels, Page, Scheme, print_json, say

FAILED = 1


def audit(
    data: Annotated[
        list[str],
        typer.Argument(
            metavar="DATA...",
            help="Labelled files or folders, each a split; those with train in their name, or else the first, "
            "are what a model learns from.",
            show_default=False,
        ),
    ],
    json: Json = False,
    report: Page = None,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="KIND,...",
            help="Exit with 1 if something of these kinds is found: names as printed, "
            "error, warning or note for all of that severity, any for all.",
        ),
    ] = "",
    vectors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Word vectors, to see which words they lack.")
    ] = None,
    rare: Annotated[int, typer.Option(min=0, metavar="N", help="A label with fewer spans to learn from is rare.")] = 50,
    longest: Annotated[int, typer.Option(min=1, metavar="N", help="A sentence of more tokens is too long.")] = 256,
    examples: Annotated[
        int, typer.Option(min=1, metavar="N", help="Places to keep of each finding; all are counted.")
    ] = 10,
    layer: Annotated[str, typer.Option(metavar="NAME", help="The layer of spans to look at.")] = "entities",
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
    repair: Annotated[
        Literal["refuse", "conlleval", "drop"],
        typer.Option(help="Invalid tags: set aside what has them, start an entity there, or drop the entity."),
    ] = "conlleval",
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the files.")] = "utf-8",
) -> None:
    """Look labelled text over before a model learns from it: counts, leaks, duplicates, contradictions, slips.

    A bad record is a finding and stops nothing. Exit 1 if something of a kind named by --fail-on is found.
    """
    from elman.cli.audit_page import write_page
    from elman.cli.audit_table import print_audit
    from elman.data.labels import parse_map
    from elman.features.vectors import read_vectors
    from elman.pipelines.audit import audit_files, chosen

    kinds = chosen(name for name in map(str.strip, fail_on.split(",")) if name)
    result = audit_files(
        data,
        format=format,
        encoding=encoding,
        labels=parse_map(labels),
        scheme=scheme,
        repair=repair,
        layer=layer,
        vectors=None if vectors is None else read_vectors(vectors),
        rare=rare,
        longest=longest,
        examples=examples,
    )
    for note in result.notes:
        say(note)
    if report is not None:
        write_page(report, result)
        say(f"report: {report}")
    failed = result.failed(kinds)
    if json:
        print_json({**result.to_json(), "failed": failed})
    else:
        print_audit(result)
    if failed:
        say(f"found what --fail-on names: {', '.join(failed)}")
        raise typer.Exit(FAILED)

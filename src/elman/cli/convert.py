"""``elman convert``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from elman.cli.options import Labels, parse_settings, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.data.ledger import Ledger
    from elman.pipelines.conversion import Conversion

NOT_DONE = 1


def convert(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="SRC... DST", help="What to read, and what to write; - is standard input, or output."),
    ],
    source: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help="Format of the sources; found out if not given.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NAME", help="Format to write; else it goes by the suffix of DST.")
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Tag scheme to write; of a target without tags, the one to read."),
    ] = None,
    repair: Annotated[
        Literal["refuse", "conlleval", "drop"] | None, typer.Option(help="What happens to a tag at fault.")
    ] = None,
    overlap: Annotated[
        Literal["keep", "layers", "merge", "longest", "first", "error"],
        typer.Option(
            help="Which of overlapping spans stay; keep: all that the target can hold; layers: all, the inner ones "
            "on layers entities/2 and so on; merge: the way back."
        ),
    ] = "keep",
    partial: Annotated[
        Literal["outside", "inside"] | None,
        typer.Option(help="Where a span goes that begins or ends within a token; outside if not given."),
    ] = None,
    labels: Labels = "",
    layer: Annotated[str | None, typer.Option(metavar="NAME", help="The layer of spans to write.")] = None,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the sources.")] = "utf-8",
    offsets: Annotated[
        Literal["auto", "code-points", "utf-16", "bytes"] | None,
        typer.Option(help="What the sources' offsets count; found out if not given."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="read.NAME=V", help="Option of the format read; write.NAME=V of that written."),
    ] = None,
    ledger: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the account as JSON.")] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File for records at fault; DST.rejects.jsonl if not given."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing if anything is refused or rejected; exit code 1.")
    ] = False,
) -> None:
    """Convert labelled text from any format to any other, and account for every span.

    The format of a source is found out from its content. A folder or an archive of files is read file by
    file. What was kept, moved, split, joined and refused, and why, is told on standard error.
    """
    from elman.data.labels import parse_map
    from elman.pipelines.convert import convert as run

    if len(paths) < 2:
        raise UsageError("expected at least two places, SRC and DST; elman convert --help lists all options")
    reading, writing = parse_settings(settings or (), "read", "write")
    conversion = run(
        paths[:-1],
        paths[-1],
        from_=source,
        to=to,
        scheme=scheme,
        repair=repair,
        overlap=overlap,
        partial=partial,
        layer=layer,
        labels=parse_map(labels),
        offsets=offsets,
        encoding=encoding,
        read_options=reading,
        write_options=writing,
        rejects=rejects,
        strict=strict,
        say=say,
    )
    if ledger is not None:
        _write_ledger(conversion, ledger)
    _show(conversion)
    if not conversion.done:
        raise typer.Exit(NOT_DONE)


def _write_ledger(conversion: Conversion, path: Path) -> None:
    from elman.data.formats.sinks import written

    with written(path) as put:
        put(json.dumps(conversion.to_json(), ensure_ascii=True, indent=2) + "\n")


def _show(conversion: Conversion) -> None:
    """The account for people, on standard error: a table, and below it the reasons."""
    from elman.cli.tables import aligned, losses
    from elman.data.ledger import ITEMS, KINDS, plural

    rows: list[list[str]] = [["", "in", *KINDS, "out"]]
    reasons: list[str] = []
    for name, ledger in conversion.stages.items():
        if name != "write" and _is_plain(ledger):
            continue
        for item in filter(ledger.given, ITEMS):
            counts = ledger.given(item), *(ledger.total(kind, item) for kind in KINDS), ledger.made(item)
            rows.append([f"{name}: {plural(item)}", *(f"{count:,}" if count else "" for count in counts)])
        reasons += [f"{name}: {line}" for line in losses(ledger)]
    for name, added in conversion.added.items():
        reasons += [f"{name}: {count:,} {plural(item)} added" for item, count in added.items()]
    # Not Rich: to import it takes as long as to convert a small file.
    say("\n".join(["", *aligned(rows), ""]))
    for line in reasons:
        say(line)
    if conversion.rejected:
        where = f": {conversion.rejects}" if conversion.rejects else ""
        say(f"{conversion.rejected:,} records at fault were set aside{where}")
    if conversion.done:
        say(f"wrote {conversion.target} ({conversion.format})")
    else:
        say(
            f"nothing was written: {conversion.refused:,} things would be refused and {conversion.rejected:,} records "
            "are at fault; without --strict the rest is written"
        )


def _is_plain(ledger: Ledger) -> bool:
    return all(kind == "kept" for _, kind, _ in ledger.counts)

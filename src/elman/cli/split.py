"""``elman split``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from elman.cli.options import Json, Scheme, print_json, say
from elman.errors import UsageError


def split(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Labelled file or folder; - is standard input.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write; must not be there, or be empty.")],
    parts: Annotated[
        str, typer.Option(metavar="NAME=SHARE,...", help="The parts and the share of each.")
    ] = "train=0.8,dev=0.1,test=0.1",
    folds: Annotated[
        int | None,
        typer.Option(min=2, metavar="K", help="Instead of parts K folds, each DIR/1/train and DIR/1/test and so on."),
    ] = None,
    by: Annotated[
        Literal["document", "group"] | None,
        typer.Option(help="What stays together; a document's duplicates always do."),
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Key in the documents' meta that names their group.")
    ] = None,
    stratify: Annotated[bool, typer.Option("--stratify", help="Give each part the same mix of labels.")] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="What decides; the same seed splits the same way.")] = 1,
    source: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help="Format of the data; found out if not given.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="NAME", help="Format to write; else that of the data.")] = None,
    scheme: Scheme = None,
    json: Json = False,
) -> None:
    """Split labelled text, seeded: the same text, or group, is never on two sides."""
    from elman.cli.tables import aligned, losses
    from elman.pipelines.splitting import split as split_file

    if by == "group" and group is None:
        raise UsageError("--by group needs --group FIELD, the key in the documents' meta that names their group")
    if by == "document" and group is not None:
        raise UsageError("--by document and --group FIELD exclude each other; leave one out")
    outcome = split_file(
        data if str(data) != "-" else "-",
        out,
        folds if folds is not None else parse_parts(parts),
        seed=seed,
        group=group,
        stratify=stratify,
        from_=source,
        to=to,
        read_options={} if scheme is None else {"scheme": scheme},
    )
    for line in outcome.report.lines():
        say(f"{data.name}: {line}")
    say("\n".join(["", *aligned(outcome.table()), ""]))
    if outcome.duplicates:
        say(f"{outcome.duplicates:,} documents have the text of another, and went where it went")
    if outcome.joined:
        say(f"{outcome.joined:,} groups went together with another, because a text is in both")
    for line in losses(outcome.ledger):
        say(f"warning: {line}")
    if json:
        print_json(outcome.to_json())


def parse_parts(text: str) -> dict[str, float]:
    """Read ``train=0.8,dev=0.1,test=0.1``; shares may be of any sum, such as 80 and 20.

    Raises:
        UsageError: if a part has no share or a name stands twice.
    """
    parts: dict[str, float] = {}
    for piece in text.split(","):
        name, _, share = (each.strip() for each in piece.partition("="))
        try:
            value = float(share)
        except ValueError:
            value = 0
        if not name or not 0 < value < float("inf") or name in parts:
            raise UsageError(
                f"--parts reads NAME=SHARE,NAME=SHARE with different names and shares above 0; got {piece.strip()!r}"
            )
        parts[name] = value
    return parts

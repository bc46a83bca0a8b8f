"""``elman synthesize``."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from elman.cli.options import Json, print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.document import Document

SCHEMA = "elman.synthesis/1"
"""The name and version of what ``--json`` prints."""


def synthesize(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="File to write; - is standard output.")],
    count: Annotated[int, typer.Option(min=0, metavar="N", help="How many documents.")] = 1000,
    locale: Annotated[str, typer.Option(metavar="LOCALE,...", help="Faker's locales, such as en_US,de_DE.")] = "en_US",
    templates: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Templates with slots such as {{PERSON}}: text with --- between, or JSONL; by default the package's.",
        ),
    ] = None,
    labels: Annotated[
        str | None, typer.Option(metavar="LABEL,...", help="Labels to give; what has another stays unlabelled.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed makes the same documents again.")] = 1,
    negatives: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="SHARE", help="Share of documents with nothing but look-alikes."),
    ] = 0.2,
    to: Annotated[str | None, typer.Option(metavar="NAME", help="Format; by default what the suffix says.")] = None,
    json: Json = False,
) -> None:
    """Make labelled text up: personal data of made-up people in letters, e-mails, tickets, forms and chats.

    Orders that look like phone numbers, products named like people, versions like addresses of hosts and sums
    like cards come along unlabelled.
    """
    from importlib.metadata import version

    from elman.cli.tables import aligned, losses
    from elman.data.formats import target, write
    from elman.data.synthesis import Synthesis
    from elman.text.tokens import tokens_of

    synthesis = Synthesis(_names(locale), templates, None if labels is None else _names(labels), negatives)
    name = "-" if str(out) == "-" else out
    form = target(name, to or ("jsonl" if name == "-" else None))
    options = {"tokenize": tokens_of} if "tokenize" in form.write_options else {}
    counts: Counter[str] = Counter()
    began = time.monotonic()
    ledger = write(_counted(synthesis.documents(count, seed), counts), name, form.name, **options)
    for line in synthesis.notes:
        say(f"note: {line}")
    rows = [["", "spans"], *([label, f"{number:,}"] for label, number in counts.most_common())]
    say("\n".join(aligned(rows)))
    took = time.monotonic() - began
    say(f"{count:,} documents in {took:.1f} s, seed {seed}, Faker {version('faker')}")
    for line in losses(ledger):
        say(f"warning: {line}")
    if json:
        print_json(
            {
                "schema": SCHEMA,
                "documents": count,
                "seed": seed,
                "faker": version("faker"),
                "labels": dict(counts.most_common()),
            }
        )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _counted(documents: Iterable[Document], counts: Counter[str]) -> Iterator[Document]:
    for document in documents:
        counts.update(span.label for span in document.spans)
        yield document

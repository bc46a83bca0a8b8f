"""``elman fill``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from elman.cli.options import Json, print_json


def fill(
    model: Annotated[Path, typer.Option("--model", "-m", metavar="MODEL", help="Folder of a language model.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A text with one blank: ___.")],
    context: Annotated[
        Literal["left", "both"], typer.Option(help="Go by what stands before the blank, or on both sides of it.")
    ] = "both",
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Show so many words.")] = 10,
    candidates: Annotated[
        int, typer.Option(metavar="N", min=1, help="With both sides: try so many words, those the left side suggests.")
    ] = 100,
    blank: Annotated[str, typer.Option(metavar="MARK", help="What marks the blank.")] = "___",
    json: Json = False,
) -> None:
    """Words for a blank, ranked, each with its probability among the words looked at.

    A language model reads forward. What follows the blank counts by how probable it is behind each candidate.
    """
    from elman.runtime.filling import Filler
    from elman.runtime.loading import load

    found = Filler(load(model), candidates).fill(text, context, blank)[:top]
    if json:
        print_json({"text": text, "context": context, "words": [one.to_json() for one in found]})
        return
    for one in found:
        print(f"{one.probability:6.1%}  {one.word}")

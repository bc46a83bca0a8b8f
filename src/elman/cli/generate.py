"""``elman generate``."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import print_json


def generate(
    model: Annotated[Path, typer.Option("--model", "-m", metavar="MODEL", help="Folder of a language model.")],
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="How the text begins.")] = "",
    length: Annotated[int, typer.Option(metavar="N", min=0, help="Characters or words to write at most.")] = 500,
    temperature: Annotated[
        float, typer.Option(metavar="T", help="Below 1: more of the probable; 0: only the most probable.")
    ] = 1.0,
    top_k: Annotated[int, typer.Option(metavar="K", help="Draw from the K most probable alone; 0: from all.")] = 0,
    top_p: Annotated[
        float, typer.Option(metavar="P", help="Draw from the fewest that have this probability together.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The same seed writes the same text.")] = 1,
    stop: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="End before this text; may be repeated.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, when all is written.")] = False,
) -> None:
    """Go on with a text, character by character or word by word, as a language model has learned to."""
    from elman.cli.terminal import shown
    from elman.decoding.sampling import Sampling
    from elman.runtime.generation import Writer
    from elman.runtime.loading import load

    sampling = Sampling(temperature, top_k, top_p)
    pieces = Writer(load(model)).write(prompt, length, sampling, seed, stop or ())
    if json:
        print_json({"prompt": prompt, "text": "".join(pieces)})
        return
    terminal = sys.stdout.isatty()
    for piece in chain((prompt,), pieces):
        sys.stdout.write(shown(piece) if terminal else piece)
        sys.stdout.flush()
    print()

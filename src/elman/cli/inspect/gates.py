"""``elman inspect gates``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from elman.cli.inspect.looking import Out, form_of, opened, sentence_of
from elman.cli.options import Json, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.inspection.gates import Track
    from elman.inspection.sentences import Sentence


def gates(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.", show_default=False)],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it is to read.", show_default=False)],
    sentence: Annotated[int, typer.Option(min=1, metavar="N", help="Which sentence of the text.")] = 1,
    layer: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Which layer to print and draw; by default the lowest.")
    ] = None,
    gate: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What to draw: the name of a gate, cell, hidden or kept; by default the gate that says what stays.",
        ),
    ] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Show what the gates do at each token, and how long a fact stays in each unit.

    The half-life of a unit is the number of tokens after which half of what was in it is gone, at the rate at which the
    product of its forget gates (of a GRU its update gates) goes down over the sentence. A page (.html) has all layers,
    gates and states; a picture (.png, .svg) has one.
    """
    form = form_of(out)
    looking = opened(model)
    from elman.inspection.gates import watch
    from elman.inspection.gates_table import to_json

    read = sentence_of(looking, text, sentence)
    tracks = watch(looking.network, read)
    layers = max(track.layer for track in tracks)
    if layer is not None and layer > layers:
        raise UsageError(f"expected a layer from 1 to {layers}, got {layer}")
    chosen = [track for track in tracks if track.layer == (layer or 1)]
    name = gate or chosen[0].retains or "hidden"
    if name not in chosen[0].values:
        raise UsageError(f"expected one of {', '.join(chosen[0].values)}, which this cell has, got {name!r}")
    if out is not None and form == "page":
        from elman.cli.gates_page import write_page

        write_page(out, str(model), read, tracks, chosen[0], name)
    elif out is not None:
        from elman.inspection.gates_figure import draw

        draw(out, read, chosen, name)
    if json:
        print_json(to_json(read, tracks))
    else:
        print("\n".join(_lines(read, chosen)))
    if out is not None:
        say(f"written: {out}")


def _lines(sentence: Sentence, tracks: Sequence[Track]) -> Iterator[str]:
    from elman.cli.inspect.looking import plain
    from elman.cli.tables import aligned
    from elman.inspection.gates_table import lives, longest, rows, tokens_told

    for track in tracks:
        yield f"{track.name}: {track.units} units, their mean at each token"
        yield from aligned([[plain(cell) for cell in row] for row in rows(track, sentence)])
        spread = lives(track)
        if spread is None:
            why = "has one token" if track.retains is not None else "is read by a cell without a gate that keeps"
            yield f"no half-life: the sentence {why}"
        else:
            quarter, half, most = map(tokens_told, spread)
            yield f"half-life in tokens: median {half}, half of the units from {quarter} to {most}"
            told = ", ".join(f"{unit} ({tokens_told(life)})" for unit, life in longest(track))
            yield f"longest: unit {told}"
        yield ""

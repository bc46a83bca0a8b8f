"""``elman compress``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from elman.cli.options import Format, Json, Labels, RepairOption, Scheme, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.pipelines.compression import Compressed

_PARTS = {
    "words": "word lists",
    "learned": "words that learned",
    "vectors": "words with fixed vectors",
    "weights": "weights",
}


def compress(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write.")],
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Labelled file to judge by; not the test set.")
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the model learned from: F1 on entities unseen there is told, too."),
    ] = None,
    max_loss: Annotated[
        float | None, typer.Option(metavar="POINTS", help="Refuse if F1 falls by more, in points of 100.  [0.1]")
    ] = None,
    words: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Keep N words: those that learned, then the first ones.")
    ] = None,
    vectors: Annotated[
        Literal["product", "int8", "float16"],
        typer.Option(help="Fixed vectors: a byte for two to five numbers, a byte for each, or two."),
    ] = "product",
    frequent: Annotated[
        int, typer.Option(metavar="N", min=0, help="With product: store the first N of them more exactly.")
    ] = 50_000,
    weights: Annotated[
        Literal["float16", "int8"], typer.Option(help="Weights: two bytes for each number, or one.")
    ] = "float16",
    json: Json = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the model at OUT.")] = False,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
    repair: RepairOption = "conlleval",
) -> None:
    """Make a small model folder out of a trained one, and tell what it costs in F1.

    Past --max-loss nothing is written, and the exit code is 1. MODEL stays as it is.
    """
    from elman.data.labels import parse_map
    from elman.model.precision import Precision
    from elman.model.task_folder import layer_in
    from elman.pipelines.compression import MAX_LOSS
    from elman.pipelines.compression import compress as run
    from elman.runtime.evaluation import read_gold

    if data is None and (train is not None or max_loss is not None):
        given = "--train" if max_loss is None else "--max-loss"
        raise UsageError(f"{given} needs labelled text to judge by: --data FILE")
    most = MAX_LOSS if max_loss is None else max_loss
    documents = None if data is None else read_gold(data, format, scheme, repair, layer=layer_in(model))
    found = run(
        model,
        out,
        documents,
        None if train is None else read_gold(train, format, scheme, repair, layer=layer_in(model)),
        name="" if data is None else data.name,
        labels=parse_map(labels),
        precision=Precision(weights, "int8", vectors, frequent),
        words=words,
        max_loss=most,
        force=force,
    )
    if documents is not None and data is not None:
        for line in documents.report.lines():
            say(f"{data.name}: {line}")
    if json:
        print_json(found.to_json())
    else:
        print("\n".join(_lines(found)))
    if not found.written:
        say(
            f"refused: F1 fell by more than {most:g} points, and nothing was written; try --vectors int8 or --words, "
            "or allow more with --max-loss"
        )
        raise typer.Exit(1)
    if data is None:
        say("warning: what it costs in F1 is not known; give labelled text with --data")
    say(f"{out} is written")


def _lines(found: Compressed) -> Iterator[str]:
    from elman.cli.tables import aligned

    form = found.precision
    how = {"learned": form.learned, "vectors": form.vectors, "weights": form.weights}
    total = [sum(side) for side in zip(*found.bytes.values(), strict=True)]
    rows: list[tuple[str, ...]] = [("megabytes", "before", "after", "form")]
    rows += [(_PARTS[part], *map(_mega, both), how.get(part, "text")) for part, both in found.bytes.items()]
    rows.append(("all", *map(_mega, total), ""))
    yield from aligned(rows)
    yield ""
    yield f"Words with a row: {found.words[0]:,} before, {found.words[1]:,} after."
    if found.f1 is None:
        return
    yield ""
    costs = [("F1", found.f1)]
    if found.unseen is not None:
        costs.append(("F1, entities unseen in training", found.unseen))
    yield from aligned(
        [
            ("percent", "before", "after", "difference"),
            *(
                (what, f"{100 * one.before:.2f}", f"{100 * one.after:.2f}", f"{round(-one.lost, 2) + 0.0:+.2f}")
                for what, one in costs
            ),
        ]
    )
    if found.same is not None:
        yield ""
        yield f"Of the spans found before, {100 * found.same:.2f} % are found after."


def _mega(size: int) -> str:
    return f"{size / 1e6:.2f}"

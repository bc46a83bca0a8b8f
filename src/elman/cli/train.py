"""``elman train``."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from elman.cli.options import Config, Dev, Format, Json, Labels, Overrides, Scheme, WordVectors, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from elman.training.records import Record
    from elman.training.train import Outcome


def train(
    train: Annotated[Path | None, typer.Option(metavar="FILE", help="Labelled file to learn from.")] = None,
    dev: Dev = None,
    test: Annotated[Path | None, typer.Option(metavar="FILE", help="Labelled file to score once, at the end.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Model folder to write.")] = None,
    task: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to learn; by default what --config says, else tagging.")
    ] = None,
    vectors: WordVectors = None,
    init: Annotated[Path | None, typer.Option(metavar="MODEL", help="Model folder to go on from.")] = None,
    labels: Labels = "",
    layer: Annotated[
        str | None, typer.Option(metavar="NAME", help="The layer of spans to learn; entities if not given.")
    ] = None,
    overlap: Annotated[
        Literal["longest", "first", "error", "layers"] | None,
        typer.Option(help="Which of overlapping spans is learned; layers: the inner ones are layers entities/2, ..."),
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")] = "auto",
    config: Config = None,
    overrides: Overrides = None,
    seeds: Annotated[
        int, typer.Option(min=1, metavar="N", help="Train N times; the best on dev is kept at --out.")
    ] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is at --out.")] = False,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE.jsonl", help="Log of every step.")] = None,
    tensorboard: Annotated[Path | None, typer.Option(metavar="DIR", help="Curves for TensorBoard.")] = None,
    show_config: Annotated[bool, typer.Option("--show-config", help="Print the settings as TOML and exit.")] = False,
    json: Json = False,
) -> None:
    """Train a model: a tagger of labelled text, or with --task one for another task.

    Formats and tag schemes are found out and told. Ctrl-C keeps the best weights so far.
    """
    import elman
    from elman.data.labels import parse_map
    from elman.extras import needs

    with needs("train", "training"):
        from elman import settings
        from elman.training.train import settings_for
        from elman.training.watch import Console, JsonLog, TensorBoard

    chosen = settings_for(task, config, overrides or ())
    if isinstance(chosen, settings.Settings):
        data = replace(chosen.data, layer=layer or chosen.data.layer, overlap=overlap or chosen.data.overlap)
        chosen = replace(chosen, data=data)
    elif layer is not None or overlap is not None:
        raise UsageError(f"--layer and --overlap are for taggers; leave them out with --task {chosen.task}")
    if show_config:
        print(settings.dumps(chosen), end="")
        return
    if train is None or out is None:
        raise UsageError("expected --train FILE and --out DIR; elman train --help lists all options")
    with ExitStack() as stack:
        observers: list[Callable[[Record], None]] = [stack.enter_context(closing(Console()))]
        if log is not None:
            observers.append(stack.enter_context(closing(JsonLog(log, append=resume))))
        if tensorboard is not None:
            observers.append(stack.enter_context(closing(TensorBoard(tensorboard))))
        outcome = elman.train(
            train,
            dev,
            test,
            out=out,
            settings=chosen,
            vectors=vectors,
            init=init,
            labels=parse_map(labels),
            device=device,
            seeds=seeds,
            resume=resume,
            force=force,
            format=format,
            scheme=scheme,
            observers=observers,
            say=say,
        )
    if json:
        print_json(outcome.to_json())
    else:
        print(summary(outcome), end="")


def summary(outcome: Outcome) -> str:
    """What a person reads of a training: the best run's scores, the spread over seeds, the folder."""
    best = outcome.best
    part, figure = ("dev", best.dev) if best.test is None else ("test", best.test)
    scores = best.metrics[part]
    shown: Iterator[str] = _table(scores) if "micro" in scores else iter([str(figure)])
    if "micro" in scores and "figure" in scores:
        shown = chain((str(figure), ""), shown)
    lines = [f"Scores on the {part} set:", "", *shown, ""]
    if len(outcome.runs) > 1:
        each = ", ".join(one.shown for run in outcome.runs if (one := run.dev if part == "dev" else run.test))
        spread = outcome.to_json()[part]
        told = each
        if figure.shown.endswith("%") and figure.value >= 0:  # a share; of others only the figures themselves are said
            told = f"{100 * spread['mean']:.2f}, standard deviation {100 * spread['deviation']:.2f} ({each})"
        lines.append(f"{len(outcome.runs)} seeds: {part} {figure.name} {told}; seed {best.seed} is the best on dev")
    return "\n".join([*lines, f"The model is the folder {outcome.path}", ""])


def _table(scores: Mapping[str, Any]) -> Iterator[str]:
    rows = [*scores["labels"].items(), ("micro", scores["micro"])]
    width = max(len(label) for label, _ in rows)
    yield f"{'':{width}}  precision  recall      F1  support"
    for label, row in rows:
        precision, recall, f1 = (f"{100 * row[name]:.2f}" for name in ("precision", "recall", "f1"))
        yield f"{label:{width}}  {precision:>9}  {recall:>6}  {f1:>6}  {row['support']:>7}"

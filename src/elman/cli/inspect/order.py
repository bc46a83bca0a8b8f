"""``elman inspect order``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import Format, Json, Labels, Scheme, print_json, say


def order(
    train: Annotated[Path, typer.Option(metavar="FILE", help="Labelled file to learn from.")],
    dev: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Labelled file to judge by; else a tenth of --train is held out."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=10, metavar="N", help="Trainings of each row.")] = 3,
    jobs: Annotated[
        int, typer.Option(min=1, metavar="N", help="Trainings side by side, one thread each if there are several.")
    ] = 1,
    keep: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Keep the runs made, so that the same command goes on.")
    ] = None,
    vectors: Annotated[Path | None, typer.Option(metavar="FILE", help="Pretrained word vectors.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Settings.")] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="GROUP.NAME=VALUE", help="One setting; may be repeated."),
    ] = None,
    labels: Labels = "",
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    json: Json = False,
) -> None:
    """Say what a model gains from the order of the words: does order matter here?

    Trains the same model on the sentences as they are and on shuffled ones, in which an entity's own tokens stay
    together, and a bag of words in its place.
    """
    from elman.data.labels import parse_map
    from elman.extras import needs

    with needs("train", "training"):
        from elman import settings
        from elman.features.vectors import read_vectors
        from elman.pipelines.order import word_order
        from elman.training.data import load

    chosen = settings.load(config, overrides or ())
    data = load(
        train,
        dev,
        None,
        chosen.data,
        seed=chosen.training.seed,
        labels=parse_map(labels),
        format=format,
        scheme=scheme,
        say=say,
    )
    found = word_order(
        data,
        settings=chosen,
        vectors=None if vectors is None else read_vectors(vectors),
        seeds=seeds,
        jobs=jobs,
        keep=keep,
        say=say,
    )
    if json:
        print_json(found.to_json())
    else:
        print("\n".join(found.lines()))

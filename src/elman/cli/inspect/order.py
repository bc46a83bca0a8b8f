"""``elman inspect order``."""

from __future__ import annotations

from typing import Annotated

import typer

from elman.cli.options import (
    Config,
    Dev,
    Format,
    Jobs,
    Json,
    Keep,
    Labels,
    Overrides,
    Scheme,
    Train,
    WordVectors,
    print_json,
    say,
)


def order(
    train: Train,
    dev: Dev = None,
    seeds: Annotated[int, typer.Option(min=1, max=10, metavar="N", help="Trainings of each row.")] = 3,
    jobs: Jobs = 1,
    keep: Keep = None,
    vectors: WordVectors = None,
    config: Config = None,
    overrides: Overrides = None,
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

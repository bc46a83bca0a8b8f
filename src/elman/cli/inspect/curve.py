"""``elman inspect curve``."""

from __future__ import annotations

from pathlib import Path
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
from elman.errors import UsageError


def curve(
    train: Train,
    dev: Dev = None,
    fractions: Annotated[
        str, typer.Option(metavar="SHARE,...", help="Shares of the training set, four or more, 1 among them.")
    ] = "0.1,0.2,0.4,0.7,1",
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="Trainings at each share.")] = 3,
    jobs: Jobs = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw a picture, .png or .svg.")] = None,
    keep: Keep = None,
    vectors: WordVectors = None,
    config: Config = None,
    overrides: Overrides = None,
    labels: Labels = "",
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    json: Json = False,
) -> None:
    """Say whether more labels would help, and how many it takes for one point more.

    Trains on growing shares of the training set, several times each, and draws a curve through what they score.
    """
    from elman.data.labels import parse_map
    from elman.extras import needs

    with needs("train", "training"):
        from elman import settings
        from elman.features.vectors import read_vectors
        from elman.pipelines.curve import learning_curve
        from elman.training.data import load

    try:
        shares = [float(share) for share in fractions.split(",")]
    except ValueError:
        raise UsageError(f"expected shares such as 0.1,0.3,0.6,1; got {fractions!r}") from None
    if out is not None and out.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"expected a picture that ends in .png or .svg, got {out}")
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
    found = learning_curve(
        data,
        shares,
        settings=chosen,
        vectors=None if vectors is None else read_vectors(vectors),
        seeds=seeds,
        jobs=jobs,
        keep=keep,
        say=say,
    )
    if out is not None:
        found.draw(out)
        say(f"written: {out}")
    if json:
        print_json(found.to_json())
    else:
        print("\n".join(found.lines()))

"""``elman tune``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elman.cli.options import Dev, Format, Jobs, Json, Labels, Scheme, Train, WordVectors, print_json, say


def tune(
    train: Train,
    out: Annotated[Path, typer.Option(metavar="STUDY", help="Folder of the study; one that is there is gone on with.")],
    dev: Dev = None,
    trials: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Settings to try; 20 if --minutes is not given either.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0, metavar="M", help="Time for everything, earlier calls counted in.")
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=1, metavar="N", help="Fresh seeds with which the best are trained again.")
    ] = 2,
    jobs: Jobs = 1,
    vectors: WordVectors = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Settings to begin from.")] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="GROUP.NAME=VALUE", help="One setting, which is not varied; may be repeated."),
    ] = None,
    labels: Labels = "",
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    json: Json = False,
) -> None:
    """Look for settings that suit the data better than those given.

    The settings given are the first trial. At the end the best and they are trained again with fresh seeds, and
    STUDY/settings.toml has those with the highest mean. The same command goes on with a study that was cut off.
    """
    from elman.data.labels import parse_map
    from elman.extras import needs

    with needs("train", "training"):
        from elman import settings
        from elman.features.vectors import read_vectors
        from elman.training.data import load
    with needs("tune", "a search for settings"):
        from elman.pipelines.tuning import SETTINGS, Budget, lines_of
        from elman.pipelines.tuning import tune as search

    chosen = settings.load(config, overrides or ())
    fixed = tuple(".".join(part.strip() for part in one.partition("=")[0].split(".")) for one in overrides or ())
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
    try:
        found = search(
            data,
            out,
            settings=chosen,
            fixed=fixed,
            vectors=None if vectors is None else read_vectors(vectors),
            budget=Budget(20 if trials is None and minutes is None else trials, minutes),
            seeds=seeds,
            jobs=jobs,
            say=say,
        )
    except KeyboardInterrupt:
        say(f"the study {out} is whole; the same command goes on with it")
        raise
    if json:
        print_json(found.to_json())
        return
    print("\n".join(lines_of(found)))
    print(f"The settings are in {out / SETTINGS}; elman train --config takes them")

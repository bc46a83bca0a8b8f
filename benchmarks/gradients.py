"""Gradient norm against distance for Elman, LSTM and GRU, at the start and after training; and what clipping holds."""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

import _needs
from elman.inspection.distances import Distances, Fit, norms, summary
from elman.inspection.examination import step_losses
from elman.inspection.figures import named, picture
from elman.inspection.gradient_pictures import add_distances
from elman.model.atomic import replace_file
from elman.settings import Settings, load
from elman.training.checkpoint import Checkpoints
from elman.training.data import Data, Part, load_part
from elman.training.loop import Run
from elman.training.records import Evaluation, Incident, Step
from elman.training.tagging_session import TaggingSession

if TYPE_CHECKING:
    from elman.tasks.tagging import Examples

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "gradients.png"

NAMES = {"elman": "Elman", "lstm": "LSTM", "gru": "GRU"}
CELLS = tuple(NAMES)
SCALES = (1.5, 2.0, 3.0)
RELU_SCALES = (1.0, 1.5, 1.75)
"""About half of the units are off at a time, so that a matrix passes on as much as it gets at a scale of about 1.4."""
SENTENCES = 1500
PROBES = 64
DISTANCE = 30
"""Only steps with so many before them count, so that each distance is a mean over the same steps."""

LONGEST = 50
"""Longer sentences are not learned: where gradients grow with every step, they alone would be too much for float32."""

SETTINGS = [
    "encoder.hidden=100",
    "encoder.context=0",
    "encoder.directions=forward",
    "training.epochs=5",
    "training.threads=1",
]


def whole() -> tuple[Data, Examples]:
    """What is learned, dev, and the long sentences of dev whose steps are differentiated."""
    quiet: dict[str, Any] = {"labels": {}, "format": None, "scheme": None, "say": lambda _: None}
    train = load_part(DATA / "train.txt", Settings().data, **quiet)
    dev = load_part(DATA / "valid.txt", Settings().data, **quiet)
    drawn = np.random.default_rng(1).permutation(len(train.examples))
    drawn = np.sort(drawn[train.examples.lengths[drawn] <= LONGEST][:SENTENCES])
    learned = Part(train.examples.select(drawn), "train", "gradients")
    few = np.sort(np.random.default_rng(1).permutation(len(dev.examples))[:400])
    probes = np.flatnonzero((dev.examples.lengths > DISTANCE) & (dev.examples.lengths < 2 * DISTANCE))[:PROBES]
    return Data(learned, Part(dev.examples.select(few), "dev", "few"), None), dev.examples.select(probes)


def begin(
    data: Data, cell: str, scale: float = 1.0, clip: float = 5.0, start: str = "orthogonal", activation: str = "tanh"
) -> TaggingSession:
    """A fresh session; its recurrent matrix is orthogonal times ``scale``, or as the frameworks begin it."""
    chosen = [f"encoder.cell={cell}", f"training.clip_norm={clip}"]
    chosen += [f"encoder.activation={activation}"] if activation != "tanh" else []
    settings = load(None, [*SETTINGS, *chosen])
    session = TaggingSession(data, settings, None, None, torch.device("cpu"), lambda _: None)
    with torch.no_grad():
        for name, value in session.network.named_parameters():
            if name.startswith("encode.") and start == "uniform":
                value.uniform_(-1, 1).mul_(1 / math.sqrt(session.settings.encoder.hidden))
            elif name.startswith("encode.") and name.endswith("weight_hh"):
                value.mul_(scale)
    return session


def measure(session: TaggingSession, probes: Examples) -> Distances:
    """The norms for every step of each probe that has enough steps before it."""
    network, task = session.network.eval().double(), session.task
    features, tags = task.lexicon.features(probes.types), task.encode(probes)
    found = []
    for at in range(0, len(probes), 16):
        batch = task.batch(probes, features, np.arange(at, min(at + 16, len(probes))), tags)
        run, losses = step_losses(network, batch)
        for step in range(DISTANCE, int(batch.lengths.max())):
            there = batch.lengths > step
            tokens = torch.full((len(there),), step)
            found.append(norms(run, losses[:, step], tokens)[0][there, : DISTANCE + 1])
    network.float().train()
    return summary(found)


def train(session: TaggingSession) -> dict[str, Any]:
    """Train as elman trains, and say how it went."""
    steps: list[Step] = []
    evaluations, incidents = [], 0
    with tempfile.TemporaryDirectory() as folder:
        run = Run(session.objective, session.plan, Checkpoints(Path(folder), "gradients"))
        for record in run.records():
            if isinstance(record, Step):
                steps.append(record)
            elif isinstance(record, Evaluation):
                evaluations.append(record.figure.value)
            elif isinstance(record, Incident):
                incidents += 1
        run.take_best()
    every = np.array([step.gradient_norm for step in steps])
    return {
        "dev_f1": max(evaluations),
        "last_loss": float(np.mean([step.loss for step in steps[-50:]])),
        "largest_norm": float(every.max()),
        "median_norm": float(np.median(every)),
        "clipped": float(np.mean([step.clipped for step in steps])),
        "incidents": incidents,
    }


def parts(data: Data, probes: Examples) -> dict[str, Any]:
    """What there is to measure, by name, each as what measures it."""

    def both(cell: str, start: str) -> dict[str, Any]:
        session = begin(data, cell, start=start)
        before = measure(session, probes)
        trained = train(session)
        return {"start": before.to_json(), "training": trained, "after": measure(session, probes).to_json()}

    def scaled(scale: float, activation: str) -> dict[str, Any]:
        return {"start": measure(begin(data, "elman", scale, activation=activation), probes).to_json()}

    def held(scale: float, clip: float) -> dict[str, Any]:
        session = begin(data, "elman", scale, clip)
        return {"training": train(session), "after": measure(session, probes).to_json()}

    work: dict[str, Any] = {cell: lambda cell=cell: both(cell, "orthogonal") for cell in CELLS}
    work |= {f"elman x {scale:g}": lambda scale=scale: scaled(scale, "tanh") for scale in SCALES}
    work |= {f"relu x {scale:g}": lambda scale=scale: scaled(scale, "relu") for scale in RELU_SCALES}
    work |= {f"{cell}, uniform start": lambda cell=cell: both(cell, "uniform") for cell in CELLS}
    for name, clip in (("clipped at 5", 5.0), ("not clipped", 1e9)):
        work[f"elman x 3, Adam, {name}"] = lambda clip=clip: held(3.0, clip)
    return work


def distances(values: dict[str, Any]) -> Distances:
    """What was written, again."""
    fit = None if values["fit"] is None else Fit(**values["fit"])
    return Distances(*(tuple(values[name]) for name in ("mean", "lower", "upper", "count")), fit)


def draw(report: dict[str, Any], path: Path) -> None:
    """Three pictures side by side: at the start, after training, a recurrent matrix past 1."""
    columns = {
        "At the start": {NAMES[cell]: report[cell]["start"] for cell in CELLS},
        "After training": {NAMES[cell]: report[cell]["after"] for cell in CELLS},
        "Elman, recurrent matrix scaled": {
            "by 1": report["elman"]["start"],
            **{f"by {scale:g}": report[f"elman x {scale:g}"]["start"] for scale in SCALES},
        },
    }
    path.parent.mkdir(exist_ok=True)
    with picture(path, 16, 6, columns=3) as axes:
        for axis, (title, lines) in zip(axes, columns.items(), strict=True):
            add_distances(axis, {name: distances(one) for name, one in lines.items()})
            named(axis, title, "k, steps back", "norm of $dL_t / dh_{t-k}$, mean over t")
            axis.legend(fontsize=11)
    # Lines need few colours; a palette makes the file a third as large.
    image = Image.open(path).convert("RGB").quantize(160)
    content = BytesIO()
    image.save(content, "png", optimize=True)
    replace_file(path, content.getvalue())


def table(report: dict[str, Any]) -> None:
    """Print what there is."""
    print(f"{'':30} {'k = 0':>9} {'5':>9} {'10':>9} {'20':>9} {'30':>9}  rate per step")
    for name, one in report.items():
        for when in ("start", "after"):
            if when in one:
                found = distances(one[when])
                cells = " ".join(f"{found.mean[k]:9.2g}" for k in (0, 5, 10, 20, 30))
                print(f"{name + ', ' + when:30} {cells}  {found.fit}")
    for name, one in report.items():
        if told := one.get("training"):
            print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in told.items()))
    for when in ("start", "after"):
        fits = {cell: distances(report[cell][when]) for cell in CELLS if cell in report}
        if len(fits) == len(CELLS):
            for cell, found in fits.items():
                if found.fit and fits["elman"].fit:
                    print(
                        f"{when}: {NAMES[cell]} halves in {found.fit.half:.1f} steps, "
                        f"{found.fit.half / fits['elman'].fit.half:.1f} times Elman's; after {DISTANCE} steps "
                        f"{found.mean[DISTANCE] / found.mean[0]:.2g} is left"
                    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="measure one of them; may be repeated")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    chosen = parser.parse_args()
    _needs.data(DATA)
    target = RESULTS / f"gradients-{date.today()}.json"
    report = json.loads(target.read_text()) if target.exists() else {}
    data, probes = whole()
    work = parts(data, probes)
    for name in chosen.only or work:
        if name not in report:
            began = time.monotonic()
            torch.manual_seed(1)
            report[name] = {**work[name](), "seconds": round(time.monotonic() - began, 1)}
            RESULTS.mkdir(exist_ok=True)
            target.write_text(json.dumps(report, indent=1) + "\n")
            print(f"  {name}: {report[name]['seconds']} s", flush=True)
    table(report)
    if all(name in report for name in [*CELLS, *(f"elman x {scale:g}" for scale in SCALES)]):
        draw(report, chosen.picture)


if __name__ == "__main__":
    main()

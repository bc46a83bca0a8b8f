"""Classes of texts and of series: TREC's six kinds of questions, SST-2's sentiment, JapaneseVowels' speakers.

python benchmarks/classification.py [--only trec,sst-bag] [--seeds 3] [--threads 0] [--vectors FILE] [--keep FOLDER]

Each case is trained with the defaults of its task and what its row says, with word vectors (--vectors, or the file that
ELMAN_VECTORS names) where it reads texts. The epoch is chosen on dev: SST-2 has one; of TREC and JapaneseVowels a tenth
of the training set is held out, another one for each seed. The test set is scored once, at the end of a run.

Models stay in FOLDER, by default benchmarks/models/classification; a seed whose model is there is not trained again,
and a run that was cut off is gone on with. --table prints the table of what is there, as Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import _needs

if TYPE_CHECKING:
    from elman.features.vectors import Vectors

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data"))
RESULTS = Path(__file__).with_name("results")


class Case(NamedTuple):
    """What is trained.

    Attributes:
        task: its name.
        data: files to learn from, to judge by (None: held out), to test on.
        settings: beside the task's defaults.
        format: the files'.
        bar: the accuracy that is wanted on test, or None.
    """

    task: str
    data: tuple[str, str | None, str]
    settings: tuple[str, ...] = ()
    format: str | None = None
    bar: float | None = None


TREC = ("trec-questions/TREC.train.all", None, "trec-questions/TREC.test.all")
SST = ("sst/stsa.binary.train", "sst/stsa.binary.dev", "sst/stsa.binary.test")
VOWELS = tuple(f"ucr-uea-timeseries/JapaneseVowels/JapaneseVowels_{part}.ts" for part in ("TRAIN", "TEST"))
LATIN = "classes:encoding=latin-1"
BAG, CONVOLUTION = ("encoder.cell=bag",), ("encoder.cell=convolution",)

CASES = {
    "trec": Case("classification", TREC, (), LATIN, 0.91),
    "trec-bag": Case("classification", TREC, BAG, LATIN),
    "trec-convolution": Case("classification", TREC, CONVOLUTION, LATIN),
    "sst": Case("classification", SST, (), LATIN, 0.82),
    "sst-bag": Case("classification", SST, BAG, LATIN),
    "sst-convolution": Case("classification", SST, CONVOLUTION, LATIN),
    "sst-counts": Case("bag_of_words", SST, (), LATIN),
    "vowels": Case("series_classification", (VOWELS[0], None, VOWELS[1]), ("encoder.cell=gru",), None, 0.97),
}


def one(name: str, case: Case, seed: int, place: Path, threads: int, vectors: Vectors | None) -> dict[str, Any]:
    """Train one model, or read what it scored."""
    from elman.training.train import settings_for, train

    train_file, dev, test = (None if part is None else DATA / part for part in case.data)
    assert train_file is not None
    outcome = train(
        train_file,
        dev,
        test,
        out=place,
        settings=settings_for(
            case.task, None, [*case.settings, f"training.seed={seed}", f"training.threads={threads}"]
        ),
        vectors=vectors if case.task == "classification" else None,
        resume=True,
        format=case.format,
    )
    metrics = outcome.best.metrics
    about = json.loads((place / "model.json").read_bytes())["about"]
    return {
        "case": name,
        "seed": seed,
        "dev": metrics["dev"]["accuracy"],
        "test": metrics["test"]["accuracy"],
        "test_macro_f1": metrics["test"]["macro_f1"],
        "calibration": about["calibration"],
        "seconds": metrics["training"]["seconds"],
        "epochs": metrics["training"]["epochs"],
        "best_epoch": metrics["training"]["best_epoch"],
    }


def table(runs: list[dict[str, Any]]) -> str:
    """A row for each case: accuracy as mean and deviation over seeds; under it who is ahead."""
    lines = [
        "| case | dev | test | macro F1 | wanted | seeds | seconds |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    means = {}
    for name, case in CASES.items():
        own = [run for run in runs if run["case"] == name]
        if not own:
            continue
        means[name] = statistics.mean(run["test"] for run in own)
        wanted = "" if case.bar is None else f"{case.bar:.0%}, {'reached' if means[name] >= case.bar else 'missed'}"
        shown = " | ".join(_mean([run[key] for run in own]) for key in ("dev", "test", "test_macro_f1"))
        seconds = statistics.mean(run["seconds"] for run in own)
        lines.append(f"| {name} | {shown} | {wanted} | {len(own)} | {seconds:.0f} |")
    for first in ("trec", "sst"):
        others = [name for name in means if name.startswith(f"{first}-")]
        if first not in means or not others:
            continue
        best = max(others, key=means.__getitem__)
        ahead = 100 * (means[first] - means[best])
        where = f"{ahead:.2f} points ahead of" if ahead > 0 else f"not ahead of, but {-ahead:.2f} points behind,"
        lines += ["", f"{first}: the recurrent network is {where} the best of the others, {best}."]
    return "\n".join(lines)


def _mean(scores: list[float]) -> str:
    spread = f" ± {100 * statistics.stdev(scores):.2f}" if len(scores) > 1 else ""
    return f"{statistics.mean(scores):.2%}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help=f"out of {', '.join(CASES)}")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--keep", type=Path, default=_needs.MODELS / "classification", help="the folder of models")
    parser.add_argument("--table", action="store_true", help="print the table of what is there, and end")
    chosen = parser.parse_args()
    if unknown := set(chosen.only or ()) - CASES.keys():
        parser.error(f"--only: expected names out of {', '.join(CASES)}; got {', '.join(sorted(unknown))}")
    kept = chosen.keep / "runs.json"
    runs: list[dict[str, Any]] = json.loads(kept.read_bytes()) if kept.exists() else []
    if chosen.table:
        print(table(runs))
        return
    _needs.data(DATA)
    names = chosen.only or list(CASES)
    vectors = None
    if any(CASES[name].task == "classification" for name in names):
        from elman.features.vectors import read_vectors

        file = chosen.vectors or _needs.vectors()
        if file is None:
            print("without word vectors: ELMAN_VECTORS=FILE names a file of them, as --vectors does")
        else:
            vectors = read_vectors(file)
    chosen.keep.mkdir(parents=True, exist_ok=True)
    for name in names:
        for seed in range(1, chosen.seeds + 1):
            run = one(name, CASES[name], seed, chosen.keep / f"{name}-{seed}", chosen.threads, vectors)
            runs = [other for other in runs if (other["case"], other["seed"]) != (name, seed)] + [run]
            print(f"{name}, seed {seed}: dev {run['dev']:.2%}, test {run['test']:.2%}", flush=True)
            _write(kept, runs)
            RESULTS.mkdir(exist_ok=True)
            vectors_said = None if vectors is None else f"{len(vectors):,} words x {vectors.dimensions}"
            whole = {"machine": platform.machine(), "cores": os.cpu_count(), "vectors": vectors_said, "runs": runs}
            _write(RESULTS / f"classification-{date.today()}.json", whole)
    print(table(runs))


def _write(path: Path, content: Any) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(json.dumps(content, indent=1) + "\n")
    beside.replace(path)


if __name__ == "__main__":
    main()

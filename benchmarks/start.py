"""How soon a model is there and how little it needs: import, load, one sentence in a new process, peak memory, disk.

python benchmarks/start.py [MODEL...] [--times 10] [--install]

Without MODEL it takes the best of the models in benchmarks/models, which conll2003.py trains, and what elman compress
makes of it. Bars are for the last of the models. Everything is timed in new processes, after one that warms the files;
models take turns. With --install it also makes an environment with the base install, from this folder and the package
index that pip is set up with, and weighs it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import _needs
from elman.pipelines.compression import compress

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results")
SENTENCE = "Sebastian Thrun started at Google in 2007."

LOAD = f"""
import time
start = time.perf_counter()
import elman
imported = time.perf_counter()
model = elman.load({{path!r}})
loaded = time.perf_counter()
model({SENTENCE!r})
tagged = time.perf_counter()
elman.load({{path!r}})
print(imported - start, loaded - imported, tagged - loaded, time.perf_counter() - tagged)
"""
"""``load`` is with all that Elman imports for it; ``load again`` is without."""

BARS = {"import": 0.15, "load": 0.3, "tag": 0.7, "peak megabytes": 200, "install megabytes": 200}


def child(arguments: list[str]) -> tuple[str, float, float]:
    """Run Python; what it printed, its seconds, and its peak memory in megabytes."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"error: {arguments} ended with {process.returncode}")
    return printed, seconds, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def one(model: Path) -> dict[str, float]:
    """All measures of a model, each once."""
    printed, _, peak = child(["-c", LOAD.format(path=str(model))])
    found = dict(zip(("import", "load", "first sentence", "load again"), map(float, printed.split()), strict=True))
    _, seconds, own = child(["-m", "elman", "tag", "--model", str(model), "--text", SENTENCE])
    return found | {"tag": seconds, "peak megabytes": own, "peak megabytes, loaded twice": peak}


def install(folder: Path) -> float:
    """Megabytes of what the base install puts into a new environment; pip itself, which comes with it, left out."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", ROOT], check=True)
    where = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    sizes = {
        entry.name: sum(file.stat().st_size for file in [entry, *entry.rglob("*")] if file.is_file())
        for entry in packages.iterdir()
    }
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:6]:
        print(f"  {name}: {size / 1e6:.1f} MB")
    return sum(size for name, size in sizes.items() if not name.startswith("pip")) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", metavar="MODEL", type=Path, nargs="*")
    parser.add_argument("--times", metavar="N", type=int, default=10)
    parser.add_argument("--install", action="store_true")
    chosen = parser.parse_args()
    record: dict[str, Any] = {"times": chosen.times, "sentence": SENTENCE, "models": {}}
    with TemporaryDirectory() as scratch:
        models = chosen.models
        if not models:
            models = [_needs.model(), Path(scratch) / "compressed"]
            compress(*models)
        for model in models:
            one(model)
        runs: dict[Path, list[dict[str, float]]] = {model: [] for model in models}
        for _ in range(chosen.times):
            for model in models:
                runs[model].append(one(model))
        medians: dict[str, float] = {}
        for model, found in runs.items():
            medians = {what: statistics.median(run[what] for run in found) for what in found[0]}
            size = sum(file.stat().st_size for file in model.iterdir()) / 1e6
            print(f"{model.name} ({size:.2f} MB)")
            for what, median in medians.items():
                values = [run[what] for run in found]
                print(f"  {what}: {median:.3f} ({min(values):.3f} to {max(values):.3f})", flush=True)
            record["models"][f"{model.name}, {size:.2f} MB"] = {"megabytes": size, "median": medians, "runs": found}
        if chosen.install:
            medians["install megabytes"] = record["install megabytes"] = install(Path(scratch) / "environment")
            print(f"base install: {medians['install megabytes']:.1f} MB")
    missed = [what for what, bar in BARS.items() if medians.get(what, 0) >= bar]
    record["missed"] = missed
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"start-{date.today()}.json").write_text(json.dumps(record, indent=1) + "\n")
    print(f"bars missed: {', '.join(missed)}" if missed else "bars met")
    if missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

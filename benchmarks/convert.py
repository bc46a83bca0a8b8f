"""How fast conversion is, beside ``spacy convert``, and how much memory a file of a gigabyte takes.

python benchmarks/convert.py [--spacy PYTHON] [--runs 5] [--gigabytes 1]

PYTHON is the interpreter of an environment with spaCy, by default the one that runs this. CoNLL-2003's three files
become JSONL, and with spaCy JSON and DocBin; all are pinned to one core and take turns. Times are of the processor,
user and system, so that neighbours on a shared machine count little; the fastest run of each is kept. Wall-clock times
are beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import _needs
from elman.data.formats import read
from elman.data.formats.json_line import line_of

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
PARTS = ("train", "valid", "test")
RESULTS = Path(__file__).with_name("results")

# What is timed inside a process: the conversion alone, without the start of the interpreter and the imports.
INSIDE = {
    "elman": """
import sys, time
from elman.pipelines.convert import convert
begun = time.process_time()
convert(sys.argv[2:], sys.argv[1])
print("SECONDS", time.process_time() - begun)
""",
    "spacy": """
import sys, time
from pathlib import Path
from spacy.cli.convert import convert
begun = time.process_time()
for name in sys.argv[3:]:
    convert(Path(name), Path(sys.argv[1]), file_type=sys.argv[2], converter="ner", silent=True)
print("SECONDS", time.process_time() - begun)
""",
}


def run(command: list[str], core: int) -> dict[str, float]:
    """Run a command on one core: its seconds of the processor and of the clock, and its peak memory in MB."""
    reading, writing = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if not child:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {core})
        os.dup2(writing, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.execvp(command[0], command)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}: {said}")
    result = {
        "seconds": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - begun,
        "megabytes": used.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20),
    }
    inside = [line.split()[1] for line in said.splitlines() if line.startswith("SECONDS")]
    return result | ({"inside": float(inside[0])} if inside else {})


def race(spacy: str, runs: int, core: int, folder: Path) -> dict[str, Any]:
    """All converters in turn, several times."""
    # spaCy goes by the suffix of the file.
    inputs = folder / "inputs"
    inputs.mkdir()
    documents = tokens = 0
    for part in PARTS:
        source = inputs / f"{part}.ner"
        source.write_text((DATA / f"{part}.txt").read_text("utf-8"), "utf-8")
        reading = read(source)
        documents += sum(1 for _ in reading)
        tokens += reading.report.tokens
    sources = sorted(map(str, inputs.iterdir()))
    own, peer = [sys.executable], [spacy]
    jsonl, out = str(folder / "all.jsonl"), str(folder / "spacy")
    Path(out).mkdir()
    commands = {
        "elman convert to jsonl": [*own, "-m", "elman", "convert", *sources, jsonl],
        "elman in process": [*own, "-c", INSIDE["elman"], jsonl, *sources],
    }
    for kind in ("json", "spacy"):
        # It takes a folder of files, too, if they are named as the converter is.
        arguments = [*peer, "-m", "spacy", "convert", str(inputs), out, "-c", "ner", "-t", kind]
        commands[f"spacy convert to {kind}"] = arguments
        commands[f"spacy in process to {kind}"] = [*peer, "-c", INSIDE["spacy"], out, kind, *sources]
    best: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        for name, command in commands.items():
            result = run(command, core)
            key = "inside" if "inside" in result else "seconds"
            if name not in best or result[key] < best[name][key]:
                best[name] = result
    rows = {}
    for name, result in best.items():
        took = result.get("inside", result["seconds"])
        rows[name] = {
            "seconds": round(took, 3),
            "tokens_per_second": round(tokens / took),
            "wall_of_command": round(result["wall"], 2),
            "peak_megabytes": round(result["megabytes"]),
        }
    seconds = {name: row["seconds"] for name, row in rows.items()}
    kinds = ("json", "spacy")
    times = {kind: round(seconds[f"spacy convert to {kind}"] / seconds["elman convert to jsonl"], 1) for kind in kinds}
    inside = {kind: round(seconds[f"spacy in process to {kind}"] / seconds["elman in process"], 1) for kind in kinds}
    return {
        "files": list(PARTS),
        "documents": documents,
        "tokens": tokens,
        "runs": runs,
        "rows": rows,
        "times_as_fast_as_command": times,
        "times_as_fast_in_process": inside,
    }


def large(gigabytes: float, core: int, folder: Path) -> dict[str, Any]:
    """A large file of JSONL to columns: time and peak memory."""
    source, target = folder / "large.jsonl", folder / "large.conll"
    lines = [line_of(document).partition('"text"') for document in read(DATA / "train.txt")]
    digits = "0123456789"
    written = rounds = 0
    with source.open("w", encoding="utf-8") as stream:
        while written < gigabytes * 1e9:
            # Other texts of the same length, so that offsets stay: letters and digits of the text turn round.
            turn = str.maketrans(digits, digits[rounds % 10 :] + digits[: rounds % 10])
            for _, key, rest in lines:
                text, quote, offsets = rest.partition('", "spans"')
                written += stream.write(f'{{"id": "{rounds}-{written}", {key}{text.translate(turn)}{quote}{offsets}\n')
            rounds += 1
    size = source.stat().st_size
    result = run([sys.executable, "-m", "elman", "convert", str(source), str(target)], core)
    documents = rounds * len(lines)
    return {
        "bytes": size,
        "documents": documents,
        "seconds": round(result["seconds"], 1),
        "wall": round(result["wall"], 1),
        "peak_megabytes": round(result["megabytes"]),
        "bytes_written": target.stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spacy", metavar="PYTHON")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--date", default=date.today().isoformat())
    options = parser.parse_args()
    _needs.data(DATA)
    spacy = options.spacy or _needs.spacy()
    with tempfile.TemporaryDirectory() as name:
        # An installed package is compiled; a working tree may not be, and would be compiled in each run.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{name}/compiled"
        result: dict[str, Any] = {"race": race(spacy, options.runs, options.core, Path(name))}
        for row, values in result["race"]["rows"].items():
            print(f"{row:28} {values['seconds']:8.3f} s {values['tokens_per_second']:10,} tokens/s", flush=True)
        print(result["race"]["times_as_fast_as_command"], result["race"]["times_as_fast_in_process"], flush=True)
        if options.gigabytes:
            result["large"] = large(options.gigabytes, options.core, Path(name))
            print(result["large"])
    path = RESULTS / f"convert-{options.date}.json"
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(path)


if __name__ == "__main__":
    main()

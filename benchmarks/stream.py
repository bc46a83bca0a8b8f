"""`elman stream` against `elman tag`: whether memory grows with the stream, throughput, and whether both find the same.

python benchmarks/stream.py MODEL [--megabytes 50] [--small 5]

The text is that of the Reuters-21578 articles, over and over. Each command runs in a process of its own, start and
output included; peak memory is the process's. Batch mode is `elman tag --unit file`, which holds the whole text, and
`elman tag --unit paragraph`, which does not.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "lm-reuters21578" / "articles.txt.gz"
RESULTS = Path(__file__).with_name("results")


def made(size: int, path: Path) -> None:
    """A text of so many bytes, cut at a line."""
    with gzip.open(DATA) as articles:
        text = articles.read(size)
    while len(text) < size:
        text += text[: size - len(text)]
    path.write_bytes(text[: text.rindex(b"\n") + 1])


def run(out: Path, source: Path, *arguments: str) -> dict[str, float]:
    """Seconds and peak memory of a command; what it prints goes to a file."""
    began = time.monotonic()
    with source.open("rb") as stdin, out.open("wb") as stdout:
        process = subprocess.Popen([sys.executable, "-m", "elman", *arguments], stdin=stdin, stdout=stdout)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"elman {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.monotonic() - began
    return {
        "seconds": round(seconds, 1),
        "processor seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak MB": round(usage.ru_maxrss / 1024, 1),
    }


def digest(spans: list[dict[str, Any]]) -> str:
    """The hash of spans, scores included."""
    lines = "".join(f"{span['start']} {span['end']} {span['label']} {span['score']!r}\n" for span in spans)
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--small", type=float, default=5)
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"megabytes": chosen.megabytes, "small": chosen.small}
    with tempfile.TemporaryDirectory() as folder:
        small, large, out = (Path(folder, name) for name in ("small.txt", "large.txt", "out.jsonl"))
        made(int(chosen.small * 1e6), small)
        made(int(chosen.megabytes * 1e6), large)
        hashes = {}
        for name, source, arguments in (
            ("stream, small", small, ("stream",)),
            ("stream", large, ("stream",)),
            ("batch, whole", large, ("tag", "--unit", "file")),
            ("batch, paragraphs", large, ("tag", "--unit", "paragraph")),
        ):
            figures[name] = run(out, source, *arguments, "--model", chosen.model)
            values = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
            if name == "stream":
                hashes["stream"] = digest(values)
                figures["entities"] = len(values)
            elif name == "batch, whole":
                hashes["batch"] = digest(values[0]["spans"])
            print(f"{name}: {figures[name]}", flush=True)
    spent = {name: figures[name]["processor seconds"] for name in ("stream", "batch, whole", "batch, paragraphs")}
    figures["growth of peak memory"] = figures["stream"]["peak MB"] / figures["stream, small"]["peak MB"] - 1
    figures["throughput against whole"] = spent["batch, whole"] / spent["stream"]
    figures["throughput against paragraphs"] = spent["batch, paragraphs"] / spent["stream"]
    figures["hashes"] = hashes
    print(f"peak memory, {chosen.megabytes:g} MB against {chosen.small:g} MB: {figures['growth of peak memory']:+.1%}")
    print(f"throughput of processor time against batch: {figures['throughput against whole']:.2f} (whole), ", end="")
    print(f"{figures['throughput against paragraphs']:.2f} (paragraphs)")
    print(
        f"{figures['entities']:,} entities, hashes {hashes}: {'the same' if len(set(hashes.values())) == 1 else 'NOT'}"
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"stream-{date.today()}.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()

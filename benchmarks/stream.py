"""`elman stream` against `elman tag`: the same entities, throughput, and whether memory grows with the stream.

python benchmarks/stream.py [--model MODEL] [--megabytes 50] [--small 10] [--endless 1000]

The text is that of the Reuters-21578 articles, over and over. Each command runs in a process of its own, start and
output included; peak memory is the process's. Batch mode is `elman tag --unit file`, which holds the whole text, and
`elman tag --unit paragraph`, which does not. The endless text comes through a pipe and is nowhere on disk. What is
known is written as it comes: a run that is stopped has what it got so far. --endless 0 leaves the longest part out.
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

import _needs

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "lm-reuters21578"
RESULTS = Path(__file__).with_name("results")
MOST_GROWTH, LEAST_THROUGHPUT = 0.05, 0.8
STEP = 10_000_000  # bytes of the endless text from one look at the memory to the next


def articles() -> bytes:
    """The text."""
    with gzip.open(DATA / "articles.txt.gz") as file:
        return file.read()


def made(size: int, path: Path) -> None:
    """A text of so many bytes, cut at a line."""
    text = articles()
    while len(text) < size:
        text += text[: size - len(text)]
    path.write_bytes(text[: text.rindex(b"\n", 0, size) + 1])


def command(*arguments: str) -> list[str]:
    """Elman, as this interpreter runs it."""
    return [sys.executable, "-m", "elman", *arguments]


def run(out: Path, source: Path, *arguments: str) -> dict[str, float]:
    """Seconds and peak memory of a command; what it prints goes to a file."""
    began = time.monotonic()
    with source.open("rb") as stdin, out.open("wb") as stdout:
        process = subprocess.Popen(command(*arguments), stdin=stdin, stdout=stdout)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"elman {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.monotonic() - began
    return {
        "seconds": round(seconds, 1),
        "processor seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak MB": round(usage.ru_maxrss / 1024, 1),
    }


def peak_of(process: int) -> float:
    """The most memory that a running process has had, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def digest(spans: list[dict[str, Any]]) -> str:
    """The hash of spans, scores included."""
    lines = "".join(f"{span['start']} {span['end']} {span['label']} {span['score']!r}\n" for span in spans)
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


class Report:
    """The figures so far, on disk after each change.

    Args:
        name: of the file in the results' folder, without the date.
    """

    def __init__(self, name: str) -> None:
        RESULTS.mkdir(exist_ok=True)
        self.path = RESULTS / f"{name}-{date.today()}.json"
        self.figures: dict[str, Any] = {}

    def put(self, **figures: Any) -> None:
        """Add figures, or renew them."""
        self.figures |= {name.replace("_", " "): value for name, value in figures.items()}
        self.path.write_text(json.dumps(self.figures, indent=1) + "\n")


def compare(report: Report, model: str, large: Path, small: Path, out: Path) -> None:
    """The same text in both modes."""
    hashes = {}
    for name, source, arguments in (
        ("small", small, ("stream",)),
        ("stream", large, ("stream",)),
        ("batch whole", large, ("tag", "--unit", "file", "--to", "jsonl")),
        ("batch paragraphs", large, ("tag", "--unit", "paragraph", "--to", "jsonl")),
        ("stream again", large, ("stream",)),
    ):
        took = run(out, source, *arguments, "--model", model)
        report.put(**{name: took})
        print(f"{name}: {took}", flush=True)
        if name in ("stream", "batch whole"):
            values = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
            spans = values if name == "stream" else values[0]["spans"]
            hashes[name] = digest(spans)
            report.put(entities=len(spans), hashes=hashes)
    for unit in ("seconds", "processor seconds"):
        streamed = (report.figures["stream"][unit] + report.figures["stream again"][unit]) / 2
        rates = {name: report.figures[f"batch {name}"][unit] / streamed for name in ("whole", "paragraphs")}
        report.put(**{f"throughput by {unit}": rates})
        print(
            f"throughput by {unit} against batch: ", ", ".join(f"{rate:.2f} ({name})" for name, rate in rates.items())
        )
    same = len(set(hashes.values())) == 1
    print(f"{report.figures['entities']:,} entities, hashes {hashes}: {'the same' if same else 'NOT the same'}")


def endless(report: Report, model: str, size: int) -> None:
    """A long text through a pipe, and the memory that it takes on the way."""
    text = articles()
    began = time.monotonic()
    with subprocess.Popen(
        command("stream", "--model", model), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as going:
        assert going.stdin is not None
        try:
            for done in range(0, size, STEP):
                for at in range(done, done + STEP, 1 << 16):
                    first = at % len(text)
                    going.stdin.write(text[first : first + (1 << 16)])
                figures = {
                    "megabytes": (done + STEP) / 1e6,
                    "seconds": round(time.monotonic() - began, 1),
                    "peak MB": round(peak_of(going.pid), 1),
                }
                report.put(endless=figures)
                print(f"endless: {figures}", flush=True)
            going.stdin.close()
        except BaseException:
            going.kill()
            raise


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="by default the best that conll2003.py trained")
    parser.add_argument("--megabytes", type=float, default=50, help="of the text that both modes get")
    parser.add_argument(
        "--small", type=float, default=10, help="of the text whose peak memory is what others' is to be"
    )
    parser.add_argument("--endless", type=float, default=1000, help="megabytes of the text through the pipe")
    chosen = parser.parse_args()
    _needs.data(DATA)
    model = chosen.model or str(_needs.model())
    report = Report("stream")
    report.put(model=Path(model).name, megabytes=chosen.megabytes, small_megabytes=chosen.small)
    with tempfile.TemporaryDirectory() as folder:
        small, large, out = (Path(folder, name) for name in ("small.txt", "large.txt", "out.jsonl"))
        made(int(chosen.small * 1e6), small)
        made(int(chosen.megabytes * 1e6), large)
        compare(report, model, large, small, out)
    if chosen.endless:
        endless(report, model, int(chosen.endless * 1e6))
    figures = report.figures
    longest = figures["endless" if chosen.endless else "stream"]["peak MB"]
    report.put(growth_of_peak_memory=longest / figures["small"]["peak MB"] - 1)
    print(f"peak memory against that for {chosen.small:g} MB: {figures['growth of peak memory']:+.1%}")
    slowest = min(figures["throughput by processor seconds"].values())
    good = (
        figures["growth of peak memory"] <= MOST_GROWTH
        and slowest >= LEAST_THROUGHPUT
        and len(set(figures["hashes"].values())) == 1
    )
    print("all bars are met" if good else "a bar is missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

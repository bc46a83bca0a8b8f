"""The process of one system: it loads, tags a sentence, and then measures what it was asked for.

``python -m elman.pipelines.bench.worker`` reads a job as JSON from standard input and prints a line of JSON for each
thing it has to say: ``ready`` after the first sentence, ``done`` with its measurements.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.pipelines.bench.system import plain, system_class

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.pipelines.bench.system import System

FIRST = "Sebastian Thrun started at Google in 2007."
"""What the system is given for its first sentence."""

UNTIMED = 20
"""Sentences before those whose time counts."""


def main() -> None:
    """Do one job."""
    job = json.loads(sys.stdin.read())
    # Libraries print; what they print must not get between our lines.
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**values: Any) -> None:
        print(json.dumps(values), file=lines, flush=True)

    _hold(job["options"]["threads"])
    kind = system_class(job["system"])
    if job["task"] == "prepare":
        kind.prepare(_texts(job), job["options"]["scratch"])
        tell(event="done")
        return
    system = kind(plain(job["options"]))
    system.one(FIRST)
    tell(event="ready", at=time.monotonic())
    measure: Callable[[System, Any], dict[str, Any]] = {"try": _try, "measure": _measure}[job["task"]]
    tell(event="done", **measure(system, job))


def _hold(threads: int) -> None:
    """Stay on as many cores as there may be threads, whatever a library makes of its environment."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        if threads < len(cores):
            os.sched_setaffinity(0, cores[:threads])


def _texts(job: dict[str, Any]) -> list[str]:
    texts: list[str] = json.loads(Path(job["texts"]).read_text("utf-8"))
    return texts


def _timed(system: System, texts: Sequence[str], batch: int) -> tuple[float, int]:
    """Seconds for all texts, and how many entities were found."""
    began = time.perf_counter()
    found = sum(map(len, system.tag(texts, batch)))
    return time.perf_counter() - began, found


def _try(system: System, job: dict[str, Any]) -> dict[str, Any]:
    """The seconds of each size of batches, the better of two, after a pass that does not count."""
    texts = _texts(job)
    _timed(system, texts, system.batches[0])
    passes = [{str(batch): _timed(system, texts, batch)[0] for batch in system.batches} for _ in range(2)]
    return {"seconds": {batch: min(seconds[batch] for seconds in passes) for batch in passes[0]}}


def _measure(system: System, job: dict[str, Any]) -> dict[str, Any]:
    """All that is measured in one round."""
    texts, batch = _texts(job), job["batch"]
    first, entities = _timed(system, texts, batch)
    again, _ = _timed(system, texts, batch)
    peak = _peak(job["options"]["processes"])
    values = {
        "seconds": first,
        "seconds_again": again,
        "entities": entities,
        "peak_bytes": peak,
        "latencies": _latencies(system, json.loads(Path(job["sentences"]).read_text("utf-8"))),
        "facts": system.facts(),
        "threads": _pools(),
    }
    if job["found"]:
        Path(job["found"]).write_text(json.dumps(list(system.tag(texts, batch))), "utf-8")
    return values


def _latencies(system: System, sentences: Sequence[str]) -> list[float]:
    """Seconds of each sentence for itself."""
    for sentence in sentences[:UNTIMED]:
        system.one(sentence)
    times = []
    for sentence in sentences:
        began = time.perf_counter()
        system.one(sentence)
        times.append(time.perf_counter() - began)
    return times


def _peak(processes: int) -> int | None:
    """The most memory that this process has had, in bytes; with its own processes, at most so much in all."""
    try:
        import resource
    except ImportError:
        return None
    # ru_maxrss would count the process that started this one, too.
    status = Path("/proc/self/status")
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if status.is_file():
        own = next(int(line.split()[1]) * 1024 for line in status.open() if line.startswith("VmHWM"))
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    return own + (others * processes if processes > 1 else 0)


def _pools() -> list[dict[str, Any]] | None:
    """What the libraries' own threads are held to, as threadpoolctl sees them; None where that is not installed."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    known = ("internal_api", "num_threads", "architecture", "version")
    return [{key: pool[key] for key in known if key in pool} for pool in threadpool_info()]


if __name__ == "__main__":
    main()

"""The rounds: in each, every system once, in a process of its own, the order turned around from round to round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.errors import UsageError
from elman.pipelines.bench.figures import Measured
from elman.pipelines.bench.holding import Isa, environment
from elman.pipelines.bench.system import SYSTEMS, Options, system_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class Entry(NamedTuple):
    """A system that takes part.

    Attributes:
        system: of ``SYSTEMS``, or ``module:Class``.
        name: what tables call it.
        options: what it is made of.
    """

    system: str
    name: str
    options: Options


class Absent(NamedTuple):
    """A system that was asked for and cannot be measured here."""

    name: str
    reason: str


@dataclass
class Bench:
    """A comparison on some texts.

    Attributes:
        texts: raw; whoever is measured gets all of them.
        sentences: which are tagged one by one.
        entries: who takes part, Elman first.
        folder: for files that the processes need, empty.
        isa: what instructions they are held to.
        say: is told what is going on.
        measured: of each system, what is known so far.
    """

    texts: Sequence[str]
    sentences: Sequence[str]
    entries: Sequence[Entry]
    folder: Path
    isa: Isa = "native"
    say: Callable[[str], None] = print
    measured: list[Measured] = field(default_factory=list)

    def choose(self) -> list[Absent]:
        """Prepare each system, and try each of its sizes of batches on a part of the texts; the fastest is taken.

        Returns:
            The peers that failed at it, which take no more part.

        Raises:
            UsageError: if Elman fails.
        """
        self._write("texts", self.texts)
        self._write("sentences", self.sentences)
        failed, prepared = [], set()
        for entry in list(self.entries):
            kind = system_class(entry.system)
            part = first_words(self.texts, kind.trial_words)
            self._write("trial", part)
            try:
                if kind.prepares and entry.system not in prepared:
                    self.say(f"{entry.name}: preparing")
                    self._run(entry, task="prepare", texts="texts")
                    prepared.add(entry.system)
                seconds = self._run(entry, task="try", texts="trial")["seconds"]
            except UsageError as error:
                if entry is self.entries[0]:
                    raise
                failed.append(Absent(entry.name, str(error)))
                continue
            trial = {batch: count_words(part) / taken for batch, taken in seconds.items()}
            best = max(trial, key=trial.__getitem__)
            self.say(f"{entry.name}: batches of {best}, out of {', '.join(trial)}")
            self.measured.append(
                Measured(entry.name, int(best), entry.options.processes, trial, count_words(self.texts))
            )
        gone = {name for name, _ in failed}
        self.entries = [entry for entry in self.entries if entry.name not in gone]
        return failed

    def rounds(self, count: int, *, keep: bool) -> Iterator[int]:
        """Measure so many rounds; gives the number of each, from 1, when it is over.

        Args:
            count: how many, at least 1.
            keep: whether the first leaves what systems find, for ``found``.
        """
        for number in range(count):
            results = {}
            order = list(range(len(self.entries)))
            for at in order if number % 2 == 0 else reversed(order):
                results[at] = self._measure(at, keep=keep and number == 0)
                speed = self.measured[at].words / results[at]["seconds"]
                self.say(f"round {number + 1} of {count}: {self.entries[at].name}: {speed:,.0f} words/s")
            # Kept only when all are there, so that an interrupted round leaves nothing.
            for at, result in results.items():
                self.measured[at].rounds.append(result)
            yield number + 1

    def found(self, at: int) -> list[list[tuple[int, int, str]]]:
        """What a system found in each text, if it was kept."""
        values = json.loads(self._path(f"found-{at}").read_text("utf-8"))
        return [[(start, end, label) for start, end, label in spans] for spans in values]

    def _measure(self, at: int, *, keep: bool) -> dict[str, Any]:
        found = str(self._path(f"found-{at}")) if keep else None
        return self._run(
            self.entries[at],
            task="measure",
            texts="texts",
            sentences=str(self._path("sentences")),
            batch=self.measured[at].batch,
            found=found,
        )

    def _run(self, entry: Entry, *, texts: str, **job: Any) -> dict[str, Any]:
        """What the process of a system says of a job."""
        job |= {"system": entry.system, "options": entry.options._asdict(), "texts": str(self._path(texts))}
        options = entry.options
        # Several processes, or threads of its own, have the threads of one between them.
        alone = 1 if system_class(entry.system).shares else max(1, options.threads // options.processes)
        held = environment(alone, self.isa)
        held["PYTHONPATH"] = os.pathsep.join(_import_from(entry.system))
        began = time.monotonic()
        with (
            self._path("errors").open("wb") as errors,
            subprocess.Popen(
                [sys.executable, "-P", "-m", "elman.pipelines.bench.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=held,
            ) as process,
        ):
            try:
                output, _ = process.communicate(json.dumps(job).encode())
            except BaseException:
                process.kill()
                raise
        said = {line.pop("event"): line for line in map(json.loads, output.splitlines())}
        if process.returncode or "done" not in said:
            told = self._path("errors").read_text("utf-8", "replace").strip().splitlines()
            raise UsageError(
                f"{entry.name} stopped with {process.returncode}: {told[-1] if told else 'it said nothing'}"
            )
        result: dict[str, Any] = said["done"]
        if "ready" in said:
            result["start_seconds"] = said["ready"]["at"] - began
        return result

    def _write(self, name: str, values: Sequence[str]) -> None:
        # As JSON has it: lone surrogates stay what they are.
        self._path(name).write_text(json.dumps(list(values)), "utf-8")

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _import_from(system: str) -> Iterator[str]:
    """Where the process of a system looks first: for this very package, and for a module that is the user's own."""
    yield str(Path(__file__).parents[3])
    if ":" in system:
        yield from (path or str(Path.cwd()) for path in sys.path)
    elif before := os.environ.get("PYTHONPATH"):
        yield before


def entries_of(
    peers: Sequence[str],
    paths: Mapping[str, Sequence[str]],
    threads: int,
    scratch: Path,
    engine: str = "auto",
    precision: str = "float32",
) -> tuple[list[Entry], list[Absent]]:
    """Who of some systems can be measured, and who cannot.

    Args:
        peers: names of ``SYSTEMS``, or ``module:Class``.
        paths: for each name its files and names of models.
        threads: what each may use.
        scratch: a folder for what they prepare.
        engine: Elman's.
        precision: Elman's.

    Raises:
        UsageError: if there is no such system.
    """
    entries, absent = [], []
    for peer in dict.fromkeys(peers):
        if peer not in SYSTEMS and ":" not in peer:
            raise UsageError(
                f"no peer {peer!r}; expected {', '.join(list(SYSTEMS)[1:])}, or one of yours: module:Class"
            )
        try:
            kind = system_class(peer)
        except (ImportError, AttributeError) as error:
            raise UsageError(f"no peer {peer!r}: {error}") from None
        own = tuple(paths.get(peer, ()))
        if reason := kind.missing(own):
            absent.append(Absent(kind.title, reason))
            continue
        for processes in (1, threads) if kind.splits and threads > 1 else (1,):
            name = f"{kind.title}, {processes} processes" if processes > 1 else kind.title
            entries.append(Entry(peer, name, Options(threads, processes, own, str(scratch), engine, precision)))
    return entries, absent


def count_words(texts: Sequence[str]) -> int:
    """The words of texts, by white space: the same count whoever tags them."""
    return sum(len(text.split()) for text in texts)


def first_words(texts: Sequence[str], words: int) -> list[str]:
    """Whole texts from the beginning, until they have so many words; at least one text."""
    taken: list[str] = []
    count = 0
    for text in texts:
        taken.append(text)
        count += len(text.split())
        if count >= words:
            break
    return taken

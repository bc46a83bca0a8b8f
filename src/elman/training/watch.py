"""What watches a run: consumers of its records that draw a progress bar, keep a log, feed TensorBoard."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console as Screen
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from elman.extras import needs
from elman.training.guard import RECOVERIES
from elman.training.records import Evaluation, Incident, Step

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from elman.metrics.figure import Figure
    from elman.training.records import Record

LOG_SCHEMA = "elman.log/1"
"""The name and version of what ``JsonLog`` writes."""


class Runs:
    """Numbers the runs of a call, one for each seed, of which the records come one run after the other."""

    def __init__(self) -> None:
        self.number = 1
        self._step: int | None = None

    def __call__(self, record: Record) -> int:
        """The number of the run that a record is of, from 1."""
        if isinstance(record, Step) and self._step is not None and record.step != self._step + 1:
            self.number += 1
        self._step = record.restored if isinstance(record, Incident) else record.step
        return self.number


@dataclass
class _Pace:
    """Tokens a second since a run, or an epoch of it, began."""

    tokens: int = 0
    began: float | None = None
    seconds: float = 0.0

    def add(self, step: Step) -> None:
        """Count a step in; the first one only starts the clock, as it is not known when it began."""
        if self.began is None:
            self.began = step.seconds
        else:
            self.tokens += step.tokens
        self.seconds = step.seconds - self.began

    def __str__(self) -> str:
        return f"{self.tokens / self.seconds:,.0f} tokens/s" if self.seconds > 0 else ""


class Console:
    """A progress bar if the stream is a terminal, and otherwise a line for each epoch.

    Incidents are told in full either way.

    Args:
        stream: where to; standard error by default.
    """

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._screen = Screen(file=stream or sys.stderr, highlight=False, soft_wrap=True)
        self._runs = Runs()
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._run = 0
        self._begin()

    def _begin(self) -> None:
        """Forget the run before."""
        self._pace, self._loss, self._last = _Pace(), 0.0, None
        self._best: Figure | None = None
        self._shown = ""

    _last: Step | None

    def __call__(self, record: Record) -> None:
        """Show a record."""
        number = self._runs(record)
        if number != self._run:
            self.close()
            self._begin()
            self._run = number
        if isinstance(record, Step):
            self._show_step(record)
        elif isinstance(record, Evaluation):
            self._show_evaluation(record)
        else:
            self._show_incident(record)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show_step(self, step: Step) -> None:
        if self._last is None or step.epoch != self._last.epoch:
            self._pace, self._loss = _Pace(), step.loss
        self._pace.add(step)
        # The mean over some twenty steps: that of one says little.
        self._loss += (step.loss - self._loss) / 20
        self._last = step
        if self._screen.is_terminal:
            if self._bar is None:
                self._bar = Progress(
                    BarColumn(bar_width=20),
                    TextColumn("{task.description}"),
                    console=self._screen,
                    transient=True,
                )
                self._task = self._bar.add_task("", total=step.steps)
                self._bar.start()
            left = max(0, step.steps - step.step) * step.seconds / step.step
            told = [*self._told(step), f"{_clock(left)} left"]
            # Square brackets would be taken for markup otherwise; there are none in what is told.
            self._bar.update(self._task, total=step.steps, completed=step.step, description="  ".join(told))

    def _told(self, step: Step) -> list[str]:
        scores = [] if self._best is None else [f"{self._shown} (best {self._best.shown})"]
        return [
            f"epoch {step.epoch}",
            f"loss {self._loss:.3f}",
            *scores,
            f"step size {step.learning_rate:.2g}",
            f"gradient {step.gradient_norm:.2f}",
            *filter(None, [str(self._pace)]),
        ]

    def _show_evaluation(self, evaluation: Evaluation) -> None:
        if self._best is None or evaluation.figure.value > self._best.value:
            self._best = evaluation.figure
        self._shown = f"dev {evaluation.figure}"
        if self._screen.is_terminal or self._last is None:
            return
        step = self._last
        left = max(0, step.steps - step.step) * evaluation.seconds / step.step
        self._print("  ".join([*self._told(step), f"at most {_clock(left)} left"]))

    def _show_incident(self, incident: Incident) -> None:
        documents = ", ".join(incident.documents[:5])
        more = f" and {len(incident.documents) - 5} more" if len(incident.documents) > 5 else ""
        where = f", in a batch from {documents}{more}" if documents else ""
        self._print(
            f"step {incident.step}: {incident.reason}{where}. Went back to step {incident.restored} and on with a step "
            f"size of {incident.learning_rate:.3g} (divided by ten {incident.recoveries} of at most {RECOVERIES} times)"
        )
        self._last = None

    def _print(self, line: str) -> None:
        self._screen.print(Text(line))


def _clock(seconds: float) -> str:
    """Seconds as ``m:ss`` or ``h:mm:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class JsonLog:
    """A log of JSON lines: the log's schema, then a line for each record, each with the number of its run.

    Each line is handed to the system as it comes, so that the log of a run that was killed is whole. The file
    is opened with the first record: a run that never begins replaces nothing.

    Args:
        path: the file.
        append: go on with the file that is there, as a resumed run does.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self._path = path
        self._mode = "a" if append else "w"
        self._runs = Runs()
        self._file: IO[str] | None = None

    def __call__(self, record: Record) -> None:
        """Write a record.

        Raises:
            OSError: if it cannot be written.
        """
        if self._file is None:
            self._file = self._path.open(self._mode, encoding="utf-8")
            if not self._file.tell():
                self._put(self._file, {"record": "log", "schema": LOG_SCHEMA})
        self._put(self._file, {"run": self._runs(record), **record.to_json()})

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    @staticmethod
    def _put(file: IO[str], values: dict[str, object]) -> None:
        file.write(json.dumps(values, ensure_ascii=False) + "\n")
        file.flush()


class TensorBoard:
    """Curves for TensorBoard, each run in a folder of its own. Needs ``elman[tensorboard]``.

    Args:
        folder: where the event files go.

    Raises:
        UsageError: if tensorboardX is not installed.
    """

    def __init__(self, folder: Path) -> None:
        with needs("tensorboard", "a TensorBoard log"):
            from tensorboardX import SummaryWriter
        self._make = SummaryWriter
        self._folder = folder
        self._runs = Runs()
        self._run = 0
        self._writer: SummaryWriter | None = None
        self._pace = _Pace()

    def __call__(self, record: Record) -> None:
        """Write a record."""
        run = self._runs(record)
        if self._writer is None or run != self._run:
            self.close()
            self._run, self._pace = run, _Pace()
            self._writer = self._make(str(self._folder / f"run-{run}"))
        put, step = self._writer.add_scalar, record.step
        if isinstance(record, Step):
            self._pace.add(record)
            put("train/loss", record.loss, step)
            put("train/gradient_norm", record.gradient_norm, step)
            put("train/learning_rate", record.learning_rate, step)
            if self._pace.seconds > 0:
                put("train/tokens_per_second", self._pace.tokens / self._pace.seconds, step)
        elif isinstance(record, Evaluation):
            put(f"dev/{record.figure.name}", record.figure.value, step)
            for name, value in record.result.curves.items():
                put(f"dev/{name}", value, step)
        else:
            self._writer.add_text("incident", f"{record.reason}: {', '.join(record.documents)}", step)

    def close(self) -> None:
        """Write what is held back, and close the files."""
        if self._writer is not None:
            self._writer.close()

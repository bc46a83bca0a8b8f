"""A search for settings as it lies on the disk: Optuna's database, and what it says."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from elman.errors import DataError, UsageError
from elman.extras import needs
from elman.settings import to_dict

with needs("tune", "a search for settings"):
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.pruners import MedianPruner
    from optuna.samplers import TPESampler
    from optuna.storages import RDBStorage
    from optuna.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from optuna.trial import FrozenTrial

    from elman.pipelines.search_space import SearchSpace
    from elman.settings import Settings

SCHEMA = "elman.tune/1"
"""The name and version of what ``Tuned.to_json`` gives."""

DATABASE = "study.db"
"""Optuna's SQLite database in the study's folder."""

FINALISTS = 3
"""So many of the best trials are trained again, and the settings that the search began from."""

BEFORE_PRUNING = 4
"""So many trials have to be finished before one is stopped early."""

RANDOM = 8
"""So many trials are drawn by chance before the others' scores say what is tried."""

ENOUGH = 20
"""With fewer finished trials nothing is said of how much each setting matters."""

_NAME = "elman"
_CUT_OFF = "cut off"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A trial, and what came of it.

    Attributes:
        number: the trial's.
        values: of the settings that are varied, as they were used.
        start: whether they are those that the search began from.
        dev: micro F1 on dev in [0, 1]: of a finished trial its best epoch's; of one stopped early its best until
            then; None if it failed.
        state: ``finished``, ``stopped`` or ``failed``.
        epochs: that it had.
        seconds: that it took.
        again: F1 with each fresh seed.
    """

    number: int
    values: Mapping[str, float]
    start: bool
    dev: float | None
    state: str
    epochs: int
    seconds: float
    again: Mapping[int, float]

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {**vars(self), "values": dict(self.values), "again": {str(seed): f1 for seed, f1 in self.again.items()}}


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """What a search found.

    Attributes:
        folder: the study's.
        settings: what was found.
        best: the finalist that has them: the one with the highest mean over the fresh seeds.
        finalists: all that were trained again, the best first; the settings that the search began from are one.
        seeds: the fresh seeds that all finalists were trained with.
        candidates: all trials that were not cut off, by number.
        importance: of each varied setting its share of what decides, together 1; empty where too few trials finished.
        seconds: that the search took, all calls together.
    """

    folder: Path
    settings: Settings
    best: Candidate
    finalists: tuple[Candidate, ...]
    seeds: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    importance: Mapping[str, float]
    seconds: float

    def score(self, one: Candidate) -> float:
        """A finalist's mean over the fresh seeds."""
        return mean(one.again[seed] for seed in self.seeds)

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "schema": SCHEMA,
            "study": str(self.folder),
            "best": self.best.number,
            "settings": to_dict(self.settings),
            "finalists": [{"trial": one.number, "mean": self.score(one)} for one in self.finalists],
            "seeds": list(self.seeds),
            "seconds": round(self.seconds, 1),
            "importance": dict(self.importance),
            "trials": [one.to_json() for one in self.candidates],
        }

    def table(self) -> str:
        """All trials as tab-separated columns."""
        names = list(self.candidates[0].values)
        rows = [["trial", "state", "dev", *(f"seed {seed}" for seed in self.seeds), "epochs", "seconds", *names]]
        for one in self.candidates:
            again = [f"{one.again[seed]:.4f}" if seed in one.again else "" for seed in self.seeds]
            dev = "" if one.dev is None else f"{one.dev:.4f}"
            values = [f"{one.values[name]:g}" for name in names]
            rows.append([str(one.number), one.state, dev, *again, str(one.epochs), f"{one.seconds:.0f}", *values])
        return "".join("\t".join(row) + "\n" for row in rows)


class Study:
    """A study: a folder with Optuna's database. Several processes may have it open.

    Args:
        folder: it.
        space: what is varied.
        epochs: of a training, as far as is planned.
    """

    def __init__(self, folder: Path, space: SearchSpace, epochs: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.folder = folder
        self.space = space
        storage = RDBStorage(f"sqlite:///{folder / DATABASE}", engine_kwargs={"connect_args": {"timeout": 60}})
        self.optuna = optuna.create_study(
            storage=storage,
            # Before a third of the epochs the averaged weights say little of where they will end.
            pruner=MedianPruner(n_startup_trials=BEFORE_PRUNING, n_warmup_steps=max(1, epochs // 3)),
            study_name=_NAME,
            direction="maximize",
            load_if_exists=True,
        )

    @classmethod
    def open(cls, folder: Path, space: SearchSpace, epochs: int, fingerprint: str) -> Study:
        """Make a study, or go on with one; trials that were cut off are put at the front of the queue.

        Raises:
            UsageError: if the folder holds something else.
            DataError: if the study there is of other data or settings.
        """
        if folder.exists() and not (folder / DATABASE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is there and is not the folder of a study; give another --out")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            study = cls(folder, space, epochs)
        except Exception as error:  # whatever the database's driver makes of a file that is none
            raise UsageError(
                f"{folder / DATABASE} is no study that can be read; give another --out ({error})"
            ) from error
        attributes = study.optuna.user_attrs
        if not attributes:
            study.optuna.set_user_attr("fingerprint", fingerprint)
            study.optuna.set_user_attr("seconds", 0.0)
            study.optuna.enqueue_trial(space.start)
        elif attributes.get("fingerprint") != fingerprint:
            raise DataError(
                "the study is of other data, vectors or settings than those given now; give the same ones to go on "
                "with it, or another --out",
                folder,
            )
        study._take_up()
        return study

    def _take_up(self) -> None:
        """Queue what an earlier call had not finished."""
        for trial in self.optuna.trials:
            if trial.state == TrialState.RUNNING:
                self.optuna.tell(trial.number, state=TrialState.FAIL)
        trials = self.optuna.trials
        for trial in trials:
            # One that failed for a reason has that written down; any other one was cut off.
            if trial.state == TrialState.FAIL and "problem" not in trial.user_attrs:
                wanted = _wanted(trial)
                if wanted and not any(_wanted(other) == wanted for other in trials[trial.number + 1 :]):
                    self.optuna.enqueue_trial(wanted)

    def propose_by(self, seed: int) -> None:
        """What is proposed next follows from this seed and the trials that are finished."""
        self.optuna.sampler = TPESampler(seed=seed, n_startup_trials=RANDOM)

    @property
    def seconds(self) -> float:
        """What was spent on it, all calls together."""
        return float(self.optuna.user_attrs["seconds"])

    def keep_seconds(self, seconds: float) -> None:
        """Write down what was spent on it."""
        self.optuna.set_user_attr("seconds", seconds)

    def keep_again(self, number: int, seed: int, f1: float) -> None:
        """Write down what a trial's settings scored with a fresh seed."""
        self.optuna.set_user_attr(f"again {number} {seed}", f1)

    def candidates(self) -> list[Candidate]:
        """All trials that are over and were not cut off, by number."""
        attributes = self.optuna.user_attrs
        again: dict[int, dict[int, float]] = {}
        for name, value in attributes.items():
            if name.startswith("again "):
                number, seed = map(int, name.split()[1:])
                again.setdefault(number, {})[seed] = float(value)
        return [
            _candidate(trial, self.space, again.get(trial.number, {}))
            for trial in self.optuna.trials
            if trial.state.is_finished() and (trial.state != TrialState.FAIL or "problem" in trial.user_attrs)
        ]

    def finalists(self) -> list[Candidate]:
        """The best finished trials, the best first, and then the one with the settings that the search began from."""
        finished = sorted(
            (one for one in self.candidates() if one.state == "finished"), key=lambda one: (-(one.dev or 0), one.number)
        )
        others = [one for one in finished if not one.start]
        return others[:FINALISTS] + [one for one in finished if one.start][:1]

    def importance(self) -> dict[str, float]:
        """How much each setting decides of whether a trial is among the better ones.

        Watanabe, S., Bansal, A. & Hutter, F. (2023). PED-ANOVA: efficiently quantifying hyperparameter importance in
        arbitrary subspaces. IJCAI.
        """
        finished = sum(trial.state == TrialState.COMPLETE for trial in self.optuna.trials)
        if finished < ENOUGH or len(self.space.ranges) < 2:
            return {}
        with warnings.catch_warnings(), suppress(ValueError, RuntimeError):
            warnings.simplefilter("ignore")  # it is called experimental
            return dict(get_param_importances(self.optuna, evaluator=PedAnovaImportanceEvaluator()))
        return {}

    def found(self) -> Tuned:
        """What it has come to; the finalists have to have a fresh seed in common."""
        finalists = self.finalists()
        seeds = tuple(sorted(set.intersection(*(set(one.again) for one in finalists))))
        finalists.sort(key=lambda one: (-mean(one.again[seed] for seed in seeds), not one.start, one.number))
        return Tuned(
            folder=self.folder,
            settings=self.space.settings(self.optuna.trials[finalists[0].number].params),
            best=finalists[0],
            finalists=tuple(finalists),
            seeds=seeds,
            candidates=tuple(self.candidates()),
            importance=self.importance(),
            seconds=self.seconds,
        )


def _wanted(trial: FrozenTrial) -> dict[str, Any]:
    """A trial's settings, also of one that waits."""
    return {**trial.system_attrs.get("fixed_params", {}), **trial.params}


def _candidate(trial: FrozenTrial, space: SearchSpace, again: dict[int, float]) -> Candidate:
    states = {TrialState.COMPLETE: "finished", TrialState.PRUNED: "stopped", TrialState.FAIL: "failed"}
    begun, ended = trial.datetime_start, trial.datetime_complete
    return Candidate(
        number=trial.number,
        values=space.rounded(trial.params),
        start=trial.params == space.start,
        dev=max(trial.intermediate_values.values(), default=None),
        state=states[trial.state],
        epochs=len(trial.intermediate_values),
        seconds=(ended - begun).total_seconds() if begun and ended else 0.0,
        again=dict(sorted(again.items())),
    )

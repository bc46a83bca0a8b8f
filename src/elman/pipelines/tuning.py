"""Settings by search: Optuna proposes, every epoch is judged, what falls behind is stopped, and fresh seeds decide.

A search that takes the best of many runs takes the luckiest. So the search only nominates: its best few, and the
settings that it began from, are trained again with seeds that nothing was chosen by, and the mean over these decides.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.errors import TrainingError, UsageError
from elman.extras import needs
from elman.model.atomic import replace_file
from elman.pipelines.sameness import fingerprint
from elman.pipelines.search_space import SearchSpace
from elman.pipelines.side_by_side import check_stop, side_by_side
from elman.pipelines.study import FINALISTS, Candidate, Study, Tuned
from elman.settings import dumps
from elman.training.records import Evaluation
from elman.training.sizes import epochs_for
from elman.training.trial import Scores, scores_of

with needs("tune", "a search for settings"):
    import optuna
    from optuna.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elman.features.vectors import Vectors
    from elman.settings import Settings
    from elman.training.data import Data
    from elman.training.records import Record

SETTINGS = "settings.toml"
"""What was found, in the study's folder."""

TRIALS = "trials.tsv"
"""All trials, there too."""

FRESH = 1000
"""The seeds of the second trainings begin so much above the settings' seed."""


class Budget(NamedTuple):
    """When a search is over.

    Attributes:
        trials: so many, also those stopped early; None for as many as there is time for.
        minutes: altogether, all calls and the second trainings counted in; None for no limit.
    """

    trials: int | None
    minutes: float | None


@dataclass(frozen=True, eq=False)
class _Shared:
    """What every training of a search needs."""

    folder: Path
    data: Data
    vectors: Vectors | None
    space: SearchSpace
    epochs: int
    jobs: int

    def scores(
        self,
        values: dict[str, Any],
        seed: int | None,
        observe: Callable[[Record], None] = lambda record: check_stop(),  # noqa: ARG005
    ) -> Scores:
        """Train with these values, and another seed if one is given."""
        settings = self.space.settings(values)
        training = replace(settings.training, seed=settings.training.seed if seed is None else seed)
        if self.jobs > 1:
            training = replace(training, threads=1)
        return scores_of(self.data, replace(settings, training=training), self.vectors, observe)


def tune(
    data: Data,
    folder: Path,
    *,
    settings: Settings,
    fixed: tuple[str, ...] = (),
    vectors: Vectors | None = None,
    budget: Budget,
    seeds: int = 2,
    jobs: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Look for settings that do better on the dev set.

    The first trial is the settings given. The others are proposed by the tree-structured Parzen estimator; from the
    fifth on, a trial is stopped, after a third of its epochs or later, where its best F1 so far is below the median
    of the others' at that epoch. The best three and the first are then trained again, with ``seeds`` fresh seeds each.
    Called again with the same data and settings, it goes on.

    Bergstra, J., Bardenet, R., Bengio, Y. & Kegl, B. (2011). Algorithms for hyper-parameter optimization. NeurIPS;
    Akiba, T., Sano, S., Yanase, T., Ohta, T. & Koyama, M. (2019). Optuna: a next-generation hyperparameter
    optimization framework. KDD.

    Args:
        data: what to learn from and be judged by; a test set is not looked at.
        folder: the study: its database, and at the end the settings and a table of trials. Made if it is not there.
        settings: to begin from.
        fixed: names, ``group.name``, that are not varied.
        vectors: pretrained word vectors.
        budget: when to stop.
        seeds: fresh seeds of each finalist, at least 1.
        jobs: trainings at a time, each in a process of its own and on one thread if there are several.
        say: gets a line for every training.

    Raises:
        UsageError: if the folder holds something else, or there is no budget.
        DataError: if the study there is of other data or settings.
        TrainingError: if no training came to its end.
        KeyboardInterrupt: if interrupted; the study is whole, and the same call goes on with it.
    """
    if budget.trials is None and budget.minutes is None:
        raise UsageError("expected a number of trials or of minutes; give --trials or --minutes")
    data = replace(data, test=None)
    tokens = len(data.train.examples.tokens)
    space = SearchSpace(settings, fixed, tokens, vectors=vectors is not None)
    if not space.ranges:
        raise UsageError("everything that a search varies is fixed; fix fewer settings")
    epochs = settings.training.epochs or epochs_for(tokens)
    ranges = {name: vars(spread) for name, spread in space.ranges.items()}
    study = Study.open(folder, space, epochs, fingerprint(data, settings, vectors, ranges))
    search = _Search(_Shared(folder, data, vectors, space, epochs, jobs), study, budget, seeds, jobs, say)
    try:
        search.nominate()
        search.decide()
    finally:
        study.keep_seconds(search.spent)
    found = study.found()
    replace_file(folder / SETTINGS, dumps(found.settings).encode())
    replace_file(folder / TRIALS, found.table().encode())
    return found


class _Search:
    """One call's share of a search."""

    def __init__(
        self, shared: _Shared, study: Study, budget: Budget, seeds: int, jobs: int, say: Callable[[str], None]
    ) -> None:
        self.shared = shared
        self.study = study
        self.budget = budget
        self.seeds = seeds
        self.jobs = jobs
        self.say = say
        self.before = study.seconds
        self.began = time.monotonic()

    @property
    def spent(self) -> float:
        """Seconds, all calls together."""
        return self.before + time.monotonic() - self.began

    def nominate(self) -> None:
        """Run trials until there are enough, or the time left is what the second trainings need."""
        for number in side_by_side(_trial, self.shared, self._samplers(), self.jobs):
            self.study.keep_seconds(self.spent)
            over = self.study.candidates()
            one = next(one for one in over if one.number == number)
            if one.state == "failed":
                self.say(f"trial {number}: failed: {self.study.optuna.trials[number].user_attrs['problem']}")
                continue
            best = max((other for other in over if other.state == "finished"), key=lambda other: other.dev or 0.0)
            stopped = "stopped early, " if one.state == "stopped" else ""
            self.say(
                f"trial {number}: dev F1 {one.dev:.2%} ({stopped}{one.epochs} epochs, {one.seconds:.0f} s); "
                f"best of {len(over)}: {best.dev:.2%} (trial {best.number})"
            )
        if not self.study.finalists():
            raise TrainingError("no training of the search came to its end, so nothing was found")

    def decide(self) -> None:
        """Train the finalists again, seed by seed; a seed for which there is no time is left out for all of them."""
        base = self.shared.space.base.training.seed + FRESH
        for seed in range(base, base + self.seeds):
            waiting = [one for one in self.study.finalists() if seed not in one.again]
            if waiting and seed > base and self._left < self._longest * -(-len(waiting) // self.jobs):
                self.say(f"no time is left to train the finalists with seed {seed} too")
                return
            orders = ((one.number, self.study.optuna.trials[one.number].params, seed) for one in waiting)
            for number, scores in side_by_side(_again, self.shared, orders, self.jobs):
                self.study.keep_again(number, seed, scores.dev)
                self.study.keep_seconds(self.spent)
                self.say(f"trial {number} again, seed {seed}: dev F1 {scores.dev:.2%}, {scores.seconds:.0f} s")

    def _samplers(self) -> Iterator[int]:
        """A seed of the sampler for each trial to come; what it proposes hangs on what is finished by then."""
        begun = len(self.study.candidates())
        while self.budget.trials is None or begun < self.budget.trials:
            # Before the first trial is over nobody knows how long one takes.
            second = self._longest * -(-(FINALISTS + 1) // self.jobs) * min(self.seeds, 2)
            if begun and self._left <= self._longest + min(second, 30 * (self.budget.minutes or 0)):
                return
            yield self.shared.space.base.training.seed + begun
            begun += 1

    @property
    def _left(self) -> float:
        """Seconds of the budget."""
        return float("inf") if self.budget.minutes is None else 60 * self.budget.minutes - self.spent

    @property
    def _longest(self) -> float:
        """Seconds that a training takes at most, as far as is known."""
        return max((one.seconds for one in self.study.candidates() if one.state == "finished"), default=0.0)


@lru_cache(maxsize=1)
def _study(shared: _Shared) -> Study:
    """This process's way into the study."""
    return Study(shared.folder, shared.space, shared.epochs)


def _trial(shared: _Shared, seed: int) -> int:
    """One trial; its number."""
    opened = _study(shared)
    opened.propose_by(seed)
    study = opened.optuna
    trial = study.ask()
    values: dict[str, float] = {}
    for name, spread in shared.space.ranges.items():
        if spread.whole:
            values[name] = trial.suggest_int(name, int(spread.low), int(spread.high), log=spread.logarithmic)
        else:
            values[name] = trial.suggest_float(name, spread.low, spread.high, log=spread.logarithmic)

    def observe(record: Record) -> None:
        check_stop()
        if isinstance(record, Evaluation):
            trial.report(record.figure.value, record.epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

    try:
        scores = shared.scores(values, None, observe)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED)
    except TrainingError as error:
        trial.set_user_attr("problem", str(error))
        study.tell(trial, state=TrialState.FAIL)
    except BaseException:
        study.tell(trial, state=TrialState.FAIL)
        raise
    else:
        study.tell(trial, scores.dev)
    return trial.number


def _again(shared: _Shared, order: tuple[int, dict[str, Any], int]) -> tuple[int, Scores]:
    """A trial's settings with another seed."""
    number, values, seed = order
    return number, shared.scores(values, seed)


def lines_of(found: Tuned) -> Iterator[str]:
    """For a person."""
    start = next((one for one in found.finalists if one.start), None)
    seeds = "1 fresh seed, which decides" if len(found.seeds) == 1 else f"{len(found.seeds)} fresh seeds, which decide"
    yield f"Trained again with {seeds} (dev F1):"
    yield ""
    for one in found.finalists:
        yield f"{_told(one):32} {100 * found.score(one):6.2f}   in the search {100 * (one.dev or 0):6.2f}"
    yield ""
    if found.best is start:
        yield "Nothing that was tried does better than the settings that the search began from."
    elif start is None:
        yield f"Trial {found.best.number} is found; the settings that the search began from failed."
    else:
        gain = 100 * (found.score(found.best) - found.score(start))
        yield f"Trial {found.best.number} is found: {gain:+.2f} points beside the settings that the search began from."
    if start is None or found.best is not start:
        for name, value in found.best.values.items():
            began = "" if start is None else f"   (from {start.values[name]:g})"
            yield f"  {name} = {value:g}{began}"
    if found.importance:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in found.importance.items())
        yield f"What decided in the search: {shares}."


def _told(one: Candidate) -> str:
    return f"trial {one.number}" + (" (the settings given)" if one.start else "")

"""Does order matter here? The same model trained with the words as they stand, and with what takes their order away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from elman.errors import SettingsError
from elman.inspection.word_order import OrderRun, OrderTable, shuffled
from elman.pipelines.kept_runs import KeptRuns
from elman.pipelines.sameness import fingerprint
from elman.pipelines.side_by_side import check_stop, side_by_side
from elman.settings import from_dict, to_dict
from elman.training.trial import scores_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elman.features.vectors import Vectors
    from elman.settings import Settings
    from elman.training.data import Data, Part

AS_THEY_ARE = "as they are"
SHUFFLED = "shuffled"
BAG = "bag of words"


class _Order(NamedTuple):
    row: str
    seed: int


@dataclass(frozen=True)
class _Shared:
    data: Data
    settings: dict[str, Settings]
    vectors: Vectors | None
    jobs: int


def word_order(
    data: Data,
    *,
    settings: Settings,
    vectors: Vectors | None = None,
    seeds: int = 3,
    jobs: int = 1,
    keep: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> OrderTable:
    """Train on the sentences as they are; on shuffled ones, and be judged by shuffled ones; and a bag of words.

    The bag has the same embeddings, summary of the sentence and head; in the place of the recurrent network a token
    reads itself and the mean of its sentence (``encoder.cell = "bag"``).

    Args:
        data: what to learn from and be judged by.
        settings: of each training; the first seed is theirs.
        vectors: pretrained word vectors.
        seeds: trainings of each row.
        jobs: trainings at a time, each in a process of its own and on one thread if there are several.
        keep: a file that holds the runs made, so that the same call goes on.
        say: gets a line for every training.

    Raises:
        UsageError: if the file to keep runs in is another's.
        TrainingError: if a run goes wrong beyond recovery.
    """
    data = replace(data, test=None)
    rows = {AS_THEY_ARE: settings, SHUFFLED: settings}
    left_out = []
    try:
        tree = to_dict(settings)
        rows[BAG] = from_dict({**tree, "encoder": {**tree["encoder"], "cell": "bag"}})
    except SettingsError as error:
        left_out.append(f"{BAG}: left out: {error.faults[0]}")
    kept = KeptRuns(keep, fingerprint(data, settings, vectors, "order"))
    first = settings.training.seed
    orders = [_Order(row, seed) for seed in range(first, first + seeds) for row in rows]
    missing = [order for order in orders if _name(order) not in kept]
    shared = _Shared(data, rows, vectors, jobs)
    for number, run in enumerate(side_by_side(_train, shared, missing, jobs), len(orders) - len(missing) + 1):
        kept.keep(_name(run), run)
        say(f"{number} of {len(orders)}: {run.row}, seed {run.seed}: dev F1 {run.f1:.2%}, {run.seconds:.0f} s")
    runs = [OrderRun(*kept[_name(order)]) for order in orders]
    return OrderTable(runs, data.train.name, data.dev.name, left_out)


def _train(shared: _Shared, order: _Order) -> OrderRun:
    data, settings = shared.data, shared.settings[order.row]
    if order.row == SHUFFLED:
        data = replace(data, train=_shuffled(data.train, 2 * order.seed), dev=_shuffled(data.dev, 2 * order.seed + 1))
    training = replace(settings.training, seed=order.seed)
    if shared.jobs > 1:
        training = replace(training, threads=1)
    scores = scores_of(data, replace(settings, training=training), shared.vectors, lambda record: check_stop())  # noqa: ARG005
    return OrderRun(order.row, order.seed, scores.dev, round(scores.seconds, 1))


def _shuffled(part: Part, seed: int) -> Part:
    return replace(part, examples=shuffled(part.examples, seed))


def _name(order: _Order | OrderRun) -> str:
    return f"{order.row} seed {order.seed}"

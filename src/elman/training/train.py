"""Train a model of any task and leave its folder: the one entry that ``elman.train`` and ``elman train`` share."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from elman.errors import UsageError
from elman.metrics.figure import figure_in
from elman.model.folder import read_model
from elman.model.place import is_model, move_model
from elman.model.task_folder import metrics_in
from elman.settings import OPTIONS, PRESETS, Settings, from_dict, task_of, to_dict
from elman.settings import load as load_settings
from elman.tasks.registry import TAGGING, modules_of, task_named
from elman.training.data import load
from elman.training.session import run_folder
from elman.training.tagging_session import TaggingSession
from elman.training.task_data import load_task_data
from elman.training.task_session import TaskSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elman.features.vectors import Vectors
    from elman.metrics.figure import Figure
    from elman.model.folder import ModelFolder
    from elman.settings import TaskSettings
    from elman.training.data import Source
    from elman.training.objective import TaskObjective
    from elman.training.records import Record
    from elman.training.session import Session


@dataclass(frozen=True)
class Trained:
    """One run and what came of it.

    Attributes:
        seed: its seed.
        path: its model folder.
        metrics: what the folder's ``metrics.json`` says; ``dev`` and ``test`` hold scores.
    """

    seed: int
    path: Path
    metrics: Mapping[str, Any]

    @property
    def dev(self) -> Figure:
        """What it was judged by, on the dev set; of a tagger micro F1."""
        return figure_in(self.metrics["dev"])

    @property
    def test(self) -> Figure | None:
        """The same on the test set, or None if none was given."""
        return None if self.metrics["test"] is None else figure_in(self.metrics["test"])


@dataclass(frozen=True)
class Outcome:
    """All runs of a call.

    Attributes:
        path: the folder of the run that was best on dev.
        runs: one for each seed.
    """

    path: Path
    runs: tuple[Trained, ...]

    @property
    def best(self) -> Trained:
        """The run that was best on dev."""
        return max(self.runs, key=lambda run: run.dev.value)

    def to_json(self) -> dict[str, Any]:
        """Mean and sample deviation of the runs' figure, and each run's own."""
        tested = [run.test.value for run in self.runs if run.test is not None]
        return {
            "schema": "elman.train/1",
            "path": str(self.path),
            "figure": self.best.dev.name,
            "dev": _summary([run.dev.value for run in self.runs]),
            "test": _summary(tested) if tested else None,
            "runs": [
                {
                    "seed": run.seed,
                    "path": str(run.path),
                    "dev": run.dev.value,
                    "test": None if run.test is None else run.test.value,
                }
                for run in self.runs
            ],
        }


def train(
    train: Source | list[Any],
    dev: Source | list[Any] | None = None,
    test: Source | list[Any] | None = None,
    *,
    out: Path | str,
    settings: Settings | TaskSettings | None = None,
    vectors: Vectors | None = None,
    init: Path | str | None = None,
    labels: Mapping[str, str] | None = None,
    device: str = "auto",
    seeds: int = 1,
    resume: bool = False,
    force: bool = False,
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    observers: Sequence[Callable[[Record], None]] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Train a model.

    Args:
        train: a labelled file, or documents; of other tasks than tagging a file or examples as the task reads them.
        dev: what to judge by; without it a share of the training documents is held out.
        test: scored once, at the end.
        out: the model folder to write; with several seeds the best one's, the others' are beside it.
        settings: sizes and pace, which say which task it is; None for a tagger's defaults.
        vectors: pretrained word vectors.
        init: of a tagger: a model folder to go on from: its words, characters and weights; its sizes take the
            settings' place.
        labels: of a tagger: new names for labels, an empty one to drop a label's spans.
        device: ``auto``, ``cpu`` or ``cuda``.
        seeds: how many times to train, from ``settings.training.seed`` up.
        resume: go on with a run that was cut off.
        force: replace what is at ``out``.
        format: the files', or None to find it out.
        scheme: of a tagger: their tags', or None to find it out.
        observers: each gets every record of every run.
        say: gets a line for everything found out on the way.

    Raises:
        DataError: if a file is not what it should be.
        UsageError: if the call cannot be carried out as given.
        TrainingError: if a run goes wrong beyond recovery.
        KeyboardInterrupt: if interrupted; the best weights so far are at ``out`` by then, and ``say`` has said so.
    """
    settings = settings or Settings()
    target = Path(out)
    if seeds < 1:
        raise UsageError(f"expected at least one seed, got {seeds}")
    places = {settings.training.seed: target}
    if seeds > 1:
        first = settings.training.seed
        places = {seed: target.with_name(f"{target.name}-seed-{seed}") for seed in range(first, first + seeds)}
    for place in {target, *places.values()}:
        _check_place(place, resume=resume, force=force)
    begin = _beginning(
        train, dev, test, settings, vectors, init, labels or {}, _device(device), format=format, scheme=scheme, say=say
    )
    runs = []
    for seed, place in places.items():
        if resume and is_model(place) and not run_folder(place).exists():
            say(f"{place} is finished")
            runs.append(Trained(seed, place, metrics_in(place)))
            continue
        runs.append(Trained(seed, place, begin(seed).run(place, resume=resume, force=force, observers=observers)))
    outcome = Outcome(target, tuple(runs))
    if seeds > 1:
        best = outcome.best
        move_model(best.path, target, replace=force or resume)
        outcome = Outcome(target, tuple(replace(run, path=target) if run is best else run for run in runs))
    return outcome


def settings_for(task: str | None, path: Path | None, overrides: Sequence[str]) -> Any:
    """The settings of a task; see ``elman.settings.load``.

    Args:
        task: its name; None for what the file says, else a tagger's.
        path: a TOML file.
        overrides: ``group.name=value``.

    Raises:
        SettingsError: with all faults.
        UsageError: if there is no such task.
    """
    name = task or (None if path is None else task_of(path)) or TAGGING
    if name == TAGGING:
        return load_settings(path, overrides)
    return load_settings(path, overrides, PRESETS.get(name) or _objective(name).settings_kind)


def _objective(task: str) -> type[TaskObjective[Any, Any]]:
    found: type[TaskObjective[Any, Any]] = import_module(modules_of(task).objective).Objective
    return found


def _beginning(
    train: Source | list[Any],
    dev: Source | list[Any] | None,
    test: Source | list[Any] | None,
    settings: Settings | TaskSettings,
    vectors: Vectors | None,
    init: Path | str | None,
    labels: Mapping[str, str],
    device: torch.device,
    *,
    format: str | None,  # noqa: A002  # the option's name
    scheme: str | None,
    say: Callable[[str], None],
) -> Callable[[int], Session[Any]]:
    """Read the data; what comes back begins a run with a seed."""
    if isinstance(settings, Settings):
        base = None if init is None else read_model(Path(init))
        sized = settings if base is None else _sizes_of(base, settings)
        data = load(
            train,
            dev,
            test,
            sized.data,
            seed=sized.training.seed,
            labels=labels,
            format=format,
            scheme=scheme,
            say=say,
        )
        return lambda seed: TaggingSession(data, _seeded(sized, seed), vectors, base, device, say)
    if init is not None or labels or scheme is not None:
        raise UsageError(f"--init, --map and --scheme are for taggers; leave them out with --task {settings.task}")
    examples = load_task_data(
        task_named(settings.task),
        train,
        dev,
        test,
        share=settings.data.holdout,
        seed=settings.training.seed,
        format=format,
        say=say,
    )
    kind = _objective(settings.task)
    return lambda seed: TaskSession(kind, examples, _seeded(settings, seed), vectors, device, say)


def _seeded(settings: Any, seed: int) -> Any:
    """The same settings with another seed."""
    return replace(settings, training=replace(settings.training, seed=seed))


def _summary(scores: Sequence[float]) -> dict[str, float]:
    return {
        "mean": statistics.mean(scores),
        "deviation": statistics.stdev(scores) if len(scores) > 1 else 0.0,
    }


def _check_place(place: Path, *, resume: bool, force: bool) -> None:
    """Refuse to write over something, before any work is done."""
    if force or resume:
        if place.exists() and not is_model(place) and (not place.is_dir() or any(place.iterdir())):
            raise UsageError(f"{place} is there and is no model folder, so it is not replaced; give another --out")
        return
    if place.exists():
        raise UsageError(f"{place} exists; give another --out, or --force to replace it")
    if run_folder(place).exists():
        raise UsageError(
            f"{run_folder(place)} holds a run that was cut off; go on with it by --resume, or begin anew with --force"
        )


def _device(name: str) -> torch.device:
    """The device of that name; ``auto`` takes a GPU where there is one."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"expected a device out of auto, cpu, cuda; got {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("this machine has no CUDA device that torch can use; give --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _sizes_of(base: ModelFolder, settings: Settings) -> Settings:
    """The settings with the sizes of a model that is to be gone on from."""
    architecture = base.manifest.architecture
    tree = to_dict(settings)
    tree["embedding"] = {**tree["embedding"], **architecture["embedding"]}
    # An option that the model says nothing of is one that it has not.
    without = to_dict(Settings())["encoder"]
    options = {name: without[name] for name in OPTIONS}
    tree["encoder"] = {**tree["encoder"], **options, **architecture["encoder"]}
    tree["head"] = {**tree["head"], "kind": architecture["head"]["kind"], "scheme": base.manifest.scheme}
    return from_dict(tree, "settings", type(settings))

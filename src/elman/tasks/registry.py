"""The tasks that there are; ``elman.tasks.NAME`` has a class ``Task``, ``elman.training.objectives.NAME`` the rest."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.tasks.task import Task

TAGGING = "tagging"
"""Entities: the first task, which has a model folder and a runtime of its own."""

PRESETS = ("pos", "chunks")
"""Taggers with other defaults, see ``elman.settings.presets``."""

TASKS = (
    "classification",
    "bag_of_words",
    "series_classification",
    "language_model",
    "forecasting",
    "speech",
    "slots",
    "frames",
    "translation",
    "captions",
)
"""All others, in the order of the help."""

ENTRY_POINTS = "elman.tasks"
"""The group of entry points by which an installed package brings tasks: modules that call ``register``."""


class Modules(NamedTuple):
    """Where a task is.

    Attributes:
        task: the name of the module with its class ``Task``.
        objective: of the module with its class ``Objective``; it may need torch, the other may not.
    """

    task: str
    objective: str


_registered: dict[str, Modules] = {}


def register(name: str, task: str, objective: str) -> None:
    """Make a task of another package known under a name.

    Args:
        name: what ``--task`` and model folders call it.
        task: see ``Modules``.
        objective: see ``Modules``.

    Raises:
        UsageError: if there is another task of that name.
    """
    modules = Modules(task, objective)
    if name in (TAGGING, *PRESETS, *TASKS) or _registered.get(name, modules) != modules:
        raise UsageError(f"there is a task {name!r} already; give yours another name")
    _registered[name] = modules


def modules_of(name: str) -> Modules:
    """Where a task is.

    Raises:
        UsageError: if there is none of that name.
    """
    if name in TASKS:
        return Modules(f"elman.tasks.{name}", f"elman.training.objectives.{name}")
    if name not in _registered and name not in (TAGGING, *PRESETS):
        from importlib.metadata import entry_points

        for entry in entry_points(group=ENTRY_POINTS, name=name):
            entry.load()
    if name not in _registered:
        names = (TAGGING, *PRESETS, *TASKS, *_registered)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise UsageError(f"there is no task {name!r}{hint} There are {', '.join(names)}")
    return _registered[name]


def task_named(name: str) -> type[Task]:
    """A task's class.

    Raises:
        UsageError: if there is none of that name.
    """
    found: Any = import_module(modules_of(name).task).Task
    return found  # type: ignore[no-any-return]

"""The tasks that there are; ``elman.tasks.NAME`` has a class ``Task``, ``elman.training.objectives.NAME`` the rest."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from elman.errors import UsageError

if TYPE_CHECKING:
    from elman.tasks.task import Task

TAGGING = "tagging"
"""Entities: the first task, which has a model folder and a runtime of its own."""

TASKS = (
    "classification",
    "bag_of_words",
    "series_classification",
    "language_model",
    "forecasting",
    "speech",
    "translation",
    "captions",
)
"""All others, in the order of the help."""


def task_named(name: str) -> type[Task]:
    """A task's class.

    Raises:
        UsageError: if there is none of that name.
    """
    if name not in TASKS:
        near = difflib.get_close_matches(name, (TAGGING, *TASKS), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"there is no task {name!r}{hint} There are {', '.join((TAGGING, *TASKS))}")
    found: Any = import_module(f"elman.tasks.{name}").Task
    return found  # type: ignore[no-any-return]

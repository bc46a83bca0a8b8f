"""The errors that a user can cause. Each message says what was expected, what came, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ElmanError(Exception):
    """Base of every error that is the input's or the caller's, not the program's. The command line exits with 2."""


class DataError(ElmanError):
    """A data file or a value from one is not what it has to be.

    Args:
        problem: what was expected, what came, and what to do, in one or two sentences.
        path: the file, if there is one.
        line: the line in that file, counted from 1.
    """

    def __init__(self, problem: str, path: Path | str | None = None, line: int | None = None) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        place = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{place}{problem}")

    def __reduce__(self) -> tuple[type[DataError], tuple[str, Path | str | None, int | None]]:
        return type(self), (self.problem, self.path, self.line)


class SettingsError(ElmanError):
    """Settings are wrong; ``faults`` lists all of them, not only the first."""

    def __init__(self, faults: Sequence[str], source: str = "settings") -> None:
        self.faults = tuple(faults)
        self.source = source
        super().__init__(f"{source}: {len(self.faults)} fault(s)\n" + "\n".join(f"  {fault}" for fault in self.faults))

    def __reduce__(self) -> tuple[type[SettingsError], tuple[tuple[str, ...], str]]:
        return type(self), (self.faults, self.source)


class ModelError(ElmanError):
    """A model folder is missing, damaged, altered, or of a protocol that this version does not read."""


class UsageError(ElmanError):
    """A call or a command that cannot be carried out as given."""


class TrainingError(ElmanError):
    """Training cannot go on; the message is the account of what happened and what was tried."""

"""Trainings that were made already, in a file, so that a long series goes on where it was cut off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.errors import UsageError
from elman.model.atomic import replace_file

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "elman.runs/1"
"""The name and version of the file."""


class KeptRuns:
    """Runs by their names.

    Args:
        path: the file; None keeps them in memory alone.
        fingerprint: of all that the runs have in common.

    Raises:
        UsageError: if the file is there, and is of other runs or no such file.
    """

    def __init__(self, path: Path | None, fingerprint: str) -> None:
        self._path = path
        self._fingerprint = fingerprint
        self._runs: dict[str, Any] = {}
        if path is not None and path.exists():
            try:
                held = json.loads(path.read_bytes())
                same = held["fingerprint"] == fingerprint
                self._runs = dict(held["runs"])
            except (ValueError, KeyError, TypeError):
                raise UsageError(f"{path} is there and holds no runs; give another file, or remove it") from None
            if not same:
                raise UsageError(
                    f"{path} holds runs of other data or settings; give the same ones to go on, or another file"
                )

    def __contains__(self, name: str) -> bool:
        return name in self._runs

    def __getitem__(self, name: str) -> Any:
        return self._runs[name]

    def keep(self, name: str, run: Any) -> None:
        """Add a run, which JSON has to be able to hold."""
        self._runs[name] = run
        if self._path is not None:
            values = {"schema": SCHEMA, "fingerprint": self._fingerprint, "runs": self._runs}
            replace_file(self._path, json.dumps(values, indent=1).encode() + b"\n")

"""Checkpoints: the whole state of a run in one file, written beside and renamed, so that one is always whole."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from elman.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

PROTOCOL = 2
"""Raised whenever an older checkpoint can no longer be read."""


class Checkpoints:
    """The place where a run keeps its state: one file, its JSON in the file's own header.

    Args:
        folder: made if it is not there.
        fingerprint: of the data and settings; a state from other ones is refused.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.path = folder / "checkpoint.safetensors"
        self.fingerprint = fingerprint

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return self.path.exists()

    def save(self, values: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Keep a state in the place of the one before; whenever this is cut off, one of the two is there whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        header = {"protocol": str(PROTOCOL), "fingerprint": self.fingerprint, "values": json.dumps(values)}
        # Tables may share memory with each other at the start; the format wants each on its own.
        save_file({name: value.cpu().contiguous() for name, value in tensors.items()}, beside, metadata=header)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(self.path)

    def load(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """The state kept.

        Raises:
            UsageError: if it cannot be read, or is of another run.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                header = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no mapping
        except (SafetensorError, OSError) as error:
            raise UsageError(
                f"{self.path} is no checkpoint that can be read ({error}); remove it to begin anew"
            ) from error
        if header.get("protocol") != str(PROTOCOL):
            raise UsageError(
                f"{self.path} has checkpoint protocol {header.get('protocol')}, this version reads {PROTOCOL}; "
                "finish the run with the version that began it, or remove the file to begin anew"
            )
        if header.get("fingerprint") != self.fingerprint:
            raise UsageError(
                f"{self.path} belongs to a run with other data or other settings; give the same ones to resume it, "
                "or another --out"
            )
        return json.loads(header["values"]), tensors

    def remove(self) -> None:
        """Forget the state; the run is over."""
        self.path.unlink(missing_ok=True)
        if self.path.parent.is_dir() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()

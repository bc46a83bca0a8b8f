"""Where model folders are, and may be."""

from __future__ import annotations

from pathlib import Path

from elman.errors import ModelError, UsageError
from elman.model.atomic import install
from elman.model.manifest import MANIFEST, claims_model, named_files


def is_model(path: Path) -> bool:
    """Whether there is a folder that says of itself that it is a model, whole or not."""
    try:
        return claims_model((path / MANIFEST).read_bytes())
    except OSError:
        return False


def move_model(source: Path, target: Path, *, replace: bool) -> None:
    """Move a model folder to another place beside it.

    Raises:
        UsageError: as ``write_model`` does.
        ModelError: if there is no model, or it cannot be moved.
    """
    if not is_model(source):
        raise ModelError(f"{source} is no model folder; nothing was moved")
    target = free_place(target, replace=replace)
    try:
        install(source, target, own_files(target))
    except OSError as error:
        raise ModelError(
            f"{source} cannot be moved to {target}: {error.strerror or error}; both are as they were"
        ) from error


def free_place(path: Path, *, replace: bool) -> Path:
    """The path with links followed, if a model may be written there."""
    place = Path(path).resolve()
    if not place.exists():
        return place
    if not replace:
        raise UsageError(f"{path} exists; give another folder, or --force to replace it")
    if not place.is_dir() or not (is_model(place) or not any(place.iterdir())):
        raise UsageError(f"{path} is there and is no model folder, so it is not replaced; give another folder")
    return place


def own_files(path: Path) -> frozenset[str]:
    """The names of the files that belong to the model at a path, if there is one."""
    return named_files((path / MANIFEST).read_bytes()) if is_model(path) else frozenset()

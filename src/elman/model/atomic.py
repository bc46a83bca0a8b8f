"""Folders and files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path


@contextmanager
def staged(path: Path, contents: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder beside a path, with these files, all of them on the disk.

    Whatever becomes of it, it is gone afterwards if it was not installed.

    Raises:
        OSError: if it cannot be written; then, too, nothing is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _beside(path, "part")
    fresh.mkdir()
    try:
        for name, content in contents.items():
            with (fresh / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _sync(fresh)
        yield fresh
    finally:
        if fresh.exists():
            shutil.rmtree(fresh)


def install(fresh: Path, path: Path, own: Container[str]) -> None:
    """Put a folder into the place of another one beside it, or of nothing.

    Args:
        fresh: the new folder.
        path: where it goes.
        own: the names in the old folder that go with it; anything else there is moved to the new one.

    Raises:
        OSError: if that cannot be done; then the old folder is where it was.
    """
    if path.exists():
        old = _beside(path, "old")
        path.rename(old)
        try:
            fresh.rename(path)
        except BaseException:
            old.rename(path)
            raise
        # The new folder is in its place. Should anything fail from here on, the rest of the old one stays.
        with suppress(OSError):
            for entry in list(old.iterdir()):
                if entry.name not in own and not (path / entry.name).exists():
                    entry.rename(path / entry.name)
            shutil.rmtree(old)
    else:
        fresh.rename(path)
    with suppress(OSError):
        _sync(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put a content into the place of a file, or of nothing, whole or not at all.

    Raises:
        OSError: if it cannot be written; then what was there is still there.
    """
    fresh = _beside(path, "part")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex[:12]}.{suffix}")


def _sync(folder: Path) -> None:
    """Have the disk keep the folder's entries; only POSIX systems let a folder be opened for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Series of numbers with a class: the UCR and UEA archives' files, NumPy's, and tables of files with labels."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.audio import SUFFIXES
from elman.data.gaps import whole
from elman.data.recordings import Recording, read_recordings
from elman.data.ts import read_ts
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.data.example import Series

TABLES = (".csv", ".jsonl")
"""The suffixes of tables: of each series a file, ``path``, and its class, ``label``."""


def read_series(
    path: Path,
    format: str | None = None,  # noqa: A002
    *,
    labelled: bool = True,
) -> Iterator[Series | Recording]:
    """Series with their classes as ``labels``, or sounds with theirs as ``text``.

    Gaps (NaN; in ``.ts`` also ``?``) are filled by straight lines between their neighbours, and counted; steps at the
    end at which every channel is missing are no part of a series.

    Args:
        path: ``.ts`` (see ``elman.data.ts``); ``.npz`` with ``values``, series x time x channels or series x time,
            maybe ``lengths``, and ``labels``; a CSV with the columns ``path`` and ``label`` or a JSONL with these keys,
            whose files, named from the folder of the table, hold one series each; or such a file itself: ``.npy``, time
            x channels or time, and what else is in ``READERS``, or a sound. Or a folder of sounds that are named by
            their classes.
        format: a suffix to take in the place of the file's own, with or without its dot; of a folder see
            ``elman.data.recordings``.
        labelled: whether a series without a class is a fault.

    Raises:
        DataError: if the file is not what it should be, with the line.
        UsageError: if there is no such format.
    """
    if path.is_dir():
        yield from read_recordings(path, format, labelled=labelled)
        return
    suffix = f".{format.removeprefix('.')}" if format else path.suffix.lower()
    known = (".ts", ".npz", *TABLES, *READERS, *SUFFIXES)
    if suffix not in known:
        raise UsageError(f"{path}: expected a file of series out of {', '.join(known)}; got {suffix or 'no suffix'}")
    found: Iterator[Series | Recording]
    if suffix == ".ts":
        found = read_ts(path)
    elif suffix == ".npz":
        found = _read_npz(path)
    elif suffix in TABLES:
        found = _read_table(path, suffix)
    else:
        found = iter([series_of(path, suffix)])
    for number, one in enumerate(found, 1):
        if labelled and not labels_of(one):
            raise DataError(f"expected a class for every series, {one.id or f'number {number}'} has none", path)
        yield one


def labels_of(one: Series | Recording) -> tuple[str, ...]:
    """The class of a series or of a sound, if it is known."""
    if isinstance(one, Recording):
        return () if one.text is None else (one.text,)
    return one.labels


def series_of(
    path: Path, suffix: str | None = None, labels: tuple[str, ...] = (), name: str | None = None
) -> Series | Recording:
    """The one series that a file holds, or its sound.

    Raises:
        DataError: if it cannot be read.
    """
    kind = suffix or path.suffix.lower()
    if kind not in READERS and kind not in SUFFIXES:
        raise DataError(f"expected a file out of {', '.join((*READERS, *SUFFIXES))}, got {kind or 'no suffix'}", path)
    if not path.is_file():
        raise DataError("expected a file of a series, there is none", path)
    if kind in SUFFIXES:
        return Recording(path, labels[0] if labels else None, name or path.name)
    values, rate = READERS[kind](path)
    return whole(values, labels, name or path.name, rate, path)


def read_npy(path: Path) -> tuple[NDArray[Any], float | None]:
    """The array of a ``.npy`` file.

    Raises:
        DataError: if it is none, or would need pickle.
    """
    try:
        found: NDArray[Any] = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"expected an array of numbers that NumPy wrote, got something else ({error})", path) from None
    return found, None


READERS: dict[str, Callable[[Path], tuple[NDArray[Any], float | None]]] = {".npy": read_npy}
"""What reads a file that holds one series, by its suffix: to numbers, time x channels, and steps a second."""


def _read_npz(path: Path) -> Iterator[Series]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataError(f"expected arrays that NumPy wrote, got something else ({error})", path) from None
    values, labels = arrays.get("values"), arrays.get("labels")
    if values is None or values.ndim not in (2, 3):
        held = ", ".join(f"{name} {' x '.join(map(str, array.shape))}" for name, array in arrays.items()) or "nothing"
        raise DataError(
            f"expected an array values, series x time x channels or series x time, and labels; got {held}", path
        )
    for name, beside in (("labels", labels), ("lengths", arrays.get("lengths"))):
        if beside is not None and beside.shape != values.shape[:1]:
            shape = " x ".join(map(str, beside.shape))
            raise DataError(f"expected {len(values)} {name}, one for each series; got {shape or 'one alone'}", path)
    lengths = arrays.get("lengths", np.full(len(values), values.shape[1]))
    for at, one in enumerate(values):
        label = () if labels is None else (str(labels[at]),)
        yield whole(one[: int(lengths[at])], label, f"series {at + 1}", None, path)


def _read_table(path: Path, suffix: str) -> Iterator[Series | Recording]:
    """A series for each row; the files are named from the table's folder."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("expected UTF-8, got other bytes; convert the file to UTF-8", path) from None
    for line, row in _csv_rows(text, path) if suffix == ".csv" else _json_rows(text, path):
        name, label = row.get("path"), row.get("label")
        if not isinstance(name, str) or not name:
            raise DataError("expected the file of a series in path, got nothing", path, line)
        file = path.parent / name
        if not file.is_file():
            raise DataError(f"expected the file {name} beside the table, there is none", path, line)
        yield series_of(file, None, () if label in (None, "") else (str(label),), name)


def _csv_rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text))
    if "path" not in (rows.fieldnames or ()):
        raise DataError(f"expected a column path, and label; got {', '.join(rows.fieldnames or ()) or 'none'}", path, 1)
    for row in rows:
        yield rows.line_num, row


def _json_rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise DataError(f"expected a JSON object with path and label, got {line[:60]!r}", path, number)
        yield number, row

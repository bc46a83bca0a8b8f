"""Series of numbers with a label for each frame: NumPy arrays, and tables with one row a frame."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from elman.data.example import Series
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

VALUES, LABELS, LENGTHS = "values", "labels", "lengths"
SERIES, LABEL = "series", "label"
FORMATS = ("npy", "npz", "csv")
"""What ``read_frames`` reads, apart from folders of ``npy``."""

_ADVICE = "give .npy, .npz, .csv, or a folder of .npy files"


def read_frames(path: Path, format: str | None = None, *, labelled: bool = True) -> Iterator[Series]:  # noqa: A002
    """Series with a label for each of their frames.

    - ``NAME.npy`` has the values, time x channels, and ``NAME.labels.npy`` beside it a label for each frame; of a
      folder all such pairs are read, by name.
    - ``.npz`` has ``values`` and ``labels``; or series x time x channels and series x time, with ``lengths`` where
      series end earlier; or several series under names, ``NAME/values`` and ``NAME/labels``.
    - ``.csv`` (``.tsv``) has a header and a row for each frame: ``label``, ``series`` with the name of the frame's
      series if there are several, and a column of numbers for each channel.

    Args:
        path: a file or a folder.
        format: one out of ``FORMATS``; None to go by the name.
        labelled: whether a series without labels is a fault.

    Raises:
        DataError: if a file cannot be read, values are no finite numbers of as many channels in each series, or
            there is not a label for each frame.
    """
    channels = first = None
    for series in _read(path, format):
        size = series.values.shape[1]
        if channels is None:
            channels, first = size, series.id
        elif size != channels:
            raise DataError(
                f"{series.id}: expected {channels} channels, as {first} has, got {size}; give the same channels in "
                "every series",
                path,
            )
        if labelled and not series.labels:
            raise DataError(f"{series.id}: expected a label for each frame, found none", path)
        yield series


def check_labels(series: Series) -> None:
    """Refuse a series without frames, or with labels for some of them.

    Raises:
        DataError: naming the series.
    """
    frames, labels = len(series.values), len(series.labels)
    name = series.id or "a series"
    if not frames:
        raise DataError(f"{name}: expected at least one frame, found none; leave the series out")
    if labels not in (0, frames):
        raise DataError(f"{name}: expected a label for each of its {frames:,} frames, got {labels:,}")


def _read(path: Path, format: str | None) -> Iterator[Series]:  # noqa: A002
    if path.is_dir():
        files = sorted(each for each in path.glob("*.npy") if not each.name.endswith(f".{LABELS}.npy"))
        if not files:
            raise DataError(f"expected .npy files in the folder, found none; {_ADVICE}", path)
        for file in files:
            yield from _npy(file)
        return
    kind = format or {".tsv": "csv"}.get(path.suffix.lower(), path.suffix.lower().lstrip("."))
    if kind not in FORMATS:
        raise DataError(
            f"expected series as numbers, got a file {path.suffix or 'without a suffix'!r}; {_ADVICE}", path
        )
    if not path.is_file():
        raise DataError("there is no such file", path)
    yield from {"npy": _npy, "npz": _npz, "csv": _csv}[kind](path)


def _npy(path: Path) -> Iterator[Series]:
    beside = path.with_name(f"{path.stem}.{LABELS}.npy")
    arrays = {VALUES: _array(path)} | ({LABELS: _array(beside)} if beside.exists() else {})
    yield from _of_arrays(arrays, path.stem, path)


def _array(path: Path) -> NDArray[Any]:
    try:
        found: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"cannot be read as an array: {error}; save numbers and text, no objects", path) from None
    return found


def _npz(path: Path) -> Iterator[Series]:
    try:
        with np.load(path, allow_pickle=False) as opened:
            arrays = {name: opened[name] for name in opened.files}
    except (OSError, ValueError, EOFError, BadZipFile, AttributeError, TypeError) as error:
        raise DataError(f"cannot be read as arrays: {error}; save numbers and text, no objects", path) from None
    named: dict[str, dict[str, NDArray[Any]]] = {}
    for key, array in arrays.items():
        name, _, part = key.rpartition("/")
        if part not in (VALUES, LABELS, LENGTHS):
            raise DataError(
                f"expected arrays {VALUES} and {LABELS}, or NAME/{VALUES} and NAME/{LABELS}, got {key!r}", path
            )
        named.setdefault(name, {})[part] = array
    for name, parts in named.items():
        if VALUES not in parts:
            raise DataError(f"expected an array {f'{name}/{VALUES}'.lstrip('/')!r} beside the others, found none", path)
        yield from _of_arrays(parts, name or path.stem, path)


def _of_arrays(arrays: Mapping[str, NDArray[Any]], name: str, path: Path) -> Iterator[Series]:
    """The series of one array of values, which may hold several."""
    values, labels, lengths = arrays[VALUES], arrays.get(LABELS), arrays.get(LENGTHS)
    if values.ndim != 3:
        if lengths is not None:
            raise DataError(f"{name}: {LENGTHS} go with {VALUES} of series x time x channels", path)
        yield _series(values, labels, name, path)
        return
    many, time, _ = values.shape
    ends = np.full(many, time) if lengths is None else lengths
    if ends.shape != (many,) or ends.dtype.kind not in "iu" or (ends < 1).any() or (ends > time).any():
        raise DataError(f"{name}: expected {LENGTHS} of {many} series, each from 1 to {time}, got {ends!r:.60}", path)
    if labels is not None and labels.shape != (many, time):
        raise DataError(f"{name}: expected {LABELS} of the shape {many} x {time}, got {_shape(labels)}", path)
    for at, end in enumerate(ends.tolist()):
        yield _series(values[at, :end], None if labels is None else labels[at, :end], f"{name}-{at + 1}", path)


def _series(values: NDArray[Any], labels: NDArray[Any] | None, name: str, path: Path) -> Series:
    if values.ndim != 2 or values.dtype.kind not in "iufb":
        raise DataError(f"{name}: expected numbers, time x channels, got {values.dtype} of {_shape(values)}", path)
    if labels is not None and (labels.ndim != 1 or labels.dtype.kind not in "iuUb"):
        raise DataError(
            f"{name}: expected {LABELS} as text or whole numbers, one a frame, got {labels.dtype} of {_shape(labels)}",
            path,
        )
    said = () if labels is None else tuple(str(label) for label in labels.tolist())
    return _checked(values, said, name, path)


def _checked(values: NDArray[Any], labels: tuple[str, ...], name: str, path: Path) -> Series:
    with np.errstate(over="ignore"):
        numbers = values.astype(np.float32)
    try:
        series = Series(numbers, labels, name)
        check_labels(series)
    except DataError as error:
        raise DataError(error.problem, path) from None
    return series


def _shape(array: NDArray[Any]) -> str:
    return " x ".join(map(str, array.shape)) or "a single number"


def _csv(path: Path) -> Iterator[Series]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("expected UTF-8, got other bytes; convert the file to UTF-8", path) from None
    if not text.strip():
        raise DataError("expected a header and a row for each frame, got nothing", path)
    head = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",")
    header = [name.strip() for name in next(reader)]
    channels = [at for at, name in enumerate(header) if name not in (SERIES, LABEL)]
    if len(set(header)) < len(header) or not channels or all(map(_is_number, header)):
        raise DataError(
            f"expected a header with {LABEL!r} and a different name for each channel, got {', '.join(header)[:80]}",
            path,
            1,
        )
    label, owner = (header.index(name) if name in header else None for name in (LABEL, SERIES))
    rows: list[tuple[str, str, list[float]]] = []
    for cells in reader:
        if not cells:
            continue
        line = reader.line_num
        if len(cells) != len(header):
            raise DataError(f"expected {len(header)} cells, as in the header, got {len(cells)}", path, line)
        rows.append(
            (
                path.stem if owner is None else cells[owner],
                "" if label is None else cells[label].strip(),
                [_number(cells[at], header[at], path, line) for at in channels],
            )
        )
        if label is not None and not rows[-1][1]:
            raise DataError("expected a label for each frame, got an empty cell", path, line)
    seen: set[str] = set()
    for name, group in groupby(rows, key=lambda row: row[0]):
        if name in seen:
            raise DataError(f"{name}: expected the rows of a series one after the other, got some apart", path)
        seen.add(name)
        frames = list(group)
        labels = () if label is None else tuple(each for _, each, _ in frames)
        yield _checked(np.array([numbers for *_, numbers in frames]), labels, name, path)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str, name: str, path: Path, line: int) -> float:
    if not _is_number(cell) or not np.isfinite(number := float(cell)):
        raise DataError(
            f"column {name}: expected a finite number, got {cell[:40]!r}; fill the gap or leave the series out",
            path,
            line,
        )
    return number

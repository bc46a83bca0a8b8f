"""Files of the UCR and UEA archives of time series, as sktime writes them: ``.ts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.data.gaps import whole
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.data.example import Series

_MISSING = {"?": "nan"}


def read_ts(path: Path) -> Iterator[Series]:
    """The series of a ``.ts`` file with classes.

    After a head of lines ``@NAME VALUE`` and a line ``@data`` each line is a series: channels divided by colons, their
    numbers by commas, and at last the class. Lengths may differ from series to series, not between the channels of one.

    Raises:
        DataError: if the file is not so, with the line; if it has numbers to predict in the place of classes, or steps
            with times.
    """
    head: dict[str, list[str]] = {}
    channels = None
    began = False
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        try:
            line = raw.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise DataError("expected UTF-8, got other bytes; convert the file to UTF-8", path, number) from None
        if not line or line[0] in "#%":
            continue
        if not began:
            if not line.startswith("@"):
                raise DataError(f"expected lines that begin with @ before @data, got {line[:60]!r}", path, number)
            name, *values = line[1:].lower().split()
            head[name] = values
            if name == "data":
                _check(head, path, number)
                began = True
            continue
        *fields, label = line.split(":")
        rows = [_numbers(field, path, number) for field in fields]
        if not rows or not label:
            raise DataError(f"expected numbers, a colon and a class, got {line[:60]!r}", path, number)
        if len({len(row) for row in rows}) > 1 or (channels or len(rows)) != len(rows):
            shown = ", ".join(str(len(row)) for row in rows[:12])
            raise DataError(
                f"expected {channels or len(rows)} channels with equally many steps, got channels of {shown} steps",
                path,
                number,
            )
        channels = len(rows)
        yield whole(np.stack(rows, axis=1), (label.strip(),), f"line {number}", None, path, number)
    if not began:
        raise DataError("expected a line @data before the series, found none", path)


def _check(head: dict[str, list[str]], path: Path, line: int) -> None:
    """Refuse what is no file of series with classes."""
    if head.get("timestamps") == ["true"]:
        raise DataError("expected steps without times, got @timeStamps true; take the times out", path, line)
    if head.get("classlabel", ["false"])[0] != "true":
        raise DataError(
            "expected classes, @classLabel true; a file with numbers to predict has none of them", path, line
        )


def _numbers(field: str, path: Path, line: int) -> NDArray[np.float64]:
    values = [_MISSING.get(value.strip(), value) for value in field.split(",")]
    try:
        return np.array(values, np.float64)
    except ValueError:
        wrong = next(value for value in values if not _is_number(value))
        raise DataError(f"expected numbers divided by commas, got {wrong[:40]!r} among them", path, line) from None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True

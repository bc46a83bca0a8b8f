"""Rows of decimal numbers, from bytes to float32."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(nan|inf|infinity)", re.IGNORECASE)


class NotANumberError(ValueError):
    """A field that is not a number.

    Attributes:
        row: in which row of those parsed.
        column: in which field of the row.
        field: its text.
    """

    def __init__(self, row: int, column: int, field: str) -> None:
        self.row = row
        self.column = column
        self.field = field
        super().__init__(f"row {row}, column {column}: {field!r}")


def is_number(field: bytes) -> bool:
    """Whether a field is a decimal number, with or without an exponent; NaN and infinity are."""
    return _NUMBER.fullmatch(field) is not None


def parse_rows(rows: Sequence[bytes], delimiter: bytes) -> NDArray[np.float32]:
    """Rows of equally many numbers as a matrix.

    Args:
        rows: at least one; none of them empty.
        delimiter: the one byte that stands once between two numbers.

    Raises:
        NotANumberError: at the first field that is no number.
    """
    try:
        with np.errstate(over="ignore"):
            return np.loadtxt(
                rows, dtype=np.float32, delimiter=delimiter.decode(), comments=None, quotechar=None, ndmin=2
            )
    except ValueError:
        for row, line in enumerate(rows):
            for column, field in enumerate(line.split(delimiter)):
                if not is_number(field):
                    raise NotANumberError(row, column, field.decode("utf-8", "replace")) from None
        raise

"""Recordings with what is said in them: folders whose files are named by it, and tables of paths and texts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elman.data.audio import SUFFIXES, Origin, Sound, origin_of, read_sound
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
"""What the names of files say as figures, with the format ``digits``."""

_TABLES = {".csv": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".ndjson")
_FORMATS = ("names", "digits", "csv", "tsv", "jsonl")


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A sound and what is said in it.

    Attributes:
        source: a file, which is read when it is needed, or the sound itself.
        text: what is said; None where it is not known.
        id: its name where a message has to name it.
    """

    source: Path | Sound
    text: str | None = None
    id: str | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.id or (str(self.source) if isinstance(self.source, Path) else "a recording")

    @property
    def origin(self) -> Origin:
        """Rate and channels; raises as ``read_sound``."""
        return origin_of(self.source) if isinstance(self.source, Path) else self.source.origin

    def sound(self) -> Sound:
        """The sound; raises as ``read_sound``."""
        return read_sound(self.source) if isinstance(self.source, Path) else self.source


def read_recordings(path: Path, format: str | None = None, *, labelled: bool = True) -> Iterator[Recording]:  # noqa: A002
    """Recordings.

    Args:
        path: a folder of sounds; a table (CSV, TSV) with the columns ``path`` and ``text``; JSON lines with these keys;
            or a sound. Paths in a file are meant from its folder.
        format: ``csv``, ``tsv`` or ``jsonl``; of a folder ``names`` for files ``TEXT_ANYTHING.wav``, or ``digits`` for
            files ``7_ANYTHING.wav`` in which that figure's English name is said; None to go by the name.
        labelled: whether a recording whose text is not known is a fault; if not, files may have any names.

    Raises:
        DataError: if the file or folder is not what it should be, with the line.
        UsageError: if there is no such format.
    """
    if format not in (None, *_FORMATS):
        raise UsageError(f"there is no format {format!r} of recordings; there are {', '.join(_FORMATS)}")
    if path.is_dir():
        yield from _folder(path, format, labelled=labelled)
        return
    suffix = f".{format}" if format else path.suffix.lower()
    if suffix in SUFFIXES and not labelled:
        yield Recording(path, id=path.name)
    elif suffix in _TABLES:
        yield from _manifest(path, labelled, lambda text: _rows(path, text, _TABLES[suffix]))
    elif suffix in _LINES:
        yield from _manifest(path, labelled, lambda text: _objects(path, text))
    else:
        wanted = "a folder of sounds, or paths and texts as .csv, .tsv or .jsonl"
        raise DataError(f"expected {wanted}{'' if labelled else ', or a sound'}; give --format if it is one", path)


def _folder(path: Path, format: str | None, *, labelled: bool) -> Iterator[Recording]:  # noqa: A002
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(f"expected a folder with sounds ({', '.join(SUFFIXES)}), found none", path)
    for file in files:
        text: str | None = file.stem.partition("_")[0]
        if format == "digits":
            if text not in {str(figure) for figure in range(10)}:
                raise DataError("expected a name that begins with a figure and _, such as 7_ada_1.wav", file)
            text = DIGITS[int(text)]
        elif not labelled and format is None:
            text = None
        elif not (text or "").strip():
            raise DataError("expected a name that begins with what is said, such as yes_ada_1.wav", file)
        yield Recording(file, text, file.name)


def _manifest(
    path: Path, labelled: bool, rows: Callable[[str], Iterator[tuple[int, dict[str, str | None]]]]
) -> Iterator[Recording]:
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError("expected recordings, there is no such file; check the path", path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError("expected UTF-8, got other bytes; convert the file to UTF-8", path, line) from None
    for line, row in rows(content):
        place, text = row.get("path"), row.get("text")
        if not isinstance(place, str) or not place.strip():
            raise DataError(f"expected the path of a sound, got {place!r}", path, line)
        if not isinstance(text, str | None):
            raise DataError(f"expected a text, got {text!r:.60}", path, line)
        if labelled and not (text or "").strip():
            raise DataError("expected what is said, got no text; add it or leave the recording out", path, line)
        file = path.parent / place
        if not file.is_file():
            raise DataError(f"expected a sound, there is no file {file}; mend the path", path, line)
        yield Recording(file, text, place)


def _rows(path: Path, content: str, delimiter: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    reader = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter)
    names = reader.fieldnames or []
    if "path" not in names:
        raise DataError(f"expected a first line with the columns path and text, got {', '.join(names) or 'none'}", path)
    for row in reader:
        if None in row or None in row.values():
            problem = f"expected {len(names)} cells, as the first line has, got another number"
            raise DataError(problem, path, reader.line_num)
        yield reader.line_num, dict(row)


def _objects(path: Path, content: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"expected a JSON object, {error.msg} at column {error.colno}", path, number) from None
        if not isinstance(found, dict):
            problem = f'expected an object such as {{"path": "a.wav", "text": "yes"}}, got {line[:60]}'
            raise DataError(problem, path, number)
        yield number, found

"""Hugging Face datasets: Parquet, Arrow, JSON lines, and the folders that ``save_to_disk`` makes.

A row has tokens and their tags, as numbers of a ``ClassLabel`` or as strings, or a text, perhaps with spans or with
a label. The names of a ``ClassLabel`` come from the schema's metadata, from ``dataset_info.json``, or from the option
``labels``. The tag -100 is unknown, not O. Columns of lists as long as the tokens stay with them, all others go to
``meta``. The text of tokens is a column ``text`` that has them, with white space between, or they are joined.
"""

from __future__ import annotations

import contextlib
import json
import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.data.formats import hf_table, hf_writing
from elman.data.formats.files import Source
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.hf_columns import TAGS, TOKENS, Options, Row, checked_labels
from elman.data.formats.hf_features import INFO, features_beside, features_of
from elman.data.formats.hf_rows import documents
from elman.data.formats.json_array import records
from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from elman.data.schemes import Repair

_DICT = "dataset_dict.json"
_STATE = "state.json"
_ROWS = 1000


def _reader(
    name: str, rows: Callable[[Source, ReadReport], tuple[dict[str, Any], Iterator[Row]]]
) -> Callable[..., Reading]:
    """The ``read`` of a format, of what gives the features and the rows of a source."""

    def read(
        source: Source,
        /,
        *,
        tokens: str | None = None,
        tags: str | None = None,
        text: str | None = None,
        labels: Sequence[str] | None = None,
        scheme: str | None = None,
        repair: Repair = "refuse",
        layer: str = ENTITIES,
        unknown: str | None = None,
        offsets: str = "auto",
    ) -> Reading:
        """Read a dataset.

        Args:
            source: the file or folder.
            tokens: the column with tokens; by default the first of ``TOKENS`` that there is.
            tags: the column with their tags; by default the first of ``TAGS`` that there is.
            text: the column with the text; if it is given, tokens and tags are not looked for.
            labels: the names of the numbers in the column of tags, or of the document's label, in their order.
            scheme: the tags' scheme; by default it is found out.
            repair: what to do with a tag that the scheme forbids where it stands.
            layer: the layer of the spans.
            unknown: the tag of a token of which nobody said what it is; by default -100, ``-`` and ``?`` are.
            offsets: what the offsets of spans count, as ``settle`` has it.

        Raises:
            DataError: with file and row, if columns or the names of tags are missing, or a row is at fault.
            UsageError: if pyarrow is needed and not installed, or there is no such scheme or repair.
        """
        report = ReadReport(name)
        options = Options(tokens, tags, text, checked_labels(labels), scheme, repair, layer, unknown, offsets)
        features, given = rows(source, report)
        first = next(given, None)
        # What is wrong with the whole file is told before it is read on.
        found = documents(chain([] if first is None else [first], given), features, source, report, options)
        one = next(found, None)
        return Reading(chain([] if one is None else [one], found), report)

    return read


def _parquet(source: Source, report: ReadReport) -> tuple[dict[str, Any], Iterator[Row]]:  # noqa: ARG001
    with needs("datasets", "Parquet"):
        import pyarrow.parquet
    with _told(source, "Parquet"), source.binary() as stream:
        features = features_of(pyarrow.parquet.read_schema(stream).metadata)

    def rows() -> Iterator[Row]:
        with _told(source, "Parquet"), source.binary() as stream:
            file = pyarrow.parquet.ParquetFile(stream)
            yield from _numbered(file.iter_batches(batch_size=_ROWS))

    return features or features_beside(source.name), rows()


def _arrow(source: Source, report: ReadReport) -> tuple[dict[str, Any], Iterator[Row]]:  # noqa: ARG001
    with needs("datasets", "Arrow"):
        import pyarrow
    ipc = pyarrow.ipc
    is_file = source.peek.data.startswith(b"ARROW1")
    with _told(source, "Arrow"), source.binary() as stream:
        opened = ipc.open_file(stream) if is_file else ipc.open_stream(stream)
        features = features_of(opened.schema.metadata)

    def rows() -> Iterator[Row]:
        with _told(source, "Arrow"), source.binary() as stream:
            if is_file:
                file = ipc.open_file(stream)
                yield from _numbered(file.get_batch(at) for at in range(file.num_record_batches))
            else:
                yield from _numbered(ipc.open_stream(stream))

    return features or features_beside(source.name), rows()


def _numbered(batches: Iterator[Any]) -> Iterator[Row]:
    """The rows of record batches, from 1."""
    number = 0
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS):
            for value in batch.slice(start, _ROWS).to_pylist():
                number += 1
                yield Row(number, value)


@contextlib.contextmanager
def _told(source: Source, kind: str) -> Iterator[None]:
    """Errors of pyarrow as those of data."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).strip().partition("\n")[0][:200]
        raise DataError(f"is no {kind} file, or it is damaged: {first}", source.name) from None


def _lines(source: Source, report: ReadReport) -> tuple[dict[str, Any], Iterator[Row]]:  # noqa: ARG001
    def rows() -> Iterator[Row]:
        for record in records(source):
            if type(record.value) is dict:
                yield Row(record.line, record.value)
            else:
                problem = f"expected an object, got {record.raw[:60]!r}; mend the record"
                source.reject(DataError(problem, source.name, record.line), record.raw)

    return features_beside(source.name), rows()


def _folder(source: Source, report: ReadReport) -> tuple[dict[str, Any], Iterator[Row]]:
    """The files that ``save_to_disk`` says, of all splits."""
    if source.folder is None:
        raise DataError(f"expected a folder with {_DICT} or {_STATE}, got a file; its format is arrow", source.name)
    splits: list[tuple[str, Path]] = [("", source.folder)]
    if (source.folder / _DICT).is_file():
        names = _json(source.folder / _DICT).get("splits", [])
        splits = [(str(name), source.folder / str(name)) for name in names]
    features = features_beside(splits[0][1] / INFO) if splits else {}
    files = [(split, path) for split, folder in splits for path in _files(folder)]
    if any((folder / _STATE).is_file() and _json(folder / _STATE).get("_indices_files") for _, folder in splits):
        report.notes.append("the dataset was saved with an order or a choice of rows; here are all, in their order")

    def rows() -> Iterator[Row]:
        number = 0
        for split, path in files:
            for row in _arrow(Source(path, source.encoding), report)[1]:
                number += 1
                yield Row(number, {**row.value, "split": split} if split else row.value)

    if not features and files:
        features = _arrow(Source(files[0][1], source.encoding), report)[0]
    return features, rows()


def _files(folder: Path) -> list[Path]:
    """The data files of a split; none of them is outside it."""
    if not (folder / _STATE).is_file():
        raise DataError(f"has no {_STATE}; expected the folder of a split, as save_to_disk makes it", folder)
    names = [str(entry.get("filename")) for entry in _json(folder / _STATE).get("_data_files", [])]
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise DataError(f"names the file {name!r}, which is not in its folder", folder / _STATE)
    return [folder / name for name in names]


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"expected a JSON object, got what cannot be read as one: {error}", path) from None
    if not isinstance(found, dict):
        raise DataError(f"expected a JSON object, got {str(found)[:60]}", path)
    return found


def _sniff_parquet(head: Head) -> Sniffed | None:
    return Sniffed(1.0, "it begins with PAR1") if head.data.startswith(b"PAR1") else None


def _sniff_arrow(head: Head) -> Sniffed | None:
    if head.data.startswith(b"ARROW1"):
        return Sniffed(1.0, "it begins with ARROW1")
    stream = re.match(rb"\xff\xff\xff\xff[^\0]?..\0\x10\0\0\0", head.data, re.DOTALL)
    return Sniffed(0.9, "it begins as a stream of Arrow does") if stream else None


def _sniff_lines(head: Head) -> Sniffed | None:
    first = next((line for line in (head.text or "").split("\n") if line.strip()), "").strip()
    try:
        row = json.loads(first.removeprefix("[").removesuffix("]").removesuffix(","))
    except (ValueError, RecursionError):
        return None
    row = row if isinstance(row, dict) else {}
    tokens = next((name for name in TOKENS if isinstance(row.get(name), list)), None)
    tags = next((name for name in TAGS if isinstance(row.get(name), list)), None)
    if tokens is None or tags is None or len(row[tokens]) != len(row[tags]):
        return None
    if not all(isinstance(word, str) for word in row[tokens]) or not all(type(t) in (str, int) for t in row[tags]):
        return None
    return Sniffed(0.85, f"its first object has {tokens!r} and as many {tags!r}")


def _sniff_folder(head: Head) -> Sniffed | None:
    if head.folder is None:
        return None
    for name in (_DICT, _STATE):
        if (head.folder / name).is_file():
            return Sniffed(0.95, f"it has {name}, as save_to_disk makes it")
    return None


PARQUET = Format(
    "parquet",
    (".parquet",),
    "a Hugging Face dataset in Parquet",
    _sniff_parquet,
    _reader("parquet", _parquet),
    hf_writing.write_parquet,
    container="binary",
    holds=hf_table.HOLDS,
)
ARROW = Format(
    "arrow",
    (".arrow", ".feather"),
    "a Hugging Face dataset in Arrow",
    _sniff_arrow,
    _reader("arrow", _arrow),
    hf_writing.write_arrow,
    container="binary",
    holds=hf_table.HOLDS,
)
HF_JSONL = Format(
    "hf-jsonl",
    (),
    'an object with "tokens" and "ner_tags" on each line',
    _sniff_lines,
    _reader("hf-jsonl", _lines),
    hf_writing.write_lines,
    holds=hf_table.HOLDS_TAGGED,
)
HF_FOLDER = Format(
    "hf",
    (),
    "a folder of a Hugging Face dataset, as save_to_disk makes it",
    _sniff_folder,
    _reader("hf", _folder),
    hf_writing.write_folder,
    container="folder",
    holds=hf_table.HOLDS,
)

"""Writing Hugging Face datasets; see ``hf``.

There are two layouts. ``tokens`` has ``tokens`` and ``ner_tags`` as models for token classification are trained on,
and what tags cannot say is refused. ``spans`` has the text, and all else that documents have. Which labels there are
is known at the end, so rows wait in a temporary file, and are copied behind their schema.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from elman.data.document import ENTITIES
from elman.data.formats.hf_features import INFO, METADATA, UNKNOWN
from elman.data.formats.hf_table import How, Layout, Table, Unit, features_of, table_of, told
from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from elman.data.align import Overlap, Partial
    from elman.data.document import Document, Tokens
    from elman.data.ledger import Ledger


_ROWS = 1000


def _writer(what: str, save: Callable[[Table, Any], None]) -> Callable[..., Ledger]:
    """A ``write`` for what pyarrow writes.

    Args:
        what: that is.
        save: puts a table where it belongs.
    """

    def write(
        documents: Iterable[Document],
        sink: object,
        /,
        *,
        layout: Layout | None = None,
        unit: Unit = "document",
        scheme: str = "IOB2",
        layer: str = ENTITIES,
        tokenize: Callable[[str], Tokens] | None = None,
        partial: Partial = "outside",
        overlap: Overlap = "longest",
    ) -> Ledger:
        """Write what ``datasets`` loads, with the names of the tags.

        Args:
            documents: any number.
            sink: takes the bytes, or is the folder.
            layout: ``tokens`` or ``spans``; by default tokens if the first document has some.
            unit: in the layout of tokens, whether a row is a ``document`` or a ``sentence``.
            scheme: in the layout of tokens, the tags' scheme.
            layer: in the layout of tokens, which spans become tags.
            tokenize: makes the tokens of a text that came without.
            partial: what ``align`` does with spans that begin or end within a token.
            overlap: what it does with spans that overlap.

        Raises:
            DataError: if a document has no tokens and ``tokenize`` is not given, or as ``align`` does.
            UsageError: if pyarrow is not installed, or there is no such layout, unit or scheme.
        """
        with needs("datasets", what):
            import pyarrow  # noqa: F401
        table = table_of(documents, layout, How(scheme, layer, unit, tokenize, partial, overlap))
        save(table, sink)
        return table.ledger

    return write


def _save_parquet(table: Table, stream: IO[bytes]) -> None:
    import pyarrow.parquet

    with _waiting(table) as (schema, batches), pyarrow.parquet.ParquetWriter(stream, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _save_arrow(table: Table, stream: IO[bytes]) -> None:
    import pyarrow

    with _waiting(table) as (schema, batches), pyarrow.ipc.new_stream(stream, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _save_folder(table: Table, folder: Path) -> None:
    name = "data-00000-of-00001.arrow"
    with (folder / name).open("wb") as stream:
        _save_arrow(table, stream)
    state: dict[str, object] = {
        "_data_files": [{"filename": name}],
        "_fingerprint": "0" * 16,
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": None,
    }
    info = {"citation": "", "description": "", "features": features_of(table), "homepage": "", "license": ""}
    for title, content in (("state.json", state), (INFO, info)):
        (folder / title).write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")


write_parquet = _writer("Parquet", _save_parquet)
write_arrow = _writer("Arrow", _save_arrow)
"""A stream of Arrow, as ``datasets`` writes it."""
write_folder = _writer("Arrow", _save_folder)
"""A folder that ``load_from_disk`` loads."""


def write_lines(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    unit: Unit = "document",
    scheme: str = "IOB2",
    layer: str = ENTITIES,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Ledger:
    """Write an object with ``tokens`` and ``ner_tags`` on each line; the options are those of ``write_parquet``.

    Tags are strings, because nothing else in the file could say what numbers stand for; -100 is that of a token
    that nobody annotated.
    """
    table = table_of(documents, "tokens", How(scheme, layer, unit, tokenize, partial, overlap))
    for row in table.rows:
        names = [*table.names]
        row["ner_tags"] = ["-100" if number == UNKNOWN else names[number] for number in row["ner_tags"]]
        put(json.dumps({key: cell for key, cell in row.items() if cell is not None}, ensure_ascii=False) + "\n")
    return told(table.ledger)


@contextlib.contextmanager
def _waiting(table: Table) -> Iterator[tuple[Any, Iterator[Any]]]:
    """The schema of all rows and, behind it, the rows in batches, from a temporary file."""
    import pyarrow

    whole = pyarrow.schema([(name, _arrow_type(feature)) for name, feature in table.features.items()])
    with tempfile.TemporaryFile() as file:
        with pyarrow.ipc.new_stream(file, whole) as writer:
            for batch in _batches(table, whole):
                writer.write_batch(batch)
        file.seek(0)
        table.ledger = told(table.ledger)
        features = features_of(table)
        metadata = {METADATA: json.dumps({"info": {"features": features}}, ensure_ascii=False).encode()}
        schema = pyarrow.schema([whole.field(name) for name in features], metadata)
        with pyarrow.ipc.open_stream(file) as reader:
            yield (
                schema,
                (
                    pyarrow.RecordBatch.from_arrays([batch.column(name) for name in features], schema=schema)
                    for batch in reader
                ),
            )


def _batches(table: Table, schema: Any) -> Iterator[Any]:
    import pyarrow

    rows: list[dict[str, Any]] = []
    for row in chain(table.rows, (None,)):
        if row is not None:
            rows.append(row)
        if len(rows) >= _ROWS or (row is None and rows):
            try:
                yield pyarrow.RecordBatch.from_pylist(rows, schema)
            except (pyarrow.ArrowException, UnicodeEncodeError, OverflowError) as error:
                raise DataError(
                    f"cannot be written to Arrow: {str(error)[:200]}; mend the text or the number"
                ) from None
            rows = []


def _arrow_type(feature: Any) -> Any:
    import pyarrow

    if isinstance(feature, list):
        return pyarrow.list_(pyarrow.struct([(name, _arrow_type(one)) for name, one in feature[0].items()]))
    if feature["_type"] == "Sequence":
        return pyarrow.list_(_arrow_type(feature["feature"]))
    if feature["_type"] == "ClassLabel":
        return pyarrow.int64()
    return {"string": pyarrow.string(), "int64": pyarrow.int64(), "float64": pyarrow.float64()}[feature["dtype"]]

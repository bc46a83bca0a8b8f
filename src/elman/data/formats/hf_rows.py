"""Rows of Hugging Face datasets as documents: tokens with tags, or a text with spans, labels or neither."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from elman.data.formats import jsonl
from elman.data.formats.hf_columns import TAGS, TEXTS, TOKENS, are
from elman.data.formats.hf_tagged import TaggedRows
from elman.data.formats.hf_texts import TextRows
from elman.data.offsets import Loose, settle
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from elman.data.document import Document
    from elman.data.formats.files import Source
    from elman.data.formats.format import ReadReport
    from elman.data.formats.hf_columns import Options, Row

_AHEAD = 1000


def documents(
    rows: Iterable[Row], features: Mapping[str, Any], source: Source, report: ReadReport, options: Options
) -> Iterator[Document]:
    """The documents of rows.

    Args:
        rows: in order; the first says which columns there are.
        features: of the columns, as far as they are known.
        source: where a row that is at fault is rejected to.
        report: gets the scheme, and what has been left out.
        options: of the reader.

    Raises:
        DataError: if there is no column with tokens and tags or with a text, or a row is at fault.
    """
    rest = iter(rows)
    head = list(islice(rest, _AHEAD))
    if not head:
        raise DataError("has no rows; expected at least one document", source.name)
    columns = list(dict.fromkeys(chain.from_iterable(row.value for row in head)))
    tokens, tags = _tagged_columns(head, columns, source, options)
    if tokens is not None and tags is not None:
        reader = TaggedRows(head, tokens, tags, features, source, report, options)
        for row in chain(head, rest):
            try:
                yield reader.document(row)
            except DataError as error:
                source.reject(DataError(error.problem, source.name, row.line), row.raw)
        return
    text = options.text or next((name for name in TEXTS if name in columns), None)
    if text is None or text not in columns:
        raise DataError(
            f"expected columns with tokens and tags, or one with a text, got {', '.join(columns)}; "
            "name them with tokens and tags, or with text",
            source.name,
        )
    untagged = TextRows(text, columns, features, report, options)
    loose = _loose(chain(head, rest), untagged, source)
    yield from settle(loose, source, report, offsets=options.offsets, own=untagged.own)


def _tagged_columns(
    head: Sequence[Row], columns: Sequence[str], source: Source, options: Options
) -> tuple[str | None, str | None]:
    for said in (options.tokens, options.tags, options.text):
        if said and said not in columns:
            raise DataError(f"there is no column {said!r}; it has {', '.join(columns)}", source.name)
    if options.text:
        return None, None

    def words(name: str) -> bool:
        values = [row.value.get(name) for row in head]
        return all(are(value, str) for value in values if value) and any(isinstance(value, list) for value in values)

    tokens = options.tokens or next((name for name in TOKENS if name in columns and words(name)), None)
    if tokens is None:
        return None, None

    def fits(name: str) -> bool:
        pairs = [(row.value.get(tokens), row.value.get(name)) for row in head]
        return all(isinstance(b, list) and len(a or ()) == len(b) for a, b in pairs[:20] if a and b is not None)

    lists = [name for name in columns if name != tokens and any(isinstance(row.value.get(name), list) for row in head)]
    usual = [*TAGS, *(name for name in lists if "ner" in name.lower())]
    tags = options.tags or next((name for name in usual if name in lists and fits(name)), None)
    if tags is None and not any(name in columns for name in TEXTS):
        raise DataError(
            f"has tokens in {tokens!r}, and no column that is known to hold their tags; "
            f"it has {', '.join(columns)}; name it with tags",
            source.name,
        )
    return tokens, tags


def _loose(rows: Iterable[Row], texts: TextRows, source: Source) -> Iterator[Loose | Document]:
    for row in rows:
        try:
            record = jsonl.record_of(texts.value(row.value), texts.report)
        except (DataError, ValueError) as error:
            problem = error.problem if isinstance(error, DataError) else f"expected JSON of Elman: {error}"
            source.reject(DataError(problem, source.name, row.line), row.raw)
            continue
        if isinstance(record, Loose):
            record.line, record.raw = row.line, row.raw
        yield record

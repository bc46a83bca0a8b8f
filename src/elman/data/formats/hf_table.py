"""Documents as the rows of a Hugging Face dataset, with its features and the account."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

from elman.data.formats import format as format_module
from elman.data.formats.hf_features import UNKNOWN, class_label, sequence, value
from elman.data.formats.json_line import line_of
from elman.data.formats.tagging import account_tagged, respaced, tag, titled, tokens_of
from elman.data.ledger import Ledger, account
from elman.data.schemes import scheme as scheme_named
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.align import Overlap, Partial
    from elman.data.document import Document, Tokens

Layout = Literal["tokens", "spans"]
Unit = Literal["document", "sentence"]

HOLDS = format_module.HOLDS
HOLDS_TAGGED = frozenset({"spans", "tokens", "sentences", "columns", "ids", "unknown"})

SENTENCES = "a row for each of its sentences"
_COLUMN_GONE = "column that the first document has not, or that is named as another is"
_SPAN = {"start": "int64", "end": "int64", "label": "string", "layer": "string", "score": "float64", "id": "string"}
_RELATION = {"head": "string", "tail": "string", "label": "string", "score": "float64"}
_REGION = {"start": "int64", "end": "int64", "layer": "string"}
_ALWAYS = ("id", "tokens", "ner_tags")


@dataclass
class Table:
    """Rows, and what is known of their columns when all have come.

    Attributes:
        rows: of documents, in order.
        features: of the columns; the names of tags are added as they come.
        names: of the tags, in the order in which they came.
        used: the columns in which any row has something.
        ledger: the account.
    """

    features: dict[str, Any]
    rows: Iterator[dict[str, Any]] = field(default_factory=lambda: iter(()))
    names: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=lambda: set(_ALWAYS))
    ledger: Ledger = field(default_factory=Ledger)


@dataclass(frozen=True)
class How:
    """The options of a writer; see ``write_parquet``."""

    scheme: str
    layer: str
    unit: Unit
    tokenize: Callable[[str], Tokens] | None
    partial: Partial
    overlap: Overlap


def table_of(documents: Iterable[Document], layout: str | None, how: How) -> Table:
    """The table of documents in one of the layouts; its rows come as they are asked for.

    Raises:
        UsageError: if there is no such layout, unit or scheme.
    """
    if layout is not None and layout not in get_args(Layout):
        raise UsageError(f"the layout is one of {', '.join(get_args(Layout))}; got {layout!r}")
    if how.unit not in get_args(Unit):
        raise UsageError(f"the unit is one of {', '.join(get_args(Unit))}; got {how.unit!r}")
    scheme_named(how.scheme)
    rest = iter(documents)
    first = next(rest, None)
    given = chain([] if first is None else [first], rest)
    if (layout or ("spans" if first is None or first.tokens is None else "tokens")) == "spans":
        table = Table(
            {
                "id": value("string"),
                "text": value("string"),
                "labels": sequence(value("string")),
                "spans": _objects(_SPAN),
                "relations": _objects(_RELATION),
                "unknown": _objects(_REGION),
                "token_offsets": sequence(sequence(value("int64"))),
                "sentences": sequence(value("int64")),
                "columns": value("string"),
                "meta": value("string"),
            }
        )
        # Without the last nothing would say that offsets count code points.
        table.used |= {"text", "spans", "token_offsets"}
        table.rows = _span_rows(given, table)
        return table
    columns = [] if first is None or first.tokens is None else list(first.tokens.columns)
    columns = [name for name in columns if name not in ("id", "tokens", "ner_tags", "sentences", "text")]
    features = {
        "id": value("string"),
        "tokens": sequence(value("string")),
        "ner_tags": sequence(class_label([])),
        "text": value("string"),
        "sentences": sequence(value("int64")),
        **{name: sequence(value("string")) for name in columns},
    }
    table = Table(features)
    table.rows = _token_rows(given, table, how, columns)
    return table


def _objects(fields: dict[str, str]) -> list[dict[str, Any]]:
    return [{name: value(dtype) for name, dtype in fields.items()}]


def _span_rows(documents: Iterable[Document], table: Table) -> Iterator[dict[str, Any]]:
    for document in documents:
        try:
            row = json.loads(line_of(document))
        except (TypeError, ValueError) as error:
            raise DataError(f"{titled(document)} cannot be written: {error}; meta takes JSON's types only") from None
        if "tokens" in row:
            row["token_offsets"] = row.pop("tokens")
        for name in ("columns", "meta"):
            if name in row:
                row[name] = json.dumps(row[name], ensure_ascii=False)
        table.used |= {name for name, cell in row.items() if cell}
        table.ledger += account(document, HOLDS)
        yield row


def _token_rows(documents: Iterable[Document], table: Table, how: How, columns: list[str]) -> Iterator[dict[str, Any]]:
    scheme = scheme_named(how.scheme)
    for document in documents:
        tokens = tokens_of(document, how.tokenize)
        tagged = tag(document, tokens, how.layer, scheme, how.partial, how.overlap, unknown=str(UNKNOWN))
        numbers = [
            UNKNOWN if name == str(UNKNOWN) else table.names.setdefault(name, len(table.names)) for name in tagged.tags
        ]
        cells = {name: tokens.columns[name] for name in columns if name in tokens.columns}
        starts = tokens.sentences.tolist()
        pieces = list(pairwise((*starts, len(tokens)))) if how.unit == "sentence" and starts else [(0, len(tokens))]
        moved, covered = respaced(document.text, tokens), _covers(tokens)
        for number, (start, end) in enumerate(pieces, 1):
            row: dict[str, Any] = {
                "id": document.id,
                "tokens": tokens.surfaces[start:end],
                "ner_tags": numbers[start:end],
            }
            if document.id is not None and len(pieces) > 1:
                row["id"] = f"{document.id}-{number}"
            if moved and covered:
                row["text"] = _text(document.text, tokens, start, end, whole=len(pieces) == 1)
            if len(pieces) == 1 and len(starts) > 1:
                row["sentences"] = starts
            row |= {name: list(values[start:end]) for name, values in cells.items()}
            table.used |= {name for name, cell in row.items() if cell}
            yield row
        moved = "" if covered or len(pieces) > 1 else moved
        table.ledger += account_tagged(
            document, HOLDS_TAGGED, tagged.entries, tagged.regions, how.layer, text_moved=moved
        )
        table.ledger += _in_pieces(
            document, len(pieces), 0 if document.tokens is None else len(tokens.columns) - len(cells)
        )


def _covers(tokens: Tokens) -> bool:
    """Whether there is only white space between tokens, and none in them at the rim: then text and tokens agree."""
    rims = [0, *tokens.offsets.ravel().tolist(), len(tokens.text)]
    between = any(tokens.text[start:end].strip() for start, end in zip(rims[::2], rims[1::2], strict=True))
    return not between and all(surface == surface.strip() for surface in tokens.surfaces)


def _text(text: str, tokens: Tokens, start: int, end: int, *, whole: bool) -> str:
    """The text of a row: all, or that of some tokens."""
    return text if whole else text[int(tokens.offsets[start, 0]) : int(tokens.offsets[end - 1, 1])]


def _in_pieces(document: Document, pieces: int, columns: int) -> Ledger:
    """What to correct of the account of a document that is several rows, or of which columns are left out."""
    ledger = Ledger()
    if pieces > 1:
        for item, count in (("document", 1), ("id", document.id is not None)):
            if count:
                ledger += Ledger(
                    {(item, "kept", ""): -1, (item, "split", SENTENCES): 1},  # type: ignore[dict-item]
                    {item: pieces},  # type: ignore[dict-item]
                )
    if columns:
        ledger += Ledger({("column", "kept", ""): -columns, ("column", "refused", _COLUMN_GONE): columns})
    return ledger


def told(ledger: Ledger) -> Ledger:
    """The ledger without counts that were corrected to nothing."""
    return replace(ledger, counts={key: count for key, count in ledger.counts.items() if count})


def features_of(table: Table) -> dict[str, Any]:
    """The features of the columns that are used; complete when all rows have come."""
    features = {name: feature for name, feature in table.features.items() if name in table.used}
    if "ner_tags" in features:
        features["ner_tags"] = sequence(class_label(list(table.names)))
    return features

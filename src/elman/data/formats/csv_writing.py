"""Writing CSV and TSV; see ``csv``."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from elman.data.formats.format import HOLDS
from elman.data.formats.json_line import line_of
from elman.data.ledger import Ledger, account, contents
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elman.data.document import Document
    from elman.data.ledger import Item, Kind

TEXTS = ("text", "sentence", "content", "body", "message", "review", "comment", "tweet", "document", "abstract",
         "description", "title", "question", "utterance")  # fmt: skip
"""Names of columns that are taken as the text, the likeliest first."""

LABELS = ("labels", "label", "category", "class", "target", "sentiment")
IDS = ("id", "doc_id", "document_id", "uid", "guid")
SPANS = ("spans", "entities")
JSON = ("relations", "unknown", "tokens", "sentences", "columns")
_AHEAD = 1000

LATE = "entry of meta that the first documents have not, so that there is no column for it"
RENAMED = "entry of meta whose name is that of another column: now it is meta.NAME"
AS_TEXT = "entry of meta that is no string: now it is its JSON"
EMPTY = "entry of meta that is empty, which a cell cannot tell from none"
LATE_COLUMN = "the first documents have none, so that there is no column for it"
NO_ID = "id of the document that is empty, which a cell cannot tell from none"
_PARTS: dict[Item, str] = {
    "relation": "relations",
    "region": "unknown",
    "token": "tokens",
    "sentence": "sentences",
    "column": "columns",
}


def write(
    documents: Iterable[Document], put: Callable[[str], object], /, *, delimiter: str = ",", text: str = "text"
) -> Ledger:
    """Write rows: ``id``, ``text``, ``labels``, ``spans``, what else the first documents have, and their ``meta``.

    Args:
        documents: any number; which columns there are is said by the first 1,000.
        put: takes the text.
        delimiter: between cells.
        text: the name of the text's column.

    Raises:
        DataError: if a document's ``meta`` has values that JSON has not.
        UsageError: if the delimiter is not one character.
    """
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise UsageError(f"a delimiter has to be one character, and no quote or line end, got {delimiter!r}")
    rest = iter(documents)
    first = list(islice(rest, _AHEAD))
    names = ["id", "text", "labels", "spans", *_further(first)]
    keys: dict[str, str] = {}
    reserved = {name.lower() for name in (*TEXTS, *LABELS, *IDS, *SPANS, *JSON, text)}
    for key in dict.fromkeys(chain.from_iterable(document.meta for document in first)):
        name = f"meta.{key}" if key.strip().lower() in reserved or key != key.strip() or not key else key
        while name in keys.values():
            name += "_"
        keys[key] = name
    header = [text if name == "text" else name for name in names]
    put(_joined([*header, *keys.values()], delimiter))
    ledger = Ledger()
    for document in chain(first, rest):
        cells, told = _cells(document, names, keys)
        put(_joined(cells, delimiter))
        ledger += told
    return ledger


def _further(documents: Iterable[Document]) -> list[str]:
    """The columns with JSON that any of the documents needs."""
    found = set()
    for document in documents:
        found |= {"relations"} if document.relations else set()
        found |= {"unknown"} if document.unknown else set()
        if document.tokens is not None:
            found |= {"tokens", "sentences"} | ({"columns"} if document.tokens.columns else set())
    return [name for name in JSON if name in found]


def _joined(cells: Iterable[str], delimiter: str) -> str:
    """A row with its end; quotes stand where they are needed, or an empty cell is all that there is."""
    special = ('"', "\n", "\r", delimiter)
    quoted = [
        f'"{cell.replace(chr(34), chr(34) * 2)}"' if any(mark in cell for mark in special) else cell for cell in cells
    ]
    return delimiter.join(quoted) + "\n"


def _cells(document: Document, names: Sequence[str], keys: dict[str, str]) -> tuple[list[str], Ledger]:
    try:
        value = json.loads(line_of(document))
        meta = {key: _meta_cell(entry) for key, entry in document.meta.items()}
    except (TypeError, ValueError) as error:
        named = "" if document.id is None else f"document {document.id!r}: "
        raise DataError(f"{named}cannot be written: {error}; meta takes JSON's types only") from None
    value |= {"id": document.id or "", "text": document.text, "labels": _label_cell(document.labels)}
    cells = [_cell(value.get(name), empty=name == "tokens") for name in names]
    cells += [meta.get(key, "") for key in keys]
    ledger = account(document, HOLDS)
    if document.id == "":
        ledger += _instead("id", "refused", NO_ID, 1)
    for key, entry in document.meta.items():
        if key not in keys or not meta[key]:
            ledger += _instead("meta", "refused", EMPTY if key in keys else LATE, 1)
        elif not isinstance(entry, str) or keys[key] != key:
            ledger += _instead("meta", "moved", RENAMED if isinstance(entry, str) else AS_TEXT, 1)
    for item, count in contents(document).items():
        if _PARTS.get(item, names[0]) not in names:
            ledger += _instead(item, "refused", LATE_COLUMN, count)
    return cells, replace(ledger, counts={key: count for key, count in ledger.counts.items() if count})


def _cell(value: object, *, empty: bool) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if value or (empty and value is not None) else ""


def _instead(item: Item, kind: Kind, reason: str, count: int) -> Ledger:
    """Corrects an account in which all are kept."""
    return Ledger({(item, "kept", ""): -count, (item, kind, reason): count})


def _label_cell(labels: Sequence[str]) -> str:
    if len(labels) == 1 and labels_of(labels[0]) == list(labels) and labels[0]:
        return labels[0]
    return json.dumps(labels, ensure_ascii=False) if labels else ""


def _meta_cell(entry: object) -> str:
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False, allow_nan=False)


def labels_of(cell: str) -> list[str]:
    """The labels in a cell: one, or a JSON list of them."""
    if cell.startswith("["):
        try:
            labels = json.loads(cell)
        except ValueError:
            return [cell]
        if isinstance(labels, list) and all(isinstance(label, str) for label in labels):
            return labels
    return [cell]

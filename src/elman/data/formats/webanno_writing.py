"""Documents to WebAnno TSV 3; see ``webanno`` for how it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from elman.data.document import ENTITIES, Document, Span, Tokens
from elman.data.formats.file_names import free_path
from elman.data.formats.sinks import written
from elman.data.formats.tagging import titled, tokens_of
from elman.data.formats.webanno_cells import (
    CUSTOM,
    FORMAT,
    NAMED_ENTITY,
    NOTHING,
    TEXT,
    Value,
    cell,
    encoded,
    escaped,
    escaped_text,
)
from elman.data.formats.webanno_text import units_before
from elman.data.ledger import Entry, Ledger, account
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

HOLDS = frozenset({"text", "spans", "nested", "overlapping", "layers", "relations", "tokens", "sentences", "ids"})

NO_TOKEN = "covers no token, and rows are tokens"
TRIMMED = "trimmed: its rim belongs to no token"
LAYERS_APART = "relation between spans of two layers, which the format cannot hold"
NO_NAME = "id of the document, which is no name of a file"
_TOKEN_TYPES = {
    "POS": "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS",
    "Lemma": "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Lemma",
}
_RELATION = f"{CUSTOM}Relation"


def write(documents: Iterable[Document], folder: Path, /, *, tokenize: Callable[[str], Tokens] | None = None) -> Ledger:
    """Write WebAnno TSV 3: a file for each document, which has the document's id as its name.

    Args:
        documents: what to write.
        folder: an empty one.
        tokenize: makes the tokens of a text that came without.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, or holds a zero byte.
    """
    ledger = Ledger()
    for number, document in enumerate(documents, 1):
        if "\0" in document.text:
            raise DataError(f"{titled(document)} holds a zero byte, which no text file can; take it out")
        name = document.id or f"document-{number}"
        path = free_path(folder, name, (".tsv",))
        page = _Page(document, tokens_of(document, tokenize))
        with written(path.with_name(path.name + ".tsv")) as put:
            for piece in page.pieces():
                put(piece)
        ledger += page.account(same_name=path.name == document.id)
    return ledger


@dataclass
class _Annotated:
    """A span on its tokens: its number in the file, the first and last token, and the units of its rims."""

    number: int
    span: Span
    first: int
    last: int
    start: int
    end: int
    related: list[tuple[str, str, int]] = field(default_factory=list)


class _Page:
    """One document as a file."""

    def __init__(self, document: Document, tokens: Tokens) -> None:
        self._document = document
        self._tokens = tokens
        self._units = units_before(document.text)
        self._entries: list[Entry] = []
        # There is a layer of entities, or else a reader would take the only one that there is for it.
        self._spans: dict[str, list[_Annotated]] = {ENTITIES: []}
        for span in document.spans:
            self._place(span)
        self._lost = 0
        self._bases: list[str] = []
        self._relate()
        columns = tokens.columns if document.tokens is not None else {}
        self._columns = {name: columns[name] for name in columns if _is_token_column(name, columns[name])}

    def _place(self, span: Span) -> None:
        """Give a span its tokens; text between tokens cannot be annotated."""
        offsets, surface = self._tokens.offsets, self._document.surface(span)
        first = int(np.searchsorted(offsets[:, 1], span.start, "right"))
        last = int(np.searchsorted(offsets[:, 0], span.end, "left")) - 1
        if first > last:
            self._entries.append(Entry("refused", NO_TOKEN, span, None, surface))
            return
        start, end = max(span.start, int(offsets[first, 0])), min(span.end, int(offsets[last, 1]))
        same = (start, end) == (span.start, span.end)
        self._entries.append(Entry("kept" if same else "moved", "" if same else TRIMMED, span, (start, end), surface))
        number = sum(map(len, self._spans.values())) + 1
        self._spans.setdefault(span.layer, []).append(_Annotated(number, span, first, last, start, end))

    def _relate(self) -> None:
        """Give relations to the rows of their tails."""
        by_id = {one.span.id: one for layer in self._spans.values() for one in layer if one.span.id is not None}
        for relation in self._document.relations:
            head, tail = by_id.get(relation.head), by_id.get(relation.tail)
            if head is None or tail is None:
                continue
            if head.span.layer != tail.span.layer:
                self._lost += 1
                continue
            if head.span.layer not in self._bases:
                self._bases.append(head.span.layer)
            tail.related.append((relation.label, self._address(head.first), head.number))

    def _address(self, token: int) -> str:
        sentence = int(np.searchsorted(self._tokens.sentences, token, "right"))
        return f"{sentence}-{token - int(self._tokens.sentences[sentence - 1]) + 1}"

    def pieces(self) -> Iterator[str]:
        """The file, piece by piece."""
        yield f"{FORMAT}.3\n" + "".join(f"{line}\n" for line in self._header()) + "\n"
        text = self._document.text
        rims = self._tokens.offsets.tolist()
        ranges = list(self._tokens.ranges())
        # A sentence's text goes on to the next one's first token, so that nothing between them is lost.
        begins = [0, *(rims[first][0] for first, _ in ranges[1:]), len(text)]
        for number, (begin, end) in enumerate(pairwise(begins)):
            shown = text[begin:end]
            # One line feed goes without saying, if it is of no token.
            if number + 2 < len(begins) and shown.endswith("\n") and rims[ranges[number][1] - 1][1] < end:
                shown = shown[:-1]
            yield f"\n{TEXT}{escaped_text(shown)}\n"
            if ranges:
                yield "".join(line for token in range(*ranges[number]) for line in self._rows(token))

    def _header(self) -> Iterator[str]:
        for name in self._columns:
            short, _, feature = name.partition(".")
            yield f"#T_SP={_TOKEN_TYPES[short]}|{feature}"
        for layer in self._spans:
            yield f"#T_SP={_type(layer)}|value"
        for layer in self._bases:
            yield f"#T_RL={_RELATION}|label|BT_{_type(layer)}"

    def _rows(self, token: int) -> Iterator[str]:
        """The row of a token, and those of its parts."""
        start, end = self._tokens.offsets[token].tolist()
        whole: dict[str, list[Value]] = {}
        related: dict[str, list[tuple[str, str]]] = {}
        parts: dict[tuple[int, int], dict[str, list[Value]]] = {}
        for layer, spans in self._spans.items():
            for one in spans:
                if not one.first <= token <= one.last:
                    continue
                value = Value(one.span.label, one.number)
                here = max(start, one.start), min(end, one.end)
                rows = whole if here == (start, end) else parts.setdefault(here, {})
                rows.setdefault(layer, []).append(value)
                if token == one.first:
                    for label, address, number in one.related:
                        place = f"{address}[{number}_{one.number}]"
                        related.setdefault(layer, []).append((label, place))
        address = self._address(token)
        yield self._row(address, start, end, token, whole, related)
        for number, (here, stacked) in enumerate(sorted(parts.items()), 1):
            yield self._row(f"{address}.{number}", *here, None, stacked, {})

    def _row(
        self,
        address: str,
        start: int,
        end: int,
        token: int | None,
        stacked: dict[str, list[Value]],
        related: dict[str, list[tuple[str, str]]],
    ) -> str:
        cells = [address, f"{self._units[start]}-{self._units[end]}", escaped_text(self._document.text[start:end])]
        cells += [
            NOTHING if token is None or values[token] == NOTHING else escaped(values[token])
            for values in self._columns.values()
        ]
        cells += [cell(stacked.get(layer, ())) for layer in self._spans]
        for layer in self._bases:
            pairs = related.get(layer, [])
            cells.append(cell(Value(label, 0) for label, _ in pairs))
            cells.append("|".join(place for _, place in pairs) or NOTHING)
        return "\t".join(cells) + "\t\n"

    def account(self, *, same_name: bool) -> Ledger:
        """What became of the document."""
        document = self._document
        refused = Ledger.counted("refused", LAYERS_APART, self._lost, "relation")
        if not same_name and document.id is not None:
            refused += Ledger.counted("refused", NO_NAME, 1, "id")
            document = replace(document, id=None)
        if self._lost:
            layers = {span.id: span.layer for span in document.spans}
            kept = {entry.span.id for entry in self._entries if entry.kind != "refused"}
            relations = tuple(
                one
                for one in document.relations
                if one.head not in kept or one.tail not in kept or layers[one.head] == layers[one.tail]
            )
            document = replace(document, relations=relations)
        if document.tokens is None or not document.tokens.columns:
            return account(document, HOLDS, self._entries) + refused
        lost = len(document.tokens.columns) - len(self._columns)
        refused += Ledger.counted("refused", "column of the tokens that is no layer of tokens", lost, "column")
        tokens = Tokens(document.text, document.tokens.offsets, document.tokens.sentences, self._columns)
        return account(replace(document, tokens=tokens), HOLDS | {"columns"}, self._entries) + refused


def _type(layer: str) -> str:
    return NAMED_ENTITY if layer == ENTITIES else CUSTOM + encoded(layer)


def _is_token_column(name: str, values: Sequence[str]) -> bool:
    short, _, feature = name.partition(".")
    return short in _TOKEN_TYPES and feature.isidentifier() and "" not in values

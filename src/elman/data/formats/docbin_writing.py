"""What spaCy's document of one of ours is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from elman.data.align import Partial, align
from elman.data.document import ENTITIES, Document, Span, Tokens
from elman.data.formats.json_fields import is_all_unknown
from elman.data.formats.spacy import CATS, cats_for, flat, labels_once
from elman.data.formats.spacy_tokens import account_for_tokens, covering, pieces
from elman.data.ledger import Entry, Ledger, account
from elman.data.unknown import account_for, unknown_tokens

ID = "elman_id"
"""The user data under which a document's id is."""

COLUMNS = {"tag": "tag_", "lemma": "lemma_", "pos": "pos_", "morph": "morph"}
"""The columns of tokens, and what they are at spaCy's."""

HELD = frozenset(
    {"text", "spans", "nested", "overlapping", "layers", "unknown", "labels", "ids", "span ids", "meta", "tokens"}
)
HELD |= {"sentences", "columns"}
"""What such files can express."""

NO_COLUMN = "further column of the tokens, for which spaCy has no place"
NO_META = "entry of meta of a kind that such files cannot hold"


def _can_be_held(value: object) -> bool:
    """Whether MessagePack, in which user data is written, has values like this one."""
    if isinstance(value, dict):
        return all(type(key) is str and _can_be_held(key) and _can_be_held(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_can_be_held, value))
    if type(value) is str:
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if type(value) is int:
        return -(1 << 63) <= value < 1 << 64
    return value is None or type(value) in (bool, float)


class Writer:
    """Makes spaCy's document of one of ours.

    Args:
        document: ours.
        tokens: its tokens.
        partial: what ``align`` does with spans that begin or end within a token.
    """

    def __init__(self, document: Document, tokens: Tokens, partial: Partial) -> None:
        self._document = document
        self._given = tokens
        self._tokens = covering(tokens)
        self._pieces = list(pieces(self._tokens))
        # The index of each token at spaCy's, where white space counts, too.
        self._places = [at for at, (_, _, index) in enumerate(self._pieces) if index is not None]
        self._entries: list[Entry] = []
        self._runs: list[tuple[Span, int, int]] = []
        for span in document.spans:
            # They may overlap, so each is aligned alone.
            aligned = align([span], self._tokens.offsets, text=document.text, partial=partial)
            self._entries += aligned.entries
            self._runs += [(span, start, end) for start, end, _ in aligned.token_spans]

    def doc(self, vocab: Any) -> tuple[Any, Ledger]:
        """The document, and the account of it."""
        from spacy.tokens import Doc

        document, tokens = self._document, self._tokens
        doc = Doc(vocab, [word for word, _, _ in self._pieces], [spaced for _, spaced, _ in self._pieces])
        starts = {self._places[start] for start in tokens.sentences.tolist()}
        for token in doc:
            token.is_sent_start = token.i in starts
        ledger = self._set_entities(doc)
        columns = self._set_columns(doc)
        meta = self._set_meta(doc)
        given = document.tokens
        if given is not None:
            others = len(given.columns) - len(columns)
            ledger += Ledger.counted("refused", NO_COLUMN, others, "column")
            given = Tokens(given.text, given.offsets, given.sentences, columns)
        ledger += Ledger.counted("refused", NO_META, len(document.meta) - len(meta), "meta")
        told, twice = labels_once(replace(document, unknown=(), meta=meta, tokens=given))
        rest, ledger_of_tokens = account_for_tokens(told, tokens)
        return doc, ledger + twice + ledger_of_tokens + account(rest, HELD, self._entries)

    def _set_entities(self, doc: Any) -> Ledger:
        """Set entities, groups, and what is unknown; gives the account of the last."""
        document, tokens = self._document, self._tokens
        groups: dict[str, list[tuple[Span, int, int]]] = {}
        for run in self._runs:
            groups.setdefault(run[0].layer, []).append(run)
        own = groups.get(ENTITIES, [])
        # Spans of tokens, to find out which overlap; spaCy has no entities without a label.
        flattened = flat([Span(start, end, str(at)) for at, (span, start, end) in enumerate(own) if span.label])
        kept = [own[int(span.label)] for span in flattened]
        if len(kept) == len(own):
            groups.pop(ENTITIES, None)
        for name, runs in groups.items():
            doc.spans[name] = [self._span(doc, run) for run in runs]
        if is_all_unknown(document):
            # Where nothing was said of any token, all are missing.
            return Ledger.counted("kept", "", 1, "region")
        regions = [region for region in document.unknown if region.layer == ENTITIES]
        unknown = unknown_tokens(regions, tokens.offsets, [(start, end, "") for _, start, end in own])
        missing = [doc[self._places[at] : self._places[at] + 1] for at in np.flatnonzero(unknown).tolist()]
        doc.set_ents([self._span(doc, run) for run in kept], missing=missing, default="outside")
        return account_for(document.unknown, unknown, tokens.offsets, tokens.sentences.tolist())

    def _span(self, doc: Any, run: tuple[Span, int, int]) -> Any:
        from spacy.tokens import Span as SpacySpan

        span, start, end = run
        first, last = self._places[start], self._places[end - 1] + 1
        return SpacySpan(doc, first, last, label=span.label, span_id=span.id or "")

    def _set_columns(self, doc: Any) -> dict[str, tuple[str, ...]]:
        """Set those columns for which spaCy has a place; gives those that it keeps as they are."""
        kept = {}
        for name, values in self._tokens.columns.items():
            if name not in COLUMNS:
                continue
            before = [str(getattr(doc[place], COLUMNS[name])) for place in self._places]
            try:
                for place, value in zip(self._places, values, strict=True):
                    _set(doc[place], name, value)
                whole = [str(getattr(doc[place], COLUMNS[name])) for place in self._places] == list(values)
            except ValueError:
                whole = False
            if whole:
                kept[name] = self._given.columns[name]
            else:
                for place, value in zip(self._places, before, strict=True):
                    _set(doc[place], name, value)
        return kept

    def _set_meta(self, doc: Any) -> dict[str, object]:
        """Set the classes and the user data; gives the entries of ``meta`` that are held."""
        document = self._document
        doc.cats = {label: float(str(value)) for label, value in cats_for(document).items()}
        meta = {key: value for key, value in document.meta.items() if _can_be_held({key: value}) and key != ID}
        told = meta.get(CATS)
        doc.user_data.update({key: value for key, value in meta.items() if key != CATS or told != doc.cats})
        if document.id is not None:
            doc.user_data[ID] = document.id
        return meta


def _set(token: Any, name: str, value: str) -> None:
    if name == "morph":
        token.set_morph(value)
    else:
        setattr(token, COLUMNS[name], value)

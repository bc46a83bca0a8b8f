"""spaCy's ``.spacy`` files (DocBin), through spaCy.

Entities are the layer ``entities``, groups of spans a layer each; tokens without an answer (``ent_iob`` is missing)
are regions that nobody annotated. A document's ``cats`` are its labels; its id and ``meta`` are kept as the user
data that such files may hold. spaCy's tokens cover the text, so white space that is more than one space between
two tokens is a token there, and a gap here. A file is in memory as a whole, as spaCy has it.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from elman.data.align import Partial, align
from elman.data.document import ENTITIES, Document, Region, Span, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_fields import is_all_unknown
from elman.data.formats.spacy import CATS, cats_for, cats_of, flat
from elman.data.formats.spacy_tokens import BLANK, account_for_tokens, covering, pieces, tokens_of
from elman.data.ledger import Entry, Ledger, account
from elman.data.unknown import account_for, regions_of, unknown_tokens
from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from elman.data.formats.files import Source

ID = "elman_id"
"""The user data under which a document's id is."""

COLUMNS = {"tag": "tag_", "lemma": "lemma_", "pos": "pos_", "morph": "morph"}
"""The columns of tokens, and what they are at spaCy's."""

_ATTRIBUTES = ("TAG", "LEMMA", "POS", "MORPH", "ENT_IOB", "ENT_TYPE", "ENT_ID", "SENT_START")
_MISSING = 0
_HOLDS = frozenset(
    {"text", "spans", "nested", "overlapping", "layers", "unknown", "labels", "ids", "span ids", "meta", "tokens"}
)
_HOLDS |= {"sentences", "columns"}
NO_COLUMN = "further column of the tokens, for which spaCy has no place"
NO_META = "entry of meta of a kind that such files cannot hold"


def read(source: Source, /, *, layer: str = ENTITIES) -> Reading:
    """Read a ``.spacy`` file.

    Args:
        source: the file.
        layer: the layer of the entities.

    Raises:
        UsageError: if spaCy is not installed.
        DataError: if the file is none of spaCy's.
    """
    with needs("spacy", "Reading .spacy files"):
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab
    report = ReadReport("spacy")
    with source.binary() as stream:
        data = stream.read()
    try:
        docs = DocBin().from_bytes(data)
    except Exception as error:  # what zlib, msgpack and NumPy raise of bytes that are something else
        raise DataError(f"expected a file that spaCy wrote, got what it cannot read: {error}", source.name) from None
    return Reading(_documents(docs.get_docs(Vocab()), source, report, layer), report)


def write(
    documents: Iterable[Document],
    stream: BinaryIO,
    /,
    *,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
) -> Ledger:
    """Write a ``.spacy`` file; it is put together in memory.

    Args:
        documents: any number.
        stream: takes the file.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.

    Raises:
        UsageError: if spaCy is not installed, or a document has no tokens and ``tokenize`` is not given.
        DataError: if a document has what spaCy cannot hold, such as lone surrogates.
    """
    with needs("spacy", "Writing .spacy files"):
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab
    vocab = Vocab()
    docs = DocBin(attrs=list(_ATTRIBUTES), store_user_data=True)
    ledger = Ledger()
    for document in documents:
        try:
            doc, account_of_one = _Writer(document, tokens_of(document, tokenize), partial).doc(vocab)
            docs.add(doc)
        except (UnicodeEncodeError, ValueError) as error:
            place = "" if document.id is None else f"document {document.id!r}: "
            raise DataError(f"{place}cannot be one of spaCy's: {error}") from None
        ledger += account_of_one
    stream.write(docs.to_bytes())
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """Compressed, and in it the names that such files have."""
    if head.data[:1] != b"\x78":
        return None
    try:
        begin = zlib.decompressobj().decompress(head.data, 1000)
    except zlib.error:
        return None
    if b"attrs" in begin and b"tokens" in begin:
        return Sniffed(0.95, "it is what spaCy's DocBin writes")
    return None


def _documents(docs: Iterable[Any], source: Source, report: ReadReport, layer: str) -> Iterator[Document]:
    docs = iter(docs)
    while True:
        try:
            doc = next(docs, None)
            if doc is None:
                return
            document = _document(doc, report, layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name), doc.text)
            continue
        except Exception as error:  # spaCy's own, of whatever type
            raise DataError(f"cannot be read by spaCy: {error}", source.name) from None
        yield document


def _document(doc: Any, report: ReadReport, layer: str) -> Document:
    words = [token for token in doc if not token.is_space]
    if len(words) < len(doc):
        report.ledger += Ledger.counted("refused", BLANK, len(doc) - len(words), "token")
    offsets = np.array([(word.idx, word.idx + len(word)) for word in words], np.int64).reshape(-1, 2)
    tokens = Tokens(doc.text, offsets, _sentences(doc, words), _columns(doc, words))
    meta, name = _meta(doc, report)
    labels = cats_of(doc.cats, meta)
    spans = [_span(span, layer) for span in doc.ents]
    for group, members in doc.spans.items():
        more = [_span(span, layer if group == ENTITIES else group) for span in members]
        if group == ENTITIES:
            # It has all of them.
            keys = {span.key for span in more}
            spans = [span for span in spans if span.key not in keys]
        spans += more
    if len(doc) and all(token.ent_iob == _MISSING for token in doc):
        whole = (Region(0, len(doc.text), layer),)
        return Document(doc.text, tuple(spans), (), whole, labels, tokens, name, meta)
    missing = [at for at, word in enumerate(words) if word.ent_iob == _MISSING]
    unknown = regions_of(missing, offsets, tokens.sentences.tolist(), layer)
    return Document(doc.text, tuple(spans), (), unknown, labels, tokens, name, meta)


def _span(span: Any, layer: str) -> Span:
    return Span(span.start_char, span.end_char, span.label_, layer, None, span.id_ or None)


def _sentences(doc: Any, words: Sequence[Any]) -> list[int]:
    """The words that begin a sentence; where a token that is white space does, the word after it."""
    if not words:
        return []
    if not doc.has_annotation("SENT_START"):
        return [0]
    place = {word.i: at for at, word in enumerate(words)}
    starts, waiting = {0}, False
    for token in doc:
        waiting = waiting or bool(token.is_sent_start)
        if waiting and token.i in place:
            starts.add(place[token.i])
            waiting = False
    return sorted(starts)


def _columns(doc: Any, words: Sequence[Any]) -> dict[str, list[str]]:
    return {
        name: [str(getattr(word, attribute)) for word in words]
        for name, attribute in COLUMNS.items()
        if doc.has_annotation(name.upper()) and any(str(getattr(word, attribute)) for word in words)
    }


def _meta(doc: Any, report: ReadReport) -> tuple[dict[str, object], str | None]:
    """The user data; that of extensions, whose names are no strings, is counted."""
    meta = {key: _listed(value) for key, value in doc.user_data.items() if type(key) is str}
    if len(meta) < len(doc.user_data):
        report.ignored["user data of an extension"] += len(doc.user_data) - len(meta)
    name = str(meta.pop(ID)) if type(meta.get(ID)) is str else None
    return meta, name


def _listed(value: object) -> object:
    """A value with its lists, which such files give back as tuples."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple | list) else value


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


class _Writer:
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
        told = replace(document, unknown=(), meta=meta, tokens=given)
        rest, ledger_of_tokens = account_for_tokens(told, tokens)
        return doc, ledger + ledger_of_tokens + account(rest, _HOLDS, self._entries)

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


DOCBIN = Format(
    "spacy",
    (".spacy",),
    "spaCy's .spacy files (DocBin)",
    sniff,
    read,
    write,
    container="binary",
    holds=_HOLDS,
)

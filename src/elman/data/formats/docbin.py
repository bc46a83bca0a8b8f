"""spaCy's ``.spacy`` files (DocBin), through spaCy.

Entities are the layer ``entities``, groups of spans a layer each; tokens without an answer (``ent_iob`` is missing)
are regions that nobody annotated. A document's ``cats`` are its labels; its id and ``meta`` are kept as the user
data that such files may hold. spaCy's tokens cover the text, so white space that is more than one space between
two tokens is a token there, and a gap here. A file is in memory as a whole, as spaCy has it.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from elman.data.document import ENTITIES, Document, Region, Span, Tokens
from elman.data.formats.docbin_writing import COLUMNS, HELD, ID, Writer
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.spacy import cats_of
from elman.data.formats.spacy_tokens import BLANK, tokens_of
from elman.data.ledger import Ledger
from elman.data.unknown import regions_of
from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from elman.data.align import Partial
    from elman.data.formats.files import Source

_ATTRIBUTES = ("TAG", "LEMMA", "POS", "MORPH", "ENT_IOB", "ENT_TYPE", "ENT_ID", "SENT_START")
_MISSING = 0


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
            doc, account_of_one = Writer(document, tokens_of(document, tokenize), partial).doc(vocab)
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
    try:
        for doc in docs:
            try:
                document = _document(doc, report, layer)
            except DataError as error:
                source.reject(DataError(error.problem, source.name), doc.text)
                continue
            yield document
    except (ValueError, KeyError, IndexError) as error:
        # What spaCy raises of a file that contradicts itself.
        raise DataError(f"cannot be read by spaCy: {error}", source.name) from None


def _document(doc: Any, report: ReadReport, layer: str) -> Document:
    # Not is_space, which only a vocabulary of a language knows.
    words = [token for token in doc if not token.orth_.isspace()]
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


DOCBIN = Format(
    "spacy",
    (".spacy",),
    "spaCy's .spacy files (DocBin)",
    sniff,
    read,
    write,
    container="binary",
    holds=HELD,
)

"""spaCy's training JSON of version 2: documents of paragraphs of sentences of tokens, with tags under ``ner``.

``[{"id": 0, "paragraphs": [{"raw": "Sony", "sentences": [{"tokens": [{"orth": "Sony", "ner": "U-ORG"}]}]}]}]``.
Each paragraph is a document. A tag ``-``, null or none at all is unknown, not O. The other fields of the tokens
are columns. Without ``raw`` the text is its tokens, joined by one space. Tokens that are white space are gaps.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np

from elman.data.align import Overlap, Partial, align, to_spans
from elman.data.detection import Detected, TagReader, detect
from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import Record, dumped, records
from elman.data.formats.json_fields import ignore, is_object, take, take_name
from elman.data.formats.spacy import cats_of, labels_once
from elman.data.formats.spacy_tokens import BLANK, account_for_tokens, covering, placed, tokens_of
from elman.data.ledger import Ledger, account
from elman.data.schemes import SCHEMES, Repair
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARK, MarkReader, account_for, regions_of, unknown_tokens
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.formats.files import Source

_HEAD = 100
"""How many paragraphs show which scheme the tags are in."""

_HOLDS = frozenset({"text", "spans", "unknown", "labels", "ids", "tokens", "sentences", "columns"})
_PARAGRAPHS = re.compile(r'"paragraphs"\s*:\s*\[')
_DIGITS = re.compile(r"-?(0|[1-9][0-9]{0,17})")
# Fields of a token that are numbers.
_NUMBERS = ("head",)
_OWN = ("id", "orth", "ner")


class _Paragraph(NamedTuple):
    """A paragraph as it is in the file; words and tags without those that are white space."""

    record: Record
    id: str | None
    text: str
    words: list[str]
    tags: list[str]
    sentences: list[int]
    columns: dict[str, list[str]]
    labels: tuple[str, ...]
    meta: dict[str, object]


def read(
    source: Source,
    /,
    *,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
) -> Reading:
    """Read spaCy's training JSON of version 2.

    Args:
        source: the file.
        scheme: the tags' scheme; by default it is found out from the first paragraphs.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" is none.

    Raises:
        DataError: with file and line, where a paragraph is at fault, or its tokens are not those of its text.
        UsageError: if there is no such scheme or repair.
    """
    if repair not in get_args(Repair):
        raise UsageError(f"there is no repair {repair!r}; choose one of {', '.join(get_args(Repair))}")
    said = None if scheme is None else Detected(scheme_named(scheme), "as was said", 1)
    report = ReadReport("spacy-v2", repair=repair)
    marks = MarkReader(unknown, report.notes)
    return Reading(_documents(source, report, said, repair, layer, marks), report)


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    layer: str = ENTITIES,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Ledger:
    """Write spaCy's training JSON of version 2, each document as one with one paragraph.

    What of a text is in no token becomes tokens, for spaCy's cover the text.

    Args:
        documents: any number.
        put: takes the text.
        layer: which spans become tags.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.

    Raises:
        UsageError: if a document has no tokens and ``tokenize`` is not given.
        DataError: as ``align`` does.
    """
    ledger, between = Ledger(), "[\n"
    for document in documents:
        tokens = covering(tokens_of(document, tokenize))
        spans, offsets, starts = document.layer(layer), tokens.offsets, tokens.sentences
        aligned = align(spans, offsets, text=document.text, sentences=starts, partial=partial, overlap=overlap)
        tags: list[str] = SCHEMES["BILUO"].encode(aligned.token_spans, len(tokens))
        regions = [region for region in document.unknown if region.layer == layer]
        unknown = unknown_tokens(regions, offsets, aligned.token_spans)
        for at in np.flatnonzero(unknown).tolist():
            tags[at] = MARK
        put(between + dumped(_record(document, tokens, tags), document.id))
        between = ",\n"
        ledger += account_for(document.unknown, unknown, offsets, starts.tolist(), layer)
        told, twice = labels_once(replace(document, unknown=()))
        rest, ledger_of_tokens = account_for_tokens(told, tokens)
        ledger += twice + ledger_of_tokens + account(rest, _HOLDS, aligned.entries, layer)
    put("[]\n" if between == "[\n" else "\n]\n")
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """Paragraphs."""
    text = (head.text or head.data.decode("utf-8", "replace")).lstrip("\ufeff \t\r\n")
    if text[:1] in ("[", "{") and _PARAGRAPHS.search(text) and '"sentences"' in text:
        return Sniffed(0.9, "its records have paragraphs of sentences, as spaCy 2 trains on")
    return None


def _documents(
    source: Source, report: ReadReport, said: Detected | None, repair: Repair, layer: str, marks: MarkReader
) -> Iterator[Document]:
    paragraphs = _paragraphs(source, report)
    head = list(islice(paragraphs, _HEAD))
    quiet = MarkReader(None, [])
    quiet.marks = marks.marks
    try:
        found = said or detect([quiet.uncover(paragraph.tags).tags for paragraph in head])
    except DataError as error:
        raise DataError(error.problem, source.name) from None
    reader = TagReader(found, repair, guessed=said is None)
    for paragraph in chain(head, paragraphs):
        try:
            document = _document(paragraph, reader, marks, layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, paragraph.record.line), paragraph.record.raw)
            continue
        report.scheme, report.scheme_evidence = reader.found.scheme.name, reader.found.evidence
        report.repairs = reader.repairs
        yield document


def _document(paragraph: _Paragraph, reader: TagReader, marks: MarkReader, layer: str) -> Document:
    offsets = np.array(placed(paragraph.text, paragraph.words), np.int64).reshape(-1, 2)
    tokens = Tokens(paragraph.text, offsets, paragraph.sentences, paragraph.columns)
    known = marks.uncover(paragraph.tags)
    spans = to_spans(reader.decode(known.tags, [*paragraph.sentences, len(paragraph.words)]), offsets, layer)
    unknown = regions_of(known.places, offsets, paragraph.sentences, layer)
    return Document(paragraph.text, spans, (), unknown, paragraph.labels, tokens, paragraph.id, paragraph.meta)


def _paragraphs(source: Source, report: ReadReport) -> Iterator[_Paragraph]:
    for record in records(source):
        try:
            item = is_object(record.value, "a document")
            name = take_name(item, "id", "a document")
            values = take(item, "paragraphs", list, "a document")
            found = [
                _paragraph(record, name if len(values) == 1 or name is None else f"{name}-{number}", value, report)
                for number, value in enumerate(values, 1)
            ]
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)
            continue
        ignore(item, "a document", report)
        yield from found


def _paragraph(record: Record, name: str | None, value: object, report: ReadReport) -> _Paragraph:
    item = is_object(value, "a paragraph")
    raw = take(item, "raw", str, "a paragraph", None)
    sentences: list[list[dict[str, Any]]] = []
    for one in take(item, "sentences", list, "a paragraph"):
        sentence = is_object(one, "a sentence")
        tokens = [is_object(token, "a token") for token in take(sentence, "tokens", list, "a sentence")]
        # Checked before they are counted out, so that a token without its text is an error.
        whole = [token for token in tokens if _word(token).strip()]
        if len(whole) < len(tokens):
            report.ledger += Ledger.counted("refused", BLANK, len(tokens) - len(whole), "token")
        if whole:
            sentences.append(whole)
        ignore({key: value for key, value in sentence.items() if value}, "a sentence", report)
    words = [[_word(token) for token in sentence] for sentence in sentences]
    flat = [token for sentence in sentences for token in sentence]
    meta: dict[str, object] = {}
    cats = {}
    for one in take(item, "cats", list, "a paragraph", []):
        cat = is_object(one, "a class")
        cats[take(cat, "label", str, "a class")] = take(cat, "value", float, "a class", 1.0)
    labels = cats_of(cats, meta)
    # Entities and links are the tags once more.
    ignore({key: value for key, value in item.items() if value and key != "entities"}, "a paragraph", report)
    return _Paragraph(
        record,
        name,
        "\n".join([" ".join(sentence) for sentence in words]) if raw is None else raw,
        [word for sentence in words for word in sentence],
        [take(dict(token), "ner", str, "a token", None) or MARK for token in flat],
        list(accumulate((len(sentence) for sentence in words[:-1]), initial=0)) if words else [],
        _columns(flat),
        labels,
        meta,
    )


def _word(token: dict[str, Any]) -> str:
    word: str = take(dict(token), "orth", str, "a token")
    if not word:
        raise DataError("'orth' of a token is empty")
    return word


def _columns(tokens: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The other fields of the tokens; one that a token has not is empty there."""
    names = dict.fromkeys(name for token in tokens for name in token if name not in _OWN)
    return {
        name: ["" if token.get(name) is None else str(token[name]) for token in tokens]
        for name in names
        if any(token.get(name) is not None for token in tokens)
    }


def _record(document: Document, tokens: Tokens, tags: list[str]) -> dict[str, object]:
    surfaces, columns = tokens.surfaces, tokens.columns
    sentences = []
    for start, end in tokens.ranges():
        rows = []
        for at in range(start, end):
            token: dict[str, object] = {"id": at, "orth": surfaces[at]}
            for name, values in columns.items():
                number = name in _NUMBERS and _DIGITS.fullmatch(values[at])
                token[name] = int(values[at]) if number else values[at]
            rows.append({**token, "ner": tags[at]})
        sentences.append({"tokens": rows, "brackets": []})
    cats = [{"label": label, "value": 1.0} for label in dict.fromkeys(document.labels)]
    paragraph = {"raw": document.text, "sentences": sentences, "cats": cats}
    record: dict[str, object] = {}
    if document.id is not None:
        record["id"] = int(document.id) if _DIGITS.fullmatch(document.id) else document.id
    return {**record, "paragraphs": [paragraph]}


SPACY_V2 = Format(
    "spacy-v2",
    (),
    "spaCy 2's training JSON: paragraphs, sentences and tokens with tags",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

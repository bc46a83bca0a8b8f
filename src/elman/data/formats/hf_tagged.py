"""Rows of tokens and tags of Hugging Face datasets as documents."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.document import Document, Tokens
from elman.data.formats.hf_columns import TEXTS, are, name_of, plain
from elman.data.formats.hf_features import names_in
from elman.data.formats.tagged import Assembler, TaggedSentence
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.formats.files import Source
    from elman.data.formats.format import ReadReport
    from elman.data.formats.hf_columns import Options, Row


class TaggedRows:
    """Makes documents of rows with tokens and tags."""

    def __init__(
        self,
        head: Sequence[Row],
        tokens: str,
        tags: str,
        features: Mapping[str, Any],
        source: Source,
        report: ReadReport,
        options: Options,
    ) -> None:
        self._tokens, self._tags = tokens, tags
        self._features = features
        self._names = list(options.labels) if options.labels else names_in(features.get(tags))
        self._report = report
        if self._names is None and any(are(row.value.get(tags), int) and row.value[tags] for row in head):
            raise DataError(
                f"the tags in {tags!r} are numbers, and nothing says what they stand for; name them in their "
                "order with labels=O,B-PER,..., or put the dataset_info.json beside the file",
                source.name,
            )
        sentences = []
        for row in head:
            try:
                sentences.append(self._sentence(row))
            except DataError:  # It will be told of when it is read.
                continue
        self._assembler = Assembler(
            source, report, (options.layer,), sentences, options.scheme, options.repair, options.unknown
        )

    def document(self, row: Row) -> Document:
        """The document of a row.

        Raises:
            DataError: if the row is at fault.
        """
        whole = self._sentence(row)
        value = {key: item for key, item in row.value.items() if key not in (self._tokens, self._tags)}
        starts = value.pop("sentences", None) if are(value.get("sentences"), int) else None
        meta: dict[str, object] = {}
        for key, item in value.items():
            if item is None or key == "id":
                continue
            if isinstance(item, list) and len(item) == len(whole.words) and whole.words and _flat(item):
                names = names_in(self._features.get(key))
                whole.columns[key] = [name_of(one, names, key) for one in item]
            else:
                meta[key] = plain(item, key, self._report)
        name = value.get("id")
        document = self._assembler.document(_parts(whole, starts), None if name is None else str(name), meta)
        text = next((meta[key] for key in TEXTS if isinstance(meta.get(key), str)), None)
        return _placed(document, text) if isinstance(text, str) else document

    def _sentence(self, row: Row) -> TaggedSentence:
        words, tags = row.value.get(self._tokens), row.value.get(self._tags)
        if not are(words, str):
            raise DataError(f"expected a list of strings in {self._tokens!r}, got {str(words)[:60]}")
        if not isinstance(tags, list) or len(tags) != len(words or ()):
            count = f"{len(tags)} tags" if isinstance(tags, list) else repr(tags)
            raise DataError(f"expected as many tags as tokens, got {len(words or ())} tokens and {count}; mend the row")
        if "" in (words or ()):
            raise DataError("a token is empty, and no text has empty tokens; take it out with its tag")
        return TaggedSentence(row.line, words or [], ([name_of(tag, self._names, self._tags) for tag in tags],), step=0)


def _flat(values: list[Any]) -> bool:
    return all(type(value) in (str, int) for value in values)


def _parts(whole: TaggedSentence, starts: list[int] | None) -> list[TaggedSentence]:
    """The sentences of a row, if it says where they begin."""
    if not starts or starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
        return [whole] if whole.words else []
    if starts[-1] >= len(whole.words):
        raise DataError(f"a sentence begins at token {starts[-1]}, and there are {len(whole.words)}; mend the row")
    return [
        TaggedSentence(
            whole.line,
            whole.words[start:end],
            [tags[start:end] for tags in whole.tags],
            {key: values[start:end] for key, values in whole.columns.items()},
            step=0,
        )
        for start, end in zip(starts, (*starts[1:], len(whole.words)), strict=True)
    ]


def _placed(document: Document, text: str) -> Document:
    """The document on the text that it came with, if that is its tokens with white space between them."""
    tokens = document.tokens
    if tokens is None or not len(tokens):
        return document
    offsets: list[tuple[int, int]] = []
    at = 0
    for word in tokens.surfaces:
        start = text.find(word, at)
        if start < 0 or text[at:start].strip():
            return document
        at = start + len(word)
        offsets.append((start, at))
    if text[at:].strip():
        return document
    starts = dict(zip(tokens.offsets[:, 0].tolist(), [start for start, _ in offsets], strict=True))
    ends = dict(zip(tokens.offsets[:, 1].tolist(), [end for _, end in offsets], strict=True))
    meta = {key: value for key, value in document.meta.items() if value is not text}
    return Document(
        text,
        tuple(replace(span, start=starts[span.start], end=ends[span.end]) for span in document.spans),
        unknown=tuple(replace(one, start=starts[one.start], end=ends[one.end]) for one in document.unknown),
        tokens=Tokens(text, np.array(offsets), tokens.sentences, tokens.columns),
        id=document.id,
        meta=meta,
    )

"""A trained tagger: from text to documents with entities, whole or as a stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from elman.data.document import Document, Span, Tokens
from elman.data.schemes import scheme
from elman.decoding.candidates import FLOOR
from elman.errors import ModelError, UsageError
from elman.model.folder import read_model
from elman.runtime.engine import engine_for
from elman.runtime.entities import Entities, EntityDecoder, structure_of
from elman.runtime.placing import places
from elman.runtime.prepared import checked_many, in_groups, in_parts
from elman.runtime.streaming import Stream, mentions
from elman.runtime.threads import in_order, threads_for
from elman.runtime.type_cache import CACHE_BYTES, TypeCache
from elman.text.segment import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.model.folder import ModelFolder
    from elman.runtime.engine import Engine, EngineName, Precision
    from elman.runtime.prepared import Prepared

    _Decode = Callable[[NDArray[np.float32], NDArray[np.int64]], Entities]

    Overlaps = Literal["best", "keep"]

EVEN = 0.5
"""The threshold of a label that has none of its own: it is more probable that a span is there than not."""

BATCH_TOKENS = 8192
"""Tokens that go through the network together, unless the caller says otherwise."""


class Scored(NamedTuple):
    """A document, and the scores that a network gives to each tag at each of its tokens.

    Attributes:
        document: as it came.
        tokens: its own, or those that it got.
        starts: the indices of the tokens that begin a window.
        lengths: tokens of each window.
        emissions: tokens x K.
    """

    document: Document
    tokens: Tokens
    starts: NDArray[np.int32]
    lengths: NDArray[np.int64]
    emissions: NDArray[np.float32]


class Tagger:
    """A model that can be called; immutable, so that any number of threads may call it.

    It is pickled as its path and its engine's name: who unpickles it reads the folder, once for all copies.

    Args:
        folder: the model.
        engine: what computes its scores; by default as ``engine_for`` chooses.
        cache_bytes: what the kept rows of word types take at most.

    Attributes:
        path: the model folder.
        labels: what it can find.
        layer: the layer of the spans that it predicts.
        scheme: the name of the tag scheme that it learned.
        thresholds: of some or all labels, for a recall or a precision that somebody asked ``elman calibrate`` for.
    """

    def __init__(self, folder: ModelFolder, engine: Engine | None = None, cache_bytes: int = CACHE_BYTES) -> None:
        manifest = folder.manifest
        self.path = folder.path
        self.labels = manifest.labels
        self.layer = manifest.layer
        self.scheme = manifest.scheme
        self.thresholds = manifest.thresholds
        self._checksum = manifest.checksum
        self._engine = engine = engine or engine_for(folder)
        lexicon, inputs = folder.lexicon, engine.inputs
        self._rows = TypeCache(lambda types: inputs(lexicon.features(types)), inputs.widths, cache_bytes)
        self._decode = EntityDecoder(
            scheme(manifest.scheme).decoder(manifest.labels),
            structure_of(manifest, folder.tensors),
            manifest.temperature,
        )

    def __call__(self, text: str | Document) -> Document:
        """Tag one text; see ``tag``."""
        (document,) = self.tag((text,))
        return document

    def tag(
        self,
        texts: Iterable[str | Document],
        batch_tokens: int = BATCH_TOKENS,
        *,
        threshold: float | Mapping[str, float] | None = None,
        overlaps: Overlaps = "best",
        threads: int | None = None,
    ) -> Iterator[Document]:
        """Tag any number of texts, in constant memory.

        A document's own tokens and sentences are used; a text without tokens gets them. Spans of the layer
        that the model predicts are replaced, and relations that they were in go with them, unless a span is
        found again; what nobody had annotated in this layer now is. All else that a document holds stays. What a
        text gets does not depend on the others.

        Args:
            texts: strings or documents; read ahead by about ``batch_tokens`` tokens.
            batch_tokens: how many tokens go through the network together; more is faster up to a point, and
                takes more memory.
            threshold: None for the spans of the best sequence of tags. Else all spans with at least this probability,
                whether or not they are in it; one for all labels, or of each label its own (``tagger.thresholds``,
                for one), and 0.5 of those that have none.
            overlaps: with a threshold, what becomes of spans that overlap: of those the most probable stays
                (``best``), or all do (``keep``). Above 0.5 there are none.
            threads: how many work at once on texts of more than one batch; None: one for each processor. Texts are
                read ahead by a batch for each and one more.

        Returns:
            The documents, in order; the ``score`` of a span is the model's probability that just it is there.

        Raises:
            TypeError: if ``texts`` is one string, bytes, or nothing that can be iterated over, or holds anything but
                strings and documents.
            UsageError: if ``batch_tokens`` or ``threads`` is not positive, a threshold is not in (0, 1] or of a label
                that the model does not have, or ``overlaps`` is none of the two.
        """
        if isinstance(texts, str | Document):
            raise TypeError("tag takes many texts; for one text, call the tagger itself: tagger(text)")
        return self._tag(texts, batch_tokens, self._deciding(threshold, overlaps), threads_for(threads))

    def candidates(
        self, texts: Iterable[str | Document], floor: float = FLOOR, batch_tokens: int = BATCH_TOKENS
    ) -> Iterator[Document]:
        """All spans that may be there, not only the best ones: as ``tag``, with spans that overlap.

        Args:
            texts: as for ``tag``.
            floor: the least probability of a span, in (0, 1].
            batch_tokens: as for ``tag``.

        Returns:
            The documents, in order; each span has its probability as ``score``, and the probabilities of those that
            hold one token add up to at most 1.

        Raises:
            UsageError: if the floor is not in (0, 1].
        """
        if not 0 < floor <= 1:
            raise UsageError(f"expected a least probability above 0 and at most 1, got {floor}")
        return self._tag(texts, batch_tokens, partial(self._decode.candidates, floor=floor), threads_for(None))

    def probabilities(
        self, documents: Iterable[Document], batch_tokens: int = BATCH_TOKENS
    ) -> Iterator[tuple[float | None, ...]]:
        """How probable the model holds the spans that documents have: of each that just it is there.

        Args:
            documents: with spans in the layer that the model predicts, which may overlap; read ahead as by ``tag``,
                and their own tokens and sentences are used.
            batch_tokens: as for ``tag``.

        Returns:
            For each document a probability in [0, 1] for each of ``document.layer(tagger.layer)``; None of a span
            that the model cannot find whatever it reads: one that does not begin and end where tokens do, crosses
            the border of a sentence or a window, or has a label that the model does not know.

        Raises:
            UsageError: if ``batch_tokens`` is not positive.
        """
        return (own for group in in_groups(documents, batch_tokens) for own in self._own(group, batch_tokens))

    def scores(self, documents: Iterable[Document], batch_tokens: int = BATCH_TOKENS) -> Iterator[Scored]:
        """What the network says of documents before anything is decided; arguments as for ``tag``."""
        for group in in_groups(documents, batch_tokens):
            words = [word for prepared in group for word in prepared.tokens.surfaces]
            lengths = [np.diff(one.starts, append=len(one.tokens)).astype(np.int64) for one in group]
            found = [part for _, part in self._emissions(words, np.concatenate(lengths), batch_tokens)]
            emissions = np.concatenate(found) if found else np.zeros((0, self._decode.tags), np.float32)
            before = np.cumsum([0, *(len(one.tokens) for one in group)])
            for one, own, (first, end) in zip(group, lengths, pairwise(before.tolist()), strict=True):
                yield Scored(one.document, one.tokens, one.starts, own, emissions[first:end])

    @property
    def decoder(self) -> EntityDecoder:
        """What makes entities of its scores."""
        return self._decode

    def tag_tokens(self, tokens: Sequence[str]) -> Document:
        """Tag one sentence that is tokenized already.

        Args:
            tokens: its words, none of them empty.

        Returns:
            A document whose text is the tokens joined by spaces.

        Raises:
            TypeError: if the tokens are one string, or hold anything but strings.
            UsageError: if a token is empty.
        """
        if isinstance(tokens, str):
            raise TypeError("tag_tokens takes a list of tokens; for text, call the tagger itself: tagger(text)")
        for at, token in enumerate(tokens):
            if not isinstance(token, str):
                raise TypeError(f"expected tokens as str, got {type(token).__name__} at {at}")
            if not token:
                raise UsageError(f"expected tokens that are not empty, token {at} is; leave it out")
        text = " ".join(tokens)
        lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
        ends = np.cumsum(lengths + 1) - 1
        return self(Document(text, tokens=Tokens(text, np.column_stack((ends - lengths, ends)))))

    def stream(
        self,
        chunks: Iterable[str],
        batch_tokens: int = BATCH_TOKENS,
        *,
        threshold: float | Mapping[str, float] | None = None,
        overlaps: Overlaps = "best",
        threads: int | None = None,
    ) -> Iterator[Span]:
        """Tag an endless text, in constant memory: each span comes as soon as nothing to come can change it.

        However a text is cut into chunks, the spans are those that ``tag`` finds in the whole.

        Args:
            chunks: pieces of the text, of any length; one string is one piece.
            batch_tokens: as for ``tag``; a chunk's tokens are not waited for.
            threshold: as for ``tag``.
            overlaps: as for ``tag``.
            threads: how many work at once on a chunk of more than one batch; None: one for each processor.

        Returns:
            Spans, with offsets from the start of the stream.

        Raises:
            TypeError: if the chunks are bytes or nothing that can be iterated over, or a chunk is not a string.
            UsageError: as for ``tag``.
        """
        chunks = (chunks,) if isinstance(chunks, str) else checked_many(chunks, "pieces of a text, each a str")
        stream = self.open_stream(batch_tokens, threshold=threshold, overlaps=overlaps, threads=threads)
        return (mention.span for mention in mentions(stream, chunks))

    def open_stream(
        self,
        batch_tokens: int = BATCH_TOKENS,
        *,
        threshold: float | Mapping[str, float] | None = None,
        overlaps: Overlaps = "best",
        threads: int | None = None,
    ) -> Stream:
        """A stream to be fed piece by piece; it gives the spans' text, too. Arguments as for ``stream``.

        Raises:
            UsageError: as for ``tag``.
        """
        if batch_tokens < 1:
            raise UsageError(f"expected a batch of at least 1 token, got {batch_tokens}")
        find = partial(self._entities, batch_tokens=batch_tokens, decode=self._deciding(threshold, overlaps))
        return Stream(find, self.labels, self.layer, batch_tokens, threads_for(threads))

    def __reduce__(self) -> tuple[object, tuple[str, str, str, str]]:
        engine = self._engine
        return _shared, (str(self.path.absolute()), self._checksum, engine.name, engine.precision)

    def __repr__(self) -> str:
        engine = self._engine
        return (
            f"Tagger({str(self.path)!r}, labels={self.labels}, engine={engine.name!r}, precision={engine.precision!r})"
        )

    def _tag(
        self, texts: Iterable[str | Document], batch_tokens: int, decode: _Decode, threads: int
    ) -> Iterator[Document]:
        tag_group = partial(self._tag_group, batch_tokens=batch_tokens, decode=decode)
        groups = in_order(tag_group, in_groups(texts, batch_tokens), threads)
        return (document for group in groups for document in group)

    def _tag_group(self, group: Sequence[Prepared], batch_tokens: int, decode: _Decode) -> list[Document]:
        words = [word for prepared in group for word in prepared.tokens.surfaces]
        before = np.cumsum([0, *(len(prepared.tokens) for prepared in group)])
        starts = np.concatenate([prepared.starts + at for prepared, at in zip(group, before, strict=False)])
        found = self._entities(words, np.diff(starts, append=len(words)), batch_tokens, decode)
        # What is found is given in tokens of a window; it has to be put in characters of a document.
        windows, first, stop, label = found.spans.T
        offsets = np.concatenate([prepared.tokens.offsets for prepared in group])
        spans = [
            Span(start, end, self.labels[kind], self.layer, score)
            for start, end, kind, score in zip(
                offsets[starts[windows] + first, 0].tolist(),
                offsets[starts[windows] + stop - 1, 1].tolist(),
                label.tolist(),
                found.scores.tolist(),
                strict=True,
            )
        ]
        bounds = np.searchsorted(starts[windows], before).tolist()
        return [
            self._renew(prepared, spans[first:stop])
            for prepared, (first, stop) in zip(group, pairwise(bounds), strict=True)
        ]

    def _own(self, group: Sequence[Prepared], batch_tokens: int) -> Iterator[tuple[float | None, ...]]:
        """The probabilities of the spans of some documents."""
        kinds = {label: kind for kind, label in enumerate(self.labels)}
        rows = [places(one.document.layer(self.layer), one.tokens.offsets, one.starts, kinds) for one in group]
        before = np.cumsum([0, *(len(one.starts) for one in group)])
        for own, first in zip(rows, before.tolist(), strict=False):
            own[own[:, 0] >= 0, 0] += first
        spans = np.concatenate(rows)
        lengths = np.concatenate([np.diff(one.starts, append=len(one.tokens)) for one in group]).astype(np.int64)
        found = np.full(len(spans), np.nan)
        words = [word for one in group for word in one.tokens.surfaces]
        for part, emissions in self._emissions(words, lengths, batch_tokens):
            here = (part.start <= spans[:, 0]) & (spans[:, 0] < part.stop)
            asked = spans[here] - np.array([part.start, 0, 0, 0])
            found[here] = self._decode.probabilities(emissions, lengths[part], asked)
        for some in np.split(found, np.cumsum([len(own) for own in rows])[:-1]):
            yield tuple(None if np.isnan(value) else value for value in some.tolist())

    def _renew(self, prepared: Prepared, spans: Sequence[Span]) -> Document:
        """A document with these spans in the place of those that it had in their layer."""
        document, layer = prepared.document, self.layer
        others = tuple(span for span in document.spans if span.layer != layer)
        relations = document.relations  # which name spans by their ids
        if len(others) < len(document.spans):
            ids = {span.key: span.id for span in document.spans}
            spans = [replace(span, id=ids.get(span.key)) for span in spans]
            kept = {span.id for span in (*others, *spans)}
            relations = tuple(relation for relation in relations if {relation.head, relation.tail} <= kept)
        unknown = tuple(region for region in document.unknown if region.layer != layer)
        return replace(document, spans=(*others, *spans), relations=relations, unknown=unknown, tokens=prepared.tokens)

    def _deciding(self, threshold: float | Mapping[str, float] | None, overlaps: Overlaps) -> _Decode:
        """How entities are made of scores: those of the best sequence of tags, or all that are probable enough."""
        if threshold is None:
            return self._decode
        if overlaps not in ("best", "keep"):
            raise UsageError(f"overlapping spans: expected 'best' or 'keep', got {overlaps!r}")
        least = _least(threshold, self.labels)
        return partial(self._decode.above, least=least, flat=overlaps == "best")

    def _entities(
        self, words: Sequence[str], lengths: NDArray[np.int64], batch_tokens: int, decode: _Decode
    ) -> Entities:
        """The entities of windows, given as their words and their lengths."""
        found = []
        for part, emissions in self._emissions(words, lengths, batch_tokens):
            spans, scores = decode(emissions, lengths[part])
            found.append(Entities(spans + np.array([part.start, 0, 0, 0], np.int32), scores))
        if not found:
            return Entities(np.zeros((0, 4), np.int32), np.zeros(0))
        return Entities(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _emissions(
        self, words: Sequence[str], lengths: NDArray[np.int64], batch_tokens: int
    ) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """The scores of each tag at each token, for some of the windows after the other."""
        ends = np.cumsum(lengths)
        for part in in_parts(lengths, batch_tokens):
            first, stop = int(ends[part.start] - lengths[part.start]), int(ends[part.stop - 1])
            types: dict[str, int] = {}
            at = np.fromiter((types.setdefault(word, len(types)) for word in words[first:stop]), np.int64, stop - first)
            yield part, self._engine.emissions(self._rows(tuple(types)), at, lengths[part])


def load(path: Path | str, engine: EngineName = "auto", precision: Precision = "float32") -> Tagger:
    """Read a model folder.

    Args:
        path: the folder.
        engine: what computes: ``onnx`` (ONNX Runtime), ``numpy``, or ``auto``, the faster one
            that is installed.
        precision: ``float32``, or ``int8`` for weights and states of the recurrent product, which is faster.

    Raises:
        ModelError: if there is none, or it is damaged, altered or of a newer protocol.
        UsageError: if the engine is not installed, or does not have the precision.
    """
    folder = read_model(Path(path))
    return Tagger(folder, engine_for(folder, engine, precision))


def cut_sentences(document: Document) -> int:
    """How many sentences of a tagged document were cut: those longer than a window. No span crosses a cut."""
    tokens = document.tokens
    return 0 if tokens is None else sum(end - start > WINDOW for start, end in tokens.ranges())


def _least(threshold: float | Mapping[str, float], labels: Sequence[str]) -> NDArray[np.float64]:
    """The threshold of each label."""
    by_label = threshold if isinstance(threshold, Mapping) else dict.fromkeys(labels, threshold)
    if unknown := sorted(by_label.keys() - set(labels)):
        raise UsageError(f"thresholds for labels that the model does not have: {', '.join(unknown)}")
    least = np.array([by_label.get(label, EVEN) for label in labels], np.float64)
    if not ((least > 0) & (least <= 1)).all():
        raise UsageError(f"expected thresholds above 0 and at most 1, got {threshold}")
    return least


_reading = Lock()


def _shared(path: str, checksum: str, engine: EngineName, precision: Precision) -> Tagger:
    """The tagger that a pickle stands for."""
    with _reading:
        return _read_once(path, checksum, engine, precision)


@lru_cache(maxsize=8)
def _read_once(path: str, checksum: str, engine: EngineName, precision: Precision) -> Tagger:
    tagger = load(path, engine, precision)
    if tagger._checksum != checksum:
        raise ModelError(f"{path} holds another model than when this tagger was pickled; load it again and send that")
    return tagger

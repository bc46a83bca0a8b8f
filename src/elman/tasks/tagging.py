"""Entities and every other task that gives each token a tag: how documents become arrays, and outputs become spans."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.align import align
from elman.data.document import ENTITIES
from elman.data.ledger import Ledger
from elman.data.schemes import TOKEN, TokenSpan, scheme
from elman.data.unknown import unknown_tokens
from elman.features.batches import pad
from elman.text.segment import WINDOW
from elman.text.tokens import segmented

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.data.align import Overlap, Partial
    from elman.data.document import Document
    from elman.data.schemes import Constraints, Decoder
    from elman.features.lexicon import Lexicon, TypeFeatures
    from elman.metrics.score import Result


UNKNOWN_TAG = -1
"""The id of a tag that nobody knows."""


class Prepared(NamedTuple):
    """A text's tokens and where its windows, the units that a network reads, begin."""

    offsets: NDArray[np.int32]
    starts: NDArray[np.int32]
    cuts: int


def tokens_and_windows(document: Document) -> Prepared:
    """The document's own tokens and sentences, or where it has none those of ``elman.text``.

    A sentence of its own that is longer than a window is cut into windows.
    """
    if document.tokens is None:
        tokens, starts, cuts = segmented(document.text)
        return Prepared(tokens.offsets, starts, cuts)
    pieces = [at for start, end in document.tokens.ranges() for at in range(start, end, WINDOW)]
    starts = np.array(pieces, np.int32)
    return Prepared(document.tokens.offsets, starts, len(starts) - len(document.tokens.sentences))


@dataclass(frozen=True)
class Examples:
    """Labelled windows as flat arrays.

    Attributes:
        types: the distinct word types.
        counts: how often each occurs, int64.
        tokens: for each token the index of its type, int32, window after window.
        starts: the index of each window's first token, and at last the number of tokens; int64.
        spans: spans x 4, int32: window, first token and one past the last within it, label.
        labels: what the fourth column indexes.
        documents: for each window the index of its document, int32.
        ids: the documents' names.
        ledger: what became of every span.
        cuts: how many windows end inside a sentence.
        unknown: for each token whether nobody said what it is; None where everything is known.
    """

    types: tuple[str, ...]
    counts: NDArray[np.int64]
    tokens: NDArray[np.int32]
    starts: NDArray[np.int64]
    spans: NDArray[np.int32]
    labels: tuple[str, ...]
    documents: NDArray[np.int32]
    ids: tuple[str, ...]
    ledger: Ledger
    cuts: int
    unknown: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each window."""
        return np.diff(self.starts)

    def names(self, windows: Iterable[int]) -> list[str]:
        """The names of the documents that these windows are from, each once, in order."""
        return list(dict.fromkeys(self.ids[self.documents[window]] for window in windows))

    def type_counts(self) -> dict[str, int]:
        """How often each word type occurs."""
        return dict(zip(self.types, self.counts.tolist(), strict=True))

    def label_counts(self) -> Counter[str]:
        """How many spans each label has."""
        counts = np.bincount(self.spans[:, 3], minlength=len(self.labels)).tolist()
        return Counter({label: count for label, count in zip(self.labels, counts, strict=True) if count})

    def select(self, windows: NDArray[np.integer]) -> Examples:
        """Some of the windows, with the same types, labels and document names."""
        lengths = self.lengths[windows]
        places = np.concatenate(
            [np.arange(self.starts[w], self.starts[w + 1]) for w in windows.tolist()] or [np.zeros(0, np.int64)]
        )
        tokens = self.tokens[places]
        place = np.full(len(self), -1, np.int64)
        place[windows] = np.arange(len(windows))
        spans = self.spans[place[self.spans[:, 0]] >= 0].copy()
        spans[:, 0] = place[spans[:, 0]]
        return Examples(
            self.types,
            np.bincount(tokens, minlength=len(self.types)),
            tokens,
            np.concatenate(([0], np.cumsum(lengths))),
            spans[np.lexsort((spans[:, 1], spans[:, 0]))],
            self.labels,
            self.documents[windows],
            self.ids,
            Ledger(),
            0,
            None if self.unknown is None else self.unknown[places],
        )


def prepare(
    documents: Iterable[Document],
    *,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
    layer: str = ENTITIES,
) -> Examples:
    """Documents as arrays; they are read one by one and not kept.

    A token in a region that nobody annotated in this layer is unknown, unless a span lies on it.

    Args:
        documents: any number.
        partial: where a span goes whose ends are not token ends, see ``elman.data.align``.
        overlap: which of two overlapping spans stays, see there.
        layer: the layer of spans to learn.
    """
    types: dict[str, int] = {}
    labels: dict[str, int] = {}
    tokens: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    owners: list[int] = []
    rows: list[tuple[int, int, int, int]] = []
    ids: list[str] = []
    unknown: list[NDArray[np.bool_]] = []
    ledger = Ledger()
    cuts = 0
    for number, document in enumerate(documents):
        ids.append(document.id or f"document {number + 1}")
        offsets, starts, cut = tokens_and_windows(document)
        cuts += cut
        text = document.text
        surfaces = [text[start:end] for start, end in offsets.tolist()]
        tokens.append(np.fromiter((types.setdefault(word, len(types)) for word in surfaces), np.int32, len(surfaces)))
        aligned = align(document.layer(layer), offsets, text=text, sentences=starts, partial=partial, overlap=overlap)
        ledger += aligned.ledger(ids[-1])
        regions = [region for region in document.unknown if region.layer == layer]
        unknown.append(unknown_tokens(regions, offsets, aligned.token_spans))
        for span in aligned.token_spans:
            window = int(np.searchsorted(starts, span.start, side="right")) - 1
            first = int(starts[window])
            rows.append(
                (
                    len(lengths) + window,
                    span.start - first,
                    span.end - first,
                    labels.setdefault(span.label, len(labels)),
                )
            )
        lengths.extend(np.diff(np.append(starts, len(offsets))).tolist())
        owners.extend([number] * len(starts))
    order = sorted(labels)
    renumbered = np.array([order.index(label) for label in labels], np.int32)
    spans = np.array(rows, np.int32).reshape(-1, 4)
    spans[:, 3] = renumbered[spans[:, 3]] if len(spans) else spans[:, 3]
    flat = np.concatenate(tokens) if tokens else np.zeros(0, np.int32)
    hidden = np.concatenate(unknown) if unknown else np.zeros(0, np.bool_)
    return Examples(
        tuple(types),
        np.bincount(flat, minlength=len(types)),
        flat,
        np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64),
        spans,
        tuple(order),
        np.array(owners, np.int32),
        tuple(ids),
        ledger,
        cuts,
        hidden if hidden.any() else None,
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """What a tagger reads: word types once each, and where they stand.

    Attributes:
        types: the features of the batch's types.
        places: batch x time, int64, the type at each place; padding repeats type 0.
        lengths: tokens of each window, int64.
        tags: batch x time, int64, or None where they are not asked for.
        allowed: batch x time x K, the tags that each token may have; None where the tags are all known.
    """

    types: TypeFeatures
    places: NDArray[np.int64]
    lengths: NDArray[np.int64]
    tags: NDArray[np.int64] | None = None
    allowed: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class TaggingTask:
    """Tagging with one lexicon, one tag scheme and one label set.

    Attributes:
        lexicon: how word types are read.
        scheme_name: of a scheme of ``elman.data.schemes``.
        labels: the labels, sorted.
    """

    lexicon: Lexicon
    scheme_name: str
    labels: tuple[str, ...]

    @property
    def decoder(self) -> Decoder:
        """From tag ids to spans."""
        return scheme(self.scheme_name).decoder(self.labels)

    @property
    def constraints(self) -> Constraints:
        """Which tags may begin, follow and end."""
        return scheme(self.scheme_name).constraints(self.labels)

    def encode(self, examples: Examples) -> NDArray[np.int32]:
        """The tag id of every token; spans with a label that the task does not have are left out.

        A token that is unknown has ``UNKNOWN_TAG``.
        """
        codec = scheme(self.scheme_name)
        index = {tag: at for at, tag in enumerate(codec.tags(self.labels))}
        known = np.array([label in self.labels for label in examples.labels], bool)
        tags = np.zeros(len(examples.tokens), np.int32)
        for window, rows in _by_window(examples.spans[known[examples.spans[:, 3]]] if len(known) else examples.spans):
            first, end = examples.starts[window : window + 2].tolist()
            spans = [TokenSpan(row[1], row[2], examples.labels[row[3]]) for row in rows]
            tags[first:end] = [index[tag] for tag in codec.encode(spans, end - first)]
        if examples.unknown is not None:
            tags[examples.unknown] = UNKNOWN_TAG
        return tags

    def allowed(self, tags: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which tags each token may have, given what is known of it and of the tokens beside it.

        A known tag stays. An unknown token may have every tag that the scheme allows beside those neighbours of it
        that are known, other than one that would make a known entity longer. (Under IOB1 and IOE1 the tags of a known
        entity tell whether one of its label touches it; an unknown token is taken not to be such a one.)

        Args:
            tags: batch x time, with ``UNKNOWN_TAG`` where they are unknown, and 0 beyond the ends.

        Returns:
            batch x time x K.
        """
        decoder = self.decoder
        beside = decoder.constraints.transition & ~decoder.joined  # K x K
        anything = np.ones(len(beside), np.bool_)
        # One row more, which an unknown tag, -1, finds at the end.
        after, before = np.vstack((beside, anything)), np.vstack((beside.T, anything))
        known = np.vstack((np.eye(len(beside), dtype=np.bool_), anything))
        rimmed = np.pad(tags, ((0, 0), (1, 1)))  # before the first token and after the last, as if there were an O
        fitting: NDArray[np.bool_] = after[rimmed[:, :-2]] & before[rimmed[:, 2:]]
        allowed: NDArray[np.bool_] = known[tags] & (fitting | (tags != UNKNOWN_TAG)[:, :, None])
        return allowed

    def score(self, examples: Examples, predicted: NDArray[np.int32]) -> Result:
        """Score entities against the examples' own, over their documents.

        Predicted entities on unknown tokens that are none of the examples' own are neither right nor wrong: they are
        left out and counted in ``Result.ignored``.

        Args:
            examples: the gold.
            predicted: spans x 4 as in ``Examples.spans``, but labels counted through the task's.
        """
        # Whoever only tags does not wait for what scores.
        from elman.metrics.matching import count_exact
        from elman.metrics.score import Result
        from elman.metrics.token_labels import TokenResult

        names = tuple(dict.fromkeys((*examples.labels, *self.labels)))
        place = np.array([names.index(label) for label in self.labels], np.int32)
        renumbered = predicted.copy()
        renumbered[:, 3] = place[predicted[:, 3]]
        judged = renumbered[_judged(examples, renumbered)]
        by_window = count_exact(examples.spans, judged, len(examples), len(names))
        owners, index = np.unique(examples.documents, return_inverse=True)
        counts = np.zeros((len(owners), len(names), 3), np.int32)
        np.add.at(counts, index, by_window)
        kind = TokenResult if scheme(self.scheme_name) is TOKEN else Result
        return kind(names, counts, ignored=len(predicted) - len(judged))

    def batch(
        self,
        examples: Examples,
        features: TypeFeatures,
        windows: NDArray[np.integer],
        tags: NDArray[np.int32] | None = None,
    ) -> Batch:
        """Some windows as one batch.

        Args:
            examples: the data.
            features: of all of its types, from ``lexicon.features(examples.types)``.
            windows: which of them.
            tags: of all of its tokens, from ``encode``.
        """
        slices = [slice(*examples.starts[window : window + 2].tolist()) for window in windows.tolist()]
        lengths = np.array([piece.stop - piece.start for piece in slices], np.int64)
        distinct, inverse = np.unique(np.concatenate([examples.tokens[piece] for piece in slices]), return_inverse=True)
        places = pad(np.split(inverse.astype(np.int64), np.cumsum(lengths)[:-1]))
        padded = None if tags is None else pad([tags[piece].astype(np.int64) for piece in slices])
        allowed = self.allowed(padded) if padded is not None and (padded == UNKNOWN_TAG).any() else None
        return Batch(features.take(distinct), places, lengths, padded, allowed)


def _judged(examples: Examples, predicted: NDArray[np.int32]) -> NDArray[np.bool_]:
    """For each predicted span whether the examples have a verdict on it."""
    if examples.unknown is None:
        return np.ones(len(predicted), np.bool_)
    before = np.concatenate(([0], np.cumsum(examples.unknown)))  # how many tokens up to here are unknown
    first = examples.starts[predicted[:, 0]]
    judged: NDArray[np.bool_] = before[first + predicted[:, 1]] == before[first + predicted[:, 2]]
    own = set(map(tuple, examples.spans.tolist()))
    for at in np.flatnonzero(~judged).tolist():
        judged[at] = tuple(predicted[at].tolist()) in own
    return judged


def _by_window(spans: NDArray[np.int32]) -> Iterator[tuple[int, Sequence[Sequence[int]]]]:
    """Group rows, which come in the order of their windows, by their first column."""
    if not len(spans):
        return
    edges = np.flatnonzero(np.diff(spans[:, 0])) + 1
    for group in np.split(spans, edges):
        yield int(group[0, 0]), group.tolist()


def spans_of(
    tags: NDArray[np.integer], lengths: NDArray[np.integer], windows: NDArray[np.integer], decoder: Decoder
) -> NDArray[np.int32]:
    """Decode a batch of tag sequences.

    Args:
        tags: batch x time; what lies beyond the lengths is not read.
        lengths: tokens of each sequence.
        windows: the number of each sequence's window.
        decoder: from ``TaggingTask.decoder``.

    Returns:
        Spans x 4 as in ``Examples.spans``, labels counted through the decoder's.
    """
    flat = tags[np.arange(tags.shape[1]) < lengths[:, None]]
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    filled = lengths > 0
    chunks = decoder.decode(flat, starts[filled])
    owner = np.searchsorted(starts[filled], chunks.start, side="right") - 1
    first = starts[filled][owner]
    return np.stack((windows[filled][owner], chunks.start - first, chunks.end - first, chunks.label), axis=1).astype(
        np.int32
    )

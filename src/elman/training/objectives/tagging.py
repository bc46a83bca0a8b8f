"""The tagger: embed word types, put them in their places, run a recurrent network over them, score tags."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from elman.decoding.viterbi import viterbi
from elman.errors import UsageError
from elman.features.batches import bucket
from elman.features.vocabulary import FIRST, UNKNOWN
from elman.model.layers import BASELINES, variant
from elman.nn.baselines import make_baseline
from elman.nn.context import SentenceContext
from elman.nn.embedding import CharacterConvolution, CharacterLSTM, WordEmbedding, character_network
from elman.nn.heads import HEADS
from elman.nn.neighbours import NeighbourPrediction
from elman.nn.noise import random_mask
from elman.nn.recurrent import VariationalDropout, make_recurrent
from elman.runtime.calibration import Labelled
from elman.runtime.entities import EntityDecoder, Structure
from elman.tasks.tagging import spans_of
from elman.training.parallel import Loss
from elman.training.word_vectors import first_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from elman.features.lexicon import TypeFeatures
    from elman.features.vectors import Vectors
    from elman.metrics.score import Result
    from elman.nn.baselines import Baseline
    from elman.nn.heads import Head
    from elman.nn.recurrent import Recurrent
    from elman.settings import EncoderSettings, Settings
    from elman.tasks.tagging import Batch, Examples, TaggingTask


PREDICTED_WORDS = 5000
"""How many words the neighbours' prediction tells apart."""

EVALUATION_TOKENS = 4096
"""Tokens in a batch, padding included, when nothing is learned."""


class TypeEmbedding(nn.Module):
    """The vectors of word types: the vectors of word, characters and shape, one after the other.

    Args:
        words: of the word.
        characters: of its characters, or None.
        shapes: of its shape, or None.
        unknown_rate: the share of the rare words' occurrences that training shows as unknown.
        rare: for each learned row of ``words`` whether it is a rare word's.
    """

    rare: Tensor

    def __init__(
        self,
        words: WordEmbedding,
        characters: CharacterConvolution | CharacterLSTM | None,
        shapes: nn.Embedding | None,
        unknown_rate: float,
        rare: Tensor,
    ) -> None:
        super().__init__()
        self.words = words
        self.characters = characters
        self.shapes = shapes
        self.unknown_rate = unknown_rate
        self.register_buffer("rare", rare, persistent=False)
        self.output_size = words.output_size
        self.output_size += characters.output_size if characters is not None else 0
        self.output_size += shapes.embedding_dim if shapes is not None else 0

    def forward(self, words: Tensor, characters: Tensor, shapes: Tensor) -> Tensor:
        """Types, types x characters, types -> types x feature."""
        if self.training and self.unknown_rate:
            rare = self.rare[words.clamp(max=len(self.rare) - 1)] & (words < len(self.rare))
            words = torch.where(rare & random_mask(words, self.unknown_rate), UNKNOWN, words)
        parts = [self.words(words)]
        if self.characters is not None:
            parts.append(self.characters(characters))
        if self.shapes is not None:
            parts.append(self.shapes(shapes))
        return torch.cat(parts, dim=1)


class Tagger(nn.Module):
    """embed, drop, context, encode, drop, head.

    Args:
        embed: types to vectors.
        context: what a token reads of its whole sentence, or None.
        encode: the recurrent network, or what stands in its place.
        head: features to emissions and a loss.
        neighbours: what the states have to predict beside the tags in training, or None.
        input_dropout: on the vectors of the types.
        dropout: on what the head reads.
    """

    def __init__(
        self,
        embed: TypeEmbedding,
        context: SentenceContext | None,
        encode: Recurrent | Baseline,
        head: Head,
        neighbours: NeighbourPrediction | None,
        input_dropout: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.embed = embed
        self.input_dropout = VariationalDropout(input_dropout)
        self.context = context
        self.encode = encode
        self.dropout = VariationalDropout(dropout)
        self.head = head
        self.neighbours = neighbours

    def forward(self, words: Tensor, characters: Tensor, shapes: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        """Features of types, and batch x time of their places -> emissions, batch x time x K."""
        emissions: Tensor = self.head(self.dropout(self.states(words, characters, shapes, places, lengths)))
        return emissions

    def states(self, words: Tensor, characters: Tensor, shapes: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        """Features of types, and batch x time of their places -> the encoder's states, batch x time x feature."""
        embedded = self.embed(words, characters, shapes)
        x = self.input_dropout(nn.functional.embedding(places, embedded))  # batch x time x feature
        if self.context is not None:
            x = self.context(x, lengths)
        encoded: Tensor = self.encode(x, lengths)[0]
        return encoded


def build(
    task: TaggingTask,
    settings: Settings,
    learned: int,
    rare: NDArray[np.bool_],
    vectors: Vectors | None,
    *,
    predicts: bool = False,
) -> Tagger:
    """A fresh network; what is random in it comes from torch's generator.

    Args:
        task: the tables and tags that it is for.
        settings: its sizes.
        learned: how many of the lexicon's words have rows that learn; the others' vectors are fixed.
        rare: for each of these whether training saw it only once.
        vectors: where the first values come from.
        predicts: whether the states predict the neighbouring words, too.

    Raises:
        UsageError: if they are to, and read these words.
    """
    embedding, encoder = settings.embedding, settings.encoder
    rows = FIRST + learned
    words = WordEmbedding(*first_vectors(task.lexicon.words.words, rows, vectors, embedding.word_size))
    characters = None
    if embedding.characters != "none":
        characters = character_network(
            embedding.characters, len(task.lexicon.characters), embedding.character_size, embedding.character_output
        )
    shapes = None
    if embedding.shape_size:
        shapes = nn.Embedding(len(task.lexicon.shapes), embedding.shape_size)
    known = torch.zeros(rows, dtype=torch.bool)
    known[FIRST:] = torch.from_numpy(rare)
    embed = TypeEmbedding(words, characters, shapes, embedding.unknown_rate, known)
    context = SentenceContext(embed.output_size, encoder.context) if encoder.context else None
    encode = _encoder(encoder, embed.output_size if context is None else context.output_size)
    head = HEADS[settings.head.kind](encode.output_size, task.constraints)
    neighbours = None
    if predicts:
        if encoder.cell in BASELINES:
            raise UsageError(
                f"expected training.neighbours = 0 with encoder.cell = {encoder.cell!r}, which reads the words that it "
                "would have to predict; leave it out"
            )
        neighbours = NeighbourPrediction(
            encoder.hidden,
            min(PREDICTED_WORDS, rows),
            UNKNOWN,
            backward=encoder.directions == "both",
            lookahead=encoder.lookahead,
        )
    return Tagger(embed, context, encode, head, neighbours, encoder.input_dropout, encoder.dropout)


def _encoder(settings: EncoderSettings, input_size: int) -> Recurrent | Baseline:
    if settings.cell in BASELINES:
        return make_baseline(
            settings.cell, input_size, settings.hidden, settings.layers, settings.reach, settings.dropout
        )
    name = variant(asdict(settings))
    return make_recurrent(
        name,
        input_size,
        settings.hidden,
        settings.layers,
        bidirectional=settings.directions == "both",
        dropout=settings.dropout,
        recurrent_dropout=settings.recurrent_dropout,
        lookahead=settings.lookahead,
        start=settings.start,
        forget_bias=settings.forget_bias if name.startswith("lstm") or name in ("minlstm", "slstm") else None,
    )


class TaggingObjective:
    """What the loop needs to know of tagging: batches, a loss, a score.

    Args:
        task: tables and tags.
        network: the tagger.
        train: what to learn.
        dev: what to judge by.
        batch_tokens: tokens in a training batch, padding included.
        device: where tensors live.
        precision: of the network's matrix products in training; the head's sums keep theirs.
        neighbours: how much predicting each word's neighbours counts beside the tags.
    """

    def __init__(
        self,
        task: TaggingTask,
        network: Tagger,
        train: Examples,
        dev: Examples,
        batch_tokens: int,
        device: torch.device,
        precision: str = "float32",
        neighbours: float = 0.0,
    ) -> None:
        self.task = task
        self.network = network.to(device)
        self.train = train
        self.dev = dev
        self.batch_tokens = batch_tokens
        self.device = device
        self.neighbours = neighbours
        self.examples_per_batch = len(train) / len(bucket(train.lengths, batch_tokens))
        self._autocast = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
        self._features = task.lexicon.features(train.types)
        self._tags = task.encode(train)
        self._dev_features = task.lexicon.features(dev.types)

    def epoch(self, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """The batches of one epoch, as window indices."""
        return bucket(self.train.lengths, self.batch_tokens, rng)

    def carried(self) -> dict[str, Tensor]:
        """See ``elman.training.loop.Objective``; nothing."""
        return {}

    def carry_on(self, carried: dict[str, Tensor]) -> None:
        """See ``elman.training.loop.Objective``."""

    def tokens(self, windows: NDArray[np.int64]) -> int:
        """How many tokens a batch has, without padding."""
        return int(self.train.lengths[windows].sum())

    def names(self, windows: NDArray[np.int64]) -> list[str]:
        """The documents that a batch is from."""
        return self.train.names(windows.tolist())

    def loss(self, windows: NDArray[np.int64]) -> Loss:
        """The sum of the windows' losses; see ``elman.training.loop.Objective``."""
        batch = self.task.batch(self.train, self._features, windows, self._tags)
        assert batch.tags is not None
        inputs = self._inputs(batch)
        words, _, _, places, lengths = inputs
        network = self.network
        with self._autocast:
            states = network.states(*inputs)
            emissions = network.head(network.dropout(states))
        allowed = None if batch.allowed is None else torch.from_numpy(batch.allowed).to(self.device)
        tags = network.head.loss(emissions.float(), self._tensor(batch.tags), lengths, allowed).sum()
        if network.neighbours is None:
            return Loss(tags, tags)
        return Loss(tags, tags + self.neighbours * network.neighbours(states, words[places], lengths).double())

    def evaluate(self, run: Callable[..., Iterator[Any]]) -> Result:
        """Score the dev set with the network as it is."""
        return self.task.score(self.dev, self.predict(self.dev, self._dev_features, run))

    def score(self, examples: Examples, run: Callable[..., Iterator[Any]]) -> Result:
        """Score other examples with the network as it is."""
        return self.task.score(examples, self.predict(examples, self.task.lexicon.features(examples.types), run))

    def predict(
        self, examples: Examples, features: TypeFeatures, run: Callable[..., Iterator[Any]]
    ) -> NDArray[np.int32]:
        """Entities, spans x 4 as in ``Examples.spans``, labels counted through the task's."""
        decoder = self.task.decoder
        start, transition, end = (part.detach().cpu().numpy() for part in self.network.head.structure())

        def one(windows: NDArray[np.int64]) -> NDArray[np.int32]:
            emissions, lengths = self._emissions(examples, features, windows)
            tags, _ = viterbi(emissions, lengths, transition, start, end)
            return spans_of(tags, lengths, windows, decoder)

        with self._judging():
            found = list(run(one, bucket(examples.lengths, EVALUATION_TOKENS)))
        return np.concatenate(found) if found else np.zeros((0, 4), np.int32)

    def labelled(self, examples: Examples, run: Callable[..., Iterator[Any]]) -> Labelled:
        """Examples with the scores that the network as it is gives to their tokens, to calibrate it by."""
        features = self.task.lexicon.features(examples.types)
        scores = np.zeros((len(examples.tokens), len(self.task.decoder.tags)), np.float32)

        def one(windows: NDArray[np.int64]) -> None:
            emissions, lengths = self._emissions(examples, features, windows)
            for window, length, own in zip(windows.tolist(), lengths.tolist(), emissions, strict=True):
                scores[examples.starts[window] : examples.starts[window + 1]] = own[:length]

        with self._judging():
            list(run(one, bucket(examples.lengths, EVALUATION_TOKENS)))
        structure = (part.detach().cpu().numpy().astype(np.float64) for part in self.network.head.structure())
        _, owners = np.unique(examples.documents, return_inverse=True)
        kinds = np.array([self.task.labels.index(name) if name in self.task.labels else -1 for name in examples.labels])
        gold = examples.spans.astype(np.int64)
        if len(gold):
            gold[:, 3] = kinds[gold[:, 3]]
        foreign = gold[:, 3] < 0
        return Labelled(
            names=self.task.labels,
            decoder=EntityDecoder(self.task.decoder, Structure(*structure), 1.0),
            emissions=scores,
            lengths=examples.lengths,
            owners=owners,
            units=int(owners.max(initial=-1)) + 1,
            gold=gold[~foreign],
            lost=np.column_stack((owners[gold[foreign, 0]], gold[foreign, 3])),
            unknown=examples.unknown,
        )

    def _emissions(
        self, examples: Examples, features: TypeFeatures, windows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The scores of tags in some windows, windows x time x K, and the windows' lengths."""
        batch = self.task.batch(examples, features, windows)
        with torch.inference_mode():
            return self.network(*self._inputs(batch)).cpu().numpy(), batch.lengths

    @contextmanager
    def _judging(self) -> Iterator[None]:
        """Within the block nothing is dropped out."""
        self.network.eval()
        try:
            yield
        finally:
            self.network.train()

    def _inputs(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        types = batch.types
        arrays = (types.words, types.characters, types.shapes, batch.places, batch.lengths)
        words, characters, shapes, places, lengths = (self._tensor(array) for array in arrays)
        return words, characters, shapes, places, lengths

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array.astype(np.int64, copy=False)).to(self.device)

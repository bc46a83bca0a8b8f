"""A text as a network reads it: its sentences, each with the vectors of its tokens and the entities found in it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from elman.data.document import Document
from elman.errors import UsageError
from elman.features.vocabulary import UNKNOWN
from elman.runtime.entities import EntityDecoder, structure_of
from elman.runtime.prepared import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from elman.training.objectives.tagging import Tagger
    from elman.training.reopening import Reopened


class Entity(NamedTuple):
    """An entity that the network finds in a sentence.

    Attributes:
        first: its first token, counted from 0 within the sentence.
        stop: one past its last.
        label: what it is.
        score: the model's probability, in [0, 1], that just it is there.
    """

    first: int
    stop: int
    label: str
    score: float


class Sentence(NamedTuple):
    """A sentence, or a window of a very long one: what the network reads at once.

    Attributes:
        words: its tokens.
        offsets: of each token the code points in the text where it begins and ends.
        vectors: time x feature: word, characters and shape of each token, before the sentence's summary is added.
        entities: of the best sequence of tags.
    """

    words: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]
    vectors: Tensor
    entities: tuple[Entity, ...]

    def surface(self, entity: Entity) -> str:
        """The words of an entity, joined by spaces."""
        return " ".join(self.words[entity.first : entity.stop])


def read_sentences(model: Reopened, text: str | Document) -> list[Sentence]:
    """The sentences of a text, as the model's tokenizer, or the document itself, cuts it.

    Raises:
        UsageError: if there is no token in it.
    """
    if isinstance(text, str):
        text = Document(text)
    _, tokens, starts = prepare(text)
    if not len(tokens):
        raise UsageError(f"expected a text with at least one word, got {text.text[:40]!r}; give some words to look at")
    types, places = np.unique(np.array(tokens.surfaces, object), return_inverse=True)
    features = model.task.lexicon.features(types.tolist())
    with torch.inference_mode():
        rows = model.network.embed(*map(_index, (features.words, features.characters, features.shapes)))
        vectors = rows[_index(places)].clone()
    offsets = [(start, end) for start, end in tokens.offsets.tolist()]
    decoder = decoder_of(model)
    found = []
    for first, stop in pairwise((*starts.tolist(), len(tokens))):
        own = vectors[first:stop]
        with torch.inference_mode():
            scores = emissions(model.network, own[None])[0].numpy()
        spans, likely = decoder(scores, np.array([stop - first]))
        entities = tuple(
            Entity(begin, end, model.task.labels[label], score)
            for (_, begin, end, label), score in zip(spans.tolist(), likely.tolist(), strict=True)
        )
        found.append(Sentence(tuple(tokens.surfaces[first:stop]), tuple(offsets[first:stop]), own, entities))
    return found


def emissions(network: Tagger, vectors: Tensor) -> Tensor:
    """The scores of all tags from the tokens' vectors: batch x time x feature -> batch x time x K; all equally long."""
    lengths = torch.full((len(vectors),), vectors.shape[1])
    x = vectors if network.context is None else network.context(vectors, lengths)
    scores: Tensor = network.head(network.encode(x, lengths)[0])
    return scores


def unknown_vector(network: Tagger) -> Tensor:
    """What the network reads of a word whose row, one character and shape are the unknown ones: feature."""
    unknown = torch.tensor([UNKNOWN])
    with torch.inference_mode():
        vector: Tensor = network.embed(unknown, unknown[None], unknown)[0].clone()
    return vector


def decoder_of(model: Reopened) -> EntityDecoder:
    """What makes entities of the network's scores, as the runtime does."""
    manifest = model.folder.manifest
    return EntityDecoder(model.task.decoder, structure_of(manifest, model.folder.tensors), manifest.temperature)


def _index(rows: NDArray[np.integer[Any]]) -> Tensor:
    return torch.from_numpy(rows.astype(np.int64))

"""Texts as a network reads them: a list of different words, and where each of these stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.errors import ModelError
from elman.features.batches import pad
from elman.features.lexicon import Lexicon, TypeFeatures
from elman.features.vocabulary import Vocabulary
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.model.parts import Parts


@dataclass(frozen=True, kw_only=True)
class Texts(Sequences):
    """Texts: the inputs are rows of ``types``.

    Attributes:
        types: the features of the different words, row 0 those of none.
    """

    types: TypeFeatures

    @property
    def arrays(self) -> Iterator[NDArray[Any]]:
        """See ``Sequences``."""
        yield from (self.types.words, self.types.characters)
        yield from super().arrays

    def without(self, text: int) -> Texts:
        """A text as often as it has words, each time without another one of them."""
        words = self.inputs[text]
        left = tuple(np.delete(words, at) for at in range(len(words)))
        lengths = np.full(len(left), len(words) - 1, np.int64)
        return replace(self, ids=(self.ids[text],) * len(left), inputs=left, lengths=lengths, targets=None, gold=None)


class Types(NamedTuple):
    """The different words of some texts.

    Attributes:
        features: of each, row 0 those of none.
        texts: for each text its words' rows.
    """

    features: TypeFeatures
    texts: tuple[NDArray[np.int32], ...]


def types_of(lexicon: Lexicon, texts: Iterable[Sequence[str]]) -> Types:
    """The different words of texts, and where they stand."""
    types = {"": 0}  # no word is spelt like this one
    rows = tuple(np.array([types.setdefault(word, len(types)) for word in words], np.int32) for words in texts)
    return Types(lexicon.features(list(types)), rows)


class WordBatch(NamedTuple):
    """The words of some texts.

    Attributes:
        words: types, rows of the lexicon's words.
        characters: types x characters, rows of its characters; None where the network does not read them.
        places: batch x time, for each word its type.
    """

    words: NDArray[np.int32]
    characters: NDArray[np.int32] | None
    places: NDArray[np.int32]


def word_batch(parts: Parts, texts: Texts, indices: Sequence[int]) -> WordBatch:
    """The words of some texts, for the parts that ``vectors_of`` calls."""
    places = pad([texts.inputs[at] for at in indices])
    if not places.shape[1]:  # texts without a word, and nothing else
        places = np.zeros((len(places), 1), np.int32)
    present, within = np.unique(places, return_inverse=True)
    types = texts.types.take(present)
    characters = types.characters if "characters" in parts else None
    return WordBatch(types.words, characters, within.reshape(places.shape).astype(np.int32))


def vectors_of(net: Any, batch: Any) -> Any:
    """What the parts ``words`` and ``characters`` make of words: batch x time x features.

    Args:
        net: the network, in torch or in NumPy.
        batch: has what a ``WordBatch`` has.
    """
    vectors = net.words(batch.words)
    if batch.characters is not None:
        vectors = net.characters(vectors, batch.characters)
    return vectors[batch.places]


def lexicon_about(lexicon: Lexicon) -> dict[str, Any]:
    """What ``model.json`` says of a lexicon; with ``lexicon_texts`` the inverse of ``open_lexicon``."""
    return {"lower": lexicon.lower, "digits": lexicon.digits, "character_limit": lexicon.character_limit}


def lexicon_texts(lexicon: Lexicon) -> dict[str, str]:
    """The files of a lexicon."""
    return {"words": lexicon.words.encode(), "characters": lexicon.characters.encode()}


def open_lexicon(about: Mapping[str, Any], texts: Mapping[str, str]) -> Lexicon:
    """The lexicon that a model folder holds.

    Raises:
        ModelError: if something is missing.
    """
    try:
        words, characters = (Vocabulary.decode(texts[name], f"{name}.txt") for name in ("words", "characters"))
        lower, digits, limit = (about[name] for name in ("lower", "digits", "character_limit"))
    except KeyError as error:
        raise ModelError(f"model.json: about: {error} is missing; train anew") from None
    return Lexicon(words, characters, Vocabulary(()), lower, digits, limit)

"""What a network knows of a word type: its row in the word table, its characters, its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from elman.features.batches import mask
from elman.features.vocabulary import UNKNOWN, Vocabulary, normalize
from elman.text.shapes import shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from elman.features.vectors import Vectors


@dataclass(frozen=True, slots=True)
class TypeFeatures:
    """Features of a list of word types.

    Attributes:
        words: rows in the word table, int32.
        characters: types x characters, rows in the character table, int32, 0 beyond a word's end.
        shapes: rows in the shape table, int32.
    """

    words: NDArray[np.int32]
    characters: NDArray[np.int32]
    shapes: NDArray[np.int32]

    def take(self, types: NDArray[np.integer]) -> TypeFeatures:
        """The features of some of the types; characters only as wide as these need."""
        characters = self.characters[types]
        width = max(1, int((characters > 0).any(axis=0).sum()))
        return TypeFeatures(self.words[types], characters[:, :width], self.shapes[types])


@dataclass(frozen=True)
class Lexicon:
    """The tables by which a model reads word types.

    Attributes:
        words: words with a row of their own; those that learned first, then those whose vectors are fixed.
        characters: single characters.
        shapes: shapes as ``elman.text.shapes`` spells them.
        lower: whether a word that is not held is looked for in lower case.
        digits: whether it is then looked for with every digit as 0.
        character_limit: at most this many characters of a word are read: half from its start, half from its
            end.
    """

    words: Vocabulary
    characters: Vocabulary
    shapes: Vocabulary
    lower: bool = True
    digits: bool = True
    character_limit: int = 24

    @classmethod
    def build(
        cls,
        counts: Mapping[str, int],
        vectors: Vectors | None = None,
        *,
        lower: bool = True,
        digits: bool = True,
        min_count: int = 1,
        kept_vectors: int = 0,
        character_limit: int = 24,
    ) -> tuple[Lexicon, int]:
        """The tables for a training set.

        A word that the vectors hold, as it is or in lower case, keeps that spelling; any other is normalised.

        Args:
            counts: how often each word type occurs in the training set.
            vectors: pretrained vectors.
            lower: fold case.
            digits: fold digits.
            min_count: normalised words that occur less often have no row, unless the vectors hold them.
            kept_vectors: so many of the vectors' most frequent words have a row although training does not
                hold them.
            character_limit: see above.

        Returns:
            The lexicon, and how many of its words occur in the training set; they come first.
        """
        held = set() if vectors is None else set(vectors.words)
        keys: dict[str, int] = {}
        seen: dict[str, int] = {}
        shapes: dict[str, int] = {}
        for word, count in counts.items():
            key = next((form for form in _forms(word, lower, digits) if form in held), None)
            if key is None:
                key = normalize(word, lower=lower, digits=digits)
            keys[key] = keys.get(key, 0) + count
            form = shape(word)
            shapes[form] = shapes.get(form, 0) + count
            for character in word:
                seen[character] = seen.get(character, 0) + count
        learned = Vocabulary.build({key: n for key, n in keys.items() if n >= min_count or key in held}).words
        known = set(learned)
        fixed: list[str] = []
        if vectors is not None and kept_vectors:
            fixed = [word for word in vectors.words[:kept_vectors] if word not in known]
        lexicon = cls(
            Vocabulary((*learned, *fixed)),
            Vocabulary.build(seen),
            Vocabulary.build(shapes, min_count=2),
            lower,
            digits,
            character_limit,
        )
        return lexicon, len(learned)

    def features(self, types: Sequence[str]) -> TypeFeatures:
        """The features of word types."""
        words = self.words.ids(types)
        for at in np.flatnonzero(words == UNKNOWN).tolist():
            for form in _forms(types[at], self.lower, self.digits)[1:]:
                row = self.words.ids((form,))[0]
                if row != UNKNOWN:
                    words[at] = row
                    break
        return TypeFeatures(words, self._characters_of(types), self.shapes.ids([shape(word) for word in types]))

    def _characters_of(self, types: Sequence[str]) -> NDArray[np.int32]:
        """Types x characters; one call for all of them, as there may be thousands."""
        clipped = [self._clip(word) for word in types]
        present = mask(np.fromiter(map(len, clipped), np.int64, len(clipped)))
        characters = np.zeros((len(clipped), max(1, present.shape[1])), np.int32)
        characters[:, : present.shape[1]][present] = self.characters.ids("".join(clipped))
        return characters

    def _clip(self, word: str) -> str:
        if len(word) <= self.character_limit:
            return word
        half = self.character_limit // 2
        return word[: self.character_limit - half] + word[len(word) - half :]


def _forms(word: str, lower: bool, digits: bool) -> list[str]:
    """The spellings under which a word is looked for, in order."""
    forms = [word]
    if lower:
        forms.append(word.lower())
    if digits:
        forms.append(normalize(word, lower=lower, digits=True))
    return forms

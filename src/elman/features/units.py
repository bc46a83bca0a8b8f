"""What a text is made of, for a network that reads or writes it: characters, words or subwords."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from elman.errors import ModelError
from elman.features.subwords import Subwords
from elman.features.vocabulary import FIRST, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

Kind = Literal["characters", "words", "subwords"]
"""Characters are code points; words are what white space parts; subwords need the package ``tokenizers``."""


@dataclass(frozen=True)
class Units:
    """The units of a language and their rows: padding, the unknown unit, each unit, and at last the end.

    Attributes:
        kind: what they are.
        table: all of them.
    """

    kind: Kind
    table: Vocabulary | Subwords

    @classmethod
    def build(cls, kind: Kind, texts: Sequence[str], *, min_count: int = 1, size: int = 4000) -> Units:
        """The units of a training set.

        Args:
            kind: what they are to be.
            texts: of the training set.
            min_count: characters or words seen less often share the unknown unit's row.
            size: subwords at most.

        Raises:
            UsageError: if they are to be subwords, and the package for them is not installed.
        """
        if kind == "subwords":
            return cls(kind, Subwords.build(texts, size))
        counts = Counter(unit for text in texts for unit in split(kind, text))
        return cls(kind, Vocabulary.build(counts, min_count))

    @classmethod
    def decode_table(cls, kind: object, text: str, name: str) -> Units:
        """The inverse of ``encode_table``.

        Raises:
            ModelError: if there are no such units.
            DataError: if the text is not what ``encode_table`` writes.
            UsageError: if they are subwords, and the package for them is not installed.
        """
        for known in get_args(Kind):
            if kind == known:
                return cls(known, Subwords(text) if known == "subwords" else Vocabulary.decode(text, name))
        raise ModelError(f"expected units out of {', '.join(get_args(Kind))}; got {kind!r:.80}")

    def encode_table(self) -> str:
        """The table as text."""
        return self.table.encode() if isinstance(self.table, Vocabulary) else self.table.encode_table()

    @property
    def end(self) -> int:
        """The row of the end, which is the last one."""
        return len(self) - 1

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self) - FIRST - 1

    def encode(self, text: str) -> NDArray[np.int32]:
        """The rows of a text's units, without an end."""
        if isinstance(self.table, Subwords):
            return np.array(self.table.encode(text), np.int32) + FIRST
        return self.table.ids(split(self.kind, text))

    def decode(self, rows: Iterable[int]) -> str:
        """The text of rows; those that are no unit's are left out."""
        ids = [row - FIRST for row in rows if FIRST <= row < self.end]
        if isinstance(self.table, Subwords):
            return self.table.decode(ids)
        words = self.table.words
        return ("" if self.kind == "characters" else " ").join(words[at] for at in ids)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.table) + 1 + (FIRST if isinstance(self.table, Subwords) else 0)


def split(kind: Kind, text: str) -> Sequence[str]:
    """The characters or words of a text; of subwords the words, by which edits are counted."""
    return text if kind == "characters" else text.split()


def opened(about: Mapping[str, object], texts: Mapping[str, str], name: str) -> Units:
    """The units that a model folder holds under a name.

    Raises:
        ModelError: if there are none.
    """
    if name not in texts:
        raise ModelError(f"{name}.txt is missing; train anew")
    return Units.decode_table(about.get(name), texts[name], f"{name}.txt")

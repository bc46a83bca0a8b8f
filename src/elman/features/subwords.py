"""Pieces of words, learned from text: frequent words stay whole, rare ones are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.errors import ModelError
from elman.extras import needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Subwords:
    """Byte pairs that were joined where they were frequent, by the package ``tokenizers``.

    Sennrich, R., Haddow, B. & Birch, A. (2016). Neural machine translation of rare words with subword units. ACL; over
    bytes: Radford, A. et al. (2019). Language models are unsupervised multitask learners. So there is no text that
    they could not write, and decoding gives the text back.

    Args:
        text: what ``encode_table`` gave.

    Raises:
        ModelError: if it is not what that gives.
        UsageError: if the package is not installed.
    """

    def __init__(self, text: str) -> None:
        with needs("subwords", "a model of subwords"):
            import tokenizers
        try:
            self._tokenizer: Any = tokenizers.Tokenizer.from_str(text)
        except Exception as error:  # that is what the package raises
            raise ModelError(f"expected the subwords that elman writes, and tokenizers says: {error}") from None

    @classmethod
    def build(cls, texts: Iterable[str], size: int) -> Subwords:
        """Learn them.

        Args:
            texts: the training set's.
            size: how many at most; the 256 bytes are always there.
        """
        with needs("subwords", "a model of subwords"):
            from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        made.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=2,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        made.train_from_iterator(texts, trainer)
        return cls(made.to_str())

    def encode_table(self) -> str:
        """All there is to know of them, as JSON; no code."""
        text: str = self._tokenizer.to_str()
        return text

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's subwords, from 0."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The inverse of ``encode``; a text that begins with a space loses it."""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=False)
        return text.removeprefix(" ")

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

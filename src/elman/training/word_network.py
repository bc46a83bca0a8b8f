"""What tasks that read words have in common: a lexicon, and the parts that read it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, NamedTuple

from elman.errors import UsageError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import FIRST, Vocabulary
from elman.model.layers import BASELINES, output_of_characters
from elman.model.parts import Characters, Encoder, Pool, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elman.features.vectors import Vectors
    from elman.model.parts import Parts
    from elman.settings import LookupSettings, RecurrentSettings, WordSettings


class WordNetwork(NamedTuple):
    """From words to states.

    Attributes:
        lexicon: how words are read.
        parts: their vectors, ``words`` and where they are wanted ``characters``.
        encode: what reads these.
    """

    lexicon: Lexicon
    parts: Parts
    encode: Encoder


def word_network(
    counts: Mapping[str, int],
    words: WordSettings,
    encoder: RecurrentSettings,
    vectors: Vectors | None,
    say: Callable[[str], None],
) -> WordNetwork:
    """A lexicon for a training set, and the parts that read it.

    Args:
        counts: how often each word occurs in the training set.
        words: how words become vectors.
        encoder: the recurrent network.
        vectors: pretrained word vectors.
        say: gets a line for everything found out.
    """
    lexicon, learned = lexicon_for(counts, words, vectors, say)
    spelt = lexicon.characters if words.characters != "none" else Vocabulary(())
    lexicon = replace(lexicon, characters=spelt, shapes=Vocabulary(()))
    size = words.size if vectors is None else vectors.matrix.shape[1]
    fixed = len(lexicon.words) - FIRST - learned
    table = Words(learned=FIRST + learned, fixed=fixed, size=size, unknown_rate=words.unknown_rate)
    if words.characters == "none":
        return WordNetwork(lexicon, {"words": table}, Encoder(inputs=size, encoder=asdict(encoder)))
    output = output_of_characters(words.characters, words.character_output)
    characters = Characters(
        network=words.characters, rows=len(lexicon.characters), size=words.character_size, output=output
    )
    parts: Parts = {"words": table, "characters": characters}
    return WordNetwork(lexicon, parts, Encoder(inputs=size + output, encoder=asdict(encoder)))


def lexicon_for(
    counts: Mapping[str, int], words: LookupSettings, vectors: Vectors | None, say: Callable[[str], None]
) -> tuple[Lexicon, int]:
    """A lexicon for a training set, and how many of its words learn; the arguments are those of ``word_network``."""
    if vectors is not None:
        say(f"vectors: {vectors.coverage(counts)}")
        if vectors.duplicates or vectors.undecodable:
            say(f"vectors: {vectors.duplicates} words came again and {vectors.undecodable} could not be decoded")
    return Lexicon.build(
        counts,
        vectors,
        lower=words.lowercase,
        digits=words.digits_to_zero,
        min_count=words.min_count,
        kept_vectors=words.kept_vectors,
        character_limit=words.character_limit,
    )


def pool_of(how: str, encoder: RecurrentSettings, encode: Encoder) -> Pool:
    """What makes one vector of an encoder's states.

    Raises:
        UsageError: if the last state is asked for of layers that have none.
    """
    if encoder.cell in BASELINES and how == "last":
        raise UsageError(f"expected head.pooling = max, mean or attention with a {encoder.cell}; got last")
    return Pool(how=how, size=encode.output, forward=encoder.hidden)

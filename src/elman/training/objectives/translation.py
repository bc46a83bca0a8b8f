"""Translation: how it is fitted to data, and its loss."""

from __future__ import annotations

import math
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from elman.errors import DataError, UsageError
from elman.features.units import Units
from elman.metrics.texts import TextScores
from elman.model.layers import BASELINES
from elman.model.parts import Embedding, Encoder, Linear, Pool
from elman.settings import Rate, RecurrentSettings, Size, TrainingSettings, group
from elman.tasks.translation import Task
from elman.training.writing import (
    DecoderSettings,
    SearchSettings,
    TargetSettings,
    WritingObjective,
    decoder_part,
    search_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.example import Pair
    from elman.features.units import Kind
    from elman.features.vectors import Vectors
    from elman.metrics.texts import By

SENTENCE = 5
"""Texts of so many words in the mean are sentences, and read in subwords; shorter ones in characters."""

SYMBOLS = 256
"""Targets of at most so many different words are symbols, such as phonemes, and written as words."""


@group
class UnitSettings:
    """What texts are made of."""

    source: Literal["characters", "words", "subwords"] | None = None
    """What is read: single characters, words as white space parts them, or subwords, pieces of words learned from the
    training set; chosen from the training set if auto."""
    target: Literal["characters", "words", "subwords"] | None = None
    """What is written; chosen from the training set if auto."""
    subwords: Size = 5000
    """How many subwords are learned of each side, at most."""
    min_count: Size = 1
    """Characters or words of sources seen less often than this share the row of the unknown one."""
    size: Size = 256
    """Numbers in the vector of what is read."""
    figure: Literal["exact", "errors", "bleu", "chrf"] | None = None
    """What a run is judged by: texts that are right as a whole, the rate of wrong characters or words, BLEU, chrF; if
    auto BLEU for subwords, else the rate of errors."""


@group
class TranslationTrainingSettings(TrainingSettings):
    """How the weights are found."""

    label_smoothing: Rate = 0.1
    """The share of each output's probability that training wants to see spread over all others."""


@group
class Settings:
    """All settings of a translator's training, by group."""

    task = "translation"

    units: UnitSettings = default(default_factory=UnitSettings)
    encoder: RecurrentSettings = default(
        default_factory=lambda: RecurrentSettings(hidden=256, input_dropout=0.2, dropout=0.2, recurrent_dropout=0.0)
    )
    decoder: DecoderSettings = default(
        default_factory=lambda: DecoderSettings(
            directions="forward", hidden=512, input_dropout=0.2, dropout=0.2, recurrent_dropout=0.0
        )
    )
    search: SearchSettings = default(default_factory=SearchSettings)
    training: TranslationTrainingSettings = default(
        default_factory=lambda: TranslationTrainingSettings(learning_rate=0.002)
    )
    data: TargetSettings = default(default_factory=TargetSettings)


class Objective(WritingObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls, examples: Sequence[Pair], settings: Settings, vectors: Vectors | None, say: Callable[[str], None]
    ) -> Task:
        """See ``TaskObjective``."""
        if vectors is not None:
            raise UsageError("translation learns the vectors of its units itself; leave --vectors out")
        if settings.encoder.cell in BASELINES:
            raise UsageError(f"expected a recurrent encoder.cell, got {settings.encoder.cell!r}")
        for number, pair in enumerate(examples, 1):
            if not pair.source.strip() or not pair.targets or not all(text.strip() for text in pair.targets):
                name = pair.id or f"example {number}"
                raise DataError(f"{name}: expected a source and at least one target, none of them empty; leave it out")
        chosen, units = settings.units, []
        texts = ([pair.source for pair in examples], [text for pair in examples for text in pair.targets])
        kinds = (chosen.source or source_units(texts[0]), chosen.target or target_units(texts[1]))
        for name, kind, own, least in zip(("source", "target"), kinds, texts, (chosen.min_count, 1), strict=True):
            units.append(Units.build(kind, own, min_count=least, size=chosen.subwords))
            auto = "" if getattr(chosen, name) else f" (units.{name} says otherwise)"
            say(f"{name}: {units[-1].count:,} different {kind}{auto}")
        source, target = units
        by: By = chosen.figure or ("bleu" if "subwords" in kinds else "errors")
        if by in ("bleu", "chrf"):
            TextScores([["a"]], ["a"], "words", by).figure  # noqa: B018  # before the work begins: is it installed?
        encode = Encoder(inputs=chosen.size, encoder=asdict(settings.encoder))
        decode = decoder_part(settings.decoder, len(target), encode.output)
        return Task(
            source,
            target,
            search_from(settings.search),
            growth_of(source, target, examples),
            by,
            {
                "source": Embedding(rows=len(source), size=chosen.size),
                "encode": encode,
                "pool": Pool(how="last", size=encode.output, forward=settings.encoder.hidden),
                "bridge": Linear(inputs=encode.output, outputs=decode.bridge),
                "decode": decode,
            },
        )


def source_units(texts: Sequence[str]) -> Kind:
    """What sources are read in: sentences in subwords, single words and the like in characters."""
    return "subwords" if _words_in(texts) >= SENTENCE else "characters"


def target_units(texts: Sequence[str]) -> Kind:
    """What targets are written in: a few symbols in words, sentences in subwords, all else in characters."""
    mean = _words_in(texts)
    if mean >= 2 and len({word for text in texts for word in text.split()}) <= SYMBOLS:
        return "words"
    return "subwords" if mean >= SENTENCE else "characters"


def growth_of(source: Units, target: Units, pairs: Sequence[Pair]) -> float:
    """How many times as long as its source a target is at most, but for one in a thousand; at least 1."""
    ratios = [
        len(target.encode(text)) / max(len(source.encode(pair.source)), 1) for pair in pairs for text in pair.targets
    ]
    return max(1.0, math.ceil(10 * float(np.quantile(ratios, 0.999))) / 10)


def _words_in(texts: Sequence[Any]) -> float:
    return sum(len(text.split()) for text in texts) / max(len(texts), 1)

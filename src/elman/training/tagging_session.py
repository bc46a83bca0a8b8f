"""A tagger's training run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from elman.data.schemes import TOKEN, scheme
from elman.errors import UsageError
from elman.features.vocabulary import FIRST
from elman.model.layers import BASELINES
from elman.runtime.calibration import fit
from elman.tasks.tagging import TaggingTask
from elman.training.doctor.facts import Facts, VectorFacts, familiarity, tag_entropy, within, word_agreement
from elman.training.objectives.tagging import TaggingObjective, build
from elman.training.packing import pack
from elman.training.parallel import one_thread
from elman.training.session import Session
from elman.training.sizes import batch_tokens_for, epochs_for, neighbours_for
from elman.training.warm_start import extend_lexicon, take_over
from elman.training.word_network import lexicon_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elman.features.vectors import Vectors
    from elman.model.folder import ModelFolder
    from elman.runtime.calibration import Labelled
    from elman.settings import Settings
    from elman.training.data import Data, Part


class TaggingSession(Session[dict[str, Any]]):
    """A tagger's run from fresh weights to a model folder.

    Args:
        data: what to learn from and be judged by.
        settings: sizes and pace.
        vectors: pretrained word vectors, or None.
        base: the model to go on from, or None.
        device: where to compute.
        say: gets a line for everything found out.
    """

    def __init__(
        self,
        data: Data,
        settings: Settings,
        vectors: Vectors | None,
        base: ModelFolder | None,
        device: torch.device,
        say: Callable[[str], None],
    ) -> None:
        self.data = data
        self.settings = settings
        embedding, training = settings.embedding, settings.training
        examples = data.train.examples
        lexicon, learned = lexicon_for(examples.type_counts(), embedding, vectors, say)
        if base is not None:
            lexicon, learned = extend_lexicon(base.lexicon, base.manifest.learned_words, lexicon, learned)
        rows = lexicon.features(examples.types).words
        seen = np.bincount(rows, weights=examples.counts, minlength=len(lexicon.words))[FIRST : FIRST + learned]
        _check_scheme(settings.head.scheme, data.train)
        torch.manual_seed(training.seed)
        self.task = TaggingTask(lexicon, settings.head.scheme, examples.labels)
        # A word that has a vector is known, however rare; what is shown as unknown is what will be unknown.
        rare = seen == 1
        if vectors is not None:
            rare &= vectors.find(lexicon.words.words[:learned])[0] < 0
        tokens = len(examples.tokens)
        neighbours = training.neighbours
        if neighbours is None:  # what reads a word's neighbours learns nothing from saying which they are
            neighbours = 0.0 if settings.encoder.cell in BASELINES else neighbours_for(tokens)
        with one_thread():
            self.network = build(self.task, settings, learned, rare, vectors, predicts=neighbours > 0)
        if base is not None:
            taken = take_over(self.network, self.task, base)
            say(f"weights of {base.path} taken over, and {taken} of its tags")
        self.vectors = None if vectors is None else VectorFacts.of(vectors)
        self.objective = TaggingObjective(
            self.task,
            self.network,
            examples,
            data.dev.examples,
            training.batch_tokens or batch_tokens_for(tokens),
            device,
            training.precision,
            neighbours,
        )
        super().__init__(
            self.objective,
            settings,
            training.epochs or epochs_for(tokens),
            self.objective.batch_tokens,
            training.vector_learning_rate if vectors is not None or base is not None else 1.0,
            device,
            say,
        )

    def facts(self) -> Facts:
        """See ``Session``."""
        train, dev, test = self.data.train, self.data.dev, self.data.test
        encoder, training = self.settings.encoder, self.settings.training
        return Facts(
            labels=dict(train.examples.label_counts()),
            entropy=tag_entropy(self.task.encode(train.examples)),
            word_agreement=word_agreement(train.examples),
            dev=familiarity(train.examples, dev.examples, dev.name),
            test=None if test is None else familiarity(train.examples, test.examples, test.name),
            within=within(train.examples, len(dev.examples.tokens)),
            vectors=self.vectors,
            learning_rate=training.learning_rate,
            dropouts={
                "encoder.input_dropout": encoder.input_dropout,
                "encoder.dropout": encoder.dropout,
                "encoder.recurrent_dropout": encoder.recurrent_dropout,
            },
            clip_norm=training.clip_norm,
            recurrence={
                name: float(torch.linalg.matrix_norm(value.detach(), 2))
                for name, value in self.network.named_parameters()
                if name.startswith("encode.") and name.endswith("weight_hh")
            },
        )

    def judge(self, run: Callable[..., Iterator[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        """See ``Session``; what is kept is the calibration."""
        dev, test = self.data.dev, self.data.test
        scores: dict[str, Any] = {"dev": self.objective.evaluate(run).to_json()}
        scores["test"] = None if test is None else self.objective.score(test.examples, run).to_json()
        return scores, self._calibrate(self.objective.labelled(dev.examples, run))

    def data_to_json(self) -> dict[str, Any]:
        """See ``Session``."""
        parts = (("train", self.data.train), ("dev", self.data.dev), ("test", self.data.test))
        return {name: None if part is None else part.to_json() for name, part in parts}

    def fingerprints(self) -> Iterator[str]:
        """See ``Session``."""
        yield self.data.train.fingerprint
        yield self.data.dev.fingerprint

    def pack(self, place: Path, metrics: dict[str, Any], kept: dict[str, Any], *, replace: bool) -> None:
        """See ``Session``."""
        pack(place, self.task, self.network, self.settings, metrics, kept, replace=replace)

    def _calibrate(self, judged: Labelled) -> dict[str, Any]:
        """What the model folder says of its probabilities."""
        name, found = self.data.dev.name, fit(judged)
        if found.note:
            self.say(f"{name}: {found.note}; scores stay as the network gives them")
            return {"temperature": found.temperature}
        self.say(
            f"{name}: temperature {found.temperature:g}; expected calibration error {found.before:.2%} before, "
            f"{found.after:.2%} with it"
        )
        return {"temperature": found.temperature, "fit": {"data": name, **found.to_json()}}


def _check_scheme(name: str, train: Part) -> None:
    """Refuse a scheme in which no span is longer than a token, if there are longer ones."""
    spans = train.examples.spans
    longer = spans[spans[:, 2] - spans[:, 1] > 1]
    if scheme(name) is TOKEN and len(longer):
        raise UsageError(
            f"expected spans of one token each with head.scheme = {name}, got {len(longer):,} longer ones in "
            f"{train.name} (such as a {train.examples.labels[longer[0, 3]]}); give head.scheme = iobes"
        )

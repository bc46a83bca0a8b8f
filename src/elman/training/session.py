"""One training run: from fresh weights to a model folder."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from elman.errors import TrainingError
from elman.features.lexicon import Lexicon
from elman.features.vocabulary import FIRST
from elman.model.layers import BASELINES
from elman.runtime.calibration import fit
from elman.settings import to_dict
from elman.tasks.tagging import TaggingTask
from elman.training.checkpoint import Checkpoints
from elman.training.doctor.doctor import Doctor
from elman.training.doctor.facts import Facts, VectorFacts, familiarity, tag_entropy, within, word_agreement
from elman.training.loop import Plan, Run
from elman.training.objectives.tagging import TaggingObjective, build
from elman.training.packing import pack, versions
from elman.training.parallel import parts_for, workers
from elman.training.records import Evaluation, Incident
from elman.training.sizes import batch_tokens_for, epochs_for, neighbours_for
from elman.training.warm_start import extend_lexicon, take_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from elman.features.vectors import Vectors
    from elman.model.folder import ModelFolder
    from elman.runtime.calibration import Labelled
    from elman.settings import Settings
    from elman.training.data import Data
    from elman.training.records import Record


def run_folder(place: Path) -> Path:
    """Where a run keeps its state while it is under way: beside the model."""
    return place.with_name(f"{place.name}.run")


class Session:
    """One run from fresh weights to a model folder.

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
        self.device = device
        self.say = say
        embedding, training = settings.embedding, settings.training
        examples = data.train.examples
        counts = examples.type_counts()
        lexicon, learned = Lexicon.build(
            counts,
            vectors,
            lower=embedding.lowercase,
            digits=embedding.digits_to_zero,
            min_count=embedding.min_count,
            kept_vectors=embedding.kept_vectors,
            character_limit=embedding.character_limit,
        )
        if vectors is not None:
            say(f"vectors: {vectors.coverage(counts)}")
            if vectors.duplicates or vectors.undecodable:
                say(f"vectors: {vectors.duplicates} words came again and {vectors.undecodable} could not be decoded")
        if base is not None:
            lexicon, learned = extend_lexicon(base.lexicon, base.manifest.learned_words, lexicon, learned)
        rows = lexicon.features(examples.types).words
        seen = np.bincount(rows, weights=examples.counts, minlength=len(lexicon.words))[FIRST : FIRST + learned]
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
        self.network = build(self.task, settings, learned, rare, vectors, predicts=neighbours > 0)
        if base is not None:
            taken = take_over(self.network, self.task, base)
            say(f"weights of {base.path} taken over, and {taken} of its tags")
        self.vectors = None if vectors is None else VectorFacts.of(vectors)
        self.epochs = training.epochs or epochs_for(tokens)
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
        self.plan = Plan(
            seed=training.seed,
            epochs=self.epochs,
            learning_rate=training.learning_rate,
            table_factor=training.vector_learning_rate if vectors is not None or base is not None else 1.0,
            schedule=training.schedule,
            warmup=training.warmup,
            clip_norm=training.clip_norm,
            weight_decay=training.weight_decay,
            averaging=training.averaging,
            patience=training.patience,
            threads=training.threads or _cores(),
            parts=parts_for(self.objective.batch_tokens, device),
            checkpoint_seconds=training.checkpoint_seconds,
        )

    def run(
        self, place: Path, *, resume: bool, force: bool, observers: Sequence[Callable[[Record], None]]
    ) -> Mapping[str, Any]:
        """Train, and write the model folder.

        Returns:
            The folder's metrics.
        """
        checkpoints = Checkpoints(run_folder(place), self._fingerprint())
        if not resume:
            checkpoints.remove()
        elif checkpoints.exists():
            self.say(f"going on with the run in {checkpoints.path.parent}")
        run = Run(self.objective, self.plan, checkpoints)
        account = _Account(Doctor(self.facts(), self.say))
        try:
            for record in run.records():
                account(record)
                for observer in observers:
                    observer(record)
        except TrainingError:
            account.doctor.close()
            raise
        except KeyboardInterrupt:
            if run.progress.best < 0:
                self.say("interrupted before the first evaluation; no model is written")
                raise
            metrics = self._finish(run, account, place, replace_old=resume or force)
            self.say(
                f"interrupted; the best weights so far (dev F1 {metrics['dev']['micro']['f1']:.2%}) are in {place}, "
                "and --resume goes on from the last checkpoint"
            )
            raise
        metrics = self._finish(run, account, place, replace_old=resume or force)
        checkpoints.remove()
        return metrics

    def facts(self) -> Facts:
        """What the doctor knows of the run before it begins."""
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

    def _finish(self, run: Run, account: _Account, place: Path, *, replace_old: bool) -> dict[str, Any]:
        """Score the best weights and write them down."""
        run.take_best()
        dev, test = self.data.dev, self.data.test
        with workers(self.plan.threads, self.plan.parts) as side_by_side:
            scores: dict[str, Any] = {"dev": self.objective.evaluate(side_by_side).to_json()}
            scores["test"] = None if test is None else self.objective.score(test.examples, side_by_side).to_json()
            calibration = self._calibrate(self.objective.labelled(dev.examples, side_by_side))
        metrics: dict[str, Any] = {
            "schema": "elman.metrics/1",
            **scores,
            "data": {
                name: None if part is None else part.to_json()
                for name, part in (("train", self.data.train), ("dev", dev), ("test", test))
            },
            "seed": self.settings.training.seed,
            "settings": to_dict(self.settings),
            "training": {
                "epochs": run.progress.epoch,
                "planned_epochs": self.epochs,
                "best_epoch": account.best_epoch,
                "steps": run.progress.step,
                "seconds": round(run.progress.seconds, 1),
                "recoveries": run.progress.recoveries,
                "incidents": account.incidents,
                "updates": account.doctor.course.to_json(),
            },
            "findings": [finding.to_json() for finding in account.doctor.findings()],
            "versions": versions(),
            "machine": {
                "processor": platform.machine(),
                "threads": self.plan.threads,
                "device": str(self.device),
            },
        }
        pack(place, self.task, self.network, self.settings, metrics, calibration, replace=replace_old)
        account.doctor.close()
        return metrics

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

    def _fingerprint(self) -> str:
        """Of everything that the result depends on."""
        parts = [
            self.data.train.fingerprint,
            self.data.dev.fingerprint,
            json.dumps(to_dict(self.settings), sort_keys=True),
        ]
        digest = hashlib.sha256("\n".join(parts).encode())
        for value in self.network.state_dict().values():
            digest.update(value.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()


@dataclass
class _Account:
    """What the model folder is to say of the run."""

    doctor: Doctor
    best_epoch: int = 0
    incidents: list[dict[str, object]] = field(default_factory=list)

    def __call__(self, record: Record) -> None:
        self.doctor(record)
        if isinstance(record, Evaluation) and record.best:
            self.best_epoch = record.epoch
        elif isinstance(record, Incident):
            self.incidents.append(record.to_json())


def _cores() -> int:
    """The cores that this process may use; not every system tells them apart from the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

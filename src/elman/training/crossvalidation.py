"""Cross-validation: what models hold of documents that they have not learned from, for a whole training set."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elman.data.division import divide
from elman.data.document import ENTITIES
from elman.decoding.candidates import FLOOR
from elman.errors import DataError, UsageError
from elman.runtime.beliefs import believe
from elman.runtime.tagger import load
from elman.settings import Settings, to_dict
from elman.training.train import train
from elman.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from elman.data.document import Document, Span
    from elman.features.vectors import Vectors
    from elman.metrics.suspicion import Belief
    from elman.training.records import Record

SCHEMA = "elman.crossvalidation/1"
"""The name and version of what ``CrossValidation.to_json`` gives."""

RECORD = "crossvalidation.json"
"""The file in the scratch folder that says what is being done there."""


@dataclass(frozen=True)
class Fold:
    """One model of a cross-validation.

    Attributes:
        repeat: counted from 1.
        number: which fold was held out, counted from 1.
        learned: how many documents it learned from, those included that it was judged by.
        held: how many it was asked about.
        dev_f1: its micro F1 on the documents it was judged by, in [0, 1].
        best_epoch: when that was.
        path: its folder.
    """

    repeat: int
    number: int
    learned: int
    held: int
    dev_f1: float
    best_epoch: int
    path: Path


@dataclass(frozen=True)
class CrossValidation:
    """What came of it.

    Attributes:
        beliefs: of each document, in the order given, by models that did not learn from it.
        folds: the models.
        seed: of the first division and the first models; each repeat adds 1.
    """

    beliefs: tuple[Belief, ...]
    folds: tuple[Fold, ...]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """What was done, without the beliefs."""
        return {
            "schema": SCHEMA,
            "seed": self.seed,
            "folds": [
                {
                    "repeat": fold.repeat,
                    "fold": fold.number,
                    "learned": fold.learned,
                    "held": fold.held,
                    "dev_f1": fold.dev_f1,
                    "best_epoch": fold.best_epoch,
                }
                for fold in self.folds
            ],
        }


def cross_validate(
    documents: Sequence[Document],
    k: int = 5,
    *,
    scratch: Path,
    settings: Settings | None = None,
    vectors: Vectors | None = None,
    repeats: int = 1,
    floor: float = FLOOR,
    device: str = "auto",
    observers: Sequence[Callable[[Record], None]] = (),
    say: Callable[[str], None] = lambda _: None,
) -> CrossValidation:
    """Train k models, each on all folds but one, and ask each about the fold that it has not seen.

    The documents are divided by ``settings.training.seed``, the same text never on two sides; each model holds out
    a share of what it learns from, as ``train`` does, to be judged by. With repeats all is done again with the next
    seed, and the probabilities are averaged, which takes out some of the chance in them.

    One model is in memory at a time. The finished ones stay in the scratch folder: called again with the same
    documents and settings, it goes on where it was cut off, and gives what it would have given.

    Args:
        documents: labelled.
        k: how many folds, at least 2.
        scratch: a folder for the models; made if it is not there.
        settings: of each training.
        vectors: pretrained word vectors.
        repeats: how often, at least 1.
        floor: candidates of less probability are left out, in (0, 1].
        device: ``auto``, ``cpu`` or ``cuda``.
        observers: each gets every record of every run.
        say: gets a line for everything found out on the way.

    Raises:
        DataError: if there are too few documents with different texts, or a fold has no entity to learn from.
        UsageError: if the scratch folder is that of another cross-validation, or there are no folds or repeats.
        TrainingError: if a run goes wrong beyond recovery.
    """
    if k < 2 or repeats < 1:
        raise UsageError(f"cross-validation needs at least 2 folds and 1 repeat, got {k} and {repeats}")
    texts = len({document.text for document in documents})
    if texts < max(k, 3):
        raise DataError(
            f"expected at least {max(k, 3)} documents with different texts for {k} folds, as each model also holds "
            f"some out to be judged by; got {texts}"
        )
    settings = settings or Settings()
    first = settings.training.seed
    _claim(scratch, _fingerprint(documents, k, repeats, settings, vectors))
    total: list[_Sum | None] = [None] * len(documents)
    folds = []
    for repeat in range(repeats):
        chosen = replace(settings, training=replace(settings.training, seed=first + repeat))
        parts = divide(documents, [1.0] * k, first + repeat).parts
        for number in range(k):
            held = [at for at, part in enumerate(parts) if part == number]
            place = scratch / f"repeat-{repeat + 1}-fold-{number + 1}"
            outcome = train(
                [document for document, part in zip(documents, parts, strict=True) if part != number],
                out=place,
                settings=chosen,
                vectors=vectors,
                device=device,
                resume=True,
                observers=observers,
                say=say,
            )
            best = outcome.best
            for at, belief in zip(held, believe(load(place), (documents[at] for at in held), floor), strict=True):
                total[at] = _Sum(belief) if (before := total[at]) is None else before.add(belief)
            fold = Fold(
                repeat + 1,
                number + 1,
                len(documents) - len(held),
                len(held),
                best.dev.value,
                int(best.metrics["training"]["best_epoch"]),
                place,
            )
            folds.append(fold)
            of = f"fold {fold.number} of {k}" + (f", repeat {fold.repeat} of {repeats}" if repeats > 1 else "")
            say(f"{of}: learned from {fold.learned} documents, dev F1 {fold.dev_f1:.2%}, asked about {fold.held}")
    beliefs = tuple(each.mean() for each in total if each is not None)
    return CrossValidation(beliefs, tuple(folds), first)


class _Sum:
    """The beliefs of several models about one document, summed up."""

    def __init__(self, belief: Belief) -> None:
        self._belief = belief
        self._count = 0
        self._own: list[list[float]] = [[] for _ in belief.own]
        self._candidates: dict[tuple[str, int, int, str], tuple[Span, float]] = {}
        self.add(belief)

    def add(self, belief: Belief) -> _Sum:
        """Take in what one more model holds, and return this very sum."""
        self._count += 1
        for known, probability in zip(self._own, belief.own, strict=True):
            if probability is not None:
                known.append(probability)
        for span in belief.candidates:
            _, before = self._candidates.get(span.key, (span, 0.0))
            self._candidates[span.key] = span, before + (span.score or 0.0)
        return self

    def mean(self) -> Belief:
        """Their mean; a model that cannot tell of a span does not count, one that leaves a candidate out counts 0."""
        own = [sum(known) / len(known) if known else None for known in self._own]
        candidates = [replace(span, score=total / self._count) for span, total in self._candidates.values()]
        return self._belief._replace(own=own, candidates=sorted(candidates, key=lambda span: span.key))


def _claim(scratch: Path, fingerprint: str) -> None:
    """Take a folder for a cross-validation, if it is not another one's."""
    record = scratch / RECORD
    try:
        kept = json.loads(record.read_text("utf-8"))["fingerprint"]
    except (FileNotFoundError, NotADirectoryError):
        if scratch.exists() and (not scratch.is_dir() or any(scratch.iterdir())):
            raise UsageError(
                f"{scratch} is there and is not the folder of a cross-validation; give one that is not there, or empty"
            ) from None
        scratch.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps({"schema": SCHEMA, "fingerprint": fingerprint}) + "\n", "utf-8")
        return
    except (ValueError, KeyError, TypeError):
        kept = None
    if kept != fingerprint:
        raise UsageError(
            f"{scratch} holds the models of a cross-validation of other documents or with other settings; give another "
            "folder, or remove it"
        )


def _fingerprint(
    documents: Iterable[Document], k: int, repeats: int, settings: Settings, vectors: Vectors | None
) -> str:
    """Of everything that the result depends on."""
    digest = hashlib.sha256(json.dumps([__version__, k, repeats, to_dict(settings)], sort_keys=True).encode())
    for document in documents:
        spans = [span.key for span in document.layer(ENTITIES)]
        unknown = [(region.start, region.end) for region in document.unknown if region.layer == ENTITIES]
        digest.update(repr((document.text, spans, unknown)).encode("utf-8", "surrogatepass"))
        if document.tokens is not None:
            digest.update(document.tokens.offsets.tobytes() + document.tokens.sentences.tobytes())
    if vectors is not None:
        digest.update("\n".join(vectors.words).encode("utf-8", "surrogatepass"))
        digest.update(vectors.matrix.tobytes())
    return digest.hexdigest()

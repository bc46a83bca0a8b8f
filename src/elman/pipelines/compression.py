"""A small model folder from a trained one, and what it costs."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.labels import Relabelling
from elman.errors import UsageError
from elman.features.vocabulary import Vocabulary
from elman.metrics.breakdown import breakdown
from elman.metrics.comparison import compare
from elman.metrics.score import score
from elman.model.card import card
from elman.model.folder import read_model, write_model
from elman.model.manifest import CHECKSUM, COMPRESSED, MANIFEST
from elman.model.place import free_place
from elman.model.precision import FIXED, LEARNED, PLAIN, RARE, Precision, decode_weights, encode
from elman.runtime.evaluation import judge
from elman.runtime.tagger import Tagger
from elman.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elman.data.document import Document
    from elman.model.folder import ModelFolder

SCHEMA = "elman.compress/1"
"""The name and version of what ``Compressed.to_json`` gives."""

SMALL = Precision(weights="float16", learned="int8", vectors="product")
"""What docs/decisions/0010 found to cost next to nothing."""

MAX_LOSS = 0.1
"""Points of F1, of 100, that compression may cost unless the caller says otherwise."""

FEWEST = 4096
"""Fewer fixed vectors are stored in whole numbers: lists of pieces would take more room than they save."""


class Cost(NamedTuple):
    """What a model scores before and after, as fractions."""

    before: float
    after: float

    @property
    def lost(self) -> float:
        """In points of 100."""
        return 100 * (self.before - self.after)


@dataclass(frozen=True)
class Compressed:
    """What came of a compression.

    Attributes:
        precision: the form of each part.
        words: how many words have a row, before and after.
        bytes: of each part, before and after.
        f1: micro F1 on the data; None without data.
        unseen: that of spans whose strings are no spans of the training set; None without one, or without such spans.
        same: the share of the spans found before that are found after, too; None without data.
        written: whether the folder was written, or the cost was too high.
    """

    precision: Precision
    words: tuple[int, int]
    bytes: Mapping[str, tuple[int, int]]
    f1: Cost | None = None
    unseen: Cost | None = None
    same: float | None = None
    written: bool = True

    def to_json(self) -> dict[str, Any]:
        """As plain values, F1 as fractions."""
        return {
            "schema": SCHEMA,
            "written": self.written,
            "precision": self.precision._asdict(),
            "words": _both(*self.words),
            "bytes": {part: _both(*sizes) for part, sizes in self.bytes.items()},
            "f1": None if self.f1 is None else _both(*self.f1),
            "unseen": None if self.unseen is None else _both(*self.unseen),
            "same": self.same,
        }


def compress(
    model: Path,
    out: Path,
    documents: Iterable[Document] | None = None,
    train: Iterable[Document] | None = None,
    *,
    name: str = "the data",
    labels: Mapping[str, str] | None = None,
    precision: Precision = SMALL,
    words: int | None = None,
    max_loss: float = MAX_LOSS,
    force: bool = False,
) -> Compressed:
    """Write a small model folder, unless it costs too much.

    Args:
        model: the folder of a model as training left it.
        out: the folder to write.
        documents: labelled text to judge by; without it the cost is not known and nothing is refused.
        train: what the model learned from, to judge spans apart whose strings it has not seen as such.
        name: what the documents are called in the folder.
        labels: new names for the documents' labels; an empty one leaves the label out.
        precision: the form of each part.
        words: how many words keep a row: those that learned, and of the others the first, which are the most frequent
            ones where vectors came in that order; None for all.
        max_loss: points of F1, of 100, that it may cost.
        force: replace what is at ``out``.

    Raises:
        ModelError: if the model cannot be read, or the folder not be written.
        UsageError: if the model is compressed already, something is at ``out``, fewer words are to be kept than
            learned, or the model finds nothing right in the documents, so that it could not lose anything.
    """
    folder = read_model(model)
    if folder.manifest.precision != PLAIN:
        raise UsageError(f"{model} is compressed already; compress the model that it was made from")
    if free_place(out, replace=force) == model.resolve():
        raise UsageError(f"{out} is the model itself, which would be lost; give another folder")
    fixed = folder.tensors.get(FIXED, np.zeros((0, folder.tensors[LEARNED].shape[1]), np.float16))
    kept = _kept(words, folder.manifest.learned_words, len(fixed))
    if precision.vectors == "product" and kept < FEWEST:
        precision = precision._replace(vectors="int8")
    gold = None if documents is None else list(Relabelling(labels or {})(documents))
    held = encode({**folder.tensors, FIXED: fixed[:kept]}, precision)
    table = Vocabulary(folder.lexicon.words.words[: folder.manifest.learned_words + kept])
    texts = {**folder.texts, "words": table.encode()}
    small = replace(
        folder,
        manifest=replace(folder.manifest, precision=precision),
        lexicon=replace(folder.lexicon, words=table),
        tensors=decode_weights(held, precision),
        texts=texts,
    )
    found = Compressed(
        precision,
        (len(folder.lexicon.words.words), len(table.words)),
        {
            part: (size, _sizes(held, texts)[part])
            for part, size in _sizes(encode(folder.tensors, PLAIN), folder.texts).items()
        },
    )
    if gold is not None:
        found = _judged(found, (folder, small), gold, train)
        if found.f1 is not None and not found.f1.lost <= max_loss:
            return replace(found, written=False)
    _write(out, folder, found, held, texts, name, replace=force)
    return found


def _judged(
    found: Compressed, folders: Sequence[ModelFolder], gold: Sequence[Document], train: Iterable[Document] | None
) -> Compressed:
    """With what both models score."""
    before, after = ([*judge(Tagger(folder), gold)] for folder in folders)
    layer = folders[0].manifest.layer
    spans = [
        {(at, *span.key) for at, pair in enumerate(pairs) for span in pair.predicted.layer(layer)}
        for pairs in (before, after)
    ]
    found = replace(
        found,
        f1=Cost(*(score(compare(pairs, layer)).micro.f1 for pairs in (before, after))),
        same=len(spans[0] & spans[1]) / len(spans[0]) if spans[0] else None,
    )
    if found.f1 is not None and not found.f1.before:
        raise UsageError(
            "the model finds nothing in the data as it is labelled there, so that no cost can be told; give other "
            "data, or rename its labels with --map"
        )
    if train is None:
        return found
    learned = list(train)
    groups = [breakdown(pairs, "seen", learned, layer=layer).get("unseen string") for pairs in (before, after)]
    if groups == [None, None]:
        return found
    return replace(found, unseen=Cost(*(0.0 if group is None else group.micro.f1 for group in groups)))


def _write(
    out: Path,
    folder: ModelFolder,
    found: Compressed,
    held: Mapping[str, NDArray[Any]],
    texts: Mapping[str, str],
    name: str,
    *,
    replace: bool,
) -> None:
    """The folder, with an account of its compression in the place of the scores' silence."""
    tree = json.loads((folder.path / MANIFEST).read_bytes())
    manifest = {key: value for key, value in tree.items() if key not in (CHECKSUM, "files")}
    protocol = max(COMPRESSED, manifest["protocol"])
    manifest |= {"protocol": protocol, "elman": __version__, "precision": found.precision._asdict()}
    account = {key: value for key, value in found.to_json().items() if key not in ("schema", "written", "precision")}
    account |= {"of": folder.manifest.checksum, "data": None if found.f1 is None else name}
    metrics = {**folder.metrics, "compression": account}
    write_model(out, manifest, held, texts, metrics, card(manifest, metrics), replace=replace)


def _kept(words: int | None, learned: int, fixed: int) -> int:
    """How many of the fixed vectors stay."""
    if words is None:
        return fixed
    if words < learned:
        raise UsageError(f"expected to keep at least the {learned:,} words that learned, got {words:,}")
    return min(words - learned, fixed)


def _sizes(held: Mapping[str, NDArray[Any]], texts: Mapping[str, str]) -> dict[str, int]:
    """Bytes of each part."""
    sizes = {"words": sum(len(text.encode()) for text in texts.values())}
    sizes |= dict.fromkeys(("learned", "vectors", "weights"), 0)
    for name, array in held.items():
        part = "learned" if name.startswith(LEARNED) else "vectors" if name.startswith((FIXED, RARE)) else "weights"
        sizes[part] += array.nbytes
    return sizes


def _both(before: float, after: float) -> dict[str, float]:
    return {"before": before, "after": after}

"""From labelled files to a training set, a dev set and a test set, with everything that was guessed said aloud."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from elman.data.align import COLLIDING, OVERLAPPING, Agreement, agreement
from elman.data.document import ENTITIES
from elman.data.labels import Relabelling
from elman.data.layers import base_of, flattened
from elman.data.split import holdout
from elman.errors import DataError, UsageError
from elman.runtime.evaluation import read_gold
from elman.tasks.tagging import prepare, tokens_and_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from elman.data.document import Document
    from elman.data.ledger import Ledger
    from elman.settings import DataSettings
    from elman.tasks.tagging import Examples

COMPARED_CHARACTERS = 500_000
"""So much of a file's text is tokenized to see how often our tokens are the file's."""

Source = Path | str | list["Document"]
"""A file, or documents."""


@dataclass(frozen=True)
class Part:
    """One labelled set.

    Attributes:
        examples: it as arrays.
        name: the file's name, or what it is.
        fingerprint: SHA-256 over its types, tokens and spans, and over what of it is unknown, if anything is.
    """

    examples: Examples
    name: str
    fingerprint: str

    def to_json(self) -> dict[str, object]:
        """What a model folder records of it."""
        return {
            "name": self.name,
            "fingerprint": self.fingerprint,
            "documents": len(np.unique(self.examples.documents)),
            "sentences": len(self.examples),
            "tokens": len(self.examples.tokens),
            "spans": dict(sorted(self.examples.label_counts().items())),
        }


@dataclass(frozen=True)
class Data:
    """What a run learns from and is judged by."""

    train: Part
    dev: Part
    test: Part | None


@dataclass
class _Comparison:
    """Compares a file's tokens with ours as its documents pass."""

    counts: Agreement = field(default_factory=lambda: Agreement(0, 0, 0))
    left: int = COMPARED_CHARACTERS

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            if document.tokens is not None and self.left > 0:
                self.left -= len(document.text)
                own = tokens_and_windows(replace(document, tokens=None)).offsets
                self.counts += agreement(document.tokens.offsets, own)
            yield document

    def __str__(self) -> str:
        share = self.counts.equal / max(self.counts.gold, 1)
        return f"elman's tokenizer finds {share:.1%} of the file's own tokens (of {self.counts.gold:,} compared)"


@dataclass
class _Layers:
    """Spreads spans that overlap over layers if that is asked for, and counts the spans of the other layers."""

    settings: DataSettings
    others: Counter[str] = field(default_factory=Counter)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        layer, base = self.settings.layer, base_of(self.settings.layer)
        for document in documents:
            spread = flattened(document, base) if self.settings.overlap == "layers" else document
            self.others.update(span.layer for span in spread.spans if span.layer != layer)
            yield spread

    def told(self, ledger: Ledger) -> Iterator[str]:
        """What a person has to be told of spans that are not learned."""
        if self.others:
            counts = ", ".join(f"{name} ({count:,})" for name, count in self.others.most_common())
            yield f"only the layer {self.settings.layer} is learned; there are also spans in {counts}"
        if any(("span", "refused", reason) in ledger.counts for reason in (OVERLAPPING, COLLIDING)):
            yield (
                "a model learns one flat layer: --overlap layers spreads spans that overlap over layers, "
                "and --layer says which of them to learn"
            )


def load_part(
    source: Source,
    settings: DataSettings,
    *,
    labels: Mapping[str, str],
    format: str | None,  # noqa: A002  # the option's name
    scheme: str | None,
    say: Callable[[str], None],
) -> Part:
    """Read one labelled set.

    Args:
        source: a file or documents.
        settings: what to do with tags and spans that do not fit.
        labels: new names, see ``elman.data.labels``.
        format: the file's, or None to find it out.
        scheme: its tags', or None to find it out.
        say: gets a line for everything found out.

    Raises:
        DataError: if the file cannot be read, or holds no sentence.
    """
    comparison, relabelling = _Comparison(), Relabelling(labels)
    name = Path(source).name if isinstance(source, Path | str) else "documents"
    if isinstance(source, Path | str):
        reading = read_gold(source, format, scheme, settings.repair, settings.layer)
        documents: Iterable[Document] = reading
    else:
        reading, documents = None, source
    passing = _Layers(settings)
    examples = prepare(
        passing(relabelling(comparison(documents))),
        partial=settings.partial,
        overlap="longest" if settings.overlap == "layers" else settings.overlap,
        layer=settings.layer,
    )
    if reading is not None:
        for line in reading.report.lines():
            say(f"{name}: {line}")
    if not len(examples):
        raise DataError("expected at least one sentence, found none; give a file with labelled text", name)
    if comparison.counts.gold:
        say(f"{name}: {comparison}")
    if relabelling.unused:
        raise UsageError(
            f"the label map names {', '.join(relabelling.unused)}, which {name} does not have; "
            f"it has {', '.join(sorted(relabelling.seen)) or 'none'}"
        )
    ledger = relabelling.ledger + examples.ledger
    for item, kind, reason, count, example in ledger.table():
        if kind != "kept":
            say(f"{name}: {count} of {ledger.given(item)} {item}s {kind}: {reason} (such as {example})")
    for line in chain(passing.told(ledger), _of_tokens(examples)):
        say(f"{name}: {line}")
    return Part(examples, name, fingerprint(examples))


def _of_tokens(examples: Examples) -> Iterator[str]:
    """What a person has to be told of the tokens: which are unknown, and where sentences were cut."""
    if examples.unknown is not None:
        unknown, tokens = int(examples.unknown.sum()), len(examples.tokens)
        yield f"nobody said what {unknown:,} of {tokens:,} tokens are; they count as unknown, not as O"
    if examples.cuts:
        yield f"{examples.cuts} sentences longer than a window were cut"


def load(
    train: Source,
    dev: Source | None,
    test: Source | None,
    settings: DataSettings,
    *,
    seed: int,
    labels: Mapping[str, str],
    format: str | None,  # noqa: A002  # the option's name
    scheme: str | None,
    say: Callable[[str], None],
) -> Data:
    """Read all sets; without a dev set, a share of the training documents is held out.

    Raises:
        DataError: if a file cannot be read, the training set has no entity, or is too small to hold anything out.
    """

    def part(source: Source) -> Part:
        return load_part(source, settings, labels=labels, format=format, scheme=scheme, say=say)

    learned = part(train)
    if not len(learned.examples.spans):
        wanted = "labelled entities" if settings.layer == ENTITIES else f"labels of the layer {settings.layer}"
        raise DataError(f"expected {wanted} to learn from, found none; check the file's label column", learned.name)
    judged = part(dev) if dev is not None else None
    if judged is None:
        learned, judged = _hold_out(learned, settings.holdout, seed, say)
    final = part(test) if test is not None else None
    for other in filter(None, (judged, final)):
        unseen = {
            label: n for label, n in other.examples.label_counts().items() if label not in learned.examples.labels
        }
        if unseen:
            counts = ", ".join(f"{label} ({count})" for label, count in sorted(unseen.items()))
            say(f"warning: {other.name} has labels that {learned.name} does not, and which count as missed: {counts}")
    return Data(learned, judged, final)


def _hold_out(part: Part, share: float, seed: int, say: Callable[[str], None]) -> tuple[Part, Part]:
    """Split by document."""
    numbers = np.unique(part.examples.documents)
    if len(numbers) < 2:
        raise DataError(
            "expected at least two documents, so that one can be held out to judge by; give --dev, or a training file "
            "that says where its documents begin",
            part.name,
        )
    _, held = holdout(numbers.tolist(), share, seed)
    inside = np.isin(part.examples.documents, held)
    parts = []
    for chosen, name in ((~inside, part.name), (inside, f"held out from {part.name}")):
        examples = part.examples.select(np.flatnonzero(chosen))
        parts.append(Part(examples, name, fingerprint(examples)))
    say(f"no dev file: {len(held)} of {len(numbers)} documents of {part.name} are held out to judge by (seed {seed})")
    if not len(parts[0].examples.spans):
        raise DataError("expected labelled entities in more than one document; give --dev", part.name)
    return parts[0], parts[1]


def fingerprint(examples: Examples) -> str:
    """SHA-256 over types, tokens and spans, and over what is unknown, if anything is."""
    digest = hashlib.sha256("\n".join((*examples.types, "", *examples.labels)).encode("utf-8", "surrogatepass"))
    for array in (examples.tokens, examples.starts, examples.spans):
        digest.update(array.tobytes())
    if examples.unknown is not None:
        digest.update(np.packbits(examples.unknown).tobytes())
    return digest.hexdigest()

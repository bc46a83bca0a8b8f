"""Seeded splits: what is held out, and folds for cross-validation."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from elman.data.document import Document
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")


def holdout(documents: Sequence[Item], fraction: float, seed: int) -> tuple[list[Item], list[Item]]:
    """Hold out a share of the documents.

    Which ones depends on the seed and on each document's text, not on its place, labels or neighbours:
    of a file that grows or is sorted anew, nearly the same documents are held out, and the same text is never
    on both sides.

    Args:
        documents: documents, or anything that stands for them and is told apart by its ``repr``.
        fraction: the share to hold out, between 0 and 1; at least one text is held out, and one is not.
        seed: any whole number.

    Returns:
        The documents to learn from and those held out, each in the given order.

    Raises:
        DataError: if there are not two different texts.
        UsageError: if the fraction is not between 0 and 1.
    """
    if not 0 < fraction < 1:
        raise UsageError(f"the fraction to hold out has to be between 0 and 1, got {fraction}")
    ranks = _ranks(documents, seed)
    count = max(ranks) + 1 if ranks else 0
    if count < 2:
        raise DataError(
            f"expected at least two documents with different texts to hold one out, got {count}; "
            "give what to judge by in a file of its own, or say where documents begin"
        )
    held = min(max(round(fraction * count), 1), count - 1)
    return _parted(documents, [rank < held for rank in ranks])


def folds(documents: Sequence[Item], k: int, seed: int) -> list[tuple[list[Item], list[Item]]]:
    """Split documents k ways for cross-validation: each is held out once, the same text always at once.

    Args:
        documents: as for ``holdout``.
        k: how many folds, at least 2; they differ in size by one text at most.
        seed: any whole number.

    Returns:
        For each fold what to learn from and what is held out, each in the given order.

    Raises:
        DataError: if there are fewer different texts than folds.
        UsageError: if ``k`` is below 2.
    """
    if k < 2:
        raise UsageError(f"cross-validation needs at least 2 folds, got {k}")
    ranks = _ranks(documents, seed)
    count = max(ranks) + 1 if ranks else 0
    if count < k:
        raise DataError(f"expected at least {k} documents with different texts for {k} folds, got {count}")
    return [_parted(documents, [rank % k == fold for rank in ranks]) for fold in range(k)]


def _ranks(documents: Sequence[Item], seed: int) -> list[int]:
    """The place of each document's text in an order that looks random; the same text has the same place."""
    digests = [digest_of(document, seed) for document in documents]
    places = {digest: place for place, digest in enumerate(sorted(set(digests)))}
    return [places[digest] for digest in digests]


def digest_of(document: object, seed: int) -> bytes:
    """16 bytes that stand for a document's text, or for anything else's ``repr``, under a seed."""
    name = document.text if isinstance(document, Document) else repr(document)
    return hashed(name, seed)


def hashed(name: str, seed: int) -> bytes:
    """16 bytes that stand for a name under a seed."""
    return blake2b(f"{seed} {name}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _parted(documents: Sequence[Item], held: Sequence[bool]) -> tuple[list[Item], list[Item]]:
    pairs = list(zip(documents, held, strict=True))
    return [document for document, is_held in pairs if not is_held], [
        document for document, is_held in pairs if is_held
    ]

"""A digest of what a series of trainings has in common, to tell whether it is the same series."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from elman.settings import to_dict

if TYPE_CHECKING:
    from elman.features.vectors import Vectors
    from elman.settings import Settings
    from elman.training.data import Data


def fingerprint(data: Data, settings: Settings, vectors: Vectors | None, *others: Any) -> str:
    """SHA-256 of data, settings and vectors, and of other values that JSON can hold; threads change no result."""
    tree = to_dict(settings)
    tree["training"] = {**tree["training"], "threads": 0}
    told = json.dumps([data.train.fingerprint, data.dev.fingerprint, tree, *others], sort_keys=True)
    digest = hashlib.sha256(told.encode())
    if vectors is not None:
        digest.update("\n".join(vectors.words).encode("utf-8", "surrogatepass"))
        digest.update(vectors.matrix.tobytes())
    return digest.hexdigest()

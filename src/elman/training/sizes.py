"""How long to train and in what batches, where the user does not say: from the size of the training set.

Chosen on dev sets, see ``docs/decisions``.
"""

from __future__ import annotations

import math


def epochs_for(tokens: int) -> int:
    """Epochs for a training set of so many tokens: small ones are seen more often."""
    return max(6, min(40, round(14 * math.pow(200_000 / max(tokens, 1), 0.15))))


def batch_tokens_for(tokens: int) -> int:
    """Tokens in a batch, padding included: small sets need small batches to get enough updates."""
    return max(256, min(512, round(512 * math.sqrt(tokens / 200_000))))

"""What training takes from the size of the training set where the user does not say: how long, how, and on what.

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


def neighbours_for(tokens: int) -> float:
    """How much predicting neighbouring words counts: small sets have too few words to learn it from."""
    return 0.05 if tokens >= 50_000 else 0.0

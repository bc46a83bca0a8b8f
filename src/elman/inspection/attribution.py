"""Which tokens a label rests on: integrated gradients, beside what happens if a token is erased.

Sundararajan, M., Taly, A. & Yan, Q. (2017). Axiomatic attribution for deep networks. ICML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from elman.errors import UsageError
from elman.inspection.sentences import emissions, unknown_vector

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from elman.inspection.sentences import Sentence
    from elman.training.reopening import Reopened

TOLERANCE = 0.01
"""By so much of their sizes the sum of the shares may miss the difference that they divide up."""

ROUNDING = 1e-3
"""By so much, in nats, it may miss it besides: float32 knows no better."""

FEWEST, MOST = 16, 512
"""Points on the way from the baseline to the sentence: so many at first, twice as many until the sum is right."""

TOGETHER = 32
"""So many versions of a sentence go through the network at once."""

_NEVER = -1e6  # for minus infinity, whose gradient would be no number


class Target(NamedTuple):
    """A label whose probability is looked at.

    Attributes:
        label: an entity's label, or ``O``.
        first: its first token.
        stop: one past its last.
        whole: whether it is the probability that an entity is just there, and not that a token has the label, in an
            entity of whatever bounds.
    """

    label: str
    first: int
    stop: int
    whole: bool


class Attribution(NamedTuple):
    """What each token of a sentence does for a label.

    Attributes:
        target: the label.
        probability: the model's, in [0, 1].
        baseline: the probability when all tokens but the target's own are blank: their vectors are zero.
        shares: of each token, in nats: what it adds to the log-probability; together they are the logarithm of
            ``probability / baseline``. 0 of the target's own tokens, which stay as they are.
        points: how many points on the way were looked at.
        error: by how much, in nats, the sum of the shares misses what it should be.
        erased: of each token the probability when it alone is erased, the target's own included: in its place stands
            a word of which nothing is known.
    """

    target: Target
    probability: float
    baseline: float
    shares: NDArray[np.float64]
    points: int
    error: float
    erased: NDArray[np.float64]

    @property
    def complete(self) -> bool:
        """Whether the sum of the shares is what it should be."""
        return abs(self.error) <= TOLERANCE * float(np.abs(self.shares).sum()) + ROUNDING


def attribute(model: Reopened, sentence: Sentence, target: Target) -> Attribution:
    """Divide up among the tokens around a label what they do for it.

    The way goes in a straight line, for all of them at once, from vectors of zeros to the tokens' own: word, characters
    and shape, before the summary of the sentence is added. What a token says through that summary is in its share.
    The target's own tokens stay as they are all the way.

    Of zeros, the unknown word and the average word, and ways with and without the target's own tokens, this one
    agreed best with erasing tokens (docs/how-to/memory.md). Dropout on the vectors has shown zeros to the network.

    Args:
        model: with its weights.
        sentence: of a text that it read.
        target: from ``entity_target`` or ``token_target``.
    """
    vectors = sentence.vectors
    nothing = torch.zeros_like(vectors)
    nothing[target.first : target.stop] = vectors[target.first : target.stop]
    log_probability = scorer(model, len(vectors), target)
    with torch.inference_mode():
        ends = log_probability(torch.stack((vectors, nothing)))
        erased = torch.cat(
            [
                log_probability(_erased(vectors, some, unknown_vector(model.network)))
                for some in torch.split(torch.arange(len(vectors)), TOGETHER)
            ]
        )
    full, empty = ends.tolist()
    points = FEWEST
    while True:
        shares = integrated_gradients(log_probability, vectors, nothing, points).sum(1).numpy()
        error = float(shares.sum() - (full - empty))
        if abs(error) <= TOLERANCE or points >= MOST:
            break
        points *= 2
    return Attribution(target, float(np.exp(full)), float(np.exp(empty)), shares, points, error, np.exp(erased.numpy()))


def integrated_gradients(function: Callable[[Tensor], Tensor], x: Tensor, baseline: Tensor, points: int) -> Tensor:
    """Attributions of a function's value to the numbers that it reads.

    The integral is a sum over the points of Gauss and Legendre, which is exact for polynomials of a degree below
    twice their number.

    Args:
        function: from n x shape to n values, each of its own row.
        x: shape; where the way ends.
        baseline: shape; where it begins.
        points: on the way, at least 1.

    Returns:
        shape, float64; their sum is the function's value at x less that at the baseline, as far as the points tell.
    """
    places, weights = np.polynomial.legendre.leggauss(points)
    total = torch.zeros_like(x, dtype=torch.float64)
    for some in np.array_split(np.arange(points), -(-points // TOGETHER)):
        at = torch.from_numpy((places[some] + 1) / 2).to(x.dtype).view(-1, *[1] * x.dim())
        way = (baseline + at * (x - baseline)).requires_grad_()
        (slopes,) = torch.autograd.grad(function(way).sum(), way)
        total += torch.einsum("n,n...->...", torch.from_numpy(weights[some] / 2), slopes.double())
    return total * (x - baseline).double()


def scorer(model: Reopened, length: int, target: Target) -> Callable[[Tensor], Tensor]:
    """From n sentences' vectors, n x time x feature, to the logarithm of the target's probability in each: n."""
    decoder, heat = model.task.decoder, model.folder.manifest.temperature
    start, transition, end = (
        part.detach().double().clamp(min=_NEVER) / heat for part in model.network.head.structure()
    )
    label = -1 if target.label == "O" else decoder.labels.index(target.label)
    own = torch.from_numpy(decoder.label == label)
    joined = torch.from_numpy(decoder.joined)
    steps = transition.expand(length, -1, -1).clone()  # into each token
    barred = torch.zeros(length, len(own), dtype=torch.bool)
    barred[target.first : target.stop] = ~own
    for at in range(target.first, min(target.stop + 1, length)) if target.whole else ():
        inside = target.first < at < target.stop
        steps[at][~joined if inside else joined] = _NEVER

    def log_probability(vectors: Tensor) -> Tensor:
        scores = emissions(model.network, vectors).double() / heat
        kept = scores.masked_fill(barred, _NEVER)
        return _log_sum(kept, start, steps, end) - _log_sum(scores, start, transition.expand_as(steps), end)

    return log_probability


def _log_sum(scores: Tensor, start: Tensor, steps: Tensor, end: Tensor) -> Tensor:
    """The log of the summed weights of all tag sequences: n; of scores, n x time x K, and steps, time x K x K."""
    alpha = start + scores[:, 0]
    for at in range(1, scores.shape[1]):
        alpha = torch.logsumexp(alpha[:, :, None] + steps[at], dim=1) + scores[:, at]
    return torch.logsumexp(alpha + end, dim=1)


def _erased(vectors: Tensor, some: Tensor, unknown: Tensor) -> Tensor:
    """A sentence once for each of some tokens, with that token erased: some x time x feature."""
    erased = vectors.repeat(len(some), 1, 1)
    erased[torch.arange(len(some)), some] = unknown
    return erased


def entity_target(sentence: Sentence, number: int) -> Target:
    """The entity of that number in a sentence, counted from 0."""
    first, stop, label, _ = sentence.entities[number]
    return Target(label, first, stop, whole=True)


def token_target(sentence: Sentence, token: int) -> Target:
    """The label that a token has in the best sequence of tags, ``O`` outside of all entities."""
    if not 0 <= token < len(sentence.words):
        raise UsageError(f"expected a token from 1 to {len(sentence.words)}, got {token + 1}")
    labels = (entity.label for entity in sentence.entities if entity.first <= token < entity.stop)
    return Target(next(labels, "O"), token, token + 1, whole=False)

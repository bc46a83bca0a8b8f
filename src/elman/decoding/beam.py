"""The best sequences that a network can write, one output after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ids = NDArray[np.integer[Any]]

LEAST_COVERAGE = 1e-6
"""An input that was not attended to at all counts as attended to by so much; its logarithm would be infinite."""


class State(Protocol):
    """Where a search is, of examples x width beams."""

    def take(self, examples: Ids, beams: Ids) -> Self:
        """Of these examples, the beams that go on, examples x width."""
        ...


class Step(Protocol):
    """One step of a network: ids, examples x width, the outputs before it, to what may follow."""

    def __call__(self, state: Any, ids: Ids) -> tuple[NDArray[np.float32], Any, NDArray[np.float32] | None]:
        """Scores before the softmax, examples x width x outputs; the state after; the attention or None.

        The attention is examples x width x time; each row adds up to 1, and is 0 beyond an input's end.
        """
        ...


class Search(NamedTuple):
    """How to look for sequences.

    Attributes:
        width: beams that go on at each step, at least 1; 1 takes the best output at each, which is greedy.
        length_penalty: alpha; 0 prefers short sequences, since each output costs; the larger, the less so.
        coverage_penalty: beta; above 0, sequences lose that leave inputs without attention.
    """

    width: int = 5
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0


class Hypothesis(NamedTuple):
    """A sequence that was found.

    Attributes:
        ids: its outputs, without the end.
        score: what sequences are ranked by.
        logarithm: of its probability.
        ended: whether it came to its end; if not, it was cut off at the limit.
    """

    ids: tuple[int, ...]
    score: float
    logarithm: float
    ended: bool


def beam_search(
    step: Step,
    state: State,
    limits: Sequence[int],
    *,
    end: int,
    search: Search,
    inputs: Ids | None = None,
    barred: Sequence[int] = (),
) -> list[list[Hypothesis]]:
    """The best sequences of each example, by a beam search.

    A sequence y of an input x has the score log P(y | x) / lp(y) + cp(x, y), where lp(y) = ((5 + |y|) / 6)^alpha, the
    end counted in, and cp(x, y) = beta * sum over the inputs of log(min(attention to it over all steps, 1)).
    Wu, Y. et al. (2016). Google's neural machine translation system. arXiv:1609.08144, equation 14. While a search
    goes on, sequences of one length are compared by their probabilities alone. It ends for an example when as many
    sequences as the beam is wide have ended, or at its limit.

    Args:
        step: the network.
        state: before the first step, of one beam each.
        limits: for each example how many outputs there may be, at least 1, the end counted in.
        end: the output that ends a sequence; it is the first step's input, too.
        search: how to look.
        inputs: for each example how many inputs there are; for the coverage.
        barred: outputs that are never written.

    Returns:
        For each example its sequences that ended, the best one first; if none did, the best one that was cut off.
    """
    width = search.width
    going = np.arange(len(limits))
    found: list[list[Hypothesis]] = [[] for _ in limits]
    ids: Ids = np.full((len(limits), 1), end, np.int64)
    written: Ids = np.zeros((len(limits), 1, 0), np.int64)  # examples x beams x steps
    logs = np.zeros((len(limits), 1))
    covered: NDArray[np.float64] | None = None  # examples x beams x time
    for length in range(1, max(limits, default=0) + 1):
        scores, state, weights = step(state, ids)
        totals = logs[:, :, None] + _log_softmax(scores)  # examples x beams x outputs
        totals[:, :, list(barred)] = -np.inf
        if search.coverage_penalty and weights is not None:
            covered = weights.astype(np.float64) if covered is None else covered + weights
        values, beams, outputs = _best(totals, 2 * width)
        ending = outputs == end
        _collect(
            found,
            going,
            written,
            values,
            beams,
            ending & (np.arange(values.shape[1]) < width),
            length,
            search,
            None if covered is None else _penalty(covered, inputs, going),
        )
        # Those that go on, the best first; where there are fewer than beams, ended ones fill up and cannot win.
        order = np.argsort(ending, axis=1, kind="stable")[:, :width]
        values, beams, outputs, ending = (np.take_along_axis(x, order, 1) for x in (values, beams, outputs, ending))
        logs = np.where(ending, -np.inf, values)
        written = np.concatenate((np.take_along_axis(written, beams[:, :, None], 1), outputs[:, :, None]), axis=2)
        if covered is not None:
            covered = np.take_along_axis(covered, beams[:, :, None], 1)
        late = np.array([limits[at] <= length for at in going.tolist()])
        _cut_off(found, going, written, logs, late, length, search)
        kept = np.array([len(found[at]) < width for at in going.tolist()]) & ~late & np.isfinite(logs).any(axis=1)
        if not kept.any():
            break
        rest = np.flatnonzero(kept)
        state = state.take(rest, beams[rest])
        going, ids, written, logs = going[rest], outputs[rest], written[rest], logs[rest]
        covered = None if covered is None else covered[rest]
    return [sorted(each, key=lambda one: (-one.score, one.ids)) for each in found]


def _best(totals: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], Ids, Ids]:
    """The best continuations of each example, in order: their values, beams and outputs, each examples x count."""
    examples, _, outputs = totals.shape
    flat = totals.reshape(examples, -1)
    count = min(count, flat.shape[1])
    chosen = np.sort(np.argpartition(-flat, count - 1, axis=1)[:, :count], axis=1)
    values = np.take_along_axis(flat, chosen, 1)
    order = np.argsort(-values, axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, 1)
    return np.take_along_axis(values, order, 1), chosen // outputs, chosen % outputs


def _collect(
    found: list[list[Hypothesis]],
    going: Ids,
    written: Ids,
    values: NDArray[np.float64],
    beams: Ids,
    ended: NDArray[np.bool_],
    length: int,
    search: Search,
    penalty: NDArray[np.float64] | None,
) -> None:
    """Take down the sequences that have come to their end."""
    for row, place in np.argwhere(ended & np.isfinite(values)).tolist():
        beam, logarithm = int(beams[row, place]), float(values[row, place])
        score = logarithm / _length_penalty(length, search)
        if penalty is not None:
            score += search.coverage_penalty * float(penalty[row, beam])
        found[going[row]].append(Hypothesis(tuple(written[row, beam].tolist()), score, logarithm, True))


def _cut_off(
    found: list[list[Hypothesis]],
    going: Ids,
    written: Ids,
    logs: NDArray[np.float64],
    late: NDArray[np.bool_],
    length: int,
    search: Search,
) -> None:
    """Take down the best sequence of each example that is at its limit and has none."""
    for row in np.flatnonzero(late & np.isfinite(logs).any(axis=1)).tolist():
        if not found[going[row]]:
            beam = int(logs[row].argmax())
            logarithm = float(logs[row, beam])
            score = logarithm / _length_penalty(length, search)
            found[going[row]].append(Hypothesis(tuple(written[row, beam].tolist()), score, logarithm, False))


def _length_penalty(length: int, search: Search) -> float:
    return float(((5 + length) / 6) ** search.length_penalty)


def _penalty(covered: NDArray[np.float64], inputs: Ids | None, going: Ids) -> NDArray[np.float64]:
    """The sum of the logarithms of how much each input was attended to: examples x beams."""
    logs = np.log(np.clip(covered, LEAST_COVERAGE, 1))
    if inputs is not None:
        logs *= (np.arange(covered.shape[2]) < inputs[going][:, None])[:, None]
    total: NDArray[np.float64] = logs.sum(axis=2)
    return total


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = scores - scores.max(axis=2, keepdims=True)
    sums = np.log(np.exp(shifted).sum(axis=2, keepdims=True, dtype=np.float64))
    found: NDArray[np.float64] = shifted - sums
    return found

"""The word that a blank in a text stands for, by a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from elman.errors import UsageError
from elman.features.batches import pad
from elman.features.vocabulary import UNKNOWN
from elman.runtime.generation import language_model
from elman.tasks.language_model import END, log_total
from elman.text.language_units import CHARACTERS, split_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from elman.runtime.predictor import Predictor

    Array = NDArray[np.float32]

Context = Literal["left", "both"]

BLANK = "___"

AHEAD = {"words": 12, "characters": 60}
"""So many symbols behind the blank are read."""

BEAM = 64
"""So many beginnings of words are followed at a time, character by character."""

LONGEST = 24
"""Characters in the longest word that is looked for."""


@dataclass(frozen=True)
class Filled:
    """A word for a blank.

    Attributes:
        word: without the space before it.
        probability: among all that were looked at.
    """

    word: str
    probability: float

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"word": self.word, "probability": self.probability}


class Filler:
    """Fills blanks with one word each.

    The network reads from left to right alone. So what follows a blank is used by reading it behind each candidate:
    P(word | left, right) is in proportion to P(word | left) P(right | left, word), over the candidates that are most
    probable from the left.

    Args:
        predictor: a language model.
        candidates: so many words are tried where both sides count.

    Raises:
        UsageError: if it is a model for something else.
    """

    def __init__(self, predictor: Predictor, candidates: int = 100) -> None:
        if candidates < 1:
            raise UsageError(f"expected at least one candidate, got {candidates}")
        self.task = language_model(predictor)
        self.candidates = candidates
        self._net: Any = predictor.network
        self._symbols = ("", "", *self.task.vocabulary.words)
        self._characters = self.task.unit == CHARACTERS

    def fill(self, text: str, context: Context = "both", blank: str = BLANK) -> list[Filled]:
        """Words for a blank, the most probable first.

        Args:
            text: with one blank.
            context: ``left`` for what stands before it, ``both`` for that and the words behind it.
            blank: what marks it.

        Raises:
            UsageError: if there is no blank or more than one.
        """
        if not blank or (count := text.count(blank)) != 1:
            found = "none" if not blank or not count else str(count)
            raise UsageError(f"expected one blank, {blank!r}, in the text; got {found}")
        left, right = text.split(blank)
        start = np.concatenate(([END], self.task.ids(left))).astype(np.int32)
        states, carry = self._run(start[None], np.array([len(start)]), None)
        first = states[0, -1]
        spaced = not left or left[-1].isspace()
        tried = self._words(carry, first) if self._characters else self._listed(first, spaced)
        if context == "both" and right.strip():
            following = self._ids(right)[: AHEAD[self.task.unit]]
            tried = tried[: self.candidates]
            costs = self._costs(carry, first, [np.append(ids, following) for ids, _ in tried])
            tried = [(ids, -cost) for (ids, _), cost in zip(tried, costs.tolist(), strict=True)]
        if not tried:
            return []
        scores = np.array([score for _, score in tried])
        powers = np.exp(scores - scores.max())
        order = np.argsort(-powers, kind="stable").tolist()
        shares = powers / powers.sum()
        return [Filled(self._spelt(tried[at][0]), float(shares[at])) for at in order]

    def _listed(self, state: Array, spaced: bool) -> list[tuple[NDArray[np.int32], float]]:
        """The vocabulary's words by their probabilities after a state: symbols, and the logarithm."""
        logs = self._logs(state[None])[0]
        fit = [
            at
            for at, word in enumerate(self._symbols)
            if word.startswith(" ") == spaced and any(character.isalnum() for character in word)
        ]
        ranked = sorted(fit, key=lambda at: -logs[at])
        return [(np.array([at], np.int32), float(logs[at])) for at in ranked]

    def _words(self, carry: Any, state: Array) -> list[tuple[NDArray[np.int32], float]]:
        """The same of words that characters make, by a beam: with the probability that the word ends there."""
        inside = np.array([len(one) == 1 and (one.isalnum() or one in "-'’") for one in self._symbols])
        ends = ~inside
        ends[UNKNOWN] = False
        letters = np.flatnonzero(inside).astype(np.int32)
        begun: list[tuple[NDArray[np.int32], float]] = [(np.zeros(0, np.int32), 0.0)]
        found: list[tuple[NDArray[np.int32], float]] = []
        states = state[None]
        for length in range(LONGEST + 1):
            logs = self._logs(states)
            so_far = np.array([score for _, score in begun])
            if length:
                ended = so_far + log_total(logs[:, ends])
                found += [(ids, float(score)) for (ids, _), score in zip(begun, ended, strict=True)]
            grown = (so_far[:, None] + logs[:, letters]).ravel()
            kept = np.argsort(-grown, kind="stable")[:BEAM]
            enough = sorted((score for _, score in found), reverse=True)[BEAM - 1 : BEAM]
            kept = kept[grown[kept] > enough[0]] if enough else kept
            if not len(kept) or length == LONGEST:
                break
            parents, added = kept // len(letters), letters[kept % len(letters)]
            begun = [
                (np.append(begun[parent][0], letter).astype(np.int32), float(grown[at]))
                for parent, letter, at in zip(parents.tolist(), added.tolist(), kept.tolist(), strict=True)
            ]
            carry = tuple(tuple(part[parents] for part in held) for held in carry)
            outputs, carry = self._run(added[:, None], np.ones(len(added), np.int64), carry)
            states = outputs[:, 0]
        return sorted(found, key=lambda one: -one[1])

    def _costs(self, carry: Any, state: Array, ways: Sequence[NDArray[np.integer[Any]]]) -> NDArray[np.float64]:
        """Minus the logarithms of the probabilities of some continuations of a text."""
        logs = self._logs(state[None])[0]
        costs = np.array([-logs[way[0]] for way in ways])
        lengths = np.array([len(way) - 1 for way in ways])
        rows = np.zeros(len(ways), np.int64)
        carry = tuple(tuple(part[rows] for part in held) for held in carry)
        symbols, targets = pad([way[:-1] for way in ways]), pad([way[1:] for way in ways])
        states, _ = self._run(symbols, lengths, carry)
        inside = np.arange(symbols.shape[1]) < lengths[:, None]
        steps = np.zeros(symbols.shape)
        steps[inside] = self.task.costs(self._net, states[inside], targets[inside]) * np.log(2)
        return np.asarray(costs + steps.sum(axis=1))

    def _run(self, symbols: NDArray[np.integer[Any]], lengths: NDArray[np.int64], carry: Any) -> tuple[Array, Any]:
        found: tuple[Array, Any] = self._net.encode.run(self._net.symbols(symbols), lengths, carry)
        return found

    def _logs(self, states: Array) -> NDArray[np.float64]:
        scores = self.task.scores(self._net, states)
        return np.asarray(scores - log_total(scores)[:, None])

    def _ids(self, right: str) -> NDArray[np.int32]:
        return self.task.vocabulary.ids(split_units(right, self.task.unit, begins=False))

    def _spelt(self, ids: NDArray[np.int32]) -> str:
        return "".join(self._symbols[at] for at in ids.tolist()).strip()

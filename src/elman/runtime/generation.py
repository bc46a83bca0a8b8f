"""Text from a language model, one symbol after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.decoding.sampling import Sampling
from elman.errors import UsageError
from elman.features.vocabulary import UNKNOWN
from elman.runtime.parts.stepper import Stepper
from elman.tasks.language_model import END, Task
from elman.text.language_units import CHARACTERS, LINE_END

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from elman.runtime.predictor import Predictor


class Writer:
    """Goes on with texts; between two symbols it holds the network's state, so that each costs one step.

    Args:
        predictor: a language model.

    Raises:
        UsageError: if it is a model for something else.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.task = task = language_model(predictor)
        self._net = predictor.network
        net = self._net
        self._stepper = Stepper(net.encode, net.symbols, len(task.vocabulary))  # type: ignore[attr-defined]

    def write(
        self,
        prompt: str = "",
        length: int = 500,
        sampling: Sampling | None = None,
        seed: int = 1,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """What follows a prompt, in pieces as they come.

        It ends with the text's end, before a stop, or after so many characters or words. Nothing unknown is written.

        Args:
            prompt: the beginning; empty for a text from its first symbol on.
            length: characters or words to write at most.
            sampling: how each is drawn; None for the model's own probabilities.
            seed: the same one writes the same text.
            stop: strings before which writing ends.

        Raises:
            UsageError: if the length is negative, or a stop is empty.
        """
        if length < 0:
            raise UsageError(f"expected a length of 0 or more, got {length}")
        if not all(stop):
            raise UsageError("expected strings to stop before, got an empty one; leave it out")
        return _until(self._pieces(prompt, length, sampling or Sampling(), seed), stop)

    def _pieces(self, prompt: str, length: int, sampling: Sampling, seed: int) -> Iterator[str]:
        rng = np.random.default_rng(seed)
        words = ("", "", *self.task.vocabulary.words)
        self._stepper.restart()
        state = self._stepper.read(END)
        for symbol in self.task.ids(prompt).tolist():
            state = self._stepper.read(symbol)
        spaced = self.task.unit != CHARACTERS and (not prompt or prompt[-1].isspace())
        for _ in range(length):
            scores = self._scores(state)
            scores[UNKNOWN] = -np.inf
            symbol = sampling.draw(scores, rng)
            if symbol == END:
                return
            piece = words[symbol]
            yield piece.removeprefix(" ") if spaced else piece
            spaced = self.task.unit != CHARACTERS and piece == LINE_END
            state = self._stepper.read(symbol)

    def _scores(self, state: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.array(self.task.scores(self._net, state[None])[0])


def language_model(predictor: Predictor) -> Task:
    """The task of a language model.

    Raises:
        UsageError: if it is a model for something else.
    """
    task = getattr(predictor, "task", None)
    if not isinstance(task, Task):
        name = getattr(task, "name", "tagging")
        raise UsageError(
            f"expected a language model, got a model for {name}; train one: elman train --task language_model"
        )
    return task


def _until(pieces: Iterator[str], stop: Sequence[str]) -> Iterator[str]:
    """Pieces up to the first stop; what may be the beginning of one is held back until it is known."""
    if not stop:
        yield from pieces
        return
    held = ""
    for piece in pieces:
        held += piece
        found = [at for one in stop if (at := held.find(one)) >= 0]
        if found:
            if min(found):
                yield held[: min(found)]
            return
        kept = max(size for one in stop for size in range(len(one)) if held.endswith(one[:size]))
        if kept < len(held):
            yield held[: len(held) - kept]
            held = held[len(held) - kept :]
    if held:
        yield held

"""Language models that have learned nothing: what they compute can be checked all the same."""

import numpy as np

from elman.features.vocabulary import Vocabulary
from elman.model.parts import Encoder, Linear, Symbols
from elman.runtime.parts import Network
from elman.settings import RecurrentSettings, to_dict
from elman.tasks.language_model import Task
from elman.training.objectives.language_model import Settings


class Untrained:
    """A predictor with random weights."""

    def __init__(self, words, unit, *, cell="lstm", layers=1, tied=True, seed=1):
        encoder = to_dict(
            Settings(encoder=RecurrentSettings(cell=cell, directions="forward", hidden=12, layers=layers))
        )
        vocabulary = Vocabulary(words)
        parts = {
            "symbols": Symbols(rows=len(vocabulary), size=8),
            "encode": Encoder(inputs=8, encoder=encoder["encoder"]),
            **(
                {"join": Linear(inputs=12, outputs=8)} if tied else {"head": Linear(inputs=12, outputs=len(vocabulary))}
            ),
        }
        rng = np.random.default_rng(seed)
        self.tensors = {
            f"{name}.{tensor}": rng.normal(0, 0.6, shape).astype(np.float32)
            for name, part in parts.items()
            for tensor, shape in part.tensors().items()
        }
        self.task = Task(vocabulary, unit, parts)
        self.network = Network(parts, self.tensors)

    def logs(self, ids):
        """Step by step over one text from its beginning: the logarithms of all symbols' probabilities."""
        ids = np.array([[0, *ids]], np.int32)
        states = self.network.encode(self.network.symbols(ids), np.array([ids.shape[1]]))
        scores = self.task.scores(self.network, states)[0].astype(np.float64)
        return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))

"""A trained tagger examined on labelled data: gradients by distance, Jacobians, gates, dead units, norms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from elman.errors import UsageError
from elman.inspection.distances import norms, summary
from elman.inspection.jacobians import Singular, singular_values
from elman.inspection.saturation import dead, gate_values, saturated
from elman.inspection.unrolled import encoder_inputs, unrolled
from elman.nn.recurrent import Recurrent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from elman.inspection.distances import Distances
    from elman.inspection.unrolled import Lane, Unrolled
    from elman.tasks.tagging import Batch, Examples, TaggingTask
    from elman.training.objectives.tagging import Tagger

SCHEMA = "elman.gradients/1"
"""The name and version of what ``Examination.to_json`` gives."""

BATCH = 16
"""Sentences at once."""

DRAWS = 8
"""Steps t whose loss is differentiated, in each sentence."""


@dataclass(frozen=True)
class LaneFindings:
    """What was found of one layer and direction.

    Attributes:
        layer: from 1, the lowest.
        direction: ``forward`` or ``backward``.
        kind: of cell, its class without "Cell".
        units: hidden units.
        gradient: with respect to the hidden state k steps back, by k.
        hidden: singular values of dh_t / dh_{t-1}.
        whole: of the whole state's Jacobian, where the state has more parts than h; else None.
        gates: for each gate the shares of its values that are ``shut`` (below 0.05) and ``open`` (above 0.95).
        dead: units whose state does not change.
    """

    layer: int
    direction: str
    kind: str
    units: int
    gradient: Distances
    hidden: Singular
    whole: Singular | None
    gates: dict[str, dict[str, float]]
    dead: int

    @property
    def name(self) -> str:
        """For people."""
        return f"layer {self.layer}, {self.direction}"

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "layer": self.layer,
            "direction": self.direction,
            "cell": self.kind,
            "units": self.units,
            "gradient": self.gradient.to_json(),
            "jacobian": {
                "hidden": self.hidden.to_json(),
                "whole_state": None if self.whole is None else self.whole.to_json(),
            },
            "gates": self.gates,
            "dead_units": self.dead,
        }


@dataclass(frozen=True)
class Norms:
    """One parameter: Euclidean norms of its values and of the gradient of the training loss per token."""

    name: str
    shape: tuple[int, ...]
    weight: float
    gradient: float

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {"name": self.name, "shape": list(self.shape), "weight": self.weight, "gradient": self.gradient}


@dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes:
        sentences: how many were looked at.
        tokens: in them.
        pairs: losses of one step that were differentiated.
        lanes: layer by layer from the lowest, the forward direction first.
        parameters: in the order of the network.
    """

    sentences: int
    tokens: int
    pairs: int
    lanes: tuple[LaneFindings, ...]
    parameters: tuple[Norms, ...]

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "schema": SCHEMA,
            "sentences": self.sentences,
            "tokens": self.tokens,
            "steps": self.pairs,
            "lanes": [lane.to_json() for lane in self.lanes],
            "parameters": [one.to_json() for one in self.parameters],
        }


def examine(
    network: Tagger, task: TaggingTask, examples: Examples, *, sentences: int = 200, jacobians: int = 32, seed: int = 1
) -> Examination:
    """Look at a tagger at work; everything is computed in double precision and without dropout.

    Args:
        network: the tagger; it comes back as it was, but in evaluation mode and in float64.
        task: its tables and tags.
        examples: labelled sentences.
        sentences: how many of them to draw; all if there are fewer.
        jacobians: steps whose Jacobian is taken, in each layer and direction.
        seed: of what is drawn.

    Raises:
        UsageError: if the network has no recurrence.
    """
    rng = np.random.default_rng(seed)
    network.eval().double()
    drawn = rng.choice(len(examples), min(sentences, len(examples)), replace=False)
    # Sentences of about one length go together, so that little is computed for padding.
    drawn = drawn[np.argsort(examples.lengths[drawn], kind="stable")]
    features, tags = task.lexicon.features(examples.types), task.encode(examples)
    batches = [drawn[at : at + BATCH] for at in range(0, len(drawn), BATCH)]
    sums = [torch.zeros(()).double() for _ in network.parameters()]
    lanes: list[_LaneNotes] = []
    for windows in batches:
        batch = task.batch(examples, features, windows, tags)
        run, losses = step_losses(network, batch)
        lanes = lanes or [_LaneNotes() for _ in run.lanes]
        for tokens, there in _draws(batch, rng):
            chosen = torch.where(there, losses.gather(1, tokens[:, None])[:, 0], 0.0)
            for notes, found in zip(lanes, norms(run, chosen, tokens), strict=True):
                notes.norms.append(found[there.numpy()])
        for notes, lane in zip(lanes, run.lanes, strict=True):
            notes.look(lane, run, -(-jacobians // len(batches)), rng)
        sums = [
            total + (part.to_dense() if part.is_sparse else part)
            for total, part in zip(sums, _gradients(network, batch), strict=True)
        ]
    count = int(examples.lengths[drawn].sum())
    parameters = tuple(
        Norms(name, tuple(value.shape), float(value.detach().norm()), float(total.norm()) / count)
        for (name, value), total in zip(network.named_parameters(), sums, strict=True)
    )
    pairs = sum(len(found) for found in lanes[0].norms)
    return Examination(len(drawn), count, pairs, tuple(notes.findings() for notes in lanes), parameters)


def step_losses(network: Tagger, batch: Batch) -> tuple[Unrolled, Tensor]:
    """A tagger's run over a batch, and the loss of each token alone; see ``elman.inspection.distances``.

    Returns:
        The run, and the cross-entropies of the head's scores, batch x time; 0 where the tag is not known.

    Raises:
        UsageError: if the network has no recurrence.
    """
    encode = network.encode
    if not isinstance(encode, Recurrent):
        raise UsageError(
            "expected a network with recurrent cells, got one without; train one with --set encoder.cell=lstm"
        )
    run = unrolled(encode, *encoder_inputs(network, encode, *_inputs(batch)))
    scores = network.head(run.outputs)  # batch x time x K
    assert batch.tags is not None
    tags = torch.from_numpy(batch.tags)
    losses = nn.functional.cross_entropy(scores.transpose(1, 2), tags.clamp(min=0), reduction="none")
    return run, torch.where(_known(batch), losses, 0.0)


@dataclass
class _LaneNotes:
    """What is gathered of one layer and direction, batch by batch."""

    lane: Lane | None = None
    norms: list[NDArray[np.float64]] = field(default_factory=list)
    singular: list[Tensor] = field(default_factory=list)
    whole: list[Tensor] = field(default_factory=list)
    gates: dict[str, list[Tensor]] = field(default_factory=dict)
    hidden: list[Tensor] = field(default_factory=list)

    def look(self, lane: Lane, run: Unrolled, steps: int, rng: np.random.Generator) -> None:
        """Take in a batch, and the Jacobians of some of its steps."""
        self.lane = lane
        inside = torch.arange(len(lane.states) - 1) < run.lengths[:, None]  # batch x time
        self.hidden.append(lane.hidden().detach()[inside])
        for name, values in gate_values(lane, inside).items():
            self.gates.setdefault(name, []).append(values)
        places = inside.nonzero()
        drawn = places[torch.from_numpy(rng.choice(len(places), min(steps, len(places)), replace=False))]
        sequences, times = drawn.unbind(1)
        self.singular.append(singular_values(lane, sequences, times + 1))
        if len(lane.states[0]) > 1:
            self.whole.append(singular_values(lane, sequences, times + 1, whole=True))

    def findings(self) -> LaneFindings:
        """What it comes to."""
        lane = self.lane
        assert lane is not None
        return LaneFindings(
            lane.layer,
            lane.direction,
            type(lane.cell).__name__.removesuffix("Cell"),
            lane.cell.hidden_size,
            summary(self.norms),
            Singular.of(torch.cat(self.singular)),
            Singular.of(torch.cat(self.whole)) if self.whole else None,
            {name: saturated(torch.cat(values)) for name, values in self.gates.items()},
            dead(torch.cat(self.hidden)),
        )


def _draws(batch: Batch, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Tokens of each sentence, at most as many as it has, and whether there is one: batch each.

    The first and the last are always among them, so that some distances are as long as the sentence.
    """
    lengths = batch.lengths
    orders = [np.concatenate(([0, n - 1], 1 + rng.permutation(max(n - 2, 0))))[:n] for n in lengths.tolist()]
    known = _known(batch)
    for draw in range(min(DRAWS, int(lengths.max()))):
        tokens = torch.tensor([int(order[draw]) if draw < len(order) else 0 for order in orders])
        there = torch.tensor([draw < len(order) for order in orders])
        yield tokens, there & known[torch.arange(len(tokens)), tokens]


def _known(batch: Batch) -> Tensor:
    """Batch x time: whether there is a token, and its tag is known."""
    assert batch.tags is not None
    tags, lengths = torch.from_numpy(batch.tags), torch.from_numpy(batch.lengths)
    return (torch.arange(tags.shape[1]) < lengths[:, None]) & (tags >= 0)


def _gradients(network: Tagger, batch: Batch) -> tuple[Tensor, ...]:
    """The gradient of the training loss, summed over a batch, by each parameter."""
    inputs = _inputs(batch)
    allowed = None if batch.allowed is None else torch.from_numpy(batch.allowed)
    assert batch.tags is not None
    loss = network.head.loss(network(*inputs), torch.from_numpy(batch.tags), inputs[-1], allowed).sum()
    return torch.autograd.grad(loss, list(network.parameters()), allow_unused=True, materialize_grads=True)


def _inputs(batch: Batch) -> tuple[Tensor, ...]:
    types = batch.types
    arrays = (types.words, types.characters, types.shapes, batch.places, batch.lengths)
    return tuple(torch.from_numpy(array.astype(np.int64, copy=False)) for array in arrays)

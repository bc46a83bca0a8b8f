"""The parts that most tasks need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from elman.errors import ModelError
from elman.model.layers import (
    ACTIVATIONS,
    BASELINES,
    CELLS,
    CHARACTER_NETWORKS,
    output_of_characters,
    output_of_encoder,
    tensors_of_characters,
    tensors_of_encoder,
    variant,
)

if TYPE_CHECKING:
    from elman.model.parts.part import Shapes

POOLS = ("last", "max", "mean", "attention")
"""How the states of a sequence become one vector."""


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """A vector for each id: ``embed(ids)``, any shape of ids to the same shape x size.

    Attributes:
        rows: ids; row 0 is padding.
        size: numbers in a vector.
    """

    kind: ClassVar[str] = "embedding"
    rows: int
    size: int

    def tensors(self) -> Shapes:
        """See ``Part``."""
        return {"table": (self.rows, self.size)}


@dataclass(frozen=True, kw_only=True)
class Words:
    """A vector for each row of a lexicon's words: ``words(ids)``, any shape of ids to the same shape x size.

    Those words that training has seen learn; behind them are pretrained vectors that stay as they are.

    Attributes:
        learned: rows that learn, padding and the unknown word among them.
        fixed: rows behind them.
        size: numbers in a vector.
        unknown_rate: the share of rare words' occurrences that training shows as unknown.
    """

    kind: ClassVar[str] = "words"
    learned: int
    fixed: int
    size: int
    unknown_rate: float = 0.0

    def tensors(self) -> Shapes:
        """See ``Part``."""
        return {"learned": (self.learned, self.size), "fixed": (self.fixed, self.size)}


@dataclass(frozen=True, kw_only=True)
class Characters:
    """What the characters of words say, beside the words' vectors.

    ``characters(vectors, ids)``: types x inputs, and types x characters (0 beyond a word's end), to types x (inputs +
    output).

    Attributes:
        network: one of ``elman.model.layers.CHARACTER_NETWORKS``.
        rows: characters, padding and the unknown one among them.
        size: numbers in a character's vector.
        output: numbers that a word's characters become; of an LSTM an even one.
    """

    kind: ClassVar[str] = "characters"
    network: str
    rows: int
    size: int
    output: int

    def tensors(self) -> Shapes:
        """See ``Part``."""
        if self.network not in CHARACTER_NETWORKS or self.output != output_of_characters(self.network, self.output):
            raise ModelError(
                f"expected a network of characters out of {', '.join(CHARACTER_NETWORKS)}, an lstm with an even "
                f"output; got {self.network!r}, {self.output}"
            )
        shapes = tensors_of_characters(self.network, self.rows, self.size, self.output)
        return {f"read.{name}": shape for name, shape in shapes.items()}


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Numbers brought to about the same size: ``scale(x)`` is (x - mean) / deviation, in each of the last axis.

    Attributes:
        size: of the last axis.
    """

    kind: ClassVar[str] = "scale"
    size: int

    def tensors(self) -> Shapes:
        """See ``Part``."""
        return {"mean": (self.size,), "deviation": (self.size,)}


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """A recurrent network, or what stands in its place.

    ``encode(x, lengths)``: batch x time x inputs to batch x time x output, zeros beyond the lengths.
    ``encode.run(x, lengths, carry)`` of a forward one also takes the state before the first step, a tuple of a tuple
    of arrays batch x hidden for each layer, or None for zeros, and gives it back as it is after each sequence's end.

    Attributes:
        inputs: features of a step.
        encoder: the settings ``elman.settings.RecurrentSettings``, by name.
    """

    kind: ClassVar[str] = "encoder"
    inputs: int
    encoder: dict[str, Any]

    @property
    def output(self) -> int:
        """Features that come out of a step."""
        return output_of_encoder(self.encoder)

    def tensors(self) -> Shapes:
        """See ``Part``."""
        given = self.encoder
        try:
            known = given["cell"] in BASELINES or variant(given) in CELLS
            sized = all(type(given[name]) is int and given[name] > 0 for name in ("hidden", "layers"))
            read = given["directions"] in ("both", "forward") and given.get("activation", "tanh") in ACTIVATIONS
            if not (known and sized and read):
                raise ValueError
            return tensors_of_encoder(given, self.inputs)
        except (KeyError, TypeError, ValueError):
            raise ModelError(f"expected the settings of a recurrent network, got {given!r:.200}") from None


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One vector of a sequence's states: ``pool(states, lengths)``, batch x time x size to batch x size.

    ``last`` is the forward half's state at the last step beside the backward half's at the first; ``attention`` a mean
    weighted by softmax(v . tanh(W h + b)): Yang, Z. et al. (2016). Hierarchical attention networks for document
    classification. NAACL.

    Attributes:
        how: one of ``POOLS``.
        size: of a state.
        forward: how many of its numbers, the first ones, are from the forward direction.
    """

    kind: ClassVar[str] = "pool"
    how: str
    size: int
    forward: int

    def tensors(self) -> Shapes:
        """See ``Part``."""
        if self.how not in POOLS:
            raise ModelError(f"expected a way to pool out of {', '.join(POOLS)}; got {self.how!r}")
        if self.how != "attention":
            return {}
        return {"weight": (self.size, self.size), "bias": (self.size,), "query": (self.size,)}


@dataclass(frozen=True, kw_only=True)
class Linear:
    """``linear(x)``: any shape x inputs to the same shape x outputs.

    Attributes:
        inputs: numbers in.
        outputs: numbers out.
    """

    kind: ClassVar[str] = "linear"
    inputs: int
    outputs: int

    def tensors(self) -> Shapes:
        """See ``Part``."""
        return {"weight": (self.outputs, self.inputs), "bias": (self.outputs,)}


@dataclass(frozen=True, kw_only=True)
class Dense:
    """Fully connected layers of rectified linear units: ``dense(x)``, batch x inputs to batch x the last of ``sizes``.

    Attributes:
        inputs: numbers in.
        sizes: units of each layer.
        dropout: the share of each layer's inputs, but the first one's, that training sets to zero.
    """

    kind: ClassVar[str] = "dense"
    inputs: int
    sizes: tuple[int, ...]
    dropout: float = 0.0

    def tensors(self) -> Shapes:
        """See ``Part``."""
        widths = (self.inputs, *self.sizes)
        shapes: Shapes = {}
        for at, (into, out) in enumerate(zip(widths, self.sizes, strict=False)):
            shapes |= {f"layers.{at}.weight": (out, into), f"layers.{at}.bias": (out,)}
        return shapes

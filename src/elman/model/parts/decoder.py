"""The part that writes: one output after the other, from a first state and, if there is one, an encoder's memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from elman.errors import ModelError
from elman.model.layers import BASELINES, variant
from elman.model.parts.basic import Encoder

if TYPE_CHECKING:
    from elman.model.parts.part import Shapes

ATTENTION = ("general", "dot", "none")
"""How a state is compared with what an encoder remembers: h . W s, h . s, or not at all."""


@dataclass(frozen=True, kw_only=True)
class Decoder:
    """Writes outputs: embed, recur, attend, score.

    x_t = table[output_{t-1}], h_t = recur(x_t, h_{t-1}), a_t = softmax_s(h_t . W s), c_t = sum of a_t s over the
    memory, and the scores are V tanh(U [c_t; h_t]) + b. The attention comes after the recurrence and nothing of it goes
    back in, so that with known outputs all steps are computed at once.

    Luong, M.-T., Pham, H. & Manning, C. (2015). Effective approaches to attention-based neural machine translation.
    EMNLP: global attention, general or dot. Tied: V is the table; Press, O. & Wolf, L. (2017). Using the output
    embedding to improve language models. EACL.

    - ``decode(ids, first, memory, lengths)``: all steps, batch x time ids, each the output before, to scores
      batch x time x outputs.
    - ``decode.states(...)``, of the same, and ``decode.scores(states)`` are its two halves.
    - ``decode.begin(first, memory, lengths)`` is the state before the first step, and ``decode.step(state, ids)`` makes
      one step: batch x width ids to scores, batch x width x outputs, the state after it, and the weights of the
      attention, batch x width x time, or None. ``state.take(examples, beams)`` is that of some examples, of each of
      which width beams go on.

    ``first`` is batch x ``bridge``; ``memory`` batch x time x ``memory``.

    Attributes:
        outputs: ids, each with a vector and a score.
        size: numbers in an output's vector, and in what is scored.
        memory: features of a step that the encoder remembers; 0 without attention.
        attention: one of ``ATTENTION``.
        tied: whether outputs are scored by their own vectors.
        dropout: the share of what is scored that training sets to zero.
        encoder: the settings ``elman.settings.RecurrentSettings`` of the recurrent layers, by name.
    """

    kind: ClassVar[str] = "decoder"
    outputs: int
    size: int
    memory: int
    attention: str
    tied: bool
    encoder: dict[str, Any]
    dropout: float = 0.0

    @property
    def recurrent(self) -> Encoder:
        """Its recurrent layers."""
        return Encoder(inputs=self.size, encoder=self.encoder)

    @property
    def carried(self) -> int:
        """Parts of a layer's state that are given at first; a cell's further ones begin as they always do."""
        name = variant(self.encoder)
        return 2 if name.startswith("lstm") or name == "sru" else 1

    @property
    def bridge(self) -> int:
        """Numbers of the first state, those of the lowest layer first."""
        layers, hidden = self.encoder["layers"], self.encoder["hidden"]
        return int(layers * hidden * self.carried)

    def tensors(self) -> Shapes:
        """See ``Part``."""
        shapes: Shapes = {f"recur.{name}": shape for name, shape in self.recurrent.tensors().items()}
        hidden = self.recurrent.output
        if self.encoder["directions"] != "forward" or self.encoder["cell"] in BASELINES:
            raise ModelError("expected a decoder of recurrent cells that reads forward")
        if self.attention not in ATTENTION or (self.attention == "none") != (self.memory == 0):
            known = ", ".join(ATTENTION)
            raise ModelError(
                f"expected attention out of {known}, none of a memory of 0; got {self.attention!r}, {self.memory}"
            )
        if self.attention == "dot" and self.memory != hidden:
            raise ModelError(
                f"expected as many units as features of the memory with dot attention, got {hidden} and {self.memory}"
            )
        shapes |= {"table": (self.outputs, self.size), "bias": (self.outputs,)}
        shapes |= {"combine": (self.size, self.memory + hidden)}
        if self.attention == "general":
            shapes["compare"] = (hidden, self.memory)
        if not self.tied:
            shapes["output"] = (self.outputs, self.size)
        return shapes

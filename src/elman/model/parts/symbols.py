"""A table of symbols that is read on the way in and on the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from elman.model.parts.part import Shapes


@dataclass(frozen=True, kw_only=True)
class Symbols:
    """A vector for each id, and scores of all ids against the same vectors: tied weights.

    ``symbols(ids)``: any shape of ids to the same shape x size, sqrt(size) times the rows of the table;
    ``symbols.scores(x)``: any shape x size to the same shape x rows, x . row + bias.

    Press, O. & Wolf, L. (2017). Using the output embedding to improve language models. EACL.

    Attributes:
        rows: ids.
        size: numbers in a vector.
    """

    kind: ClassVar[str] = "symbols"
    rows: int
    size: int

    def tensors(self) -> Shapes:
        """See ``Part``."""
        return {"table": (self.rows, self.size), "bias": (self.rows,)}

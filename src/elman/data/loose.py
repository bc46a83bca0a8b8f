"""Records as a file has them, before anybody knows what their offsets count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES

if TYPE_CHECKING:
    from elman.data.document import Relation


@dataclass(slots=True)
class LooseSpan:
    """A span as a file has it; nobody knows yet what its offsets count.

    Attributes:
        start: its first offset.
        end: its last offset, exclusive or inclusive.
        label: the type.
        layer: of annotation.
        score: in [0, 1], if there is one.
        id: by which relations name it.
        surface: the text that the file says it covers; the doctor's best evidence.
    """

    start: int
    end: int
    label: str
    layer: str = ENTITIES
    score: float | None = None
    id: str | None = None
    surface: str | None = None


@dataclass(slots=True)
class Loose:
    """A record as a file has it: what ``Document`` has, with offsets that are not settled.

    Attributes:
        text: of the document.
        spans: as the file has them.
        relations: between spans, by their ids.
        unknown: start, end and layer of each region that nobody annotated.
        labels: of the whole document.
        tokens: start and end of each, None if the file has none; counted as the spans are.
        sentences: indices of the tokens that begin one.
        columns: by name, as long as the tokens.
        id: the document's name.
        meta: whatever else the record says.
        line: where it stands in the file, from 1.
        raw: the record as it stands there, for the file of rejects.
    """

    text: str
    spans: list[LooseSpan] = field(default_factory=list)
    relations: tuple[Relation, ...] = ()
    unknown: list[tuple[int, int, str]] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    tokens: list[tuple[int, int]] | None = None
    sentences: list[int] | None = None
    columns: dict[str, list[str]] = field(default_factory=dict)
    id: str | None = None
    meta: dict[str, object] = field(default_factory=dict)
    line: int | None = None
    raw: str = ""

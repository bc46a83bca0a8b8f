"""Renaming and dropping labels on the way in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elman.data.ledger import Ledger
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from elman.data.document import Document


@dataclass
class Relabelling:
    """Renames the labels of documents as they pass, and keeps count.

    Attributes:
        names: for each label to change its new name; empty drops its spans.
        seen: how often each label has come.
    """

    names: Mapping[str, str]
    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents with their spans renamed; relations whose ends are dropped go with them."""
        for document in documents:
            self.seen.update(span.label for span in document.spans)
            if not self.names:
                yield document
                continue
            spans = tuple(
                replace(span, label=self.names.get(span.label, span.label))
                for span in document.spans
                if self.names.get(span.label, span.label)
            )
            ids = {span.id for span in spans}
            relations = tuple(r for r in document.relations if r.head in ids and r.tail in ids)
            yield replace(document, spans=spans, relations=relations)

    @property
    def ledger(self) -> Ledger:
        """The spans that were dropped."""
        dropped = sum(self.seen[label] for label, name in self.names.items() if not name)
        return Ledger.counted("refused", "label dropped as asked", dropped)

    @property
    def unused(self) -> list[str]:
        """The labels to change that never came."""
        return [label for label in self.names if not self.seen[label]]


def parse_map(text: str) -> dict[str, str]:
    """Read ``PER=PERSON,MISC=``: each label's new name, empty to drop it.

    Raises:
        UsageError: if a part has no ``=`` or names no label.
    """
    names: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        old, equals, new = (piece.strip() for piece in part.partition("="))
        if not equals or not old:
            raise UsageError(f"a label map reads OLD=NEW,OLD=NEW with an empty NEW to drop a label; got {part!r}")
        names[old] = new
    return names

"""The suspicious labels of a labelled file, as a list for people, programs and labelling tools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elman.data.document import Document
    from elman.metrics.suspicion import Suspect, Suspicion
    from elman.pipelines.lines import Lines

SCHEMA = "elman.suspect/1"
"""The name and version of what ``Listing.to_json`` gives."""

LEAST = 0.5
"""What is less suspicious is not listed, unless the caller says otherwise."""

AROUND = 40
"""So many characters are shown before a suspect, and so many after it."""


@dataclass(frozen=True)
class Listing:
    """The most suspicious labels of a file.

    Attributes:
        name: the file's.
        found: all gold spans and gaps, ranked.
        lines: of the file; None where nothing is known of them.
        by: where the probabilities are from.
        top: so many are listed.
        least: what is less suspicious is not.
    """

    name: str
    found: Suspicion
    lines: Lines | None
    by: Mapping[str, Any]
    top: int
    least: float = LEAST

    @property
    def enough(self) -> list[Suspect]:
        """All that are suspicious enough."""
        return [suspect for suspect in self.found.suspects if suspect.suspicion >= self.least]

    @property
    def listed(self) -> list[Suspect]:
        """Those of them that are listed, the most suspicious first."""
        return self.enough[: self.top]

    def line(self, suspect: Suspect) -> int | None:
        """The line of a suspect's first token or record; None if it is not known."""
        return None if self.lines is None else self.lines.line(suspect.number, suspect.span.start)

    def to_json(self) -> dict[str, Any]:
        """The list in JSON's types."""
        return {
            "schema": SCHEMA,
            "file": self.name,
            "by": dict(self.by),
            "spans": self.found.spans,
            "unjudged": self.found.unjudged,
            "least": self.least,
            "suspicious": len(self.enough),
            "suspects": [self._record(suspect) for suspect in self.listed],
        }

    def documents(self) -> Iterator[Document]:
        """The documents with listed suspects, each once, the most suspicious first, with their gold spans.

        ``meta["suspects"]`` has what ``to_json`` says of each suspect in the document.
        """
        records: dict[int, list[dict[str, Any]]] = {}
        first: dict[int, Document] = {}
        for suspect in self.listed:
            records.setdefault(suspect.number, []).append(self._record(suspect))
            first.setdefault(suspect.number, suspect.document)
        for number, document in first.items():
            yield replace(document, meta={**document.meta, "suspects": records[number]})

    def _record(self, suspect: Suspect) -> dict[str, Any]:
        before, after = around(suspect)
        return {**suspect.to_json(), "line": self.line(suspect), "before": before, "after": after}


def around(suspect: Suspect) -> tuple[str, str]:
    """What stands before and after a suspect, at most ``AROUND`` characters of either."""
    text, span = suspect.document.text, suspect.span
    return text[max(0, span.start - AROUND) : span.start], text[span.end : span.end + AROUND]

"""What an audit finds: each finding with its count and a bounded number of places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.pipelines.audit.kinds import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST = 1000
"""So many findings of a kind are held on to; those beyond are counted."""

SHOWN = 80
"""So many characters of a place's text are held on to."""

AROUND = 40
"""So many characters are held on to before a place, and so many after it."""


class Place(NamedTuple):
    """Where something was found.

    Attributes:
        split: the name of the data.
        document: the id of the document, or its number in the data.
        start: offset of the first code point.
        end: offset one past the last; ``start`` for the whole of an empty document.
        text: what is there, at most ``SHOWN`` characters of it.
        label: of the span, or None if it is no span.
        before: what stands before it, if that is of interest.
        after: what stands after it.
    """

    split: str
    document: str
    start: int
    end: int
    text: str
    label: str | None = None
    before: str = ""
    after: str = ""

    def to_json(self) -> dict[str, object]:
        """The fields, in JSON's types."""
        return self._asdict()


@dataclass
class Finding:
    """One thing that was found, once or often.

    Attributes:
        kind: a name in ``KINDS``.
        what: what it is, in words.
        count: how often, in the unit of the kind.
        places: the first of them.
        details: more about it for a program, by name.
    """

    kind: str
    what: str
    count: int = 0
    places: list[Place] = field(default_factory=list)
    details: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The finding in JSON's types; ``places`` are the first ones."""
        return {
            "what": self.what,
            "count": self.count,
            "details": dict(self.details),
            "places": [place.to_json() for place in self.places],
        }


class Findings:
    """Collects findings; memory is bounded whatever is found.

    Args:
        examples: how many places of a finding are held on to.
    """

    def __init__(self, examples: int = 10) -> None:
        self.examples = examples
        self._by_kind: dict[str, dict[str, Finding]] = {name: {} for name in KINDS}
        self._counts: Counter[str] = Counter()
        self._more: Counter[str] = Counter()

    def add(self, kind: str, what: str, place: Place | None = None, count: int = 1) -> None:
        """Count one more of a finding.

        Args:
            kind: a name in ``KINDS``.
            what: tells this finding from others of the kind.
            place: where.
            count: how often.
        """
        found = self._finding(kind, what)
        self._counts[kind] += count
        if found is not None:
            found.count += count
            if place is not None and len(found.places) < self.examples:
                found.places.append(place)

    def put(
        self, kind: str, what: str, count: int, places: Iterable[Place], details: Mapping[str, object] | None = None
    ) -> None:
        """A finding as a whole."""
        found = self._finding(kind, what)
        self._counts[kind] += count
        if found is not None:
            found.count += count
            found.places += list(places)[: self.examples - len(found.places)]
            found.details = {**found.details, **(details or {})}

    def _finding(self, kind: str, what: str) -> Finding | None:
        group = self._by_kind[kind]
        if what not in group:
            if len(group) >= MOST:
                self._more[kind] += 1
                return None
            group[what] = Finding(kind, what)
        return group[what]

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of which something was found."""
        return [kind for kind in KINDS.values() if self._by_kind[kind.name]]

    def count(self, kind: str) -> int:
        """How much of a kind was found, in its unit, those included that are not held on to."""
        return self._counts[kind]

    def more(self, kind: str) -> int:
        """How often something was found that is only counted."""
        return self._more[kind]

    def of(self, kind: str) -> list[Finding]:
        """The findings of a kind, the most frequent first."""
        return sorted(self._by_kind[kind].values(), key=lambda found: -found.count)

    def to_json(self) -> dict[str, Any]:
        """By kind: what it is, how much was found, and the findings."""
        return {
            kind.name: {
                "severity": kind.severity,
                "title": kind.title,
                "unit": kind.unit,
                "count": self.count(kind.name),
                "not_listed": self.more(kind.name),
                "findings": [found.to_json() for found in self.of(kind.name)],
            }
            for kind in self.kinds
        }


def shortened(text: str, most: int = SHOWN) -> str:
    """The beginning of a text; an ellipsis says that there is more."""
    return text if len(text) <= most else text[: most - 1] + "…"

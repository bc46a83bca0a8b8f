"""What became of a conversion: its sources, and the account of each stage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elman.data.ledger import ITEMS, NO_IDS, Item, Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.formats import ReadReport
    from elman.pipelines.changes import Step

SCHEMA = "elman.convert/1"
"""The name and version of what ``Conversion.to_json`` gives."""


@dataclass
class Conversion:
    """What became of a conversion.

    Attributes:
        target: what was written.
        format: in which format.
        sources: the names of what was read, and the report on each.
        stages: by name the account of each stage, reading first, writing last; what one made the next was given.
        added: what was added before each stage, by its name: the tokens of texts that came without.
        rejected: how many records were at fault and were set aside.
        rejects: the file that they are in, None if there is none.
        done: whether the target was written; under ``strict`` it is not if anything is refused or rejected.
    """

    target: str
    format: str
    sources: list[tuple[str, ReadReport]] = field(default_factory=list)
    stages: dict[str, Ledger] = field(default_factory=dict)
    added: dict[str, Mapping[Item, int]] = field(default_factory=dict)
    rejected: int = 0
    rejects: str | None = None
    done: bool = True

    @property
    def refused(self) -> int:
        """How many items of all kinds are not in the target, but for ids that readers made up."""
        refused = sum(ledger.total("refused", item) for ledger in self.stages.values() for item in ITEMS)
        if all(report.numbered for _, report in self.sources):
            refused -= self.stages["write"].counts.get(("id", "refused", NO_IDS), 0)
        return refused

    def to_json(self) -> dict[str, Any]:
        """The account for a machine."""
        return {
            "schema": SCHEMA,
            "target": self.target,
            "format": self.format,
            "written": self.done,
            "rejected": self.rejected,
            "rejects": self.rejects,
            "sources": [
                {
                    "name": name,
                    "format": report.format,
                    "format_evidence": report.format_evidence,
                    "scheme": report.scheme,
                    "scheme_evidence": report.scheme_evidence or None,
                    "offsets": report.offsets or None,
                    "repairs": report.repairs,
                    "rejected": report.rejected,
                    "left_out": dict(report.ignored),
                    "notes": list(report.notes),
                }
                for name, report in self.sources
            ],
            "stages": [
                {"stage": name, "added": dict(self.added.get(name, {})), **ledger.to_json()}
                for name, ledger in self.stages.items()
            ],
        }

    def settle(self, steps: Sequence[Step], written: Ledger) -> None:
        """Put the stages' accounts together and check that each was given what the one before it made.

        Raises:
            RuntimeError: if not; a reader, a step or a writer has lost count, which is a bug.
        """
        account = sum((report.account() for _, report in self.sources), Ledger())
        self.stages["read"] = account
        made: Counter[Item] = Counter({item: account.made(item) for item in ITEMS})
        for step in steps:
            account = self.stages[step.name] = step.account(made)
            made = Counter({item: account.made(item) + step.added[item] for item in ITEMS})
            if step.added:
                self.added[step.name] = dict(step.added)
        self.stages["write"] = written
        for item in ITEMS:
            if made[item] != written.given(item):
                raise RuntimeError(
                    f"the account does not add up: {made[item]:,} of {item} were there to be written to "
                    f"{self.format}, whose writer accounts for {written.given(item):,}; nothing was written. "
                    "This is a bug: please report it with the file"
                )

"""The doctor: watches a run's records, and says in sentences what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.training.doctor.course import Course
from elman.training.doctor.signs_of_course import AT_THE_END, UNDER_WAY
from elman.training.doctor.signs_of_data import AT_THE_START
from elman.training.records import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from elman.training.doctor.facts import Facts
    from elman.training.doctor.finding import Finding
    from elman.training.records import Record

EVERY = 25
"""So many steps lie between two looks at what cannot wait."""


class Doctor:
    """Consumes the records of one run.

    Args:
        facts: what is known before the first step.
        say: gets a line for each finding that cannot wait, as soon as it is found.
    """

    def __init__(self, facts: Facts, say: Callable[[str], None]) -> None:
        self._facts = facts
        self._say = say
        self.course = Course()
        self._early: dict[str, Finding] = {}
        for sign in AT_THE_START:
            self._tell(sign(facts))

    def __call__(self, record: Record) -> None:
        """Take in a record."""
        self.course(record)
        if not isinstance(record, Step) or record.step % EVERY == 0:
            for sign in UNDER_WAY:
                self._tell(sign(self._facts, self.course))

    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong, the surest first; nothing of a healthy run."""
        found = dict(self._early)
        for sign in AT_THE_END if self.course.losses or self.course.incidents else ():
            finding = sign(self._facts, self.course, tuple(found))
            if finding is not None:
                found.setdefault(finding.kind, finding)
        return tuple(found.values())

    def close(self) -> None:
        """Say what has not been said."""
        for finding in self.findings():
            if finding.kind not in self._early:
                self._say(str(finding))

    def _tell(self, finding: Finding | None) -> None:
        if finding is not None and finding.kind not in self._early:
            self._early[finding.kind] = finding
            self._say(str(finding))

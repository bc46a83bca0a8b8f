"""The file of records that could not be read."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from elman.data.formats.sinks import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elman.data.formats.files import Reject


class Rejects:
    """Takes records that are at fault; the file is begun with the first, and is there when all is done.

    Args:
        path: the file, a line of JSON for each record: ``file``, ``line``, ``problem``, ``raw``; None for no
            file.
        say: gets a line for each of the first records.
        told: how many these are; None for all.

    Attributes:
        count: how many came.
        first: the first of them.
    """

    def __init__(self, path: Path | None, say: Callable[[str], None], told: int | None = 5) -> None:
        self.path = path
        self.count = 0
        self.first: Reject | None = None
        self._say = say
        self._told = told
        self._stack = contextlib.ExitStack()
        self._put: Callable[[str], object] | None = None

    @contextlib.contextmanager
    def open(self) -> Iterator[Callable[[Reject], None]]:
        """What takes a record; on an exception the file is not written."""
        with self._stack:
            yield self._take

    def _take(self, reject: Reject) -> None:
        self.count += 1
        self.first = self.first or reject
        if self._told is None or self.count <= self._told:
            where = reject.name if reject.line is None else f"{reject.name}:{reject.line}"
            self._say(f"rejected: {where}: {reject.problem}")
        elif self.count == self._told + 1:
            self._say("rejected: further records" + ("" if self.path is None else f", see {self.path}"))
        if self.path is None:
            return
        if self._put is None:
            self._put = self._stack.enter_context(written(self.path))
        line = {"file": reject.name, "line": reject.line, "problem": reject.problem, "raw": reject.raw}
        # Escapes, because what is wrong with a record may be that it has what is no character.
        self._put(json.dumps(line, ensure_ascii=not _encodable(reject.raw)) + "\n")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def beside(target: Path | str) -> Path | None:
    """Where the rejects of a conversion to this file go if nothing is said; None for standard output."""
    return None if str(target) == "-" else Path(f"{str(target).rstrip('/')}.rejects.jsonl")

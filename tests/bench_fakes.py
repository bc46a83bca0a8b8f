"""Systems to be measured in the place of real ones, as users write their own."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from elman.pipelines.bench.system import Options, System

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.pipelines.bench.system import Found


class Words(System):
    """Finds nothing."""

    title = "Words"
    batches = (1, 2)

    def __init__(self, options: Options) -> None:
        self.options = options

    def tag(self, texts: Sequence[str], batch: int) -> Iterator[Found]:
        assert batch in self.batches
        return map(self.one, texts)

    def one(self, text: str) -> Found:
        assert text is not None
        return []

    def facts(self) -> dict[str, object]:
        return {"about": "a fake", "precision": "none", "versions": {}, "disk_bytes": 0, "labels": ["PER"]}


class Capitals(Words):
    """Finds whatever begins with a capital."""

    title = "Capitals"
    splits = True

    def one(self, text: str) -> Found:
        return [(*match.span(), "PER") for match in re.finditer(r"\b[A-Z]\w+", text)]


class Broken(Words):
    title = "Broken"

    def __init__(self, options: Options) -> None:
        sys.exit(f"it has no wheels, and {options.threads} thread(s)")


class Rare(Words):
    title = "Rare"
    packages = ("no_such_package_anywhere",)
    install = "pip install it"

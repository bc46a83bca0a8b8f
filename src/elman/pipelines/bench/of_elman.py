"""Elman as one of the systems."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.pipelines.bench.system import Options, System, size_on_disk, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.pipelines.bench.system import Found


class OfElman(System):
    """A model folder."""

    title = "Elman"
    expected_paths = "a model folder"
    batches = (4096, 8192, 16384)
    trial_words = 40_000

    def __init__(self, options: Options) -> None:
        from elman.runtime.tagger import Tagger, load

        self._path = options.paths[0]
        self._tagger = load(self._path)
        # A tagger that shares its batches out among threads is told how many; else the libraries' own are held.
        known = inspect.signature(Tagger.tag).parameters
        self._more: dict[str, Any] = {"threads": options.threads} if "threads" in known else {}

    def tag(self, texts: Sequence[str], batch: int) -> Iterator[Found]:
        """Batches are of so many tokens."""
        for document in self._tagger.tag(texts, batch_tokens=batch, **self._more):
            yield [(span.start, span.end, span.label) for span in document.spans]

    def one(self, text: str) -> Found:
        """One call of the tagger."""
        return [(span.start, span.end, span.label) for span in self._tagger(text).spans]

    def facts(self) -> dict[str, object]:
        """From the model folder."""
        from elman.version import __version__

        engine = type(self._tagger._engine).__name__
        return {
            "about": f"model {Path(self._path).resolve().name}, {engine}",
            "precision": str(getattr(self._tagger._engine, "precision", "float32")),
            "versions": {"elman": __version__, **versions("numpy")},
            "disk_bytes": size_on_disk([self._path]),
            "labels": list(self._tagger.labels),
            "layer": self._tagger.layer,
        }

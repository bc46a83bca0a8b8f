"""Elman as one of the systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from elman.pipelines.bench.system import Options, System, size_on_disk, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.pipelines.bench.system import Found
    from elman.runtime.engine import EngineName, Precision


class OfElman(System):
    """A model folder."""

    title = "Elman"
    expected_paths = "a model folder"
    batches = (2048, 4096, 8192, 16384)
    trial_words = 160_000  # ten of the largest batches, so that no thread is idle for long
    shares = True

    def __init__(self, options: Options) -> None:
        from elman.runtime.tagger import load

        self._path = options.paths[0]
        self._threads = options.threads
        self._tagger = load(self._path, cast("EngineName", options.engine), cast("Precision", options.precision))

    def tag(self, texts: Sequence[str], batch: int) -> Iterator[Found]:
        """Batches are of so many tokens."""
        for document in self._tagger.tag(texts, batch_tokens=batch, threads=self._threads):
            yield [(span.start, span.end, span.label) for span in document.spans]

    def one(self, text: str) -> Found:
        """One call of the tagger."""
        return [(span.start, span.end, span.label) for span in self._tagger(text).spans]

    def facts(self) -> dict[str, object]:
        """From the model folder."""
        from elman.version import __version__

        engine = self._tagger._engine
        library = {"numpy": "numpy", "onnx": "onnxruntime"}[engine.name]
        return {
            "about": f"model {Path(self._path).resolve().name}, engine {engine.name}, batches on several threads",
            "precision": engine.precision,
            "versions": {"elman": __version__, **versions(*dict.fromkeys(("numpy", library)))},
            "disk_bytes": size_on_disk([self._path]),
            "labels": list(self._tagger.labels),
            "layer": self._tagger.layer,
        }

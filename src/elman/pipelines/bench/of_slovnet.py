"""Slovnet, the recogniser of Russian names: a convolutional tagger in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elman.pipelines.bench.system import Options, System, size_on_disk, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.pipelines.bench.system import Found


class OfSlovnet(System):
    """Its model and the Navec vectors that it was trained with."""

    title = "Slovnet"
    packages = ("slovnet", "navec")
    install = "pip install slovnet"
    expected_paths = "its model and its vectors: --slovnet slovnet_ner_news_v1.tar,navec_news_v1_1B_250K_300d_100q.tar"
    batches = (8, 32, 128)

    def __init__(self, options: Options) -> None:
        from navec import Navec
        from slovnet import NER

        self._paths = options.paths
        model, vectors = options.paths
        self._ner = NER.load(model).navec(Navec.load(vectors))

    def tag(self, texts: Sequence[str], batch: int) -> Iterator[Found]:
        """Batches are of so many texts, and within the network of so many windows."""
        self._ner.batch_size = self._ner.infer.encoder.batch_size = batch
        for markup in self._ner.map(texts):
            yield [(span.start, span.stop, span.type) for span in markup.spans]

    def one(self, text: str) -> Found:
        """One call."""
        return [(span.start, span.stop, span.type) for span in self._ner(text).spans]

    def facts(self) -> dict[str, object]:
        """From its files."""
        tags = self._ner.infer.decoder.tags_vocab.items
        return {
            "about": " and ".join(Path(path).name for path in self._paths),
            "precision": "float32",
            "versions": versions("slovnet", "navec", "numpy"),
            "disk_bytes": size_on_disk(self._paths),
            "labels": sorted({tag.partition("-")[2] for tag in tags if "-" in tag}),
        }

    @classmethod
    def missing(cls, paths: Sequence[str]) -> str | None:
        """Its files can be missing, too."""
        if absent := super().missing(paths):
            return absent
        if len(paths) != 2:
            return f"expected {cls.expected_paths}; got {len(paths)} names"
        gone = [path for path in paths if not Path(path).is_file()]
        return f"no file {' and no file '.join(gone)}" if gone else None

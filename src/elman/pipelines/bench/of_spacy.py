"""spaCy: a pipeline's recogniser of entities and nothing else of it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from elman.pipelines.bench.system import Options, System, size_on_disk, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.pipelines.bench.system import Found

MODEL = "en_core_web_sm"


class OfSpacy(System):
    """A pipeline, installed or in a folder; the parts that its recogniser does not listen to are left out."""

    title = "spaCy"
    packages = ("spacy",)
    install = "pip install spacy"
    batches = (8, 32, 128)
    splits = True

    def __init__(self, options: Options) -> None:
        import spacy

        self._name = options.paths[0] if options.paths else MODEL
        self._processes = options.processes
        folder = _folder(self._name)
        assert folder is not None
        self._folder = folder
        config = spacy.util.load_config(folder / "config.cfg")
        kept = {"ner", "tok2vec"} if "Tok2VecListener" in str(config["components"]["ner"]) else {"ner"}
        self._nlp = spacy.load(folder, exclude=[name for name in config["components"] if name not in kept])

    def tag(self, texts: Sequence[str], batch: int) -> Iterator[Found]:
        """Batches are of so many texts."""
        for document in self._nlp.pipe(texts, batch_size=batch, n_process=self._processes):
            yield [(span.start_char, span.end_char, span.label_) for span in document.ents]

    def one(self, text: str) -> Found:
        """One call of the pipeline, in this process."""
        return [(span.start_char, span.end_char, span.label_) for span in self._nlp(text).ents]

    def facts(self) -> dict[str, object]:
        """From the pipeline."""
        meta = self._nlp.meta
        return {
            "about": f"{Path(self._name).name} {meta['version']}, {' and '.join(self._nlp.pipe_names)} alone",
            "precision": "float32",
            "versions": versions("spacy", "thinc", "numpy"),
            "disk_bytes": size_on_disk([self._folder]),
            "labels": list(self._nlp.pipe_labels["ner"]),
        }

    @classmethod
    def missing(cls, paths: Sequence[str]) -> str | None:
        """The pipeline can be missing, too."""
        absent = super().missing(paths)
        name = paths[0] if paths else MODEL
        if absent is None and _folder(name) is None:
            return f"no pipeline {name} (python -m spacy download {MODEL}, or name another: --spacy NAME)"
        return absent


def _folder(name: str) -> Path | None:
    """The folder with the configuration of an installed pipeline, or of one that is named as a folder."""
    root = Path(name)
    if not root.is_dir():
        found = find_spec(name) if name.isidentifier() else None
        if found is None or found.origin is None:
            return None
        root = Path(found.origin).parent
    return next((file.parent for file in sorted(root.rglob("config.cfg"))), None)

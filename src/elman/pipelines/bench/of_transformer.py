"""A transformer of the size that people choose for its speed: a MiniLM token classifier in ONNX Runtime.

Its weights are random, so that only its speed means anything. Its word pieces are learned from the texts themselves,
which gives it fewer pieces to a word than a vocabulary from elsewhere would: an advantage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.pipelines.bench.system import Options, System, size_on_disk, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.pipelines.bench.system import Found

PIECES = 30522
"""The most pieces of its vocabulary: as many as BERT's."""

LONGEST = 256
"""The pieces of an input; what is longer goes in parts."""

KINDS = ("PER", "LOC", "ORG", "MISC")


class OfTransformer(System):
    """The graph of ``minilm.py`` and a tokenizer of word pieces; each line of a text is an input."""

    title = "MiniLM, ONNX Runtime"
    packages = ("onnxruntime", "onnx", "tokenizers")
    install = "pip install onnxruntime onnx tokenizers"
    batches = (512, 2048, 8192)
    trial_words = 5000
    prepares = True

    def __init__(self, options: Options) -> None:
        import numpy
        import onnxruntime

        from tokenizers import Tokenizer

        self._numpy = numpy
        self._graph = Path(options.scratch, "minilm.onnx")
        self._tokenizer = Tokenizer.from_file(str(Path(options.scratch, "pieces.json")))
        self._tokenizer.enable_truncation(LONGEST)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(self._graph, settings, providers=["CPUExecutionProvider"])

    def tag(self, texts: Sequence[str], batch: int) -> Iterator[Found]:
        """Inputs of like length go together, of about so many pieces, padding included."""
        found: list[Found] = [[] for _ in texts]
        for some in _groups(texts):
            inputs = [(at, start, part) for at, start, line in some for part in self._parts(line)]
            inputs.sort(key=lambda each: len(each[2].ids))
            for here in _batches(inputs, batch):
                for (at, start, part), tags in zip(here, self._tags([part for *_, part in here]), strict=True):
                    found[at] += [(start + one, start + end, kind) for one, end, kind in _spans(part, tags)]
        for spans in found:
            spans.sort()
            yield spans

    def one(self, text: str) -> Found:
        """One run of the network, if the text has one line."""
        return next(iter(self.tag((text,), self.batches[-1])))

    def facts(self) -> dict[str, object]:
        """What was built."""
        return {
            "about": "6 layers, 384 units, 12 heads, 1536 inner units, random weights, ONNX Runtime with its fused "
            f"operators; {self._tokenizer.get_vocab_size():,} word pieces learned from the texts",
            "precision": "float32",
            "versions": versions("onnxruntime", "tokenizers", "numpy"),
            "disk_bytes": size_on_disk([self._graph]),
            "labels": None,
        }

    @classmethod
    def prepare(cls, texts: Sequence[str], scratch: str) -> None:
        """Learn the word pieces and write the graph."""
        from elman.pipelines.bench.minilm import write_minilm
        from tokenizers import BertWordPieceTokenizer

        tokenizer = BertWordPieceTokenizer(lowercase=True)
        tokenizer.train_from_iterator(texts, vocab_size=PIECES, min_frequency=1, show_progress=False)
        tokenizer.save(str(Path(scratch, "pieces.json")))
        write_minilm(Path(scratch, "minilm.onnx"), PIECES, 1 + 2 * len(KINDS))

    def _parts(self, line: str) -> list[Any]:
        """The input of a line, or the inputs of its parts."""
        whole = self._tokenizer.encode(line)
        return [whole, *whole.overflowing]

    def _tags(self, parts: Sequence[Any]) -> list[list[int]]:
        """The best tag of each piece."""
        numpy = self._numpy
        width = max(len(part.ids) for part in parts)
        ids = numpy.zeros((len(parts), width), numpy.int32)
        mask = numpy.zeros((len(parts), width), numpy.int32)
        for row, part in enumerate(parts):
            ids[row, : len(part.ids)] = part.ids
            mask[row, : len(part.ids)] = 1
        (logits,) = self._session.run(None, {"ids": ids, "mask": mask})
        best: list[list[int]] = logits.argmax(-1).tolist()
        return best


def _groups(texts: Sequence[str]) -> Iterator[list[tuple[int, int, str]]]:
    """Lines with the number of their text and where they start in it, some thousands together."""
    some: list[tuple[int, int, str]] = []
    for at, text in enumerate(texts):
        start = 0
        for line in text.splitlines(keepends=True):
            if not line.isspace():
                some.append((at, start, line))
            start += len(line)
        if len(some) >= 4096:
            yield some
            some = []
    yield some


def _batches(inputs: Sequence[Any], pieces: int) -> Iterator[list[Any]]:
    """Inputs that go through the network together, the last of them the longest: at most so many pieces, or one."""
    here: list[Any] = []
    for each in inputs:
        if here and (len(here) + 1) * len(each[2].ids) > pieces:
            yield here
            here = []
        here.append(each)
    if here:
        yield here


def _spans(part: Any, tags: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Stretches of one kind: tag 0 is outside, then for each kind the beginning and the inside."""
    start, end, kind = 0, 0, 0
    for (first, stop), tag in zip(part.offsets, tags, strict=False):
        if stop == first:
            continue  # the marks at both ends
        if kind and tag != 2 * kind:
            yield start, end, KINDS[kind - 1]
            kind = 0
        if tag and not kind:
            start, kind = first, (tag + 1) // 2
        end = stop
    if kind:
        yield start, end, KINDS[kind - 1]

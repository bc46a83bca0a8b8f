"""Whether an exported model tags as ours does."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnxruntime

from elman.data.document import Document, Tokens
from elman.decoding.viterbi import viterbi
from elman.features.batches import bucket
from elman.runtime.engine import engine_for
from elman.runtime.entities import structure_of
from elman.runtime.tagger import Tagger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.features.lexicon import Lexicon
    from elman.model.folder import ModelFolder
    from elman.runtime.tagger import Scored

TOLERANCE = 1e-4
"""By how much emissions may differ."""

_BATCH_TOKENS = 4096
_TOGETHER = 1000
"""Documents that are compared together."""

_ODD = (
    *("a", ".", "I", "x" * 23, "x" * 24, "Xy" * 13, "A1." * 2000, "é" * 100, "zzqqjxv", "Zzqqjxv", "ZZQQJXV"),
    *("1996-12-06", "3.14", "007", "１９７５", "١٩٧٥", "U.N.", "McDonald", "O'Brien-Müller", "e\u0301", "\u0301", "ǅ"),
    *("東京", "Москва", "İstanbul", "ΣΟΦΟΣ", "ß", "ﬁ", "😀", "👩‍👧", "\u200b", "\ufeff", "\ud800", "\x00", "two words"),
)
_LENGTHS = (1, 2, 3, 1, 30, 5, 8, 13, 21, 55, 120, 256)
"""Tokens of the built-in windows."""


class Parity(NamedTuple):
    """A comparison.

    Attributes:
        windows: that were compared.
        tokens: of these.
        different: tokens with another tag.
        worst: the largest difference between emissions.
    """

    windows: int
    tokens: int
    different: int
    worst: float

    @property
    def passed(self) -> bool:
        """Whether both tag alike; a difference that is no number is none that may be."""
        return self.different == 0 and self.worst <= TOLERANCE


def session(model: bytes | str, threads: int = 1) -> onnxruntime.InferenceSession:
    """An exported model, or the path of one, ready to run on so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def compare(model: bytes, folder: ModelFolder, documents: Iterable[Document] | None = None) -> Parity:
    """Run an exported model and our NumPy engine on the same windows.

    Args:
        model: what ``tagger_model`` made of the folder.
        folder: the model.
        documents: whose tokens are tagged; None for built-in ones: windows of several lengths of words that the model
            knows, and of unknown, long and odd ones.
    """
    running, tagger = session(model), Tagger(folder, engine_for(folder, "numpy"))
    start, transition, end = structure_of(folder.manifest, folder.tensors)
    waiting = iter(samples(folder.lexicon) if documents is None else documents)
    windows = tokens = different = 0
    worst = 0.0
    while group := list(islice(waiting, _TOGETHER)):
        scored = list(tagger.scores(group))
        for words, lengths, emissions in _batches(scored):
            expected, _ = viterbi(emissions, lengths, transition, start, end)
            tags, found = running.run(["tags", "emissions"], feed(running, folder.lexicon, words, lengths))
            inside = np.arange(words.shape[1]) < lengths[:, None]
            windows, tokens = windows + len(lengths), tokens + int(lengths.sum())
            different += int((tags != expected).sum())
            worst = float(np.maximum(worst, np.abs(found - emissions)[inside].max()))
    return Parity(windows, tokens, different, worst)


def feed(
    running: onnxruntime.InferenceSession, lexicon: Lexicon, words: NDArray[np.object_], lengths: NDArray[np.integer]
) -> dict[str, NDArray[Any]]:
    """What an exported model reads of words, batch x time; what stands beyond a length does not count."""
    features = lexicon.features(words.ravel().tolist())
    values = {
        "words": features.words.reshape(words.shape),
        "characters": features.characters.reshape(*words.shape, -1),
        "shapes": features.shapes.reshape(words.shape),
        "lengths": lengths.astype(np.int32),
    }
    return {one.name: values[one.name] for one in running.get_inputs()}


def samples(lexicon: Lexicon) -> Iterator[Document]:
    """Documents of one window each, the same ones for the same model."""
    rng = np.random.default_rng(0)
    known = np.array([word for word in lexicon.words.words if word] or ["a"], object)
    odd = np.array(_ODD, object)
    for chosen in (known, odd, np.concatenate((rng.choice(known, len(odd)), odd))):
        for length in _LENGTHS:
            words = rng.choice(chosen, length).tolist()
            ends = np.cumsum([len(word) + 1 for word in words]) - 1
            starts = ends - [len(word) for word in words]
            text = " ".join(words)
            yield Document(text, tokens=Tokens(text, np.column_stack((starts, ends))))


def _batches(
    scored: Sequence[Scored],
) -> Iterator[tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.float32]]]:
    """Words (batch x time), lengths and emissions (batch x time x K) of windows of like length."""
    if not scored:
        return
    words = np.array([word for one in scored for word in one.tokens.surfaces], object)
    lengths = np.concatenate([one.lengths for one in scored])
    emissions = np.concatenate([one.emissions for one in scored])
    starts = np.cumsum(lengths) - lengths
    for chosen in bucket(lengths, _BATCH_TOKENS):
        sizes = lengths[chosen]
        places = starts[chosen, None] + np.minimum(np.arange(sizes.max()), sizes[:, None] - 1)
        yield words[places], sizes, emissions[places]

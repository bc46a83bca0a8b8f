"""Speech to text: log-mel frames, a recurrent network, a character or none in each frame, CTC."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.document import Document
from elman.data.recordings import Recording, read_recordings
from elman.decoding.ctc import BLANK, beam_search, greedy, log_likelihood
from elman.errors import ModelError
from elman.features.batches import pad
from elman.features.logmel import LogMel
from elman.metrics.transcripts import TranscriptScores
from elman.tasks import task as tasks
from elman.tasks.task import Sequences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.audio import Sound
    from elman.data.document import Span
    from elman.model.parts import Parts


class Batch(NamedTuple):
    """Some recordings.

    Attributes:
        frames: batch x time x features.
        lengths: steps of each recording.
        targets: batch x characters, each text's symbols, zeros behind its end; None where they are not known.
        spoken: characters of each text.
    """

    frames: NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | None
    spoken: NDArray[np.int64] | None


@dataclass(frozen=True)
class Heard:
    """What was heard in a recording.

    Attributes:
        text: the most probable text that was found.
        probability: the text's, given the recording.
        spans: the entities in the text, if a tagger was asked for them; None if not.
    """

    text: str
    probability: float
    spans: tuple[Span, ...] | None = None

    @property
    def document(self) -> Document:
        """The text with its entities."""
        return Document(self.text, self.spans or ())

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain: dict[str, Any] = {"text": self.text, "probability": self.probability}
        if self.spans is not None:
            names = ("start", "end", "label", "score")
            plain["spans"] = [{name: getattr(span, name) for name in names} for span in self.spans]
        return plain


@dataclass(frozen=True)
class Task(tasks.Task):
    """Transcription with one set of characters.

    Attributes:
        features: how sounds become frames.
        stack: frames that are put together to one step, so that there are fewer steps.
        characters: the symbols behind the blank, sorted.
        lowercase: whether texts are learned, and judged, in lower case.
        beam: beginnings that the search keeps; 1 takes the most probable symbol of each step.
        parts: ``scale``, ``encode`` and ``head``.
    """

    name = "speech"

    features: LogMel
    stack: int
    characters: tuple[str, ...]
    lowercase: bool
    beam: int
    parts: Parts

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Recording]:  # noqa: A002  # the option's name
        """See ``elman.data.recordings``."""
        return read_recordings(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Recording]:  # noqa: A002
        """Sounds: a file, a folder or a table of them."""
        return read_recordings(path, format, labelled=False)

    @classmethod
    def example(cls, value: str | Path | Sound | Recording) -> Recording:
        """A file with a sound, or a sound."""
        if isinstance(value, Recording):
            return value
        return Recording(Path(value) if isinstance(value, str) else value)

    @classmethod
    def open(cls, about: Mapping[str, Any], texts: Mapping[str, str], parts: Parts) -> Task:  # noqa: ARG003
        """See ``elman.tasks.task.Task``."""
        try:
            stack, characters, lowercase, beam = (about[key] for key in ("stack", "characters", "lowercase", "beam"))
            features = LogMel.from_json(about["features"])
        except KeyError as error:
            raise ModelError(f"model.json: about: {error} is missing; train anew") from None
        return cls(features, stack, tuple(characters), lowercase, beam, parts)

    def about(self) -> dict[str, Any]:
        """See ``elman.tasks.task.Task``."""
        return {
            "features": self.features.to_json(),
            "stack": self.stack,
            "characters": list(self.characters),
            "lowercase": self.lowercase,
            "beam": self.beam,
        }

    def notes(self, example: Recording) -> Iterator[str]:
        """That its rate is another one, that its channels are mixed."""
        rate, channels = example.origin
        if rate != self.features.rate:
            yield f"resampled from {rate:,} Hz to {self.features.rate:,} Hz"
        if channels > 1:
            yield f"{channels} channels mixed to one"

    def prepare(self, examples: Iterable[Recording]) -> Sequences:
        """Recordings, whose texts become symbols; a character that training has not seen is never right."""
        ids, inputs, texts = [], [], []
        for number, recording in enumerate(examples, 1):
            ids.append(recording.id or f"recording {number}")
            frames = self.features.frames(recording.sound(), recording.name)
            inputs.append(stacked(frames, self.stack))
            texts.append(None if recording.text is None else normalised(recording.text, lowercase=self.lowercase))
        index = {character: at for at, character in enumerate(self.characters, 1)}
        known = all(text is not None for text in texts)
        gold = tuple(text or "" for text in texts) if known else None
        return Sequences(
            tuple(ids),
            tuple(inputs),
            np.array([len(steps) for steps in inputs], np.int64),
            None
            if gold is None
            else tuple(np.array([index[one] for one in text if one in index], np.int64) for text in gold),
            gold,
        )

    def batch(self, sequences: Sequences, indices: Sequence[int]) -> Batch:
        """See ``elman.tasks.task.Task``."""
        frames, lengths = pad([sequences.inputs[at] for at in indices]), sequences.lengths[list(indices)]
        if sequences.targets is None:
            return Batch(frames, lengths, None, None)
        targets = [sequences.targets[at] for at in indices]
        return Batch(frames, lengths, pad(targets), np.array([len(symbols) for symbols in targets], np.int64))

    def forward(self, net: Any, batch: Batch) -> Any:
        """Scores of the symbols before the softmax: batch x time x symbols."""
        return net.head(net.encode(net.scale(batch.frames), batch.lengths))

    def predict(self, net: Any, batch: Batch) -> list[Heard]:
        """See ``elman.tasks.task.Task``."""
        scores = self.forward(net, batch).astype(np.float64)
        scores -= scores.max(axis=2, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=2, keepdims=True))
        return [self._heard(frames[:length]) for frames, length in zip(scores, batch.lengths.tolist(), strict=True)]

    def score(self, sequences: Sequences, outputs: Sequence[Heard]) -> TranscriptScores:
        """See ``elman.tasks.task.Task``."""
        return TranscriptScores(sequences.gold or (), [output.text for output in outputs])

    def remarks(self, examples: Sequence[Recording]) -> Iterator[str]:
        """How many were resampled or mixed; which characters are never right, as training has not seen them."""
        counts = Counter(note for recording in examples for note in self.notes(recording))
        yield from (f"{count:,} of {len(examples):,} recordings {note}" for note, count in counts.items())
        seen = {*self.characters}
        texts = [normalised(recording.text or "", lowercase=self.lowercase) for recording in examples]
        if unseen := Counter(one for text in texts for one in text if one not in seen):
            told = ", ".join(f"{one!r} ({count:,})" for one, count in unseen.most_common(10))
            yield f"characters that the model does not know count as missed: {told}"

    def record(self, example: Recording, output: Heard) -> dict[str, Any]:
        """With the recording's name."""
        return {"id": example.name, **output.to_json()}

    def lines(self, example: Recording, output: Heard) -> Iterator[str]:
        """The recording's name, its text, that one's probability; then its entities, if there are any."""
        yield f"{example.name}: {output.text} ({output.probability:.1%})"
        for span in output.spans or ():
            yield f"  {span.label} {output.text[span.start : span.end]}"

    def _heard(self, frames: NDArray[np.float64]) -> Heard:
        best = greedy(frames) if self.beam == 1 else beam_search(frames, self.beam)[0]
        text = "".join(self.characters[symbol - BLANK - 1] for symbol in best.symbols)
        return Heard(text, float(np.exp(log_likelihood(frames, best.symbols))))


def normalised(text: str, *, lowercase: bool) -> str:
    """A text as it is learned and judged: one blank between words, none around."""
    joined = " ".join(text.split())
    return joined.lower() if lowercase else joined


def stacked(frames: NDArray[np.float32], stack: int) -> NDArray[np.float32]:
    """So many frames side by side as one step; the last frame is repeated to fill the last step.

    Args:
        frames: time x bands.
        stack: at least 1.

    Returns:
        time / stack, rounded up, x stack * bands.
    """
    missing = -len(frames) % stack
    whole = np.concatenate((frames, np.repeat(frames[-1:], missing, axis=0))) if missing else frames
    return whole.reshape(-1, stack * frames.shape[1])

"""Speech to text: how it is fitted to data, and its loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from dataclasses import field as default
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from elman.decoding.ctc import BLANK, frames_needed
from elman.errors import DataError, UsageError
from elman.features.logmel import LogMel
from elman.model.parts import Encoder, Linear, Scale
from elman.settings import Count, HoldoutSettings, RecurrentSettings, Size, TrainingSettings, group
from elman.tasks.speech import Batch, Task, normalised
from elman.training.objective import TaskObjective

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elman.data.recordings import Recording
    from elman.features.vectors import Vectors


@group
class SoundSettings:
    """How sounds become steps."""

    rate: Size | None = None
    """Samples a second, in Hz; sounds of another rate are resampled; the training set's most frequent one if auto."""
    bands: Size = 40
    """Bands of frequencies in a frame."""
    window: Size = 25
    """The length of a frame, in milliseconds."""
    step: Size = 10
    """From one frame's start to the next one's, in milliseconds."""
    low: Count = 20
    """Where the first band of frequencies starts, in Hz."""
    stack: Size = 2
    """Frames that are put together to one step; the more, the faster, but a text needs a step for each character."""


@group
class TextSettings:
    """How texts are learned and found."""

    lowercase: bool = True
    """Whether texts are learned, and judged, in lower case."""
    beam: Size = 8
    """Beginnings of texts that the search keeps; 1 takes the most probable symbol of each step."""


@group
class Settings:
    """All settings of a transcriber's training, by group."""

    task = "speech"

    sound: SoundSettings = default(default_factory=SoundSettings)
    text: TextSettings = default(default_factory=TextSettings)
    encoder: RecurrentSettings = default(
        default_factory=lambda: RecurrentSettings(hidden=100, layers=2, input_dropout=0.1, dropout=0.3)
    )
    training: TrainingSettings = default(default_factory=TrainingSettings)
    data: HoldoutSettings = default(default_factory=HoldoutSettings)


class Objective(TaskObjective[Task, Settings]):
    """See ``elman.training.objective.TaskObjective``."""

    settings_kind = Settings

    @classmethod
    def design(
        cls,
        examples: Sequence[Recording],
        settings: Settings,
        vectors: Vectors | None,
        say: Callable[[str], None],
    ) -> Task:
        """See ``TaskObjective``."""
        if vectors is not None:
            raise UsageError("speech has no words to have vectors for; leave --vectors out")
        given, lowercase = settings.sound, settings.text.lowercase
        rate = given.rate
        if rate is None:
            rates = Counter(recording.origin.rate for recording in examples)
            rate = rates.most_common(1)[0][0]
            found = ", ".join(f"{count:,} of {one:,} Hz" for one, count in rates.most_common())
            say(f"recordings: {found}; the model works at {rate:,} Hz")
        texts = [normalised(recording.text or "", lowercase=lowercase) for recording in examples]
        characters = sorted(set().union(*texts))
        if not characters:
            raise DataError("expected recordings in which something is said, got none with a text")
        features = LogMel(rate, given.bands, given.window / 1000, given.step / 1000, float(given.low))
        size = given.bands * given.stack
        encode = Encoder(inputs=size, encoder=asdict(settings.encoder))
        return Task(
            features,
            given.stack,
            tuple(characters),
            lowercase,
            settings.text.beam,
            {
                "scale": Scale(size=size),
                "encode": encode,
                "head": Linear(inputs=encode.output, outputs=1 + len(characters)),
            },
        )

    def initialise(self, vectors: Vectors | None) -> None:  # noqa: ARG002
        """Fit the scale; refuse texts that are longer than their recordings.

        Raises:
            DataError: if a recording has too few steps for its text.
        """
        for name, steps, symbols in zip(self.train.ids, self.train.inputs, self.train.targets or (), strict=True):
            if len(steps) < (least := frames_needed(symbols.tolist())):
                raise DataError(
                    f"{name}: expected at least {least} steps for a text of {len(symbols)} characters, got "
                    f"{len(steps)}; make sound.stack or sound.step smaller, or mend the text"
                )
        steps = np.concatenate(self.train.inputs)
        scale: Any = self.network.scale
        scale.mean.copy_(torch.from_numpy(steps.mean(axis=0, dtype=np.float64)))
        scale.deviation.copy_(torch.from_numpy(np.maximum(steps.std(axis=0, dtype=np.float64), 1e-3)))

    def losses(self, batch: Batch) -> Tensor:
        """The negative logarithm of the probability of all paths that say the text; see ``elman.decoding.ctc``."""
        scores: Any = self.task.forward(self.network, batch)
        frames = scores.float().log_softmax(2).transpose(0, 1)  # time x batch x symbols
        targets: Any = batch.targets
        return nn.functional.ctc_loss(frames, targets, batch.lengths, batch.spoken, blank=BLANK, reduction="sum")  # type: ignore[arg-type]

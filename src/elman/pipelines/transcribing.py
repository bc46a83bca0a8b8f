"""Entities in what was heard: transcripts handed to a tagger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.recordings import Recording
    from elman.runtime.predictor import Predictor
    from elman.runtime.tagger import Tagger
    from elman.tasks.speech import Heard


def transcribe(model: Predictor, tagger: Tagger, recordings: Iterable[Any]) -> Iterator[tuple[Recording, Heard]]:
    """Recordings, each with what was heard in it, entities included; in order and in constant memory.

    A transcript is in lower case and without punctuation if what the model learned from was so; a tagger that relies on
    capitals finds little in it, and is better learned from texts of that kind.

    Args:
        model: for speech.
        tagger: finds the entities.
        recordings: files, sounds or recordings.

    Raises:
        UsageError: if the model is for another task.
    """
    if model.task.name != "speech":
        raise UsageError(
            f"a tagger is handed what a model for speech heard, and {model.path} is for {model.task.name}; leave the "
            "tagger out"
        )
    return ((one, replace(heard, spans=tagger(heard.text).spans)) for one, heard in model.pairs(recordings))

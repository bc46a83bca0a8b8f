"""What tasks that tell classes of texts have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.data.classified import read_classified
from elman.data.document import Document
from elman.errors import ModelError
from elman.features.vocabulary import Vocabulary
from elman.tasks.tagging import tokens_and_windows
from elman.tasks.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from elman.metrics.figure import Scores
    from elman.tasks.classes import Classes, Classified
    from elman.tasks.task import Sequences


class TextClasses(Task):
    """A task from texts to classes.

    Attributes:
        classes: what is told.
    """

    classes: Classes

    @classmethod
    def read(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002  # the option's name
        """See ``elman.data.classified``."""
        return read_classified(path, format)

    @classmethod
    def given(cls, path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002
        """Texts, one a line; or any format of documents."""
        return read_classified(path, format, labelled=False)

    @classmethod
    def example(cls, value: str | Document) -> Document:
        """A text."""
        return Document(value) if isinstance(value, str) else value

    def remarks(self, examples: Sequence[Document]) -> Iterator[str]:
        """See ``elman.tasks.task.Task``."""
        names = [document.id or f"text {number}" for number, document in enumerate(examples, 1)]
        empty = [name for name, document in zip(names, examples, strict=True) if not _has_words(document)]
        if empty:
            yield f"{len(empty):,} without a word, which get what is told of nothing: {', '.join(empty[:5])}"
        yield from self.classes.remarks(names, [document.labels for document in examples])

    def predict(self, net: Any, batch: Any) -> list[Classified]:
        """See ``elman.tasks.task.Task``."""
        return self.classes.decide(self.forward(net, batch))

    def score(self, sequences: Sequences, outputs: Sequence[Classified]) -> Scores:
        """See ``elman.tasks.task.Task``."""
        return self.classes.score(sequences.gold, outputs)

    def lines(self, example: Document, output: Classified) -> Iterator[str]:
        """The class, its probability, the beginning of the text; the words that it rests on the most."""
        yield f"{output}  {' '.join(example.text.split())[:80]}"
        yield from output.reasons()


def words_in(about: Mapping[str, Any], texts: Mapping[str, str]) -> tuple[Vocabulary, bool, bool]:
    """The words that a model folder holds, whether they are in lower case, and with every digit as 0.

    Raises:
        ModelError: if something is missing.
    """
    try:
        return Vocabulary.decode(texts["words"], "words.txt"), bool(about["lower"]), bool(about["digits"])
    except KeyError as error:
        raise ModelError(f"model.json: about: {error} is missing; train anew") from None


def offsets_of(document: Document) -> list[list[int]]:
    """Where the words of a text are: its own tokens, or those that elman finds."""
    found: list[list[int]] = tokens_and_windows(document).offsets.tolist()
    return found


def words_of(document: Document) -> list[str]:
    """The words of a text."""
    return [document.text[start:end] for start, end in offsets_of(document)]


def _has_words(document: Document) -> bool:
    """Whether a text has any; without cutting it into words."""
    return bool(document.text.strip() if document.tokens is None else document.tokens)

"""Judging a tagger by labelled documents."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES, Document
from elman.data.formats import asked, detect, read
from elman.data.label_columns import reading_options
from elman.data.labels import Relabelling
from elman.data.schemes import TOKEN
from elman.data.schemes import scheme as scheme_named
from elman.errors import UsageError
from elman.metrics.comparison import Judged
from elman.metrics.token_labels import TokenResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from elman.data.formats import Reading
    from elman.data.schemes import Repair
    from elman.metrics.score import Result
    from elman.runtime.tagger import Tagger


def read_gold(
    path: Path | str,
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    repair: Repair = "conlleval",
    layer: str = ENTITIES,
) -> Reading:
    """The documents of a labelled file, read as training reads them.

    Args:
        path: the file.
        format: its format, or None to find it out.
        scheme: its tags' scheme, or None to find it out.
        repair: what happens to an invalid tag, if the format has tags.
        layer: what is labelled, see ``elman.data.label_columns``.

    Raises:
        DataError: if the file is not what it should be.
        UsageError: if there is no such format, scheme or repair, the format has no scheme, or a pipe comes
            without a format.
    """
    if format is None and (str(path) == "-" or Path(path).is_fifo()):
        raise UsageError(f"{path}: the format of a pipe cannot be found out; name it")
    chosen = asked(format).format if format else detect(path).format
    options: dict[str, Any] = reading_options(layer, chosen.name) | ({"scheme": scheme} if scheme else {})
    return read(path, format, defaults={"repair": repair}, **options)


def judged_result(tagger: Tagger, result: Result) -> Result:
    """A result as a model of its kind is judged: by F1, or by accuracy where each token has a label of its own."""
    return TokenResult.of(result) if scheme_named(tagger.scheme) is TOKEN else result


def judge(
    tagger: Tagger,
    documents: Iterable[Document],
    *,
    raw: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Iterator[Judged]:
    """Tag labelled documents anew, in constant memory.

    Args:
        tagger: the model.
        documents: with gold spans.
        raw: whether the model gets the bare text; if not, it gets the documents' tokens and sentences too,
            where they have any.
        labels: new names for gold labels; an empty one leaves the label out on both sides.
    """
    names = labels or {}
    dropped = {label for label, name in names.items() if not name} - set(names.values())
    waiting: deque[Document] = deque()

    def blank() -> Iterator[Document]:
        for gold in Relabelling(names)(documents):
            waiting.append(gold)
            yield Document(gold.text) if raw else replace(gold, spans=(), relations=())

    for predicted in tagger.tag(blank()):
        spans = tuple(span for span in predicted.spans if span.label not in dropped)
        yield Judged(waiting.popleft(), replace(predicted, spans=spans))

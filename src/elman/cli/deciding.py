"""How the verbs that tag decide what is an entity, and what they hand on."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from elman.cli.options import say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from elman.data.document import Document
    from elman.runtime.tagger import Tagger

    Tagging = Callable[[Iterable[Document]], Iterator[Document]]

Threshold = Annotated[
    str | None,
    typer.Option(
        metavar="P",
        help="All spans with this probability or more, not only the best; model: elman calibrate's thresholds.",
    ),
]
Overlaps = Annotated[
    Literal["best", "keep"] | None,
    typer.Option(help="With --threshold: of spans that overlap the most probable (best, the default), or all."),
]


def deciding(tagger: Tagger, threshold: str | None, overlaps: Literal["best", "keep"] | None) -> dict[str, Any]:
    """The arguments for the tagger that these options stand for.

    Raises:
        UsageError: if the threshold is none, or the model has none.
    """
    if threshold is None:
        if overlaps is not None:
            raise UsageError("--overlaps goes with --threshold: the best spans do not overlap")
        return {}
    least: float | Mapping[str, float] = tagger.thresholds
    if threshold != "model":
        try:
            least = float(threshold)
        except ValueError:
            raise UsageError(f"--threshold: expected a number between 0 and 1, or model; got {threshold!r}") from None
    elif not least:
        raise UsageError(
            f"{tagger.path} has no thresholds; elman calibrate MODEL DATA --recall 0.98 finds some, or give a number"
        )
    elif overlaps is None:
        say(
            "warning: of spans that overlap only the most probable is shown, so that a recall that was asked of the "
            "thresholds need not hold; --overlaps keep shows all, --overlaps best ends this warning"
        )
    return {"threshold": least, "overlaps": overlaps or "best"}


def tagged(tagging: Tagging, documents: Iterable[Document]) -> Iterator[Document]:
    """The documents with the model's spans; the tokens that come out are those that came in, or none."""
    bare: deque[bool] = deque()

    def noted() -> Iterator[Document]:
        for document in documents:
            bare.append(document.tokens is None)
            yield document

    for document in tagging(noted()):
        yield replace(document, tokens=None) if bare.popleft() else document

"""``elman suspect``."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from elman.cli.options import Format, Json, Labels, Scheme, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from elman.data.document import Document
    from elman.metrics.suspicion import Belief, Suspect
    from elman.pipelines.suspects import Listing
    from elman.training.records import Record

_BLANKS = dict.fromkeys(map(ord, "\n\r\t\f\v"), " ")


def suspect(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Labelled file.", show_default=False)],
    model: Annotated[
        Path | None, typer.Option(metavar="MODEL", help="Model folder to ask; it must not have learned from DATA.")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, metavar="K", help="Instead of a model, train K, each on all of DATA but one part."),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=1, metavar="N", help="With --folds, do all N times and take the mean.")
    ] = 1,
    scratch: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --folds, a folder to keep the models in, so that what is cut off can be gone on with; "
            "else they are thrown away.",
        ),
    ] = None,
    vectors: Annotated[Path | None, typer.Option(metavar="FILE", help="With --folds, pretrained word vectors.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="With --folds, settings.")] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="GROUP.NAME=VALUE", help="With --folds, one setting; may be repeated."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="List at most N.")] = 20,
    least: Annotated[
        float, typer.Option(min=0, max=1, metavar="S", help="Leave out what is less suspicious, from 0 to 1.")
    ] = 0.5,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Write the documents of those listed, with their spans and, in meta, what is suspicious.",
        ),
    ] = None,
    json: Json = False,
    format: Format = None,  # noqa: A002  # the option's name
    scheme: Scheme = None,
    labels: Labels = "",
) -> None:
    """List the labels that are probably wrong or missing, the most suspicious first.

    Either a model is asked that has not learned from the data, or, with --folds, models are trained on the data
    themselves and each is asked about the part that it has not seen.
    """
    from elman.data.document import ENTITIES
    from elman.data.formats import write
    from elman.data.labels import Relabelling, parse_map
    from elman.metrics.suspicion import suspicion
    from elman.model.task_folder import layer_in
    from elman.pipelines.lines import Lines
    from elman.pipelines.suspects import Listing
    from elman.runtime.evaluation import read_gold

    if (model is None) == (folds is None):
        raise UsageError("expected --model MODEL, or --folds K to train on the data themselves, and not both")
    if folds is None and (scratch or vectors or config or overrides or repeats > 1):
        raise UsageError("--repeats, --scratch, --vectors, --config and --set go with --folds K")
    reading = read_gold(data, format, scheme, layer=layer_in(model) if model is not None else ENTITIES)
    documents = list(Relabelling(parse_map(labels))(reading))
    name = Path(data).name
    for line in reading.report.lines():
        say(f"{name}: {line}")
    lines = None
    if Path(data).is_file():
        lines = Lines(data, reading.report, documents)
    with ExitStack() as stack:
        if model is not None:
            beliefs, layer, by = _asked(documents, model)
        else:
            layer = ENTITIES
            beliefs, by = _trained(documents, folds or 0, repeats, scratch, vectors, config, overrides or (), stack)
        found = suspicion(beliefs, layer)
    listing = Listing(name, found, lines, by, top, least)
    if found.unjudged:
        say(
            f"warning: nothing can be said of {found.unjudged} of {found.spans} spans: they do not begin and end where "
            "tokens do, cross the border of a sentence, or have a label that the model does not know"
        )
    if out is not None:
        write(listing.documents(), out, "jsonl")
        say(f"written: {out}")
    if json:
        print_json(listing.to_json())
    else:
        print("\n".join(_page(listing, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))))


def _asked(documents: Sequence[Document], model: Path) -> tuple[Iterable[Belief], str, dict[str, Any]]:
    """What a model holds of the documents."""
    from elman.runtime.beliefs import believe
    from elman.runtime.tagger import load

    tagger = load(model)
    return believe(tagger, documents), tagger.layer, {"model": str(model)}


def _trained(
    documents: Sequence[Document],
    folds: int,
    repeats: int,
    scratch: Path | None,
    vectors: Path | None,
    config: Path | None,
    overrides: Sequence[str],
    stack: ExitStack,
) -> tuple[Iterable[Belief], dict[str, Any]]:
    """What the models of a cross-validation hold of the documents."""
    from tempfile import TemporaryDirectory

    from elman.extras import needs

    with needs("train", "cross-validation"):
        from elman import settings
        from elman.features.vectors import read_vectors
        from elman.training.crossvalidation import cross_validate
        from elman.training.watch import Console

    chosen = settings.load(config, overrides)
    observers: list[Callable[[Record], None]] = [stack.enter_context(closing(Console()))]
    result = cross_validate(
        documents,
        folds,
        scratch=scratch or Path(stack.enter_context(TemporaryDirectory(prefix="elman-folds-"))),
        settings=chosen,
        vectors=None if vectors is None else read_vectors(vectors),
        repeats=repeats,
        observers=observers,
        say=say,
    )
    return result.beliefs, result.to_json()


def _page(listing: Listing, *, colour: bool) -> Iterator[str]:
    """What a person reads: for each suspect where it is and what is wrong, and below it the text around it."""
    from elman.cli.terminal import painted
    from elman.data.document import Document, Span
    from elman.data.formats.marks import Colours
    from elman.pipelines.suspects import around

    colours = Colours()
    for one in listing.listed:
        line = listing.line(one)
        place = f" {one.document.id or f'document {one.number + 1}'}" if line is None else f":{line}"
        yield f"{listing.name}{place}  {one.suspicion:.2f}  {_said(one)}"
        before, after = around(one)
        inside = one.document.surface(one.span)
        shown = f"{before}{inside}{after}".translate(_BLANKS)
        marked = Document(shown, (Span(len(before), len(before) + len(inside), one.span.label),))
        yield f"    {painted(marked, colours, colour=colour)}"
        yield ""
    found, enough = listing.found, len(listing.enough)
    more = f"; the first {listing.top} are listed" if enough > listing.top else ""
    yield f"{enough} suspicious among {found.spans} spans and the gaps between them{more}"


def _said(one: Suspect) -> str:
    """What is wrong, as one line."""
    label = "nothing" if one.kind == "missing" else one.span.label
    if one.proposed is None:
        instead = "nothing"
    elif one.kind == "boundary":
        instead = f"{one.proposed.label} for {' '.join(one.document.surface(one.proposed).split())!r}"
    else:
        instead = one.proposed.label
    elsewhere = ", ".join(f"{name} ({count})" for name, count in one.elsewhere if name != one.span.label)
    said = f"{label}, rather {instead} ({one.probability:.0%} against {one.given:.0%})"
    if one.margin <= 0:
        said = f"{label} ({one.given:.0%})"
    return said + (f"; elsewhere in the document {elsewhere}" if elsewhere else "")

"""``elman inspect memory``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from elman.cli.inspect.looking import Out, form_of, opened, plain
from elman.cli.options import Json, print_json, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.inspection.attribution import Target
    from elman.inspection.attribution_table import Story
    from elman.inspection.sentences import Sentence


def memory(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.", show_default=False)],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it is to read.", show_default=False)],
    entity: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Of which entity of the text; by default of the first.", show_default=False
        ),
    ] = None,
    token: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Instead of an entity, of which token the label.", show_default=False),
    ] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Show which earlier and later tokens a label rests on.

    The logarithm of the label's probability, less what it is with all other tokens blank, is divided up among them by
    integrated gradients. Beside each share stands the probability that is left if the token alone is erased: if in its
    place stands a word of which nothing is known. A page (.html) and a picture (.png, .svg) draw arcs.
    """
    if entity is not None and token is not None:
        raise UsageError("expected --entity N or --token N, got both; leave one out")
    form = form_of(out)
    looking = opened(model)
    from elman.inspection.attribution import attribute
    from elman.inspection.attribution_table import Story, to_json
    from elman.inspection.sentences import read_sentences

    sentences = read_sentences(looking, text)
    sentence, target = _chosen(sentences, entity, token)
    story = Story(sentence, attribute(looking, sentence, target), _entities(sentences))
    if out is not None and form == "page":
        from elman.cli.memory_page import write_page

        write_page(out, str(model), story)
    elif out is not None:
        from elman.inspection.attribution_figure import draw

        draw(out, story)
    if json:
        print_json(to_json(story))
    else:
        print("\n".join(_lines(story)))
    if not story.found.complete:
        say(
            f"warning: the shares miss what they divide up by {abs(story.found.error):.3f} nats, "
            f"after {story.found.points} points; read them with care"
        )
    if out is not None:
        say(f"written: {out}")


def _entities(sentences: Sequence[Sentence]) -> list[str]:
    """All entities of the text, in the order in which ``--entity`` counts them."""
    return [f"{one.label} {sentence.surface(one)}" for sentence in sentences for one in sentence.entities]


def _chosen(sentences: Sequence[Sentence], entity: int | None, token: int | None) -> tuple[Sentence, Target]:
    from elman.inspection.attribution import entity_target, token_target

    if token is not None:
        before = 0
        for sentence in sentences:
            if token <= before + len(sentence.words):
                return sentence, token_target(sentence, token - 1 - before)
            before += len(sentence.words)
        raise UsageError(f"expected a token from 1 to {before}, got {token}; the text has no more")
    every = [(sentence, at) for sentence in sentences for at in range(len(sentence.entities))]
    if not every:
        raise UsageError("expected a text in which the model finds an entity, it finds none; choose a token: --token N")
    if entity is not None and entity > len(every):
        raise UsageError(
            f"expected an entity from 1 to {len(every)}, got {entity}; the model finds no more in the text"
        )
    sentence, at = every[(entity or 1) - 1]
    return sentence, entity_target(sentence, at)


def _lines(story: Story) -> Iterator[str]:
    from elman.cli.tables import aligned
    from elman.inspection.attribution_table import rows, summary

    yield from map(plain, summary(story))
    yield ""
    yield from aligned([[plain(cell) for cell in row] for row in rows(story)])

"""``elman predict``."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from elman.cli.options import Format, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def predict(
    model: Annotated[Path, typer.Option("--model", "-m", metavar="MODEL", help="Model folder.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="What to predict on.", show_default=False)
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="Predict on this text.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write.")] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
    words: Annotated[
        bool, typer.Option("--words", help="Say of each output which words of the text it rests on.")
    ] = False,
    tagger: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Of speech: find entities in what was heard, with this tagger."),
    ] = None,
    format: Format = None,  # noqa: A002  # the option's name
) -> None:
    """Run a model of any task but tagging, which elman tag does: a line for each example, as people read it.

    Where no terminal is, with --json or in a file, each line is a JSON object; what is in it depends on the task. Tasks
    that write a text print it as it is, a line each, unless --json is given.
    """
    import sys

    from elman.data.formats.sinks import written
    from elman.runtime.predictor import load

    if (text is None) == (not files):
        raise UsageError("expected either files or --text; elman predict --help lists all options")
    predictor = load(model)
    task = predictor.task
    pairs: Callable[[Iterable[Any]], Iterator[tuple[Any, Any]]] = partial(predictor.pairs, words=words)
    if tagger is not None:
        if words:
            raise UsageError("--words is for classes, and --tagger for speech; leave one of them out")
        from elman.pipelines.transcribing import transcribe
        from elman.runtime.tagger import load as load_tagger

        pairs = partial(transcribe, predictor, load_tagger(tagger))
    noted = Counter[str]()
    with ExitStack() as stack:
        put = stack.enter_context(written("-" if output is None else output))
        machine = json_lines or not (task.plain or (output is None and sys.stdout.isatty()))
        sources: list[Iterable[Any]] = [task.given(path, format) for path in files or ()]
        if text is not None:
            sources = [[text]]
        for example, found in chain.from_iterable(map(pairs, sources)):
            noted.update(task.notes(example))
            if machine:
                put(json.dumps(task.record(example, found), ensure_ascii=False) + "\n")
            else:
                for line in task.lines(example, found):
                    put(f"{line}\n")
    for note, count in noted.items():
        say(f"{count:,} {'example' if count == 1 else 'examples'}: {note}")

"""``elman tag``."""

from __future__ import annotations

import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from elman.cli.deciding import Overlaps, Threshold, deciding, tagged
from elman.cli.options import EngineOption, PrecisionOption, ThreadsOption, say
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.data.document import Document
    from elman.data.formats import Reading
    from elman.data.ledger import Item
    from elman.runtime.tagger import Tagger

Target = Literal["ansi", "jsonl", "conll", "html"]
Unit = Literal["file", "line", "paragraph"]

TEXT, STDIN = "text", "-"

_TO_BY_SUFFIX: dict[str, Target] = {
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".conll": "conll",
    ".tsv": "conll",
}
# That scores are lost in columns, say, needs no warning.
_TOLD: tuple[Item, ...] = ("span", "relation", "region", "label")
_FROM_BY_SUFFIX = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".epub": "epub",
    ".html": "webpage",
    ".htm": "webpage",
    ".xhtml": "webpage",
}


def tag(
    model: Annotated[Path, typer.Option("--model", "-m", metavar="MODEL", help="Model folder.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES", help="What to tag; - is standard input.", show_default=False),
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="Tag this text.")] = None,
    to: Annotated[
        Target | None,
        typer.Option(help="What to print; by default what the suffix of -o says, else ansi on a terminal, else jsonl."),
    ] = None,
    unit: Annotated[Unit | None, typer.Option(help="What of plain text is a document; by default a file.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="NAME", help="text, conll, jsonl, pdf, docx, webpage, epub; by suffix, else text."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write.")] = None,
    threshold: Threshold = None,
    overlaps: Overlaps = None,
    engine: EngineOption = "auto",
    precision: PrecisionOption = "float32",
    threads: ThreadsOption = None,
) -> None:
    """Find the entities in text.

    As jsonl, each line is {"text", "spans": [{"start", "end", "label", "score"}]}: offsets are code points,
    ends are exclusive, scores are probabilities. With --unit line, memory is constant.
    """
    from elman.runtime.tagger import load

    names = files or ([] if text is not None else [STDIN])
    if text is not None and names:
        raise UsageError("expected either files or --text, got both")
    if not files and text is None and sys.stdin.isatty():
        raise UsageError("expected files, - for standard input, or --text; elman tag --help lists all options")
    if output is not None and output.exists() and any(map(output.samefile, filter(os.path.exists, names))):
        raise UsageError(f"{output} is to be tagged, and would be replaced; give -o another name")
    tagger = load(model, engine, precision)
    options = deciding(tagger, threshold, overlaps)

    def tagging(documents: Iterable[Document]) -> Iterator[Document]:
        return tagger.tag(documents, threads=threads, **options)

    documents, readings = _texts(text) if text is not None else _documents(names, unit, source)
    terminal = output is None and sys.stdout.isatty()
    by_suffix = None if output is None else _TO_BY_SUFFIX.get(output.suffix.lower())
    target = to or by_suffix or ("ansi" if terminal else "jsonl")
    # Only columns need the tokens that a text got on the way.
    found = tagging(documents) if target == "conll" else tagged(tagging, documents)
    # A file that does not say where its documents begin does not say so afterwards either.
    docstart = not readings or any(reading.report.docstart is not False for reading in readings)
    _write(found, target, STDIN if output is None else output, tagger, docstart=docstart)
    for reading in readings:
        for note in reading.report.notes:
            say(f"{reading.report.stem}: {note}" if reading.report.stem else note)


def _texts(text: str) -> tuple[Iterator[Document], list[Reading]]:
    import elman

    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError("--text has bytes that are not in the encoding of the terminal; give it in UTF-8") from None
    return iter([elman.Document(text)]), []


def _documents(names: Sequence[str], unit: Unit | None, source: str | None) -> tuple[Iterator[Document], list[Reading]]:
    """What the files hold, without spans, and those of them that are read as labelled files."""
    import elman
    from elman.cli.texts import read_texts
    from elman.data.formats import asked

    parts: list[Iterable[Document]] = []
    readings = []
    for name in names:
        kind = source or _FROM_BY_SUFFIX.get(Path(name).suffix.lower(), TEXT)
        if kind == TEXT:
            parts.append(read_texts(name, unit or "file", alone=len(names) == 1))
            continue
        if unit is not None and asked(kind).format.name != TEXT:
            raise UsageError(f"--unit is for plain text, and {name} is read as {kind}")
        # The labels that are there give way, so what is wrong with them does not matter.
        reading = elman.read(name, kind, defaults={"repair": "drop"} | ({"unit": unit} if unit else {}))
        readings.append(reading)
        parts.append(reading)
    return chain.from_iterable(parts), readings


def _write(documents: Iterable[Document], target: Target, path: Path | str, tagger: Tagger, *, docstart: bool) -> None:
    from elman.cli.tables import losses
    from elman.data.formats import write
    from elman.data.schemes import TOKEN

    if target == "ansi":
        _print(documents, path, tagger.layer, colour=not os.environ.get("NO_COLOR"))
        return
    options: dict[str, Any] = {} if target == "jsonl" else {"layer": tagger.layer}
    if target == "conll":
        options["docstart"] = docstart
        if tagger.scheme == TOKEN.name.lower():
            options["scheme"] = tagger.scheme
    ledger = write(documents, path, target, **options)
    for line in losses(ledger, _TOLD):
        say(f"warning: {line}")


def _print(documents: Iterable[Document], path: Path | str, layer: str, *, colour: bool) -> None:
    from elman.cli.terminal import painted
    from elman.data.formats.marks import Colours
    from elman.data.formats.sinks import written

    colours = Colours()
    with written(path) as put:
        for document in documents:
            put(painted(document, colours, colour=colour, layer=layer) + "\n" * (not document.text.endswith("\n")))

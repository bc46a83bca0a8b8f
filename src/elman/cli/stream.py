"""``elman stream``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from elman.cli.deciding import Overlaps, Threshold, deciding, tagged
from elman.cli.options import EngineOption, PrecisionOption, ThreadsOption, say
from elman.errors import ElmanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.cli.incoming import Incoming
    from elman.data.document import Document
    from elman.runtime.streaming import Mention
    from elman.runtime.tagger import Tagger


def stream(
    model: Annotated[Path, typer.Option("--model", "-m", metavar="MODEL", help="Model folder.")],
    source: Annotated[
        Literal["text", "jsonl"],
        typer.Option("--from", help="One endless text, or a document a line: as much memory as the longest line."),
    ] = "text",
    threshold: Threshold = None,
    overlaps: Overlaps = None,
    errors: Annotated[
        Literal["strict", "replace"],
        typer.Option(
            help="What is not UTF-8: an error that says where (strict), or U+FFFD for each stretch that cannot be a "
            "character, counted as one character; then zero bytes may be there, too (replace)."
        ),
    ] = "strict",
    engine: EngineOption = "auto",
    precision: PrecisionOption = "float32",
    threads: ThreadsOption = None,
) -> None:
    """Find the entities in standard input as it comes, in constant memory.

    Of text each entity is a line, {"start", "end", "label", "score", "text"}, as soon as nothing to come can change it:
    mostly when its sentence is over. Offsets are code points from the start of the stream, a byte order mark not
    counted; line ends stay as they are. Of jsonl each record is a line as elman tag --to jsonl prints it.
    SIGTERM ends the input: what came before it is tagged.
    """
    from elman.cli.incoming import Incoming, texts
    from elman.runtime.tagger import load

    incoming = Incoming()
    tagger = load(model, engine, precision)
    options = {**deciding(tagger, threshold, overlaps), "threads": threads}
    with incoming:
        pieces = texts(incoming, errors, lambda: incoming.stopped)
        if source == "text":
            _stream_text(tagger, pieces, options)
        else:
            _stream_records(tagger, pieces, options, incoming)


def _stream_text(tagger: Tagger, pieces: Iterable[str], options: dict[str, Any]) -> None:
    from elman.text.segment import WINDOW

    opened = tagger.open_stream(**options)
    for piece in pieces:
        _print(opened.feed(piece))
    _print(opened.close())
    if opened.cuts:
        say(
            f"note: sentences of more than {WINDOW} tokens were tagged in parts, cut in {opened.cuts:,} places that no "
            "entity crosses"
        )


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _print(mentions: Iterable[Mention]) -> None:
    put = sys.stdout.buffer.write
    for span, text in mentions:
        entity = {"start": span.start, "end": span.end, "label": span.label, "score": span.score, "text": text}
        put(_encode(entity).encode() + b"\n")
    sys.stdout.buffer.flush()


def _stream_records(tagger: Tagger, pieces: Iterable[str], options: dict[str, Any], incoming: Incoming) -> None:
    from elman.cli.incoming import NAME, lines
    from elman.data.formats.format import ReadReport
    from elman.data.formats.jsonl import documents_of, write

    put = sys.stdout.buffer.write

    def tagging(documents: Iterable[Document]) -> Iterator[Document]:
        return tagger.tag(documents, **options)

    number = 1
    for group in lines(pieces, lambda: incoming.stopped):
        numbered = ((at, line.removesuffix("\r")) for at, line in enumerate(group, number))
        faults: list[ElmanError] = []
        documents = _until_fault(documents_of(numbered, NAME, ReadReport("jsonl")), faults)
        write(tagged(tagging, documents), lambda line: put(line.encode()))
        sys.stdout.buffer.flush()
        if faults:
            raise faults[0]
        number += len(group)
    if incoming.stopped:
        say(f"note: ended by a signal; if line {number} had begun, it is not tagged")


def _until_fault(documents: Iterable[Document], faults: list[ElmanError]) -> Iterator[Document]:
    """The documents before the first that is at fault, so that they are out when it is told."""
    try:
        yield from documents
    except ElmanError as error:
        faults.append(error)

"""Several sources as one stream of documents, with what the target cannot hold of them said before it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.data.formats import Reading, named, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from elman.data.document import Document
    from elman.data.formats import Format
    from elman.pipelines.conversion import Conversion


def read_all(
    sources: Sequence[Path | str],
    options: Mapping[str, Any],
    conversion: Conversion,
    chosen: Format,
    say: Callable[[str], None],
) -> Iterator[Document]:
    """The documents of all sources; the first is opened at once, so that what is wrong with it is told early.

    Args:
        sources: at least one.
        options: of ``elman.read``.
        conversion: takes the names of the sources, and the report on each.
        chosen: the target's format.
        say: gets a line for all that a person has to know.
    """
    said: set[str] = set()

    def opened(source: Path | str) -> Reading:
        reading = read(source, **options)
        report = reading.report
        conversion.sources.append((str(source), report))
        say(f"{source}: the format is {report.format}: {report.format_evidence}")
        missing = named(report.format).holds - chosen.holds
        if missing and report.format not in said:
            said.add(report.format)
            say(f"{chosen.name} cannot hold all that {report.format} can: {_listed(missing)}")
        return reading

    first = opened(sources[0])

    def documents() -> Iterator[Document]:
        for at, source in enumerate(sources):
            reading = first if at == 0 else opened(source)
            yield from reading
            for line in reading.report.lines():
                if not line.startswith("the format is "):
                    say(f"{source}: {line}")

    return documents()


_HELD = {
    "text": "text with its white space as it is",
    "spans": "spans",
    "nested": "spans within spans",
    "overlapping": "spans that overlap",
    "layers": "layers",
    "relations": "relations",
    "unknown": "regions that are not annotated",
    "labels": "labels of documents",
    "scores": "scores",
    "ids": "ids of documents",
    "span ids": "ids of spans",
    "meta": "meta",
    "tokens": "tokens",
    "sentences": "sentences",
    "columns": "further columns",
}


def _listed(holds: Iterable[str]) -> str:
    """What these are, in words, in the order of the table above."""
    wanted = set(holds)
    return ", ".join(words for name, words in _HELD.items() if name in wanted)

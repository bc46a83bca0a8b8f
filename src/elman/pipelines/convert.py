"""Conversion of labelled text from any format to any other, with an account of everything in it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from elman.data.formats import Reject, asked
from elman.data.formats import target as format_of
from elman.data.formats.format import NEEDS_TOKENS
from elman.data.formats.options import checked
from elman.data.formats.sinks import sink
from elman.errors import DataError, UsageError
from elman.pipelines.changes import Labels, Step, Tokenizing, merging, resolving, spreading
from elman.pipelines.conversion import Conversion
from elman.pipelines.rejects import Rejects, beside
from elman.pipelines.sources import read_all
from elman.pipelines.trying import Handed, Trying, trying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from elman.data.document import Document
    from elman.data.formats import Format
    from elman.data.ledger import Ledger
    from elman.pipelines.changes import Resolve

STDOUT = "-"

Overlap = Literal["keep", "layers", "merge", "longest", "first", "error"]
"""What becomes of spans of one layer that overlap.

``keep``: all stay where the target can hold them, as they are or on further layers; elsewhere the longest.
``layers``: they are spread over ``entities``, ``entities/2`` and so on, each flat, and ``merge`` is the way back.
"""

_STEPS = {"layers": spreading, "merge": merging}
_RULES: tuple[Resolve, ...] = ("longest", "first", "error")


class _UndoneError(Exception):
    """The conversion is not to take effect."""


def convert(
    sources: Sequence[Path | str],
    target: Path | str,
    *,
    from_: str | None = None,
    to: str | None = None,
    scheme: str | None = None,
    repair: str | None = None,
    overlap: Overlap = "keep",
    partial: str | None = None,
    layer: str | None = None,
    labels: Mapping[str, str] | None = None,
    offsets: str | None = None,
    encoding: str = "utf-8",
    read_options: Mapping[str, object] | None = None,
    write_options: Mapping[str, object] | None = None,
    rejects: Path | str | None = None,
    strict: bool = False,
    say: Callable[[str], None] = lambda line: None,  # noqa: ARG005
) -> Conversion:
    """Convert files or folders into one, in constant memory where the formats allow it.

    Args:
        sources: what to read, one after the other; ``-`` is standard input.
        target: the file or folder to write; ``-`` is standard output.
        from_: the sources' format; by default it is found out for each.
        to: the target's format; by default it goes by the suffix.
        scheme: the tag scheme to write; where the target has no tags, the one to read.
        repair: what to do with tags that a source's scheme forbids.
        overlap: what becomes of spans that overlap.
        partial: where a span goes that begins or ends within a token.
        layer: the one layer to write, where the target holds one.
        labels: new names for labels, an empty one to drop its spans.
        offsets: what the sources' offsets count; by default it is found out.
        encoding: of the sources' characters.
        read_options: further options of the sources' formats.
        write_options: further options of the target's format.
        rejects: the file for records that are at fault; by default ``TARGET.rejects.jsonl``.
        strict: whether to write nothing if anything is refused or rejected.
        say: gets a line for all that a person has to know, as soon as it is known.

    Raises:
        DataError: if a source cannot be read at all, a document cannot be written, or every record is at fault.
        UsageError: if a format is not there, does not read or write, or has no such option.
    """
    if not sources:
        raise UsageError("expected something to convert, got no source")
    chosen = format_of(target, to)
    _check_places(sources, target, chosen)
    told = {
        "scheme": scheme,
        "partial": partial,
        "layer": layer,
        "overlap": overlap if overlap in _RULES else None,
    }
    writing, reading = _options(chosen, told, {"repair": repair, "offsets": offsets})
    writing = checked(f"write {chosen.name}", chosen.write, {**(write_options or {}), **writing})
    reading |= read_options or {}
    if from_ is not None:
        source_format, said, _ = asked(from_)
        checked(f"read {source_format.name}", source_format.read, reading | said)
    job = _Job(
        list(sources),
        str(target),
        chosen,
        {"format": from_, "encoding": encoding, **reading},
        writing,
        overlap,
        labels or {},
        None if strict and rejects is None else Path(rejects) if rejects is not None else beside(target),
        strict,
        _once(say),
    )
    try:
        return _run(job, careful=False)
    except _UnwritableError as stopped:
        job.say(f"{stopped.error}: once more from the start, and what {chosen.name} cannot hold is set aside")
        return _run(job, careful=True)


class _UnwritableError(Exception):
    """The target cannot hold a document at all, and everything can be read once more without it."""

    def __init__(self, error: DataError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class _Job:
    """What is to be converted, and how; ``rejects`` is the file for what is at fault, or None for no file."""

    sources: Sequence[Path | str]
    target: str
    chosen: Format
    reading: Mapping[str, object]
    writing: Mapping[str, Any]
    overlap: Overlap
    labels: Mapping[str, str]
    rejects: Path | None
    strict: bool
    say: Callable[[str], None]

    @property
    def can_be_done_again(self) -> bool:
        """Whether there can be a second run that sets aside what cannot be written."""
        files = all(Path(source).is_file() or Path(source).is_dir() for source in self.sources)
        return files and self.target != STDOUT and not self.strict and self.overlap != "error"


def _run(job: _Job, *, careful: bool) -> Conversion:
    """Read, change and write all documents.

    Args:
        job: what to do.
        careful: whether each document is tried before it is written, which takes time.
    """
    steps, checks = _steps(job.chosen, job.overlap, job.labels, job.writing)
    conversion = Conversion(job.target, job.chosen.name)
    collected = Rejects(job.rejects, job.say, told=None if job.rejects is None and not job.strict else 5)
    with collected.open() as take:
        if careful:

            def reject(error: DataError, raw: str) -> None:
                take(Reject(conversion.sources[-1][0], None, error.problem, raw))

            steps.append(Trying("holds", trying(job.chosen, job.writing), reject=reject))
        documents = read_all(job.sources, {"rejects": take, **job.reading}, conversion, job.chosen, job.say)
        for step in steps:
            documents = step(documents)
        # Not to standard output before it is clear that all of it may go there.
        held = job.strict and job.target == STDOUT
        opened = _held_back(job.chosen.container) if held else sink(job.target, job.chosen.container)
        with contextlib.suppress(_UndoneError), opened as out:
            conversion.settle(steps, _written(documents, out, job, careful=careful))
            _check_rest(conversion, collected)
            for check in checks:
                check()
            if job.strict and (conversion.refused or conversion.rejected):
                conversion.done = False
                raise _UndoneError
    if collected.count and collected.path is not None:
        conversion.rejects = str(collected.path)
    return conversion


def _written(documents: Iterable[Document], out: object, job: _Job, *, careful: bool) -> Ledger:
    """The writer's account."""
    assert job.chosen.write is not None
    handed = Handed(documents)
    try:
        return job.chosen.write(handed, out, **job.writing)
    except DataError as error:
        if handed.in_hand and job.can_be_done_again and not careful:
            raise _UnwritableError(error) from None
        raise


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Say nothing twice: a second run finds out again what the first did."""
    said: set[str] = set()

    def say_once(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    return say_once


def _options(
    chosen: Format, writing: Mapping[str, object], reading: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """The options of the writer and of the reader among those that are given, None apart.

    How spans overlap is also a step's business, and a scheme is the reader's where the writer has none.
    """
    given = {name: value for name, value in writing.items() if value is not None}
    from_here = {name: value for name, value in reading.items() if value is not None}
    for name in ("overlap", "scheme"):
        if name in given and name not in chosen.write_options:
            value = given.pop(name)
            from_here |= {name: value} if name == "scheme" else {}
    return given, from_here


def _check_rest(conversion: Conversion, collected: Rejects) -> None:
    """Count the rejects in, and refuse to write nothing but rejects."""
    conversion.rejected, first = collected.count, collected.first
    if first and not conversion.stages["write"].given("document"):
        raise DataError(
            f"all {collected.count:,} records are at fault, the first because: {first.problem}", first.name, first.line
        )


def _steps(
    chosen: Format, overlap: Overlap, names: Mapping[str, str], writing: Mapping[str, object]
) -> tuple[list[Step], list[Callable[[], None]]]:
    """What happens between reading and writing, and what is to be checked at the end."""
    steps, checks = [], []
    if names:
        labels = Labels(names)
        steps.append(Step("labels", labels))
        checks.append(labels.check)
    nests = "nested" in chosen.holds and "overlapping" in chosen.holds
    if overlap == "keep":
        overlap = "layers" if "layers" in chosen.holds and not nests else "keep"
    if overlap in _STEPS:
        steps.append(Step(overlap, _STEPS[overlap]))
    elif overlap in _RULES and "overlap" not in chosen.write_options:
        steps.append(Step("overlap", resolving(overlap)))
    # A format that also has a layout without tokens gets them only for the one that needs them.
    if NEEDS_TOKENS in chosen.write_options and (
        "layout" not in chosen.write_options or writing.get("layout") == "tokens"
    ):
        steps.append(Step("tokens", Tokenizing()))
    return steps, checks


def _check_places(sources: Sequence[Path | str], target: Path | str, chosen: Format) -> None:
    """Refuse to write into a folder that is read, or a binary format onto a terminal."""
    if [str(source) for source in sources].count("-") > 1:
        raise UsageError("standard input can be read once; got - several times")
    if str(target) == STDOUT:
        if chosen.container == "folder":
            raise UsageError(f"{chosen.name} is a folder of files, which cannot go to standard output; name a folder")
        if chosen.container == "binary" and sys.stdout.isatty():
            raise UsageError(f"{chosen.name} is not for terminals; name a file")
        return
    for source in sources:
        if str(source) != "-" and Path(source).is_dir() and Path(source).resolve() in Path(target).resolve().parents:
            raise UsageError(f"{target} lies in {source}, which is read; name a place outside of it")


@contextlib.contextmanager
def _held_back(container: Literal["text", "binary", "folder"]) -> Iterator[object]:
    """A sink whose content goes to standard output only if no exception comes."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        with sink(path, container) as opened:
            yield opened
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()

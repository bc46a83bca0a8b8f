"""Labelled text in files: a module a format, with ``read`` and ``write``, and a line in ``registry``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats.files import Reject, Source
from elman.data.formats.format import Format, Reading, ReadReport
from elman.data.formats.options import checked
from elman.data.formats.registry import FORMATS, asked, by_suffix, candidates, formats, named
from elman.data.formats.sinks import sink
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from elman.data.document import Document
    from elman.data.ledger import Ledger

__all__ = [
    "AS_SAID",
    "FORMATS",
    "Detected",
    "Format",
    "ReadReport",
    "Reading",
    "Reject",
    "asked",
    "detect",
    "formats",
    "named",
    "read",
    "target",
    "write",
]


AS_SAID = "as was said"
"""The evidence for a format that the user names."""


class Detected(NamedTuple):
    """The format that a file was found to be in, and on what evidence."""

    format: Format
    evidence: str


def detect(path: Path | str, encoding: str = "utf-8") -> Detected:
    """Find out a file's format from its content, and only if that leaves it open from its name.

    Raises:
        DataError: if no format knows the file; the message lists them.
    """
    source = Source(path, encoding)
    found = _detect(source) if source.folder is not None else None
    if found is None and (opens := next(source.members(), None)):
        source = opens()
    return found or _detected(source)


def read(
    path: Path | str,
    format: str | None = None,  # noqa: A002
    *,
    encoding: str = "utf-8",
    rejects: Callable[[Reject], None] | None = None,
    defaults: Mapping[str, object] | None = None,
    **options: object,
) -> Reading:
    """Read documents one at a time, in constant memory.

    The file's head is looked at before this returns; what is wrong further on is raised on the way. Of an
    archive of several files, and of a folder in no folder's format, each file is read.

    Args:
        path: the file or folder; ``-`` is standard input.
        format: a name in ``formats()``, behind which its options may stand, as in ``csv:text=headline``; by default it
            is found out.
        encoding: of the file's characters, one that has ASCII in it.
        rejects: takes each record that is at fault, and reading goes on; by default the first is an error.
        defaults: options for those formats that have them.
        options: the format's own, such as ``column`` and ``repair`` for CoNLL; of several files each gets those that
            its format has.

    Returns:
        An iterator of documents with a ``report`` on what was found out, assumed and mended.

    Raises:
        DataError: with file and line, if the file is missing, empty, binary, wrongly encoded, or malformed.
        UsageError: if there is no such format, it is written only, or it has no such option.
    """
    chosen = None
    if format is not None:
        chosen, said, named_encoding = asked(format)
        options |= said
        encoding = named_encoding or encoding
    source = Source(path, encoding, rejects)
    if source.has_members:
        whole = source.folder is not None and (chosen.container == "folder" if chosen else bool(_detect(source)))
        if not whole:
            return _read_members(source, chosen, options, defaults or {})
    found = _detected(source, options) if chosen is None else Detected(chosen, AS_SAID)
    return _read(source, found, options, defaults or {})


def _read(source: Source, found: Detected, options: Mapping[str, object], defaults: Mapping[str, object]) -> Reading:
    if found.format.read is None:
        raise UsageError(
            f"{source.name}: {found.format.name} is written, not read; give the file that it was made from"
        )
    given = {name: value for name, value in defaults.items() if name in found.format.read_options}
    given |= options
    reading = found.format.read(source, **checked(f"read {found.format.name}", found.format.read, given))
    reading.report.format_evidence = found.evidence
    source.attach(reading.report)
    return reading


def _read_members(
    source: Source,
    chosen: Format | None,
    options: Mapping[str, object],
    defaults: Mapping[str, object],
) -> Reading:
    """The documents of all files in a folder or an archive, with the report of the first for all."""
    passed_over: list[str] = []
    unused = set(options)

    def readings() -> Iterator[Reading]:
        for opens in source.members():
            try:
                member = opens()
            except DataError as error:
                passed_over.append(str(error))
                continue
            found = Detected(chosen, AS_SAID) if chosen else _detect(member, options)
            if found is None:
                passed_over.append(f"{member.name} is in none of the formats that are known")
                continue
            unused.difference_update(found.format.read_options)
            yield _read(member, found, {}, {**defaults, **options})

    rest = readings()
    first = next(rest, None)
    if first is None:
        why = f" ({passed_over[0]})" if passed_over else ""
        raise DataError(f"has no file in a format that is known{why}; name the format if they are in one", source.name)
    report = first.report

    def documents() -> Iterator[Document]:
        yield from first.bare()
        for reading in rest:
            yield from reading.bare()
            if reading.report.format != report.format:
                report.notes.append(f"a further file is in {reading.report.format}: {reading.report.format_evidence}")
            report.add(reading.report)
        report.notes += [f"passed over: {what}" for what in passed_over]
        report.ignored.update("file that cannot be read" for _ in passed_over)
        if unused:
            raise UsageError(f"{source.name}: none of its files is in a format with the option {', '.join(unused)}")

    return Reading(documents(), report)


def target(path: Path | str, format: str | None = None) -> Format:  # noqa: A002
    """The format to write, as it is named, or else by the suffix of the name.

    Raises:
        UsageError: if there is no such format, it is read only, or the suffix does not tell.
    """
    found = named(format) if format else by_suffix(str(path), writing=True)
    if found is None:
        writable = ", ".join(name for name, entry in formats().items() if entry.write)
        raise UsageError(f"the name {str(path)!r} does not tell a format; name one of {writable}")
    if found.write is None:
        raise UsageError(f"{found.name} is read, not written; choose another format")
    return found


def write(
    documents: Iterable[Document],
    path: Path | str,
    format: str | None = None,  # noqa: A002
    **options: object,
) -> Ledger:
    """Write documents to a file or folder, whole or not at all: on an exception what was there is there still.

    Args:
        documents: any number; they are written as they come.
        path: the file; ``-`` is standard output. One in .gz, .bz2, .xz or .zst is compressed.
        format: a name in ``formats()``; by default it goes by the suffix.
        options: the format's own, such as ``scheme`` for CoNLL.

    Returns:
        The account of all that the documents had.

    Raises:
        DataError: if the file cannot be written, or a document cannot be put in this format at all.
        UsageError: if there is no such format, it has no such option, or the suffix does not tell.
    """
    chosen = target(path, format)
    assert chosen.write is not None
    options = checked(f"write {chosen.name}", chosen.write, options)
    with sink(path, chosen.container) as opened:
        return chosen.write(documents, opened, **options)


def _detected(source: Source, options: Iterable[str] = ()) -> Detected:
    found = _detect(source, options)
    if found is not None:
        return found
    if source.folder is None and source.peek.text is None:
        # What is wrong with it as text is the better message, unless it is not meant to be text.
        _ = source.head
    known = "; ".join(f"{entry.name} ({entry.description})" for entry in formats().values())
    raise DataError(f"is in none of the formats that are known: {known}; name the format if it is one", source.name)


def _detect(source: Source, options: Iterable[str] = ()) -> Detected | None:
    """The format that is surest; of those that have the options, if one of them is sure at all."""
    head = source.peek
    guesses = [(sniffed, entry) for entry in candidates(head) if (sniffed := entry.sniff(head))]
    named_so = by_suffix(head.name, writing=False) if source.folder is None else None
    guesses = [guess for guess in guesses if set(options) <= set(guess[1].read_options)] or guesses
    if guesses:
        sniffed, entry = max(guesses, key=lambda guess: (guess[0].certainty, guess[1] is named_so))
        return Detected(entry, sniffed.evidence)
    if named_so:
        evidence = f"its content tells none, and its name ends in {Path(head.name).suffix}"
        labels = "" if "spans" in named_so.holds else ", so there are no labels in it"
        return Detected(named_so, evidence + labels)
    return None

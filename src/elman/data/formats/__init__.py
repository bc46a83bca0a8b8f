"""Labelled text in files: a module a format, with ``read`` and ``write``, and an entry in ``FORMATS``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats import conll, html, jsonl
from elman.data.formats.files import Source, written
from elman.data.formats.format import Format, Reading, ReadReport
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elman.data.document import Document
    from elman.data.ledger import Ledger

__all__ = ["FORMATS", "Detected", "Format", "ReadReport", "Reading", "detect", "named", "read", "write"]

FORMATS: dict[str, Format] = {entry.name: entry for entry in (conll.CONLL, jsonl.JSONL, html.HTML)}
"""The formats by name."""


class Detected(NamedTuple):
    """The format that a file was found to be in, and on what evidence."""

    format: Format
    evidence: str


def detect(path: Path | str, encoding: str = "utf-8") -> Detected:
    """Find out a file's format from its content, and only if that leaves it open from its name.

    Raises:
        DataError: if no format knows the file; the message lists them.
    """
    return _detect(Source(path, encoding))


def read(
    path: Path | str,
    format: str | None = None,  # noqa: A002
    *,
    encoding: str = "utf-8",
    **options: object,
) -> Reading:
    """Read documents one at a time, in constant memory.

    The file's head is looked at before this returns; what is wrong further on is raised on the way.

    Args:
        path: the file; ``-`` is standard input.
        format: a name in ``FORMATS``; by default it is found out.
        encoding: of the file's characters, one that has ASCII in it.
        options: the format's own, such as ``column`` and ``repair`` for CoNLL.

    Returns:
        An iterator of documents with a ``report`` on what was found out, assumed and mended.

    Raises:
        DataError: with file and line, if the file is missing, empty, binary, wrongly encoded, or malformed.
        UsageError: if there is no such format, or it has no such option.
    """
    source = Source(path, encoding)
    found = _detect(source) if format is None else Detected(named(format), "as was said")
    _check_options(f"read {found.format.name}", found.format.read_options, options)
    reading = found.format.read(source, **options)
    reading.report.format_evidence = found.evidence
    return reading


def write(
    documents: Iterable[Document],
    path: Path | str,
    format: str | None = None,  # noqa: A002
    **options: object,
) -> Ledger:
    """Write documents to a file, whole or not at all: on an exception what was there before is there still.

    Args:
        documents: any number; they are written as they come.
        path: the file; ``-`` is standard output.
        format: a name in ``FORMATS``; by default it goes by the suffix.
        options: the format's own, such as ``scheme`` for CoNLL.

    Returns:
        The account of all spans: kept, moved, refused.

    Raises:
        DataError: if the file cannot be written, or a document cannot be put in this format at all.
        UsageError: if there is no such format, it has no such option, or the suffix does not tell.
    """
    if format is None:
        by_suffix = _by_suffix(str(path))
        if by_suffix is None:
            raise UsageError(f"the name {str(path)!r} does not tell a format; name one of {', '.join(FORMATS)}")
        target = by_suffix
    else:
        target = named(format)
    _check_options(f"write {target.name}", target.write_options, options)
    with written(path) as put:
        return target.write(documents, put, **options)


def _detect(source: Source) -> Detected:
    head = source.head
    guesses = [(sniffed, entry) for entry in FORMATS.values() if (sniffed := entry.sniff(head))]
    by_suffix = _by_suffix(source.name)
    if guesses:
        sniffed, entry = max(guesses, key=lambda guess: (guess[0].certainty, guess[1] is by_suffix))
        return Detected(entry, sniffed.evidence)
    if by_suffix:
        return Detected(by_suffix, f"the suffix {Path(source.name).suffix}")
    known = "; ".join(f"{entry.name} ({entry.description})" for entry in FORMATS.values())
    raise DataError(f"is in none of the formats that are known: {known}; name the format if it is one", source.name)


def _by_suffix(name: str) -> Format | None:
    suffix = Path(name).suffix.lower()
    return next((entry for entry in FORMATS.values() if suffix in entry.suffixes), None)


def named(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: if there is none.
    """
    if name.lower() not in FORMATS:
        raise UsageError(f"there is no format {name!r}; choose one of {', '.join(FORMATS)}")
    return FORMATS[name.lower()]


def _check_options(doing: str, known: tuple[str, ...], options: dict[str, object]) -> None:
    unknown = [name for name in options if name not in known]
    if unknown:
        listed = f"it has {', '.join(known)}" if known else "it has none"
        raise UsageError(f"to {doing} there is no option {', '.join(unknown)}; {listed}")

"""Pairs of texts: what is read, and what it becomes."""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.example import Pair
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = ("tsv", "jsonl", "parallel")
"""Of labelled pairs; what is only to be read may also be ``lines``."""

BETWEEN = ":"
"""What parts the names of two parallel files."""


def read_pairs(path: Path, format: str | None = None) -> Iterator[Pair]:  # noqa: A002  # the option's name
    """Pairs, each with at least one target.

    - ``parallel``: two files with as many lines each, ``train.en:train.de``; lines that belong together are pairs.
    - ``tsv``: a source, a tab and a target a line; further targets after further tabs.
    - ``jsonl``: a line ``{"source": "...", "target": "..."}``, or ``"targets": ["...", ...]``; with an ``"id"`` or
      without.

    Args:
        path: a file, or two with a colon between.
        format: one of these; None to go by the name.

    Raises:
        DataError: if a file is not what it should be, a side is empty, or two files do not go together; with the line.
        UsageError: if there is no such format.
    """
    kind = format or _format_of(path)
    if kind == "parallel":
        yield from _parallel(*_two(path))
        return
    if kind not in FORMATS:
        raise UsageError(f"there is no format {kind!r} of pairs. There are {', '.join(FORMATS)}")
    for number, line in lines_of(path):
        if not line.strip():
            continue
        pair = (_from_json if kind == "jsonl" else _from_row)(line, path, number)
        if not pair.targets:
            wanted = "a source, a tab and a target" if kind == "tsv" else 'a "target" or "targets"'
            raise DataError(f"expected {wanted}, got {line[:60]!r}", path, number)
        _check(pair, path, number)
        yield pair


def read_sources(path: Path, format: str | None = None) -> Iterator[Pair]:  # noqa: A002
    """What is only to be read: a text a line, or ``tsv`` or ``jsonl`` as ``read_pairs`` has it; targets may be missing.

    Raises:
        DataError: if the file is not what it should be, with the line.
        UsageError: if there is no such format.
    """
    kind = format or {".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(path.suffix.lower(), "lines")
    if kind not in ("lines", "tsv", "jsonl"):
        raise UsageError(f"there is no format {kind!r} of texts to read. There are lines, tsv, jsonl")
    for number, line in lines_of(path):
        if kind == "jsonl":
            if line.strip():
                yield _from_json(line, path, number)
        elif kind == "tsv":
            yield _from_row(line, path, number)
        else:
            yield Pair(line, id=f"line {number}")


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file and their numbers, from 1; a last one that is empty is none.

    Raises:
        DataError: if it cannot be read or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError:
                    raise DataError(
                        "expected UTF-8, got other bytes; convert the file to UTF-8", path, number
                    ) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}; check the path", path) from None


def two_files(path: Path) -> tuple[Path, Path] | None:
    """The two files of ``FIRST:SECOND``, or None if that is what the name of one looks like."""
    text = str(path)
    if BETWEEN not in text or path.exists():
        return None
    # A drive's letter has a colon, too.
    places = [at for at, sign in enumerate(text) if sign == BETWEEN and text[:at] and text[at + 1 :]]
    cuts = [(Path(text[:at]), Path(text[at + 1 :])) for at in places]
    whole = [cut for cut in cuts if cut[0].exists() and cut[1].exists()]
    return next(iter(whole or [cut for cut in cuts if len(str(cut[0])) > 1]), None)


def _format_of(path: Path) -> str:
    if two_files(path) is not None:
        return "parallel"
    suffix = path.suffix.lower()
    return "jsonl" if suffix in (".jsonl", ".ndjson") else "tsv"


def _two(path: Path) -> tuple[Path, Path]:
    found = two_files(path)
    if found is None:
        raise DataError(f"expected two files with a colon between, such as train.en{BETWEEN}train.de; got one", path)
    return found


def _parallel(first: Path, second: Path) -> Iterator[Pair]:
    sources, targets = lines_of(first), lines_of(second)
    last = 0
    for source, target in zip_longest(sources, targets):
        if source is None or target is None:
            longer, shorter = (second, first) if source is None else (first, second)
            count = last + 1 + sum(1 for _ in (targets if source is None else sources))
            raise DataError(
                f"expected as many lines as in {shorter}, which has {last:,}; got {count:,}. Lines that belong "
                "together have to have one number",
                longer,
                last + 1,
            )
        last = source[0]
        for path, (number, line) in ((first, source), (second, target)):
            if not line.strip():
                raise DataError(
                    "expected a text, got an empty line; take it out, and the same line of the other file", path, number
                )
        yield Pair(source[1].strip(), (target[1].strip(),), f"line {last}")


def _from_row(line: str, path: Path, number: int) -> Pair:
    del path
    source, *targets = line.split("\t")
    return Pair(source.strip(), tuple(target.strip() for target in targets), f"line {number}")


def _from_json(line: str, path: Path, number: int) -> Pair:
    try:
        tree: Any = json.loads(line)
    except ValueError as error:
        raise DataError(f"expected a JSON object a line: {error}", path, number) from None
    if not isinstance(tree, dict) or not isinstance(tree.get("source"), str):
        raise DataError(
            f'expected an object with a text "source" and a text "target" or a list "targets", got {line[:60]!r}',
            path,
            number,
        )
    if "target" in tree and "targets" in tree:
        raise DataError('expected either "target" or "targets", got both; leave one out', path, number)
    targets = tree.get("targets", [tree["target"]] if "target" in tree else [])
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        raise DataError(f"expected texts as targets, got {targets!r:.60}", path, number)
    name = tree.get("id")
    return Pair(
        tree["source"].strip(),
        tuple(target.strip() for target in targets),
        name if isinstance(name, str) else f"line {number}",
    )


def _check(pair: Pair, path: Path, number: int) -> None:
    """Refuse a pair of which a side is empty."""
    if not pair.source:
        raise DataError("expected a source text, got an empty one; take the line out", path, number)
    if not all(pair.targets):
        raise DataError("expected target texts, got an empty one; take it out", path, number)

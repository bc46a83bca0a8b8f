"""A labelled file split into files: parts, or folds for cross-validation."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.division import Division, divide, label_counts
from elman.data.formats import Reading, named, read, write
from elman.data.ledger import Ledger
from elman.errors import DataError, UsageError
from elman.text.tokens import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from elman.data.document import Document
    from elman.data.formats import Format, ReadReport

SCHEMA = "elman.split/1"
"""The name and version of what ``Split.to_json`` gives."""

STDIN = "-"


@dataclass
class Part:
    """What one part holds.

    Attributes:
        documents: how many.
        tokens: how many tokens they have, where they came with tokens.
        labels: how often each label is in them.
        files: where they were written, relative to the folder: one file, or one for each fold.
    """

    documents: int = 0
    tokens: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)


@dataclass
class Split:
    """What became of a split.

    Attributes:
        seed: what decided.
        parts: by name; of folds the held-out sides, ``1`` to ``k``.
        duplicates: how many documents have a text that stood before; they went where it went.
        joined: how many groups went together with another because a text is in both.
        ledger: the account of what was written.
        report: what was found out in reading.
    """

    seed: int
    parts: dict[str, Part]
    duplicates: int
    joined: int
    ledger: Ledger
    report: ReadReport

    def to_json(self) -> dict[str, Any]:
        """The counts for a machine."""
        return {
            "schema": SCHEMA,
            "seed": self.seed,
            "duplicates": self.duplicates,
            "joined_groups": self.joined,
            "parts": {
                name: {
                    "files": part.files,
                    "documents": part.documents,
                    "tokens": part.tokens,
                    "labels": dict(sorted(part.labels.items())),
                }
                for name, part in self.parts.items()
            },
        }

    def table(self) -> list[list[str]]:
        """Rows of cells, the first of them names: counts by part, and each part's share in percent."""
        rows = [["", *self.parts, "all"]]
        counts: list[tuple[str, list[int]]] = [("documents", [part.documents for part in self.parts.values()])]
        if any(part.tokens for part in self.parts.values()):
            counts.append(("tokens", [part.tokens for part in self.parts.values()]))
        totals: Counter[str] = sum((part.labels for part in self.parts.values()), Counter())
        for label, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
            counts.append((label, [part.labels[label] for part in self.parts.values()]))
        for name, row in counts:
            total = sum(row)
            rows.append([name, *(f"{count:,} ({100 * count / total:.1f} %)" for count in row), f"{total:,}"])
        return rows


def split(
    source: Path | str,
    out: Path,
    shares: Mapping[str, float] | int,
    *,
    seed: int = 1,
    group: str | None = None,
    stratify: bool = False,
    from_: str | None = None,
    to: str | None = None,
    read_options: Mapping[str, Any] | None = None,
) -> Split:
    """Split a labelled file into a folder of files, whole or not at all.

    Args:
        source: a labelled file or folder; ``-`` is standard input, which is held in memory.
        out: the folder to write; it must not be there, or be empty. Parts are ``out/NAME.suffix``, folds are
            ``out/1/train.suffix`` and ``out/1/test.suffix`` and so on.
        shares: the parts by name with the share of each, or how many folds.
        seed: any whole number.
        group: the key in ``meta`` of what has to stay together; by default each document is by itself.
        stratify: whether each part is to have the same mix of labels.
        from_: the source's format; by default it is found out.
        to: the format to write; by default the source's.
        read_options: of the source's format.

    Raises:
        DataError: if the source is at fault, or has fewer different texts or groups than parts.
        UsageError: if the folder is there, a part's name is no file name, or there is no such format.
    """
    folds = shares if isinstance(shares, int) else None
    if folds is not None and folds < 2:
        raise UsageError(f"cross-validation needs at least 2 folds, got {folds}")
    weights = dict(shares) if not isinstance(shares, int) else {str(fold + 1): 1.0 for fold in range(shares)}
    for name in weights:
        if not name or name != Path(name).name or name.startswith("."):
            raise UsageError(f"expected the name of a part as part of a file name, got {name!r}")
    _check_free(out)
    again, reading = _source(source, from_, dict(read_options or {}))
    division = divide(again(), list(weights.values()), seed, group=group, stratify=stratify)
    report = reading().report
    target = _target(report.format, to)
    options = _options(target, report)
    parts = {name: Part() for name in weights}
    outcome = Split(seed, parts, division.duplicates, division.joined, Ledger(), report)
    suffix = _suffix(source, target)
    with _folder(out) as folder:
        for index, (name, part) in enumerate(parts.items()):
            test = f"{name}/test{suffix}" if folds else f"{name}{suffix}"
            sides = [(test, True)] + ([(f"{name}/train{suffix}", False)] if folds else [])
            for file, inside in sides:
                path = folder / file
                path.parent.mkdir(exist_ok=True)
                chosen = _chosen(again(), division, index, inside=inside)
                ledger = write(_counted(chosen, part) if inside else chosen, path, target.name, **options)
                part.files.append(file)
                # Of folds each document is written several times, and accounted for once.
                outcome.ledger += ledger if inside else Ledger()
    return outcome


def _source(
    source: Path | str, from_: str | None, options: dict[str, Any]
) -> tuple[Callable[[], Iterable[Document]], Callable[[], Reading]]:
    """A function that gives the documents, any number of times, and one that gives the last reading."""
    last: list[Reading] = []

    def again() -> Iterable[Document]:
        last[:] = [read(source, from_, **options)]
        return last[0]

    if str(source) != STDIN:
        return again, lambda: last[0]
    documents = list(again())
    return lambda: documents, lambda: last[0]


def _target(read_as: str, to: str | None) -> Format:
    target = named(to or read_as)
    if target.write is None:
        if to is not None:
            raise UsageError(f"{target.name} is read, not written; choose another format with --to")
        target = named("jsonl")
    return target


def _options(target: Format, report: ReadReport) -> dict[str, object]:
    """What the target has to be told to come out as the source came in."""
    known: dict[str, object] = {"tokenize": tokens_of}
    if target.name == report.format:
        known |= {"scheme": report.scheme, "docstart": report.docstart}
    return {name: value for name, value in known.items() if name in target.write_options and value is not None}


def _suffix(source: Path | str, target: Format) -> str:
    if getattr(target, "container", "text") == "folder":
        return ""
    there = [suffix for suffix in Path(source).suffixes if suffix.lower() in target.suffixes]
    return there[-1] if there else (*target.suffixes, f".{target.name}")[0]


def _chosen(documents: Iterable[Document], division: Division, part: int, *, inside: bool) -> Iterator[Document]:
    """The documents of one part, or all the others."""
    try:
        for document, each in zip(documents, division.parts, strict=True):
            if (each == part) is inside:
                yield document
    except ValueError:
        raise DataError("has changed while it was split; run the split again") from None


def _counted(documents: Iterable[Document], part: Part) -> Iterator[Document]:
    for document in documents:
        part.documents += 1
        part.tokens += 0 if document.tokens is None else len(document.tokens)
        part.labels.update(label_counts(document))
        yield document


def _check_free(out: Path) -> None:
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UsageError(f"{out} is there already; give --out another name, or remove it")


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """A folder that takes the place of ``out`` when all is written, and goes away if something fails."""
    beside = out.resolve().with_name(f".{out.resolve().name}.{os.getpid()}.part")
    try:
        beside.mkdir(parents=True)
        yield beside
        _check_free(out)
        if out.exists():
            out.rmdir()
        beside.rename(out)
    except OSError as error:
        raise DataError(f"cannot write it: {error.strerror or error}", out) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)

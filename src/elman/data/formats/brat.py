r"""brat's standoff: a folder with ``NAME.txt`` and ``NAME.ann`` for each document, or one such pair.

T lines are spans; a span that is in fragments with more than white space between them becomes one span for each,
``T5``, ``T5.2``, ``T5.3``, and one T line again when it is written. R lines are relations, and so are ``*`` lines
(Equiv and its like): one from each member to the next. What else a line may be (events, attributes,
normalisations, notes) stays in ``meta["brat"]``, a line each, and is written back as long as all that it names is
there. Offsets are code points of the text as it stands, ``\r`` included.
"""

from __future__ import annotations

import codecs
import os
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

from elman.data.document import ENTITIES, Document, Relation
from elman.data.formats import brat_writing
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.standoff import Annotations, Bound, flat, linking, pairs, parse
from elman.data.ledger import Entry, Ledger
from elman.data.offsets import Loose, LooseSpan, settle
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elman.data.document import Span
    from elman.data.formats.files import Source
    from elman.data.ledger import Key

META = brat_writing.META
_PIECES = "brat, pieces as given"
_FRAGMENTS = "is in fragments: a span for each"
_PAIRS = "has several members: a relation from each to the next"
_KINDS = {"R": "relations of events", "E": "events", "A": "attributes", "M": "attributes", "N": "normalisations"}
_KINDS |= {"#": "notes", "*": "equivalences of events"}


def read(source: Source, /, *, layer: str = ENTITIES, offsets: str = "auto") -> Reading:
    """Read a folder, its folders included, or an ``.ann`` file with the ``.txt`` beside it.

    Args:
        source: the folder or file; documents have its path in the folder as their id.
        layer: the layer of the spans.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, if a line is malformed, a text is missing or has not what a T line says.
    """
    report = ReadReport("brat")
    files = iter([(Path(source.name), source.stem)]) if source.folder is None else _files(source.folder, report)
    own = cast("Source", _Rejecting(source))
    records = _records(source, files, report, layer)
    return Reading(_documents(settle(records, own, report, offsets=offsets, own=True), report), report)


def sniff(head: Head) -> Sniffed | None:
    """A folder with ``.ann`` files, or a first line that is a T line."""
    if head.folder is not None:
        found = any(name.endswith(".ann") for _, _, names in os.walk(head.folder) for name in names)
        return Sniffed(0.9, "it has .ann files") if found else None
    lines = [line for line in (head.text or "").split("\n")[:20] if line.strip()]
    try:
        bounds = [parse(line, lambda *_: None).bounds for line in lines if line.startswith("T")]
    except DataError:
        return None
    return Sniffed(0.9, "its lines are those of brat, such as T1") if bounds else None


class _Rejecting:
    """What ``settle`` needs of a source, for records of many files: their ``raw`` begins with their file's name."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name

    def reject(self, error: DataError, raw: str) -> None:
        """Set a document aside under the name of its own file."""
        name, _, rest = raw.partition("\0")
        _set_aside(self._source, Path(name), error, rest)


def _set_aside(source: Source, path: Path, error: DataError, raw: str) -> None:
    name, source.name = source.name, str(path)
    try:
        source.reject(DataError(error.problem, path, error.line), raw)
    finally:
        source.name = name


def _files(folder: Path, report: ReadReport) -> Iterator[tuple[Path, str]]:
    """The ``.ann`` files in a folder and those in it, each with its document's id."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        there = set(names)
        for name in sorted(there):
            path = Path(place, name)
            stem = name.removesuffix(".ann")
            if name.endswith(".ann"):
                yield path, (path.relative_to(folder).parent / stem).as_posix()
            elif name.endswith(".txt") and f"{name.removesuffix('.txt')}.ann" not in there:
                report.ignored["text without an .ann file beside it, so that nobody annotated it"] += 1
            elif not name.endswith((".txt", ".conf")) and not name.startswith("."):
                report.ignored["file that is neither .txt nor .ann"] += 1


def _records(
    source: Source, files: Iterator[tuple[Path, str]], report: ReadReport, layer: str
) -> Iterator[Loose | Document]:
    kept: Counter[str] = Counter()
    for path, name in files:
        raw = ""
        try:
            if source.folder is None:
                raw, beside = source.text(), path.with_suffix(".txt")
            else:
                raw, beside = _read(path, source.encoding), path.with_name(path.name.removesuffix(".ann") + ".txt")
            if not beside.is_file():
                raise DataError(f"needs its text in {beside.name} beside it, which is not there", path)
            text = _read(beside, source.encoding)
            found = parse(raw, partial(_set_aside, source, path))
        except DataError as error:
            _set_aside(source, Path(error.path or path), error, raw)
            continue
        linked = {line for line, _ in linking(found.lines, {bound.id for bound in found.bounds})}
        kept.update(_KINDS[line[0]] for line in found.lines if line not in linked)
        for line in found.loose:
            report.ignored[f"{_KINDS[line[0]]} of what is not there"] += 1
        yield _loose(found, text, path, raw, name, layer, report)
    told = ", ".join(f"{count:,} {what}" for what, count in kept.items())
    if told:
        report.notes.append(f'kept in meta["{META}"], and written to brat only: {told}')


def _read(path: Path, encoding: str) -> str:
    """A file as it stands, a byte-order mark apart."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read it: {error.strerror or error}", path) from None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise DataError(
            f"expected {encoding}, got the byte 0x{data[error.start]:02x}; "
            "convert the file, or name its encoding: --format brat:encoding=latin-1, say",
            path,
            line,
        ) from None


def _loose(found: Annotations, text: str, path: Path, raw: str, name: str, layer: str, report: ReadReport) -> Loose:
    spans: list[LooseSpan] = []
    pieces: dict[str, list[tuple[int, int]]] = {}
    for bound in found.bounds:
        surfaces = _surfaces(bound, text, report)
        if len(bound.fragments) > 1:
            pieces[bound.id] = list(bound.fragments)
        for at, ((start, end), surface) in enumerate(zip(bound.fragments, surfaces, strict=True), 1):
            own = bound.id if at == 1 else f"{bound.id}.{at}"
            spans.append(LooseSpan(start, end, bound.label, layer, None, own, surface))
    relations = []
    for link in found.links:
        relations += [Relation(head, tail, label) for label, head, tail in pairs(link)]
        if len(link.members) > 2:
            report.ledger += Ledger.counted("split", _PAIRS, 1, "relation", len(link.members) - 1)
    meta: dict[str, object] = {META: found.lines} if found.lines else {}
    if pieces:
        meta[_PIECES] = pieces
    return Loose(text, spans, tuple(relations), id=name, meta=meta, raw=f"{path}\0{raw}")


def _surfaces(bound: Bound, text: str, report: ReadReport) -> list[str | None]:
    """The text of each fragment of a T line, which has them joined by blanks, as far as it says."""
    if bound.surface is None or len(bound.fragments) == 1:
        return [bound.surface] * len(bound.fragments)
    sizes = [end - start for start, end in bound.fragments]
    for encoding, width in (("utf-32-le", 4), ("utf-16-le", 2), ("utf-8", 1)):
        encoded = bound.surface.encode(encoding, "surrogatepass")
        if len(encoded) == width * (sum(sizes) + len(sizes) - 1):
            places = [sum(sizes[:at]) + at for at in range(len(sizes))]
            cut = [encoded[width * at : width * (at + size)] for at, size in zip(places, sizes, strict=True)]
            return [piece.decode(encoding, "replace") for piece in cut]
    if flat(" ".join(text[start:end] for start, end in bound.fragments)) != bound.surface:
        report.ignored["text of a T line that is not that of its fragments"] += 1
    return [None] * len(sizes)


def _documents(settled: Iterator[Document], report: ReadReport) -> Iterator[Document]:
    """Documents whose fragments are spans of their own only if there is more than white space between them."""
    before: Mapping[Key, int] = report.ledger.counts
    for document in settled:
        if _PIECES in document.meta:
            document = _mended(document, report, before)
        before = report.ledger.counts
        yield document


def _mended(document: Document, report: ReadReport, before: Mapping[Key, int]) -> Document:
    given = cast("dict[str, list[tuple[int, int]]]", document.meta[_PIECES])
    fragments: dict[str, list[Span]] = {name: [] for name in given}
    for span in document.spans:
        base = (span.id or "").partition(".")[0]
        if base in fragments:
            fragments[base].append(span)
    text, split, one, dropped, surplus = document.text, [], {}, set(), 0
    for name, pieces in fragments.items():
        moved = sum((piece.start, piece.end) != was for piece, was in zip(pieces, given[name], strict=True))
        first, last = pieces[0], pieces[-1]
        if any(b.start < a.end or text[a.end : b.start].strip() for a, b in pairwise(pieces)):
            surface = " ".join(map(document.surface, pieces))
            to = min(piece.start for piece in pieces), max(piece.end for piece in pieces)
            whole = replace(first, start=to[0], end=to[1])
            split.append(Entry("split", _FRAGMENTS, whole, to, surface, len(pieces)))
            surplus += moved
        else:
            one[name] = replace(first, end=last.end)
            dropped |= {piece.id for piece in pieces[1:]}
            surplus += max(moved - 1, 0)
    if surplus:
        _take_back(report, before, surplus)
    report.ledger += Ledger.of(split, document.id)
    spans = tuple(one.get(span.id or "", span) for span in document.spans if span.id not in dropped)
    meta = {key: value for key, value in document.meta.items() if key != _PIECES}
    return replace(document, spans=spans, meta=meta)


def _take_back(report: ReadReport, before: Mapping[Key, int], count: int) -> None:
    """Have the ledger count as moved so many fewer of what it has since: pieces are not spans of the file."""
    counts = dict(report.ledger.counts)
    for key, now in report.ledger.counts.items():
        if key[:2] == ("span", "moved"):
            less = min(count, now - before.get(key, 0))
            counts[key] -= less
            count -= less
    counts = {key: number for key, number in counts.items() if number}
    report.ledger = replace(report.ledger, counts=counts)


BRAT = Format(
    "brat",
    (".ann",),
    "a folder with NAME.txt and NAME.ann for each document",
    sniff,
    read,
    brat_writing.write,
    container="folder",
    holds=brat_writing.HOLDS,
)

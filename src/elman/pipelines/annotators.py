"""Several annotators' documents of the same texts, put side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from elman.data.document import Region, Span
from elman.data.labels import Relabelling
from elman.errors import DataError, UsageError
from elman.pipelines.pairing import pair_sides
from elman.pipelines.sides import Side, read_side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.data.document import Document
    from elman.data.schemes import Repair

_UNKNOWN = "\0unknown"
"""A layer that no file has."""


@dataclass(frozen=True, eq=False)
class Annotators:
    """Who annotated what.

    Attributes:
        names: of the annotators.
        rows: for each text their documents, in the order of the names, None where there is none.
        notes: what a person has to be told of how they were read and put side by side, a line each.
    """

    names: tuple[str, ...]
    rows: list[list[Document | None]]
    notes: list[str]


def read_annotators(
    paths: Sequence[Path | str],
    *,
    key: str | None = None,
    format: str | None = None,  # noqa: A002  # the option's name
    scheme: str | None = None,
    repair: Repair = "conlleval",
    labels: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Annotators:
    """Read the annotators' files, or one file in which each document names its annotator.

    The documents of several files belong together by their ids, if all have ids of their own, none twice in a
    file, and some are in several files; an annotator may then lack some. Else the files have to have the same
    texts in the same order. White space may differ. Of one file those belong together that have the same text.

    Args:
        paths: a file for each annotator, at least two; or one file, and a key.
        key: the key in the documents' ``meta`` that names the annotator.
        format: of the files, or None to find it out.
        scheme: of their tags, or None to find it out.
        repair: what happens to an invalid tag, if the format has tags.
        labels: new names for labels; an empty one leaves the label out.
        encoding: of the files' characters.

    Raises:
        DataError: if a file is not what it should be, a document does not name its annotator, or the texts
            differ; the message says where they part.
        UsageError: if there is a key and several files, or neither.
    """
    if (key is None) == (len(paths) < 2):
        raise UsageError(
            "expected a file for each annotator, or one file and the key in its documents' meta that names the "
            f"annotator, got {len(paths)} files and {'no key' if key is None else f'the key {key!r}'}"
        )
    rename = Relabelling(labels or {})
    sides = []
    for path, name in zip(paths, _names(paths), strict=True):
        side = read_side(path, name, format=format, scheme=scheme, repair=repair, encoding=encoding)
        sides.append(replace(side, documents=[*rename(side.documents)]))
    notes = [f"{side.name}: {line}" for side in sides for line in ([] if side.report is None else side.report.lines())]
    if key is not None:
        names, rows = _by_annotator(sides[0], key)
    else:
        names = tuple(side.name for side in sides)
        rows = _by_id(sides, notes) or _in_order(sides, notes)
    for place, name in enumerate(names):
        if lacking := sum(row[place] is None for row in rows):
            notes.append(f"{name} lacks {lacking:,} of {len(rows):,} documents")
    return Annotators(names, rows, notes)


def _names(paths: Sequence[Path | str]) -> list[str]:
    """The files' names without suffix, if these differ, else the whole paths; a number where those are the same."""
    for names in ([Path(path).name.split(".")[0] for path in paths], [str(path) for path in paths]):
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{path} ({number})" for number, path in enumerate(paths, 1)]


def _by_annotator(side: Side, key: str) -> tuple[tuple[str, ...], list[list[Document | None]]]:
    """The documents of one file by annotator and text; the second of an annotator with a text is another row."""
    owners = []
    for at, document in enumerate(side.documents):
        owner = document.meta.get(key)
        if not isinstance(owner, str | int) or not str(owner):
            known = ", ".join(map(str, document.meta)) or "nothing"
            raise DataError(
                f"{side.place(at)} does not name its annotator: expected a name or number under {key!r} in meta, "
                f"which has {known}"
            )
        owners.append(str(owner))
    names = tuple(sorted(set(owners)))
    rows: dict[tuple[str, int], list[Document | None]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for owner, document in zip(owners, side.documents, strict=True):
        row = rows.setdefault((document.text, times[owner, document.text]), [None] * len(names))
        row[names.index(owner)] = document
        times[owner, document.text] += 1
    return names, list(rows.values())


def _by_id(sides: Sequence[Side], notes: list[str]) -> list[list[Document | None]] | None:
    """The documents by id; None if ids do not say which belong together."""
    known = [side.ids for side in sides if side.ids is not None and len(set(side.ids)) == len(side.ids)]
    times = Counter(name for names in known for name in names)
    if len(known) < len(sides) or max(times.values()) < 2:
        return None
    rows: dict[str, list[Document | None]] = {name: [None] * len(sides) for name in times}
    first: dict[str, tuple[int, int]] = {}
    for number, names in enumerate(known):
        # What an earlier annotator has, too, is put onto the earlier one's text.
        shared: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for at, name in enumerate(names):
            earlier, place = first.setdefault(name, (number, at))
            if earlier == number:
                rows[name][number] = sides[number].documents[at]
            else:
                shared[earlier].append((place, at))
        for earlier, pairs in shared.items():
            places, own = (list(column) for column in zip(*pairs, strict=True))
            found = _onto(_part(sides[earlier], places), _part(sides[number], own), notes)
            for at, document in zip(own, found, strict=True):
                rows[names[at]][number] = document
    return list(rows.values())


def _in_order(sides: Sequence[Side], notes: list[str]) -> list[list[Document | None]]:
    """The documents one after the other, all on the texts of the first side."""
    first, *others = (_part(side, range(len(side.documents))) for side in sides)
    columns = [sides[0].documents, *(_onto(first, side, notes) for side in others)]
    return [list(row) for row in zip(*columns, strict=True)]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Part(Side):
    """Some of the documents of a side, ready to be paired by their places alone; what is unknown is spans."""

    whole: Side
    places: Sequence[int]

    def place(self, at: int, offset: int = 0) -> str:
        """As in the whole side."""
        return self.whole.place([*self.places, len(self.whole.documents)][at], offset)


def _part(side: Side, places: Sequence[int]) -> _Part:
    documents = [replace(_unknown_as_spans(side.documents[at]), id=None) for at in places]
    return _Part(side.name, documents, whole=side, places=places)


def _onto(first: _Part, other: _Part, notes: list[str]) -> list[Document]:
    """The documents of one side on the texts of another, in the order that both have.

    Raises:
        DataError: if the texts differ, or the sides cut them into documents differently.
    """
    try:
        pairing = pair_sides(first, other)
    except DataError as error:
        # Tokens that differ are no reason to go on: there is no annotator whose tokens are right.
        raise DataError(error.problem.partition("; --align")[0], error.path, error.line) from None
    own = [first.whole.documents[at] for at in first.places]
    if len(pairing.pairs) != len(own):
        at = next(
            at for at, (pair, one) in enumerate(zip(pairing.pairs, own, strict=False)) if pair.gold.text != one.text
        )
        raise DataError(
            f"{other.name} cuts the text into documents otherwise than {first.name}, from {first.place(at)} on; "
            "give files of the same documents"
        )
    notes += [f"{other.name} against {first.name}: {note}" for note in pairing.notes]
    return [replace(_spans_as_unknown(pair.predicted), id=one.id) for pair, one in zip(pairing.pairs, own, strict=True)]


def _unknown_as_spans(document: Document) -> Document:
    """What is unknown as spans of layers of their own; of what is white space there is nothing to say."""
    if not document.unknown:
        return document
    regions = [region for region in document.unknown if not document.surface(region).isspace()]
    spans = (Span(region.start, region.end, region.layer, _UNKNOWN) for region in regions)
    return replace(document, spans=(*document.spans, *spans), unknown=())


def _spans_as_unknown(document: Document) -> Document:
    """The way back."""
    unknown = tuple(Region(span.start, span.end, span.label) for span in document.layer(_UNKNOWN))
    spans = tuple(span for span in document.spans if span.layer != _UNKNOWN)
    return replace(document, spans=spans, unknown=unknown) if unknown else document

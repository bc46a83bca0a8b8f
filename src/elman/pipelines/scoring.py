"""Systems judged by gold: files of any format or documents in, a result for each system out."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.document import ENTITIES
from elman.data.labels import Relabelling
from elman.errors import DataError, UsageError
from elman.metrics.comparison import compare
from elman.metrics.score import score
from elman.pipelines.pairing import pair_sides
from elman.pipelines.sides import Side, read_columns, read_side
from elman.pipelines.tag_agreement import TagAgreement, tag_agreement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elman.data.document import Document
    from elman.data.schemes import Repair
    from elman.metrics.comparison import Comparison, Judged
    from elman.metrics.matching import Mode
    from elman.metrics.score import Result
    from elman.pipelines.parting import Align

STDIN = "-"

LABEL_BLIND = ("partial", "boundaries")
"""Modes to which labels do not matter."""


@dataclass(frozen=True, eq=False)
class System:
    """What one system predicted, and how well.

    Attributes:
        name: what tables call it.
        side: its documents as they were read.
        pairs: gold and predicted documents on the same text.
        comparison: their spans as integers.
        result: the scores.
        agreement: how many tokens have the same tag, if that was asked for.
        notes: what was done to pair the documents, and what was found in them.
        warnings: what may be wrong with the predictions or the comparison.
    """

    name: str
    side: Side
    pairs: Sequence[Judged]
    comparison: Comparison
    result: Result
    agreement: TagAgreement | None = None
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Scoring:
    """Systems judged by the same gold.

    Attributes:
        gold: as it was read.
        systems: in the order in which they were given.
    """

    gold: Side
    systems: Sequence[System] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What a person has to be told: of each file what was found out, of each system what was done and warned."""
        lines = [f"{self.gold.name}: {line}" for line in _told(self.gold)]
        for system in self.systems:
            lines += [f"{system.side.name}: {line}" for line in (*_told(system.side), *system.notes)]
            lines += [f"warning: {line}" for line in system.warnings]
        return lines

    def to_json(self) -> dict[str, Any]:
        """What was read and how it was paired, for a machine: ``gold``, and ``systems`` by place."""
        return {
            "gold": _plain(self.gold),
            "systems": [
                {**_plain(system.side), "name": system.name, "notes": [*system.notes], "warnings": [*system.warnings]}
                for system in self.systems
            ],
        }


def score_systems(
    gold: Path | str | Iterable[Document],
    predicted: Sequence[Path | str | Iterable[Document]],
    *,
    mode: Mode = "exact",
    layer: str = ENTITIES,
    formats: tuple[str | None, str | None] = (None, None),
    schemes: tuple[str | None, str | None] = (None, None),
    repair: Repair = "conlleval",
    labels: Mapping[str, str] | None = None,
    align: Align = "text",
    encoding: str = "utf-8",
    options: tuple[Mapping[str, object], Mapping[str, object]] = ({}, {}),
    known: Iterable[str] = (),
    tags: bool = False,
) -> Scoring:
    """Judge what systems predicted.

    Args:
        gold: a file of any format, or documents.
        predicted: for each system the same; none, if gold's file has the predictions in its last column.
        mode: how spans are matched, one of ``elman.metrics.score.MODES``.
        layer: the layer of spans to compare.
        formats: that of gold and that of the predictions, None to find out each file's.
        schemes: the scheme of gold's tags and that of the predictions', None to find it out.
        repair: what happens to tags that their scheme forbids.
        labels: new names for labels on both sides; an empty one leaves the label out.
        align: whether the texts have to agree, or only the numbers of tokens.
        encoding: of the files' characters.
        options: further ones of the formats of gold and of the predictions.
        known: labels that may come on one side alone without being a fault.
        tags: whether to count tokens that have the same tag on both sides.

    Raises:
        DataError: if a file is not what it should be, texts differ, documents are missing, or the two sides have
            no label in common.
        UsageError: if there is no such format, scheme or mode, or a label to rename is nowhere.
    """
    names = dict(labels or {})
    common = {"repair": repair, "encoding": encoding}
    with ExitStack() as stack:
        places = [_standing(place, stack) for place in (gold, *predicted)]
        if not predicted:
            if not isinstance(gold, Path | str):
                raise UsageError("expected predictions beside gold, got none")
            sides = list(read_columns(places[0], _name(gold, 0), formats[0], schemes, options, **common))
        else:
            sides = []
            for number, (place, given) in enumerate(zip(places, (gold, *predicted), strict=True)):
                side = number > 0
                like = sides[0] if side else None
                sides.append(
                    _side(place, _name(given, number), like, formats[side], schemes[side], options[side], common)
                )
        sides = _renamed(sides, names)
        truth, *others = sides
        shown = _short_names([side.name for side in others])
        judge = _Judge(mode, layer, align, {*known, *names, *names.values()}, tags, bool(names))
        return Scoring(truth, [judge(name, truth, side) for name, side in zip(shown, others, strict=True)])


class _Judge(NamedTuple):
    """How each system is judged; the fields are those arguments of ``score_systems`` that are about that."""

    mode: Mode
    layer: str
    align: Align
    known: set[str]
    tags: bool
    renamed: bool

    def __call__(self, name: str, gold: Side, predicted: Side) -> System:
        """One system's pairs, scores, and what has to be told of them."""
        layer = self.layer
        warnings = _label_warnings(gold, predicted, layer, None if self.mode in LABEL_BLIND else self.known)
        pairing = pair_sides(gold, predicted, self.align)
        comparison = compare(pairing.pairs, layer)
        notes = [*pairing.notes, *_span_notes(comparison)]
        unknown = sum(region.layer == layer for document in predicted.documents for region in document.unknown)
        if unknown:
            notes.append(f"{unknown:,} regions are marked as unknown among the predictions; they count as O")
        agreement = None
        if self.tags:
            agreement = tag_agreement(gold, predicted, pairing.pairs, layer, renamed=self.renamed)
        result = score(comparison, self.mode)
        told = [*pairing.warnings, *warnings]
        return System(name, predicted, pairing.pairs, comparison, result, agreement, notes, told)


def _standing(place: Path | str | Iterable[Document], stack: ExitStack) -> Any:
    """A file that can be read more than once in the place of a pipe; anything else as it is."""
    if not isinstance(place, Path | str) or not (str(place) == STDIN or Path(place).is_fifo()):
        return place
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    path = Path(folder) / "stdin"
    with path.open("wb") as copy:
        if str(place) == STDIN:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        else:
            with Path(place).open("rb") as pipe:
                shutil.copyfileobj(pipe, copy)
    return path


def _name(given: Path | str | Iterable[Document], number: int) -> str:
    if isinstance(given, Path | str):
        return "standard input" if str(given) == STDIN else str(given)
    return "gold" if number == 0 else f"predicted {number}" if number > 1 else "predicted"


def _side(
    place: Any,
    name: str,
    like: Side | None,
    format: str | None,  # noqa: A002
    scheme: str | None,
    options: Mapping[str, object],
    common: Mapping[str, Any],
) -> Side:
    if isinstance(place, Path | str):
        return read_side(place, name, like=like, format=format, scheme=scheme, options=options, **common)
    return Side(name, list(place))


def _short_names(names: Sequence[str]) -> list[str]:
    """The files' names without folders, as long as they differ; of the same file several times, numbered."""
    short = [Path(name).name for name in names]
    if len(set(short)) == len(short):
        return short
    if len(set(names)) == len(names):
        return list(names)
    return [f"{name} ({number})" for number, name in enumerate(names, 1)]


def _renamed(sides: Sequence[Side], names: Mapping[str, str]) -> list[Side]:
    """The sides with other labels.

    Raises:
        UsageError: if no side has a label that is to be renamed.
    """
    if not names:
        return list(sides)
    relabelling = Relabelling(names)
    changed = [replace(side, documents=list(relabelling(side.documents))) for side in sides]
    unused = [label for label in relabelling.unused if names[label] != label]
    if unused:
        known = ", ".join(sorted(relabelling.seen)) or "none"
        raise UsageError(f"the label map names {', '.join(unused)}, which no side has; there are {known}")
    return changed


def _label_warnings(gold: Side, predicted: Side, layer: str, known: set[str] | None) -> list[str]:
    """Labels that are on one side alone; where ``known`` is None, labels do not matter.

    Raises:
        DataError: if both sides have spans and no label in common, which is a matter of names.
    """
    ours, theirs = (
        Counter(span.label for document in side.documents for span in document.layer(layer))
        for side in (gold, predicted)
    )
    warnings = [_layer_warning(side, layer) for side, seen in ((gold, ours), (predicted, theirs)) if not seen]
    if known is None:
        return warnings
    if ours and theirs and not ours.keys() & theirs.keys() and not (ours.keys() | theirs.keys()) & known:
        raise DataError(
            f"{gold.name} and {predicted.name} have no label in common: gold has {_counted(ours)}; predicted are "
            f"{_counted(theirs)}; --map OLD=NEW renames labels (--map {next(iter(ours))}={next(iter(ours))} says "
            "that they are right as they are)"
        )
    foreign = Counter({label: count for label, count in theirs.items() if label not in ours and label not in known})
    if foreign and ours:
        warnings.append(
            f"{predicted.name} has labels that gold does not have, and they count as wrong: {_counted(foreign)}; "
            "--map renames labels"
        )
    return warnings


def _layer_warning(side: Side, layer: str) -> str:
    others = Counter(span.layer for document in side.documents for span in document.spans)
    where = f" in the layer {layer}; there are {_counted(others)}" if others else ""
    return f"{side.name} has no spans{where}"


def _counted(counts: Counter[str]) -> str:
    shown = ", ".join(f"{label} ({count:,})" for label, count in counts.most_common(10))
    return f"{shown} and {len(counts) - 10} more" if len(counts) > 10 else shown


def _span_notes(comparison: Comparison) -> list[str]:
    """Spans that are there several times on a side, and what is done about it."""
    sides = (("gold", comparison.gold), ("predicted", comparison.predicted))
    twice = [
        f"{count:,} {title}"
        for title, rows in sides
        if len(rows) and (count := len(rows) - len(np.unique(rows, axis=0)))
    ]
    return [f"spans that are there more than once: {', '.join(twice)}; each counts"] if twice else []


def _told(side: Side) -> list[str]:
    return side.report.lines() if side.report is not None else []


def _plain(side: Side) -> dict[str, Any]:
    report = side.report
    values: dict[str, Any] = {"source": side.name, "documents": len(side.documents)}
    if report is None:
        return values
    return values | {
        "format": report.format,
        "scheme": report.scheme,
        "scheme_evidence": report.scheme_evidence or None,
        "repair": report.repair,
        "repairs": report.repairs,
    }

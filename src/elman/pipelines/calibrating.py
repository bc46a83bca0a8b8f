"""A model's probabilities on labelled text: the temperature that suits them, or thresholds for what is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.labels import Relabelling
from elman.decoding.candidates import FLOOR
from elman.errors import UsageError
from elman.metrics.calibration import Reliability, reliability
from elman.metrics.thresholds import CAP, CONFIDENCE, precision_threshold, recall_threshold
from elman.model.recalibration import read_calibration
from elman.runtime.calibration import fit, gather
from elman.runtime.tagger import EVEN, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from elman.data.document import Document
    from elman.metrics.thresholds import Judgements, Threshold
    from elman.runtime.calibration import Fit, Labelled

SCHEMA = "elman.calibrate/1"
"""The name and version of what ``Calibrated.to_json`` gives."""

TOGETHER = "all labels together"


class Half(NamedTuple):
    """A temperature that was fitted on one half of the units, and the calibration error on the other half."""

    temperature: float
    before: float
    after: float


@dataclass(frozen=True)
class Calibrated:
    """What came of a calibration.

    Attributes:
        calibration: what the model folder is to say under ``calibration``.
        temperature: at which probabilities are taken.
        units: documents, or windows of a single document.
        unit: what they are.
        spans: gold spans.
        foreign: gold spans of labels that the model does not have.
        reliability: of the predicted spans, at this temperature.
        fit: how the temperature was fitted; None where thresholds were asked for.
        halves: where the temperature was fitted, both ways.
        thresholds: by what they are of: a label, or all together.
        reached: of each way to treat spans that overlap, recall and precision of all labels together here.
        notes: what a person should know.
    """

    calibration: Mapping[str, Any]
    temperature: float
    units: int
    unit: str
    spans: int
    foreign: int
    reliability: Reliability
    fit: Fit | None = None
    halves: tuple[Half, ...] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    reached: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values, fractions as such."""
        return {
            "schema": SCHEMA,
            "temperature": self.temperature,
            "data": {self.unit + "s": self.units, "spans": self.spans, "foreign": self.foreign},
            "reliability": self.reliability.to_json(),
            "fit": None if self.fit is None else {"temperature": self.fit.temperature, **self.fit.to_json()},
            "halves": [half._asdict() for half in self.halves],
            "thresholds": {of: threshold.to_json() for of, threshold in self.thresholds.items()},
            "reached": {
                name: {"recall": recall, "precision": precision} for name, (recall, precision) in self.reached.items()
            },
            "notes": list(self.notes),
        }


def calibrate_temperature(
    model: Path, documents: Iterable[Document], data: str, labels: Mapping[str, str] | None = None
) -> Calibrated:
    """Fit a model's temperature; thresholds that it has are of other probabilities then, and go.

    Args:
        model: the folder, which is only read.
        documents: labelled.
        data: their name, for the model folder.
        labels: new names for labels, an empty one to leave a label's spans out.

    Raises:
        ModelError: if there is no model.
        UsageError: if there are too few spans to fit a temperature.
    """
    labelled = _judged(model, documents, labels)
    found = fit(labelled)
    if found.note:
        raise UsageError(f"{data}: {found.note}. Give more labelled text; the model is as it was")
    had = read_calibration(model)
    calibration = {"temperature": found.temperature, "fit": {"data": data, **found.to_json()}}
    notes = []
    if "thresholds" in had and had["temperature"] == found.temperature:
        calibration |= {key: had[key] for key in ("thresholds", "asked") if key in had}
    elif "thresholds" in had:
        notes.append("the model's thresholds were of other probabilities, and are gone; ask for them again")
    return Calibrated(
        calibration,
        found.temperature,
        labelled.units,
        labelled.unit,
        len(labelled.gold) + len(labelled.lost),
        _foreign(labelled),
        _reliability(labelled.predicted(found.temperature)),
        found,
        tuple(_halves(labelled)),
        notes=tuple(notes),
    )


def calibrate_thresholds(
    model: Path,
    documents: Iterable[Document],
    labels: Mapping[str, str] | None = None,
    *,
    recall: float | None = None,
    precision: float | None = None,
    only: Sequence[str] = (),
    cap: int = CAP,
    confidence: float = CONFIDENCE,
    floor: float = FLOOR,
) -> Calibrated:
    """Find thresholds for a recall or a precision, at the temperature that the model has.

    It is not fitted to the same text: what is promised of a threshold holds of probabilities that have not seen the
    text that it is found on.

    Args:
        model: the folder, which is only read.
        documents: labelled, and not used to train the model, to choose it, or to fit its temperature.
        labels: new names for labels, an empty one to leave a label's spans out.
        recall: what is wanted; this or ``precision``.
        precision: what is wanted.
        only: labels that get a threshold each; without any, all get one together.
        cap: see ``recall_threshold``.
        confidence: see ``precision_threshold``.
        floor: less probable spans do not count.

    Raises:
        ModelError: if there is no model.
        UsageError: if not just one of the two is wanted, a label is not the model's, or what is wanted cannot be had.
    """
    if (recall is None) == (precision is None):
        raise UsageError("expected either a recall or a precision to be asked for")
    labelled = _judged(model, documents, labels)
    had = read_calibration(model)
    heat = float(had["temperature"])
    judgements = labelled.candidates(heat, floor)
    find: Callable[[Judgements], Threshold]
    if recall is not None:
        wanted = recall
        find = lambda some: recall_threshold(some, wanted, cap)  # noqa: E731  # two of one kind
    else:
        wanted = precision or 0.0
        find = lambda some: precision_threshold(some, wanted, confidence, cap)  # noqa: E731
    thresholds: dict[str, Threshold] = {}
    for name in only:
        try:
            thresholds[name] = find(judgements.only(name))
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from error
    if not only:
        thresholds[TOGETHER] = find(judgements)
    values, asked = dict(had.get("thresholds", {})), dict(had.get("asked", {}))
    for of, threshold in thresholds.items():
        for label in labelled.names if of == TOGETHER else (of,):
            values[label] = threshold.value
            asked[label] = {"of": of, **threshold.to_json()}
    least = np.array([values.get(label, EVEN) for label in labelled.names])
    reached = {name: _reached(labelled.above(heat, least, flat=name == "best")) for name in ("keep", "best")}
    return Calibrated(
        {**had, "thresholds": values, "asked": asked},
        heat,
        labelled.units,
        labelled.unit,
        len(labelled.gold) + len(labelled.lost),
        _foreign(labelled),
        _reliability(labelled.predicted(heat)),
        thresholds=thresholds,
        reached=reached,
    )


def _judged(model: Path, documents: Iterable[Document], labels: Mapping[str, str] | None) -> Labelled:
    return gather(load(model), Relabelling(labels or {})(documents))


def _foreign(labelled: Labelled) -> int:
    return int((labelled.lost[:, 1] < 0).sum())


def _reliability(judgements: Judgements) -> Reliability:
    return reliability(judgements.probability, judgements.correct)


def _reached(judgements: Judgements) -> tuple[float, float]:
    return judgements.reached(0.0)


def _halves(labelled: Labelled) -> Iterable[Half]:
    """Fitted on every other unit and measured on the rest, and the other way round."""
    even = labelled.owners % 2 == 0
    for own, other in ((even, ~even), (~even, even)):
        found, rest = fit(labelled.take(own)), labelled.take(other)
        if not found.note:
            errors = (_reliability(rest.predicted(heat)).expected_error for heat in (1.0, found.temperature))
            yield Half(found.temperature, *errors)

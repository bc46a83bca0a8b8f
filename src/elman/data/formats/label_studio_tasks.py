"""Label Studio's tasks as documents: which annotation counts, where the text is, what each result says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.data.document import ENTITIES, Relation
from elman.data.formats.json_fields import (
    NO_LABEL,
    ignore,
    is_object,
    joined_meta,
    strings,
    take,
    take_name,
    take_score,
)
from elman.data.ledger import Ledger
from elman.data.offsets import Loose, LooseSpan
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.format import ReadReport

OWN = "label_studio"
"""The entry of ``meta`` with what only Label Studio knows of: the rest of task and annotation, other results."""

MAIN = "label"
"""The control whose labels are entities, unless the file has another; other layers are ``label/LAYER``."""

CHOICE = "choice"
TO = "text"
CANCELLED = "annotation that was cancelled"
IN_HTML = "region in HTML, whose offsets do not count the text: it is in meta"
NO_REGION = "relation to a region that is no span"
SEVERAL = "region with several labels: a span for each"

_FROM_NAME = re.compile(r'"from_name"\s*:\s*"label"')


class Wanted(NamedTuple):
    """What of each task is read.

    Attributes:
        annotation: which annotations: all, first or ground_truth.
        predictions: whether predictions are read in their place.
        text: the key of the text among a task's data; None if it has to be found out.
        layer: the layer of the main control's labels.
    """

    annotation: str
    predictions: bool
    text: str | None
    layer: str = ENTITIES


class Tasks:
    """Makes documents of tasks; what a task leaves open is as in the tasks before it.

    Args:
        head: the beginning of the file, which shows whether it has a control named ``MAIN``.
        wanted: what is read.
        report: gets what is not carried over.

    Attributes:
        several: how many regions have several labels.
        others: how many results are neither spans, relations nor classes; they are in ``meta``.
    """

    def __init__(self, head: str, wanted: Wanted, report: ReadReport) -> None:
        self._wanted = wanted
        self._report = report
        self._main = MAIN if _FROM_NAME.search(head) else None
        self._key = wanted.text
        self.several = 0
        self.others = 0

    def documents(self, value: object) -> Iterator[Loose]:
        """The documents of a task: one, or one for each of its annotations."""
        task = is_object(value, "a task")
        if not task.keys() & {"data", "annotations", "completions", "predictions"}:
            task = _full(task)
        data = dict(take(task, "data", dict, "a task"))
        annotations = self._annotations(task)
        name = take_name(task, "id", "a task")
        nested = task.pop("meta", None)
        for number, annotation in enumerate(annotations, 1):
            loose, own = self._document(data, annotation)
            loose.id = name
            if name is not None and len(annotations) > 1:
                loose.id = f"{name}-{annotation['id'] if type(annotation.get('id')) is int else number}"
            _finish(loose, own, task, nested)
            yield loose
        if not annotations:
            loose, own = self._document(data, {})
            loose.id = name
            # Nobody has annotated it yet.
            loose.unknown = [(0, len(loose.text), self._wanted.layer)] if loose.text else []
            _finish(loose, own, task, nested)
            yield loose

    def _annotations(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """Those annotations, or predictions, of a task that are wanted."""
        kinds = {
            kind: [is_object(one, f"one of the {kind}") for one in take(task, kind, list, "a task", [])]
            for kind in ("annotations", "completions", "predictions", "drafts")
        }
        given = [*kinds["annotations"], *kinds["completions"]]
        ignored = self._report.ignored
        if kinds["drafts"]:
            ignored["draft"] += len(kinds["drafts"])
        if self._wanted.predictions:
            if given:
                ignored["annotation, as predictions are read"] += len(given)
            return kinds["predictions"]
        if kinds["predictions"]:
            ignored["prediction, as annotations are read"] += len(kinds["predictions"])
        whole = [one for one in given if not (one.get("was_cancelled") or one.get("skipped"))]
        if len(whole) < len(given):
            ignored[CANCELLED] += len(given) - len(whole)
        chosen = whole
        if self._wanted.annotation == "ground_truth":
            chosen = [one for one in whole if one.get("ground_truth")]
        elif self._wanted.annotation == "first":
            chosen = whole[:1]
        if len(chosen) < len(whole):
            ignored["annotation that was not asked for"] += len(whole) - len(chosen)
        return chosen

    def _document(self, data: dict[str, Any], annotation: dict[str, Any]) -> tuple[Loose, dict[str, object]]:
        """The document of one annotation, and what only Label Studio knows of it."""
        annotation = dict(annotation)
        results = [is_object(one, "a result") for one in take(annotation, "result", list, "an annotation", [])]
        key = self._text_key(data, results)
        loose = Loose(data[key], meta={name: value for name, value in data.items() if name != key})
        overall = annotation.get("score") if self._wanted.predictions else None
        relations: list[Relation] = []
        others: list[dict[str, Any]] = []
        labels: list[str] = []
        choice = ""
        controls: dict[str, str] = {}
        targets = [one["to_name"] for one in results if type(one.get("to_name")) is str]
        for item in results:
            value = item.get("value")
            kind = item.get("type")
            if kind == "relation":
                relations += self._relations(dict(item))
            elif kind == "choices" and type(value) is dict and "start" not in value:
                labels += strings(value.get("choices"), "'choices' of a result")
                choice = choice or take_name(dict(item), "from_name", "a result") or CHOICE
            elif type(value) is dict and "start" in value and "end" in value and kind in (None, "labels"):
                spans = self._spans(dict(item), loose.text, overall, controls)
                loose.spans += spans
                if not spans:
                    others.append(item)
            else:
                if kind == "hypertextlabels":
                    self._report.ledger += Ledger.counted("refused", IN_HTML, 1)
                else:
                    self.others += 1
                others.append(item)
        ids = {span.id for span in loose.spans}
        loose.relations = tuple(one for one in relations if one.head in ids and one.tail in ids)
        lost = len(relations) - len(loose.relations)
        self._report.ledger += Ledger.counted("refused", NO_REGION, lost, "relation")
        loose.labels = tuple(labels)
        own: dict[str, object] = {"annotation": annotation, "results": others}
        own["text"] = key if key != TO else ""
        own["to_name"] = targets[0] if targets and targets[0] != TO else ""
        usual = {layer: MAIN if layer == self._wanted.layer else f"{MAIN}/{layer}" for layer in controls}
        own["from_names"] = {layer: name for layer, name in controls.items() if name != usual[layer]}
        own["choice"] = "" if choice == CHOICE else choice
        return loose, {name: value for name, value in own.items() if value}

    def _text_key(self, data: dict[str, Any], results: list[dict[str, Any]]) -> str:
        """The key of the text among a task's data."""
        texts = {key: value for key, value in data.items() if type(value) is str}
        named = [name for name in (self._key, *(one.get("to_name") for one in results)) if name in texts]
        if self._wanted.text is not None and self._wanted.text not in texts:
            raise DataError(
                f"the data of a task has no text {self._wanted.text!r}; it has {', '.join(data) or 'nothing'}"
            )
        if not named and TO in texts:
            named = [TO]
        if not named and len(texts) > 1:
            values = [one["value"] for one in results if type(one.get("value")) is dict]
            surfaces = [value["text"] for value in values if type(value.get("text")) is str]
            named = [key for key, text in texts.items() if surfaces and all(one in text for one in surfaces)]
            named = named if len(named) == 1 else []
        if not named and len(texts) == 1:
            named = list(texts)
        if not named:
            raise DataError(
                f"cannot tell which of the data of a task is its text: {', '.join(texts) or 'none is a string'}; "
                "say its key with text"
            )
        self._key = named[0]
        return named[0]

    def _layer(self, control: str) -> str:
        """The layer of a control's labels."""
        if control.startswith(f"{MAIN}/"):
            return control[len(MAIN) + 1 :]
        if self._main is None:
            self._main = control
        return self._wanted.layer if control == self._main else control

    def _spans(self, item: dict[str, Any], text: str, overall: object, controls: dict[str, str]) -> list[LooseSpan]:
        """A span for each label of a region; none if it is in HTML or has no label."""
        report = self._report
        value = is_object(item.pop("value"), "the value of a result")
        if type(value["start"]) is str:
            report.ledger += Ledger.counted("refused", IN_HTML, 1)
            return []
        start, end = take(value, "start", int, "a region"), take(value, "end", int, "a region")
        labels = strings(value.pop("labels", None) or [], "'labels' of a region")
        surface = take(value, "text", str, "a region", None)
        if surface is not None and "\\n" in surface and "\\n" not in text:
            # That is how line ends are written there.
            surface = surface.replace("\\n", "\n")
        name = take_name(item, "id", "a region")
        if overall is not None and item.get("score") is None:
            item["score"] = overall
        score = take_score(item, "a region", report)
        control = take(item, "from_name", str, "a region", MAIN)
        layer = self._layer(control)
        controls[layer] = control
        for key in ("to_name", "type", "origin"):
            item.pop(key, None)
        ignore(item, "a region", report)
        ignore(value, "the value of a region", report)
        if not labels:
            report.ledger += Ledger.counted("refused", f"{NO_LABEL}: it is in meta", 1)
        self.several += len(labels) > 1
        return [LooseSpan(start, end, label, layer, score, name, surface) for label in labels]

    def _relations(self, item: dict[str, Any]) -> list[Relation]:
        """A relation for each label, both ways if it has no direction."""
        head, tail = take_name(item, "from_id", "a relation"), take_name(item, "to_id", "a relation")
        if head is None or tail is None:
            raise DataError(f"a relation needs 'from_id' and 'to_id', got {', '.join(item)}")
        labels = strings(item.pop("labels", None) or [""], "'labels' of a relation")
        score = take_score(item, "a relation", self._report)
        direction = take(item, "direction", str, "a relation", "right")
        ends = {"left": [(tail, head)], "bi": [(head, tail), (tail, head)]}.get(direction, [(head, tail)])
        item.pop("type")
        ignore(item, "a relation", self._report)
        return [Relation(*pair, label, score) for label in labels for pair in ends]


def _finish(loose: Loose, own: dict[str, object], task: dict[str, Any], nested: object) -> None:
    """Put together the document's ``meta``."""
    if task:
        own["task"] = task
    loose.meta = joined_meta(loose.meta, nested)
    if own:
        if OWN in loose.meta:
            loose.meta[f"data.{OWN}"] = loose.meta[OWN]
        loose.meta[OWN] = own


def _full(small: dict[str, Any]) -> dict[str, Any]:
    """A task of the short export (JSON-MIN), in which regions stand beside the data under their control's name."""
    results: list[dict[str, Any]] = []
    data: dict[str, Any] = {}
    for key, value in small.items():
        regions = value if type(value) is list else []
        if regions and all(type(one) is dict and {"start", "end"} <= one.keys() for one in regions):
            kind = "hypertextlabels" if "hypertextlabels" in regions[0] else "labels"
            results += [{"from_name": key, "type": kind, "value": region} for region in regions]
        elif type(value) is dict and value.keys() == {"choices"}:
            results.append({"from_name": key, "type": "choices", "value": value})
        else:
            data[key] = value
    task = {"data": data, "annotations": [{"result": results}]}
    return {**task, "id": data.pop("id")} if "id" in data else task

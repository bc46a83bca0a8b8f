"""Label Studio's JSON: an array of tasks, or a task a line, with ``annotations``, ``predictions`` and ``data``.

Older exports (``completions``) and the short one (JSON-MIN) are read, too. A task with several annotations is a
document each; those that were cancelled are passed over, and a task that nobody has annotated is unknown from
end to end. Of a task's ``data`` one string is the text, the rest goes to ``meta``. What Label Studio alone knows
of goes to ``meta["label_studio"]`` and is written back. Written are tasks with annotations, ready for import.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, get_args

from elman.data.document import ENTITIES, Document, Span
from elman.data.formats.format import HOLDS, Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import dumped
from elman.data.formats.json_fields import is_all_unknown
from elman.data.formats.label_studio_tasks import CHOICE, MAIN, OWN, SEVERAL, TO, Tasks, Wanted
from elman.data.formats.loose_records import loose_records
from elman.data.ledger import Ledger, account
from elman.data.offsets import settle
from elman.data.units import Unit, from_code_points
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from elman.data.formats.files import Source

ANNOTATIONS = ("all", "first", "ground_truth")
"""Which of a task's annotations are read."""

_HOLDS = HOLDS - {"tokens", "sentences", "columns"}
_TASK = re.compile(r'"(annotations|completions|predictions)"\s*:\s*\[')
_DATA = re.compile(r'"data"\s*:\s*\{')
_SHORT = re.compile(r'\{[^{}]*"labels"\s*:\s*\[\s*"')
_DIGITS = re.compile(r"0|[1-9][0-9]{0,17}")


def read(
    source: Source,
    /,
    *,
    annotation: str = "all",
    predictions: bool = False,
    text: str | None = None,
    layer: str = ENTITIES,
    offsets: str = "auto",
) -> Reading:
    """Read Label Studio's JSON.

    Args:
        source: the file.
        annotation: which of a task's annotations make a document: all, first or ground_truth.
        predictions: whether predictions are read in the place of annotations.
        text: the key of the text among a task's data; by default it is found out.
        layer: the layer of the labels. Where a file has several controls with labels, the others are layers of
            their own.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, where a task has anything of another type than expected, or no text.
        UsageError: if ``annotation`` is something else.
    """
    if annotation not in ANNOTATIONS:
        raise UsageError(f"annotation has to be one of {', '.join(ANNOTATIONS)}, got {annotation!r}")
    report = ReadReport("label-studio")
    head = source.peek.text or source.peek.data.decode(source.encoding, "replace")
    tasks = Tasks(head, Wanted(annotation, predictions, text, layer), report)
    return Reading(_documents(source, tasks, report, offsets), report)


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    text: str | None = None,
    from_name: str | None = None,
    to_name: str | None = None,
    choice: str | None = None,
    offsets: Unit = "code-points",
) -> Ledger:
    """Write tasks with annotations as a JSON array; a document of which all is unknown is a task without one.

    Args:
        documents: any number.
        put: takes the text.
        text: the key of the text among a task's data; as it was read, or "text".
        from_name: the control of the entities' labels; as it was read, or "label". Those of other layers are
            ``label/LAYER``.
        to_name: the control of the text; as it was read, or "text".
        choice: the control of the documents' classes; as it was read, or "choice".
        offsets: what offsets count: code-points, utf-16 or bytes.

    Raises:
        DataError: if a document's ``meta`` has values that JSON has not.
        UsageError: if ``offsets`` is something else.
    """
    if offsets not in get_args(Unit):
        raise UsageError(f"offsets are one of {', '.join(get_args(Unit))}; got {offsets!r}")
    ledger, between = Ledger(), "[\n"
    for document in documents:
        writer = _Writer(document, text, from_name, to_name, choice, offsets)
        put(between + dumped(writer.task(), document.id))
        between = ",\n"
        ledger += account(document, _HOLDS if _is_unseen(document) else _HOLDS - {"unknown"})
    put("[]\n" if between == "[\n" else "\n]\n")
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """Tasks with data and annotations, or regions with a list of labels."""
    text = (head.text or head.data.decode("utf-8", "replace")).lstrip("\ufeff \t\r\n")
    if text[:1] not in ("[", "{"):
        return None
    found = _TASK.search(text)
    if found and _DATA.search(text):
        return Sniffed(0.9, f"its tasks have data and {found[1]}, as Label Studio has them")
    region = _SHORT.search(text)
    if region and '"start"' in text and '"end"' in text:
        return Sniffed(0.8, "its regions have a list of labels, as Label Studio's short export has them")
    return None


def _documents(source: Source, tasks: Tasks, report: ReadReport, offsets: str) -> Iterator[Document]:
    regions = spans = 0
    for document in settle(loose_records(source, tasks.documents), source, report, offsets=offsets):
        for group in _regions(document.spans):
            if len(group) > 1:
                regions, spans = regions + 1, spans + len(group)
        yield document
    if regions and not report.ledger.moved:
        # What was split and moved, too, is among the moved.
        report.ledger += Ledger.counted("split", SEVERAL, regions, "span", spans)
    if tasks.several:
        report.notes.append(f"{tasks.several:,} regions have several labels; each became a span")
    if tasks.others:
        report.notes.append(f"{tasks.others:,} results are neither spans, relations nor classes; they are in meta")


def _is_unseen(document: Document) -> bool:
    """Whether a document is a task that nobody has annotated."""
    return is_all_unknown(document) and not document.spans and not document.labels


def _regions(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Spans that are one region with several labels, together."""

    def region(numbered: tuple[int, Span]) -> tuple[object, ...]:
        number, span = numbered
        alone = number if span.id is None else -1
        return alone, span.id, span.start, span.end, span.layer, span.score

    for _, group in groupby(enumerate(spans), region):
        yield [span for _, span in group]


class _Writer:
    """Makes the task of a document."""

    def __init__(
        self,
        document: Document,
        text: str | None,
        from_name: str | None,
        to_name: str | None,
        choice: str | None,
        offsets: Unit,
    ) -> None:
        self._document = document
        self._meta = dict(document.meta)
        self._own: dict[str, Any] = {}
        own = self._meta.get(OWN)
        if isinstance(own, dict):
            self._own = own
            del self._meta[OWN]
        self._text = text or self._own.get("text") or TO
        self._to_name = to_name or self._own.get("to_name") or TO
        self._names: dict[str, str] = {ENTITIES: MAIN, **self._own.get("from_names", {})}
        if from_name:
            self._names[ENTITIES] = from_name
        self._choice = choice or self._own.get("choice") or CHOICE
        self._unit = offsets

    def task(self) -> dict[str, object]:
        """The task as Label Studio imports it."""
        document, key = self._document, self._text
        task: dict[str, object] = dict(self._own.get("task", {}))
        if document.id is not None:
            # Its own ids are numbers.
            task["id"] = int(document.id) if _DIGITS.fullmatch(document.id) else document.id
        task["data"] = {key: document.text, **{name: value for name, value in self._meta.items() if name != key}}
        if key in self._meta:
            task["meta"] = {key: self._meta[key]}
        if not _is_unseen(document):
            task["annotations"] = [{**self._own.get("annotation", {}), "result": list(self._results())}]
        return task

    def _results(self) -> Iterator[dict[str, object]]:
        document = self._document
        rims = [rim for span in document.spans for rim in (span.start, span.end)]
        counted = rims if self._unit == "code-points" else from_code_points(document.text, rims, self._unit).tolist()
        at = dict(zip(rims, counted, strict=True))
        for group in _regions(document.spans):
            yield self._region(group, at)
        for relation in document.relations:
            result: dict[str, object] = {"from_id": relation.head, "to_id": relation.tail, "type": "relation"}
            result["direction"] = "right"
            result["labels"] = [relation.label] if relation.label else []
            yield result if relation.score is None else {**result, "score": relation.score}
        if document.labels:
            chosen = {"choices": list(document.labels)}
            yield {"from_name": self._choice, "to_name": self._to_name, "type": "choices", "value": chosen}
        yield from self._own.get("results", ())

    def _region(self, group: Sequence[Span], at: dict[int, int]) -> dict[str, object]:
        span = group[0]
        result: dict[str, object] = {} if span.id is None else {"id": span.id}
        result["from_name"] = self._names.get(span.layer, f"{MAIN}/{span.layer}")
        result |= {"to_name": self._to_name, "type": "labels"}
        result["value"] = {
            "start": at[span.start],
            "end": at[span.end],
            "text": self._document.surface(span),
            "labels": [span.label for span in group],
        }
        return result if span.score is None else {**result, "score": span.score}


LABEL_STUDIO = Format(
    "label-studio",
    (),
    "Label Studio's tasks with annotations, as a JSON array or a line each",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

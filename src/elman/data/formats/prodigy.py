"""Prodigy's JSONL: a task a line, with ``spans``, ``tokens``, ``relations`` and an ``answer``.

``token_end`` is the index of the last token; offsets are as everywhere. What was not accepted is no gold: the
whole text is unknown, and the spans that were shown stay in ``meta["spans"]``, beside ``meta["answer"]``. Hashes,
annotator and session stay in ``meta``, too, and are written back beside the text; all other entries of ``meta``
are written to the task's own ``meta``. Tasks of several annotators on one text are a document each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elman.data.document import ENTITIES, Document, Relation
from elman.data.formats.format import HOLDS, Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.json_array import dumped, records
from elman.data.formats.json_fields import (
    NO_LABEL,
    NOT_GOLD,
    ignore,
    is_object,
    joined_meta,
    named,
    strings,
    take,
    take_name,
    take_score,
)
from elman.data.formats.prodigy_writing import ENDS, options_for, task_of
from elman.data.ledger import Entry, Ledger, account
from elman.data.offsets import Loose, LooseSpan, settle
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.formats.files import Source

ANSWERS = ("accept", "reject", "ignore", "none")
"""What a task can have been answered; ``none`` is a task with spans that says nothing of an answer."""

_HOLDS = HOLDS - {"layers", "sentences", "columns"}


def read(source: Source, /, *, answers: str = "accept,none", layer: str = ENTITIES, offsets: str = "auto") -> Reading:
    """Read Prodigy's JSONL.

    Args:
        source: the file.
        answers: which answers make a task's spans gold, out of ``ANSWERS``, separated by commas.
        layer: the layer of the spans.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, where a task lacks its text or has anything of another type than expected.
        UsageError: if there is no such answer.
    """
    gold = frozenset(answer.strip() for answer in answers.split(","))
    if not gold <= set(ANSWERS):
        raise UsageError(f"answers have to be of {', '.join(ANSWERS)}, separated by commas, got {answers!r}")
    report = ReadReport("prodigy")
    return Reading(settle(_tasks(source, report, gold, layer), source, report, offsets=offsets, own=True), report)


def write(documents: Iterable[Document], put: Callable[[str], object], /, *, layer: str = ENTITIES) -> Ledger:
    """Write Prodigy's JSONL; a document of which all is unknown is a task without an answer.

    Args:
        documents: any number.
        put: takes the text.
        layer: which spans are written.

    Raises:
        DataError: if a document's ``meta`` has values that JSON has not.
    """
    ledger = Ledger()
    for document in documents:
        task, known = task_of(document, layer)
        put(dumped(task, document.id) + "\n")
        ends = {end for relation in document.relations for end in (relation.head, relation.tail)}
        entries = [
            Entry("kept", "", span, (span.start, span.end), "")
            if span.layer == layer or (span.layer == ENDS and span.id in ends)
            else Entry("refused", "is in a layer that is not written", span, None, document.surface(span))
            for span in document.spans
        ]
        holds = _HOLDS - {"unknown"} if known else _HOLDS
        # One sentence goes without saying.
        one = document.tokens is None or len(document.tokens.sentences) < 2
        ledger += account(document, holds | {"sentences"} if one else holds, entries)
    return ledger


def sniff(head: Head) -> Sniffed | None:
    """A first line with a text and something that only Prodigy writes."""
    line = next((line for line in (head.text or "").split("\n") if line.strip()), "")
    found = [key for key in ("_input_hash", "_task_hash", "token_start", "head_span", "answer") if f'"{key}"' in line]
    if not line.lstrip().startswith("{") or '"text"' not in line or not found:
        return None
    try:
        task = json.loads(line)
    except (ValueError, RecursionError):
        return Sniffed(0.6, f"its first line has the key {found[0]}, which Prodigy writes")
    inside = [item for item in task.get("spans") or () if isinstance(item, dict)]
    mine = [key for key in found if key in task or any(key in item for item in inside) or key == "head_span"]
    if task.get("answer", "accept") not in ANSWERS or not mine:
        return None
    return Sniffed(0.9, f"its first line has the key {mine[0]}, which Prodigy writes")


def _tasks(source: Source, report: ReadReport, gold: frozenset[str], layer: str) -> Iterator[Loose]:
    unanswered = 0
    for record in records(source):
        try:
            loose, answer = _loose(record.value, report, gold, layer)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)
            continue
        loose.line, loose.raw = record.line, record.raw
        unanswered += answer == "none"
        yield loose
    if unanswered and "none" in gold:
        report.notes.append(f"{unanswered:,} tasks say nothing of an answer; their spans are taken as accepted")


def _loose(value: object, report: ReadReport, gold: frozenset[str], layer: str) -> tuple[Loose, str]:
    task = is_object(value, "a task")
    text = take(task, "text", str, "a task")
    answer = take(task, "answer", str, "a task", "none")
    if answer not in ANSWERS:
        raise DataError(f"'answer' of a task has to be accept, reject or ignore, got {answer!r}")
    given = task.get("spans") is not None or any(key in task for key in ("accept", "label", "relations"))
    items = take(task, "spans", list, "a task", [])
    tokens = _tokens(take(task, "tokens", list, "a task", None), report)
    relations = take(task, "relations", list, "a task", [])
    name = take_name(task, "id", "a task")
    loose = Loose(text, tokens=tokens if tokens is None or _are_tokens(tokens, report) else None, id=name)
    # A task that shows nothing and was not answered has not been looked at, whatever the answers that count.
    if answer in gold and (answer != "none" or given):
        loose.spans = [span for item in items if (span := _span(item, tokens, layer, report))]
        loose.relations = tuple(_relations(relations, loose, tokens, report))
        loose.labels = tuple(_labels(task))
        if answer in ("reject", "ignore"):
            task["answer"] = answer
    else:
        loose.unknown = [(0, len(text), layer)] if text else []
        if answer != "none":
            task["answer"] = answer
        for item, kept in (("spans", items), ("relations", relations)):
            if kept:
                task[item] = kept
        # They are not lost, but nobody said that they are right.
        report.ledger += Ledger.counted("refused", f"{NOT_GOLD}: it is in meta", len(items))
        report.ledger += Ledger.counted("refused", f"{NOT_GOLD}: it is in meta", len(relations), "relation")
    loose.meta = joined_meta(task, task.pop("meta", None))
    return loose, answer


def _tokens(items: list[Any] | None, report: ReadReport) -> list[tuple[int, int]] | None:
    """The tokens' places, as the file has them."""
    if items is None:
        return None
    tokens: list[tuple[int, int]] = []
    for value in items:
        item = is_object(value, "a token")
        start, end = take(item, "start", int, "a token"), take(item, "end", int, "a token")
        for key in ("text", "id", "ws"):
            item.pop(key, None)
        ignore(item, "a token", report)
        tokens.append((start, end))
    return tokens


def _are_tokens(tokens: list[tuple[int, int]], report: ReadReport) -> bool:
    """Whether none is empty and none overlaps another."""
    ends = [0, *(end for _, end in tokens)]
    if all(before <= start < end for before, (start, end) in zip(ends, tokens, strict=False)):
        return True
    # So are Prodigy's marks of word pieces that stand for nothing in the text.
    report.ledger += Ledger.counted("refused", "token that is empty or overlaps another", len(tokens), "token")
    return False


def _place(item: dict[str, Any], tokens: list[tuple[int, int]] | None, what: str) -> tuple[int, int]:
    """Where a span is, by its characters, or, if they are not there, by its tokens."""
    first, last = take(item, "token_start", int, what, None), take(item, "token_end", int, what, None)
    if item.get("start") is None and tokens is not None and first is not None and last is not None:
        if not 0 <= first <= last < len(tokens):
            raise DataError(
                f"{what} is on the tokens {first} to {last}, of {len(tokens)}; token_end is that of the last token"
            )
        return tokens[first][0], tokens[last][1]
    return take(item, "start", int, what), take(item, "end", int, what)


def _span(value: object, tokens: list[tuple[int, int]] | None, layer: str, report: ReadReport) -> LooseSpan | None:
    item = is_object(value, "a span")
    start, end = _place(item, tokens, "a span")
    label = take(item, "label", str, "a span", None)
    if label is None:
        report.ledger += Ledger.counted("refused", NO_LABEL, 1)
        return None
    score, name = take_score(item, "a span", report), take_name(item, "id", "a span")
    surface = take(item, "text", str, "a span", None)
    ignore(item, "a span", report)
    return LooseSpan(start, end, label, layer, score, name, surface)


def _relations(
    items: list[Any], loose: Loose, tokens: list[tuple[int, int]] | None, report: ReadReport
) -> Iterator[Relation]:
    for value in items:
        item = is_object(value, "a relation")
        label = take(item, "label", str, "a relation", "")
        score = take_score(item, "a relation", report)
        head, tail = (_end(item, side, loose, tokens) for side in ("head", "child"))
        item.pop("color", None)
        ignore(item, "a relation", report)
        yield Relation(head, tail, label, score)


def _end(item: dict[str, Any], side: str, loose: Loose, tokens: list[tuple[int, int]] | None) -> str:
    """The id of the span that a relation begins or ends at; a token that is no span becomes one."""
    what = f"the {side} of a relation"
    at = take(item, side, int, "a relation", None)
    span = take(item, f"{side}_span", dict, "a relation", None)
    if span is None:
        if at is None or tokens is None or not 0 <= at < len(tokens):
            raise DataError(f"a relation needs '{side}_span', or '{side}' as the index of a token; got {at}")
        span = {"start": tokens[at][0], "end": tokens[at][1]}
    span = dict(span)
    start, end = _place(span, tokens, what)
    label, name = take(span, "label", str, what, None), take_name(span, "id", what)
    places = [one for one in loose.spans if (one.start, one.end) == (start, end)]
    found = (
        [one for one in places if one.label == label and one.id == name]
        or [one for one in places if one.label == label]
        or [one for one in places if not label]
    )
    if not found:
        found = [LooseSpan(start, end, label or "", ENDS)]
        loose.spans.append(found[0])
    if found[0].id is None:
        taken = {one.id for one in loose.spans}
        number = loose.spans.index(found[0])
        while f"s{number}" in taken:
            number += 1
        found[0].id = f"s{number}"
    assert found[0].id is not None
    return found[0].id


def _labels(task: dict[str, Any]) -> list[str]:
    """The classes that were chosen; options that are just these are not kept beside them."""
    accept, label = task.pop("accept", None), task.get("label")
    labels = (
        []
        if accept is None
        else strings(
            [str(value) if type(value) is int else value for value in accept] if type(accept) is list else accept,
            "'accept' of a task",
        )
    )
    if task.get("options") == options_for(labels):
        del task["options"]
    if accept is None and label is not None:
        if type(label) is not str:
            raise DataError(f"'label' of a task has to be a string, got {named(label)}")
        del task["label"]
        labels = [label]
    return labels


PRODIGY = Format(
    "prodigy",
    (),
    "Prodigy's tasks, a line each, with an answer",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

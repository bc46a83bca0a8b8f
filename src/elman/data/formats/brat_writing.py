"""Writing brat's standoff; see ``brat``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import ENTITIES
from elman.data.formats.file_names import free_path
from elman.data.formats.standoff import bound_line, fragments, linking, surviving
from elman.data.ledger import Entry, Ledger, account
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from elman.data.document import Document, Span
    from elman.data.ledger import Item, Key

HOLDS = frozenset({"text", "spans", "nested", "overlapping", "relations", "ids", "span ids"})
META = "brat"
"""The entry of ``meta`` with the lines that are neither spans nor relations."""

RELABELLED = "its label has white space, which brat's cannot: now it is _"
RENAMED_SPAN = "id of a span, which brat cannot have: now it is T and a number"
RENAMED = "id of the document, which is no file's name, or is another's already: now it is the file's name"
LINES_GONE = "brat's further lines, some of which name what is gone"

_ID = re.compile(r"T\d+")
_PIECE = re.compile(r"(T\d+)\.(\d+)")


class _Line(NamedTuple):
    """Spans that are one T line, and its id."""

    id: str
    spans: list[Span]


def write(documents: Iterable[Document], folder: Path, /, *, layer: str = ENTITIES) -> Ledger:
    """Write a ``.txt`` and an ``.ann`` for each document, named by its id; documents without are numbered.

    Args:
        documents: any number.
        folder: an empty one.
        layer: which spans are written.

    Raises:
        DataError: if a text has lone surrogates, which are no characters.
    """
    ledger = Ledger()
    for number, document in enumerate(documents, 1):
        name = str(number) if document.id is None else document.id
        path = free_path(folder, name, (".txt", ".ann"))
        lines, told = _annotated(document, layer)
        _put(path.with_name(path.name + ".txt"), document.text, name)
        _put(path.with_name(path.name + ".ann"), "".join(f"{line}\n" for line in lines), name)
        ledger += told
        if document.id is not None and path.relative_to(folder).as_posix() != document.id:
            ledger += _instead("id", "", RENAMED, 1)
    return ledger


def _put(path: Path, text: str, name: str) -> None:
    # Readers take a byte-order mark off, so one that is of the text stands behind another.
    data = "\ufeff" + text if text.startswith("\ufeff") else text
    try:
        path.write_bytes(data.encode())
    except UnicodeEncodeError as error:
        raise DataError(
            f"the document {name!r} has the lone surrogate {data[error.start]!r}, which is no character; mend it"
        ) from None


def _instead(item: Item, reason: str, now: str, count: int) -> Ledger:
    """Corrects an account: so many of what it has as kept, or as refused for a reason, were moved."""
    key: Key = (item, "refused" if reason else "kept", reason)
    return Ledger({key: -count, (item, "moved", now): count}) if count else Ledger()


def _annotated(document: Document, layer: str) -> tuple[list[str], Ledger]:
    """The lines of an ``.ann`` file and the document's account."""
    spans = document.layer(layer)
    groups, names, renamed = _named(spans)
    lines, entries = [], []
    for name, group in groups:
        places = [place for span in group for place in fragments(document.text, span.start, span.end)]
        lines.append(bound_line(name, _name(group[0].label), places, document.text))
    for span in spans:
        reason = "" if _name(span.label) == span.label else RELABELLED
        entries.append(
            Entry("moved" if reason else "kept", reason, span, (span.start, span.end), document.surface(span))
        )
    more, ledger = _further(document, names)
    ledger += account(document, HOLDS, entries, layer) + _instead("id", "", RENAMED_SPAN, renamed)
    counts = {key: count for key, count in ledger.counts.items() if count}
    return lines + more, replace(ledger, counts=counts)


def _name(label: str) -> str:
    """The label as brat can have it."""
    return re.sub(r"\s", "_", label) or "_"


def _named(spans: Sequence[Span]) -> tuple[list[_Line], dict[str, str], int]:
    """T lines, their ids by those of spans, and how many ids of spans are others now."""
    taken = {span.id for span in spans if span.id is not None and _ID.fullmatch(span.id)}
    free = max((int(name[1:]) for name in taken), default=0)
    lines: dict[str, _Line] = {}
    names: dict[str, str] = {}
    renamed = 0
    for span in spans:
        piece = _PIECE.fullmatch(span.id or "")
        if piece and piece[1] in lines and _continues(lines[piece[1]].spans, span, int(piece[2])):
            lines[piece[1]].spans.append(span)
            names[span.id or ""] = piece[1]
            continue
        name = span.id
        if name is None or name in lines or name not in taken:
            renamed += name is not None
            free += 1
            name = f"T{free}"
        if span.id is not None:
            names.setdefault(span.id, name)
        lines[name] = _Line(name, [span])
    return list(lines.values()), names, renamed


def _continues(group: Sequence[Span], span: Span, number: int) -> bool:
    """Whether a span is the next fragment of a line."""
    return number == len(group) + 1 and span.label == group[-1].label


def _further(document: Document, names: dict[str, str]) -> tuple[list[str], Ledger]:
    """The R lines and those that came along, and what to correct of the account."""
    relations = [
        (relation.label, names[relation.head], names[relation.tail])
        for relation in document.relations
        if relation.head in names and relation.tail in names
    ]
    ids = {name for own, name in names.items() if own == name}
    given = document.meta.get(META)
    came = [line for line in given if isinstance(line, str)] if isinstance(given, list | tuple) else []
    kept = surviving(came, ids, relations)
    used = {line.partition("\t")[0] for line in kept}
    ready: dict[tuple[str, str, str], list[str]] = {}
    for line, found in linking(kept, ids):
        # Of a line that is several relations the first has the line, and the others have nothing to add.
        for at, relation in enumerate(found):
            ready.setdefault(relation, []).append("" if at else line)
    lines: list[str] = []
    number, relabelled = 0, 0
    for relation in relations:
        if ready.get(relation):
            lines.append(ready[relation].pop(0))
            number += lines[-1][:1] == "R"
            continue
        label, head, tail = relation
        number += 1
        while f"R{number}" in used:
            number += 1
        relabelled += _name(label) != label
        lines.append(f"R{number}\t{_name(label)} Arg1:{head} Arg2:{tail}")
    done = set(lines)
    lines = [line for line in lines if line] + [line for line in kept if line not in done]
    ledger = _instead("relation", "", RELABELLED, relabelled)
    if META in document.meta:
        refused = "entry of meta, which the format cannot hold"
        if len(kept) < len(came) or not came:
            ledger += _instead("meta", refused, LINES_GONE, 1)
        else:
            ledger += Ledger({("meta", "refused", refused): -1, ("meta", "kept", ""): 1})
    return lines, ledger

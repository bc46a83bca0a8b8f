"""Columns with relations, as multi-head selection has them: index, token, tag, relations, heads.

A row ``#doc ID`` begins a document. ``['Live_In']`` and ``[22]`` say that the entity which ends here, its last
token, lives in the one that ends at token 22; ``['N']`` is none. Read only.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Relation, Span
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.tagged import Assembler, TaggedSentence, is_tag
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.data.formats.files import Source
    from elman.data.schemes import Repair

_DOC = "#doc"
_NONE = "N"
_WIDTH = 5
_SAMPLE = 400


def read(source: Source, /, *, scheme: str | None = None, repair: Repair = "refuse", layer: str = ENTITIES) -> Reading:
    """Read columns with relations.

    Args:
        source: the file.
        scheme: the tags' scheme; by default it is found out.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.

    Raises:
        DataError: with file and line, if a row is not as it has to be, or a relation is of tokens that end no
            entity.
        UsageError: if there is no such scheme or repair.
    """
    report = ReadReport("multihead", docstart=True)
    head = [
        TaggedSentence(rows[0][0], words, (tags,))
        for _, rows in _groups(enumerate(source.head.split("\n"), 1))
        if rows and all(len(line.split("\t")) == _WIDTH for _, line in rows)
        for _, words, tags, _, _ in [tuple(zip(*(line.split("\t") for _, line in rows), strict=True))]
    ]
    assembler = Assembler(source, report, (layer,), head, scheme, repair)
    return Reading(_documents(source, assembler), report)


def sniff(head: Head) -> Sniffed | None:
    """A row ``#doc``, and rows of an index, a token, a tag and two lists."""
    lines = (head.text or "").split("\n", _SAMPLE)[:_SAMPLE]
    rows = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    if not any(line.startswith(_DOC) for line in lines) or not rows:
        return None
    if not all(len(row) == _WIDTH and row[0].isdecimal() and is_tag(row[2]) and row[4].startswith("[") for row in rows):
        return None
    return Sniffed(0.95, "rows of an index, a token, a tag, relations and heads behind #doc")


def _groups(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The documents' first rows and the rows behind them."""
    name, begun = "", False
    rows: list[tuple[int, str]] = []
    for number, line in lines:
        if line.startswith(_DOC):
            if begun or rows:
                yield name, rows
            name, rows, begun = line.removeprefix(_DOC).strip(), [], True
        elif line.strip(" \t"):
            rows.append((number, line))
    if begun or rows:
        yield name, rows


def _documents(source: Source, assembler: Assembler) -> Iterator[Document]:
    for count, (name, rows) in enumerate(_groups(source.lines()), 1):
        try:
            yield _document(name or f"{source.stem}-{count}", rows, source.name, assembler)
        except DataError as error:
            source.reject(error, "\n".join(line for _, line in rows))


def _document(name: str, rows: Sequence[tuple[int, str]], path: str, assembler: Assembler) -> Document:
    cells: list[list[str]] = []
    for number, line in rows:
        row = line.split("\t")
        if len(row) != _WIDTH or row[0] != str(len(cells)) or not row[1]:
            problem = f"expected {_WIDTH} columns, the first of them {len(cells)}, got {line[:60]!r}; mend the row"
            raise DataError(problem, path, number)
        cells.append(row)
    sentences = [TaggedSentence(rows[0][0], [row[1] for row in cells], ([row[2] for row in cells],))] if rows else []
    plain = assembler.document(sentences, name, {})
    if not rows:
        return plain
    assert plain.tokens is not None
    last = {end: at for at, end in enumerate(plain.tokens.offsets[:, 1].tolist())}
    ending = {last[span.end]: at for at, span in enumerate(plain.spans)}
    relations = []
    for at, ((number, _), row) in enumerate(zip(rows, cells, strict=True)):
        for label, other in _pairs(row[3], row[4], path, number):
            if at not in ending or other not in ending:
                raise DataError(
                    f"the relation {label} is between the tokens {at} and {other}, of which one ends no entity; "
                    "mend the row",
                    path,
                    number,
                )
            relations.append(Relation(f"e{ending[at]}", f"e{ending[other]}", label))
    named = {end for relation in relations for end in (relation.head, relation.tail)}
    spans = tuple(
        Span(span.start, span.end, span.label, span.layer, None, f"e{at}" if f"e{at}" in named else None)
        for at, span in enumerate(plain.spans)
    )
    return Document(plain.text, spans, tuple(relations), plain.unknown, (), plain.tokens, name)


def _pairs(labels: str, heads: str, path: str, line: int) -> Iterator[tuple[str, int]]:
    """The relations of a row and the tokens that they lead to."""
    try:
        named, led = ast.literal_eval(labels), ast.literal_eval(heads)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        named = led = None
    if not (
        isinstance(named, list)
        and isinstance(led, list)
        and len(named) == len(led)
        and all(type(one) is str for one in named)
        and all(type(one) is int for one in led)
    ):
        problem = f"expected as many relations as heads, such as ['Kill'] and [4], got {labels} and {heads}"
        raise DataError(f"{problem}; mend the row", path, line)
    return ((label, head) for label, head in zip(named, led, strict=True) if label != _NONE)


MULTIHEAD = Format(
    "multihead",
    (),
    "index, token, tag, relations and heads in each row, #doc before each document",
    sniff,
    read,
    holds=frozenset({"spans", "relations", "tokens", "ids"}),
)

r"""WebAnno TSV 3, which INCEpTION reads and writes: one file a document, its layers in the header.

A row is a token's address ``1-2``, its offsets in UTF-16 units, its form, and a cell for each feature of each
layer. Annotations that share a token are stacked (``PER[1]|ORG[2]``); the number joins the tokens of one
annotation, and rows ``1-2.1`` are parts of tokens. Layers of single tokens (parts of speech, lemmas), chains,
and relations between tokens stay with the tokens as columns. Features other than the label are in
``meta["features"]``, by the layer and the place of their span.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Relation, Span, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.webanno_cells import (
    FORMAT,
    HEADER,
    NAMED_ENTITY,
    NOTHING,
    TEXT,
    Layer,
    Value,
    header,
    unescaped,
    values,
)
from elman.data.formats.webanno_text import UNITS, Row, Sentence, assemble
from elman.data.formats.webanno_writing import HOLDS, write
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.formats.files import Source
    from elman.data.formats.webanno_text import Assembled

FEATURES = "features"
"""Where a document's ``meta`` has the features that are no labels."""


def read(source: Source, /, *, layer: str | None = None, feature: str | None = None, offsets: str = "auto") -> Reading:
    """Read WebAnno TSV 3.

    Args:
        source: a file, or a folder or archive of files, each a document.
        layer: the name of the type whose spans are the entities, in full or its last part; by default
            NamedEntity, or the only layer of spans. Spans of others are in layers of their names.
        feature: which feature is the label; by default value, label or identifier, or the first.
        offsets: what offsets count: auto, utf-16, code-points or bytes.

    Raises:
        DataError: with file and line, if the header or a row is not as it has to be, or a token is not at its
            offsets.
        UsageError: if ``offsets`` is something else.
    """
    if offsets not in ("auto", *UNITS):
        raise UsageError(f"offsets are one of auto, {', '.join(UNITS)}; got {offsets!r}")
    report = ReadReport("webanno")
    return Reading(_documents(source, report, layer, feature, offsets), report)


def sniff(head: Head) -> Sniffed | None:
    """A first line that names the format."""
    if head.text is None or not head.text.startswith(FORMAT):
        return None
    return Sniffed(1.0, f"its first line is {head.text.partition(chr(10))[0].strip()}")


def _documents(
    source: Source, report: ReadReport, layer: str | None, feature: str | None, offsets: str
) -> Iterator[Document]:
    for member in _files(source, report):
        lines = list(member.lines())
        try:
            yield _document(lines, member, report, layer, feature, offsets)
        except DataError as error:
            source.reject(error, "\n".join(line for _, line in lines))


def _files(source: Source, report: ReadReport) -> Iterator[Source]:
    """The file, or those of a folder that are in this format."""
    if source.folder is None:
        yield source
        return
    count = 0
    for opens in source.members():
        try:
            member = opens()
        except DataError as error:
            source.reject(error, "")
            continue
        if (member.peek.text or "").startswith(FORMAT):
            count += 1
            yield member
        else:
            report.ignored["file that is no WebAnno TSV 3"] += 1
    if not count:
        raise DataError(f"has no file that begins with {FORMAT}; export it in that version", source.name)


def _document(
    lines: list[tuple[int, str]],
    source: Source,
    report: ReadReport,
    entities: str | None,
    feature: str | None,
    unit: str,
) -> Document:
    if not lines or not lines[0][1].startswith(FORMAT):
        raise DataError(f"expected {FORMAT}.x in the first line; export it in that version", source.name, 1)
    layers = _named(header(lines, source.name), entities, report)
    width = 3 + sum(len(layer.features) for layer in layers)
    sentences = _sentences(lines, width, source.name, report)
    assembled = assemble(sentences, source.name, unit)
    report.offsets = report.offsets or assembled.evidence
    rows = [row for sentence in sentences for row in sentence.rows]
    reader = _Annotations(rows, assembled.places, source.name)
    for layer in layers:
        if layer.kind == "span" and not layer.of_tokens:
            reader.spans(layer, _label(layer, feature))
    names = {layer.type: layer for layer in layers}
    for layer in layers:
        if layer.kind == "relation" and _between_spans(layer, names):
            reader.relations(layer, names[layer.features[-1]], _label(layer, feature))
    columns: dict[str, list[str]] = {}
    for layer in layers:
        if layer.of_tokens or layer.kind == "chain" or (layer.kind == "relation" and not _between_spans(layer, names)):
            columns |= _columns(layer, [row for row in rows if row.is_token])
    tokens = _tokens(assembled, sentences, columns)
    return Document(
        assembled.text,
        tuple(reader.found),
        tuple(reader.related),
        tokens=tokens,
        id=source.stem,
        meta={FEATURES: reader.features} if reader.features else {},
    )


def _named(layers: list[Layer], entities: str | None, report: ReadReport) -> list[Layer]:
    """The layers, with that of the entities named so."""
    spans = [layer for layer in layers if layer.kind == "span" and not layer.of_tokens]
    wanted = entities or NAMED_ENTITY
    chosen = [layer.type for layer in spans if wanted in (layer.type, layer.type.split(".")[-1], layer.name)]
    if not chosen and entities is None and len(spans) == 1:
        chosen = [spans[0].type]
    if not chosen:
        known = ", ".join(layer.name for layer in spans) or "none"
        note = f"no layer is that of the entities; there are {known}; name one with layer"
        if note not in report.notes:
            report.notes.append(note)
    return [layer._replace(entities=layer.type in chosen) for layer in layers]


def _label(layer: Layer, feature: str | None) -> int | None:
    return layer.features.index(feature) if feature in layer.features else layer.label


def _between_spans(layer: Layer, names: dict[str, Layer]) -> bool:
    base = names.get(layer.features[-1])
    return base is not None and base.kind == "span" and not base.of_tokens


def _sentences(lines: Sequence[tuple[int, str]], width: int, name: str, report: ReadReport) -> list[Sentence]:
    found: list[Sentence] = []
    before = ""
    for number, line in lines:
        if line.startswith(TEXT):
            text = line[len(TEXT) :]
            # A sentence with line feeds in it has a #Text for each of its lines.
            if found and before.startswith(TEXT):
                found[-1].text += "\n" + text
            else:
                found.append(Sentence(number, text))
        elif line.startswith("#"):
            if not line.startswith(HEADER):
                report.ignored[f"line {line.partition('=')[0]}"] += 1
        elif line:
            if not found:
                raise DataError(f"expected {TEXT} before the rows of a sentence, got {line[:60]!r}", name, number)
            found[-1].rows.append(_row(line, number, width, name))
        before = line
    return found


def _row(line: str, number: int, width: int, name: str) -> Row:
    cells = line.split("\t")
    if len(cells) == width + 1 and not cells[-1]:
        cells.pop()
    if len(cells) != width:
        raise DataError(
            f"expected {width} columns, three and those of the header's layers, got {len(cells)}; mend the row",
            name,
            number,
        )
    start, _, end = cells[1].partition("-")
    if not (start.isdecimal() and end.isdecimal() and int(start) < int(end)):
        raise DataError(f"expected offsets such as 0-4, got {cells[1]!r}; mend the row", name, number)
    return Row(number, cells[0], int(start), int(end), cells[2], cells)


def _columns(layer: Layer, rows: Sequence[Row]) -> dict[str, list[str]]:
    """A layer of tokens as columns, one for each feature."""
    short = layer.type.split(".")[-1]
    columns = {}
    for at, feature in enumerate(layer.features):
        cells = [row.cells[layer.column + at] for row in rows]
        plain = layer.of_tokens and not any("|" in cell or "[" in cell for cell in cells)
        columns[f"{short}.{feature}" if feature else short] = [unescaped(cell) if plain else cell for cell in cells]
    return columns


def _tokens(assembled: Assembled, sentences: Sequence[Sentence], columns: dict[str, list[str]]) -> Tokens:
    offsets: list[tuple[int, int]] = []
    starts: list[int] = []
    at = 0
    for sentence in sentences:
        if any(row.is_token for row in sentence.rows):
            starts.append(len(offsets))
        for row in sentence.rows:
            if row.is_token:
                offsets.append(assembled.places[at])
            at += 1
    return Tokens(assembled.text, offsets, starts, columns if offsets else {})


class _Annotations:
    """Collects the spans and relations of a document."""

    def __init__(self, rows: Sequence[Row], places: Sequence[tuple[int, int]], name: str) -> None:
        self.found: list[Span] = []
        self.related: list[Relation] = []
        self.features: dict[str, object] = {}
        self._rows = rows
        self._places = places
        self._name = name
        # By the type, the token's address and the number: which span it is.
        self._at: dict[tuple[str, str, int], int] = {}

    def spans(self, layer: Layer, label: int | None) -> None:
        """Add the spans of a layer."""
        name = ENTITIES if layer.entities else layer.name
        parts: dict[object, list[tuple[int, list[Value | None]]]] = {}
        for at, row in enumerate(self._rows):
            cells = row.cells[layer.column : layer.column + len(layer.features)]
            stacks = [values(cell) if cell else [] for cell in cells]
            for depth in range(max(map(len, stacks))):
                stacked = [stack[depth] if depth < len(stack) else None for stack in stacks]
                number = next((value.number for value in stacked if value), 0)
                parts.setdefault(number or (at, depth), []).append((at, stacked))
        for key, pieces in parts.items():
            kept = self._whole(pieces)
            start = min(self._places[at][0] for at in kept)
            end = max(self._places[at][1] for at in kept)
            stacked = pieces[0][1]
            value = stacked[label] if label is not None and label < len(stacked) else None
            said = value.text if value else None
            for at in kept:
                self._at.setdefault(
                    (layer.type, self._rows[at].token, key if isinstance(key, int) else 0), len(self.found)
                )
            self._note(name, start, end, layer, label, stacked)
            self.found.append(Span(start, end, layer.name if said is None else said, name))

    def _whole(self, pieces: Sequence[tuple[int, object]]) -> list[int]:
        """The rows of an annotation; of a token of which a part is said to be in it, only that part."""
        parted = {self._rows[at].token for at, _ in pieces if not self._rows[at].is_token}
        return [at for at, _ in pieces if not (self._rows[at].is_token and self._rows[at].token in parted)]

    def _note(
        self, name: str, start: int, end: int, layer: Layer, label: int | None, stacked: Sequence[Value | None]
    ) -> None:
        """Keep the features of a span that are not its label."""
        others = {
            layer.features[at]: value.text
            for at, value in enumerate(stacked)
            if value and value.text is not None and at != label
        }
        if others:
            place = f"{name}:{start}-{end}"
            number = 2
            while place in self.features:
                place, number = f"{name}:{start}-{end}:{number}", number + 1
            self.features[place] = others

    def relations(self, layer: Layer, base: Layer, label: int | None) -> None:
        """Add the relations of a layer: from the address in a row to the row's own span."""
        last = len(layer.features) - 1
        for row in self._rows:
            places = [] if row.cells[layer.column + last] == NOTHING else row.cells[layer.column + last].split("|")
            labels = values(row.cells[layer.column + label]) if label is not None else []
            for depth, place in enumerate(places):
                address, _, numbers = place.removesuffix("]").partition("[")
                ends = numbers.split("_") if numbers else ["0", "0"]
                if len(ends) != 2 or not all(end.isdecimal() for end in ends):
                    raise DataError(
                        f"expected an address such as 1-3[1_2], got {place!r}; mend the row", self._name, row.line
                    )
                said = labels[depth].text if depth < len(labels) else None
                head = self._span(base, address, int(ends[0]), row)
                tail = self._span(base, row.token, int(ends[1]), row)
                self.related.append(Relation(head, tail, layer.name if said is None else said))

    def _span(self, base: Layer, address: str, number: int, row: Row) -> str:
        """The id of a span, which it gets now if it has none."""
        token = address.partition(".")[0]
        at = self._at.get((base.type, token, number))
        if at is None:
            here = {index for (kind, place, _), index in self._at.items() if (kind, place) == (base.type, token)}
            at = here.pop() if len(here) == 1 else None
        if at is None:
            raise DataError(
                f"the relation points to {address}[{number}], where {base.name} has no such span; mend the row",
                self._name,
                row.line,
            )
        if self.found[at].id is None:
            self.found[at] = replace(self.found[at], id=f"{at + 1}")
        return self.found[at].id or ""


WEBANNO = Format(
    "webanno",
    (),
    "WebAnno TSV 3 of INCEpTION, a file a document",
    sniff,
    read,
    write,
    container="folder",
    holds=HOLDS,
)

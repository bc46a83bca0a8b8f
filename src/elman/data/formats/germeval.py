"""GermEval's two layers of tags: index, token, outer tag, inner tag, a tab between them.

A row ``#``, source, ``[date]`` begins a document, whose id is the source; in a file without such rows each
sentence is a document. A blank line ends a sentence. The text is the tokens joined, as in other columns.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.tagged import Assembler, TaggedSentence, is_tag
from elman.data.formats.tagging import account_tagged, respaced, tag, titled, tokens_of
from elman.data.ledger import OTHER_LAYER, Entry, Ledger
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARK, check_mark
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from elman.data.align import Overlap, Partial
    from elman.data.formats.files import Source
    from elman.data.schemes import Repair, Scheme

INNER = f"{ENTITIES}/2"
"""The layer of the inner tags: that to which nested spans are spread."""

TO_INNER = "to the inner layer: it overlaps a span of the outer"
NO_SOURCE = "id of the document, which holds a tab or a line end"

_WIDTH = 4
_SAMPLE = 400
_HOLDS = frozenset({"spans", "tokens", "sentences", "ids", "unknown"})


def read(
    source: Source,
    /,
    *,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    inner: str = INNER,
    unknown: str | None = None,
) -> Reading:
    """Read two layers of tags.

    Args:
        source: the file.
        scheme: the tags' scheme; by default it is found out.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the outer tags.
        inner: the layer of the inner tags.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" stands for none.

    Raises:
        DataError: with file and line, where a row is not four cells with an index, or a tag is at fault.
        UsageError: if there is no such scheme or repair.
    """
    report = ReadReport("germeval", docstart=any(line.startswith("#") for line in source.head.split("\n")))
    head = list(_head_sentences(source.head))
    if not head and not source.collects:
        # Whatever is wrong with the first rows is the better message.
        for number, line in enumerate(source.head.split("\n"), 1):
            if line.strip() and not line.startswith("#"):
                _cells(line, number, source)
    assembler = Assembler(source, report, (layer, inner), head, scheme, repair, unknown)
    return Reading(_documents(source, assembler, report), report)


def sniff(head: Head) -> Sniffed | None:
    """Rows of an index and a token and two tags."""
    if head.text is None:
        return None
    lines = [line for line in head.text.split("\n", 2 * _SAMPLE)[:-1] if line.strip() and not line.startswith("#")]
    rows = [_stripped(line) for line in lines[:_SAMPLE]]
    if not rows or not all(len(row) == _WIDTH and row[0].isdecimal() for row in rows):
        return None
    if not all(is_tag(row[2]) and is_tag(row[3]) for row in rows):
        return None
    return Sniffed(0.9, "rows of an index, a token, an outer and an inner tag")


def _stripped(line: str) -> list[str]:
    """The cells of a row; tabs at its end make no further ones."""
    cells = line.split("\t")
    return cells if any(cells[_WIDTH:]) else cells[:_WIDTH]


def _cells(line: str, number: int, source: Source) -> list[str]:
    cells = _stripped(line)
    if len(cells) != _WIDTH:
        raise DataError(
            f"expected {_WIDTH} columns, an index, a token, an outer and an inner tag, got {len(cells)}; mend the row",
            source.name,
            number,
        )
    if not cells[0].isdecimal() or not cells[1]:
        raise DataError(
            f"expected an index and a token, got {cells[0]!r} and {cells[1]!r}; mend the row", source.name, number
        )
    return cells


def _head_sentences(head: str) -> Iterator[TaggedSentence]:
    """The sentences of a file's head, as far as they are not at fault."""
    rows: list[list[str]] = []
    first = 1
    for number, line in enumerate(head.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            first = first if rows else number
            rows.append(_stripped(line))
        elif rows:
            if all(len(row) == _WIDTH for row in rows):
                yield _sentence(first, rows)
            rows = []


def _sentence(line: int, rows: Sequence[Sequence[str]]) -> TaggedSentence:
    _, words, outer, inner = zip(*rows, strict=True)
    return TaggedSentence(line, words, (outer, inner))


class _Record:
    """A document as far as it has been read."""

    def __init__(self, heading: str | None, line: int) -> None:
        self.heading = heading
        self.line = line
        self.raw: list[str] = [] if heading is None else [heading]
        self.sentences: list[tuple[int, list[str]]] = []
        self.open = False

    def add(self, number: int, line: str) -> None:
        """A row, or a blank line, which ends a sentence."""
        self.raw.append(line)
        if not line.strip():
            self.open = False
        elif self.open:
            self.sentences[-1][1].append(line)
        else:
            self.sentences.append((number, [line]))
            self.open = True


def _records(source: Source, docstart: bool) -> Iterator[_Record]:
    record: _Record | None = None
    for number, line in source.lines():
        if line.startswith("#"):
            if record is not None:
                yield record
            record = _Record(line, number)
            continue
        if not docstart and record is not None and not line.strip():
            yield record
            record = None
        if record is None and line.strip():
            record = _Record(None, number)
        if record is not None:
            record.add(number, line)
    if record is not None:
        yield record


def _documents(source: Source, assembler: Assembler, report: ReadReport) -> Iterator[Document]:
    for count, record in enumerate(_records(source, bool(report.docstart)), 1):
        try:
            sentences = [
                _sentence(line, [_cells(row, line + at, source) for at, row in enumerate(rows)])
                for line, rows in record.sentences
            ]
            name, meta = _heading(record.heading, f"{source.stem}-{count}")
            yield assembler.document(sentences, name, meta)
        except DataError as error:
            source.reject(error, "\n".join(record.raw))


def _heading(heading: str | None, name: str) -> tuple[str | None, dict[str, object]]:
    """The id of a document and what else its first row says."""
    if heading is None:
        return name, {}
    cells = [cell.strip(" ") for cell in heading[1:].removeprefix("\t").split("\t")]
    date = cells[1].removeprefix("[").removesuffix("]") if len(cells) > 1 else ""
    meta: dict[str, object] = {"date": date} if date else {}
    return cells[0] or None, meta | ({"comment": cells[2:]} if any(cells[2:]) else {})


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    scheme: str = "IOB2",
    layer: str = ENTITIES,
    inner: str = INNER,
    unknown: str = MARK,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Ledger:
    """Write two layers of tags; what overlaps in the outer layer goes to the inner, as far as that has room.

    Args:
        documents: what to write.
        put: takes the text.
        scheme: the tags' scheme.
        layer: which spans become outer tags.
        inner: which spans become inner tags.
        unknown: the tag of a token in a region that nobody annotated.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap in the inner layer, too.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, if a token holds a tab or a line
            end, or as ``align`` does.
        UsageError: if there is no such scheme, or the mark is one of its tags.
    """
    target = scheme_named(scheme)
    check_mark(unknown, target)
    ledger = Ledger()
    for document in documents:
        tokens = tokens_of(document, tokenize)
        rows, told = _rows(document, tokens, (layer, inner), target, partial, overlap, unknown)
        put(rows)
        ledger += told
    return ledger


def _rows(
    document: Document,
    tokens: Tokens,
    layers: tuple[str, str],
    scheme: Scheme,
    partial: Partial,
    overlap: Overlap,
    unknown: str,
) -> tuple[str, Ledger]:
    """The rows of a document, and its account."""
    first = overlap if overlap == "first" else "longest"
    outer = tag(document, tokens, layers[0], scheme, partial, first, unknown=unknown)
    over = [at for at, entry in enumerate(outer.entries) if entry.kind == "refused"]
    own = document.layer(layers[1])
    second = own + tuple(outer.entries[at].span for at in over)
    inner = tag(document, tokens, layers[1], scheme, partial, overlap, spans=second, unknown=unknown)
    entries = [*outer.entries, *inner.entries[: len(own)]]
    for at, entry in zip(over, inner.entries[len(own) :], strict=True):
        if entry.kind == "joined":
            entries[at] = entry._replace(span=replace(entry.span, layer=layers[1]))
        elif entry.kind != "refused":
            entries[at] = entry._replace(kind="moved", reason=TO_INNER)
    entries += [
        Entry("refused", OTHER_LAYER, span, None, document.surface(span))
        for span in document.spans
        if span.layer not in layers
    ]
    words = tokens.surfaces
    if any(mark in word for word in words for mark in "\t\n\r\0"):
        raise DataError(
            f"{titled(document)} has a token that holds a tab or a line end, which no column can; tokenize it further"
        )
    cells = list(zip(words, outer.tags, inner.tags, strict=True))
    blocks = [
        "".join(f"{at}\t" + "\t".join(row) + "\n" for at, row in enumerate(islice(cells, start, end), 1)) + "\n"
        for start, end in tokens.ranges()
    ]
    heading, holds = _written_heading(document)
    told = account_tagged(
        document, holds, entries, outer.regions + inner.regions, text_moved=respaced(document.text, tokens)
    )
    return heading + ("".join(blocks) or "\n"), told


def _written_heading(document: Document) -> tuple[str, frozenset[str]]:
    """The row that begins a document, and what the document as a whole can hold."""
    name, date = document.id, document.meta.get("date")
    holds = _HOLDS
    if name is not None and (not name or name != name.strip() or any(mark in name for mark in "\t\n\r\0")):
        name, holds = None, holds - {"ids"}
    cells = [name or ""]
    if set(document.meta) == {"date"} and type(date) is str and date == date.strip() and date.isprintable() and date:
        cells.append(f"[{date}]")
        holds |= {"meta"}
    return "\t".join(("#", *cells)).rstrip("\t") + "\n", holds


GERMEVAL = Format(
    "germeval",
    (),
    "an index, a token, an outer and an inner tag in each row",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

"""Words and tags in one line: ``Ada:B-PER wrote:O``, a sentence a line.

Between word and tag stands one of ``: / | _``. A blank line ends a document; in a file without blank lines
each line is a document. The text is the words joined, as in columns.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.tagged import TAG, Assembler, TaggedSentence
from elman.data.formats.tagging import account_tagged, respaced, tag, titled, tokens_of
from elman.data.ledger import Ledger
from elman.data.schemes import OUTSIDE
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARK, MARKS, check_mark
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.align import Overlap, Partial
    from elman.data.formats.files import Source
    from elman.data.schemes import Repair

SEPARATORS = (":", "/", "|", "_")
"""What may stand between a word and its tag."""

_BLANKS = re.compile("[ \t]+")
_SAMPLE = 200
_SURE = 0.99
_HOLDS = frozenset({"spans", "tokens", "sentences", "unknown"})


def read(
    source: Source,
    /,
    *,
    separator: str | None = None,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
) -> Reading:
    """Read words and tags in one line.

    Args:
        source: the file.
        separator: between a word and its tag; by default it is found out.
        scheme: the tags' scheme; by default it is found out.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" stands for none.

    Raises:
        DataError: with file and line, if no separator fits, a word has no tag, or a tag is at fault.
        UsageError: if there is no such scheme or repair.
    """
    lines = _sample(source.head)
    found = _find(lines, (separator,) if separator else SEPARATORS)
    if found is None:
        wanted = repr(separator) if separator else "one of " + " ".join(SEPARATORS)
        raise DataError(
            f"expected words with their tags, as in Ada:B-PER, and {wanted} between them; "
            f"got {lines[0][:60]!r}; name the separator, or another format",
            source.name,
            1,
        )
    docstart = "\n\n" in source.head.lstrip("\n")
    report = ReadReport("inline", docstart=docstart)
    report.notes.append(f"between word and tag stands {found.separator!r}: {found.evidence}")
    head = []
    for number, line in enumerate(source.head.split("\n"), 1):
        sentence = _sentence(line, number, found) if line.strip(" \t") else None
        if isinstance(sentence, TaggedSentence):
            head.append(sentence)
    assembler = Assembler(source, report, (layer,), head, scheme, repair, unknown)
    return Reading(_documents(source, assembler, found, docstart), report)


def sniff(head: Head) -> Sniffed | None:
    """Lines in which each word has a tag behind it."""
    found = _find(_sample(head.text), SEPARATORS) if head.text else None
    return Sniffed(0.75, f"words with tags behind them, {found.evidence}") if found else None


class _Found(NamedTuple):
    """How words and tags stand together: the separator, whether tags are bare labels, and the evidence."""

    separator: str
    bare: bool
    evidence: str


def _sample(head: str) -> list[str]:
    lines = [line.strip(" \t") for line in head.split("\n", _SAMPLE)[:_SAMPLE]]
    return [line for line in lines if line]


def _find(lines: list[str], separators: Iterable[str]) -> _Found | None:
    """The separator that puts a tag behind the most words; of two that do, the first."""
    pieces = [piece for line in lines for piece in _BLANKS.split(line)]
    # One word a line is a list of words, and says nothing of how a line is made.
    if not pieces or len(pieces) < 1.5 * len(lines):
        single = {piece.rpartition(separator)[2] for piece in pieces for separator in separators}
        if not pieces or not any(re.fullmatch(TAG, end) for end in single):
            return None
    best: tuple[int, _Found] | None = None
    for separator in separators:
        cut = [_pattern(separator, bare=False).fullmatch(piece) for piece in pieces]
        count = sum(map(bool, cut))
        seen = Counter(match[2] for match in cut if match)
        if count >= _SURE * len(pieces) and not set(seen) <= MARKS and (best is None or count > best[0]):
            evidence = f"{count:,} of {len(pieces):,} words with {separator!r} and a tag"
            best = count, _Found(separator, False, evidence)
    if best:
        return best[1]
    for separator in separators:
        ends = Counter(piece.rpartition(separator)[2] for piece in pieces if separator in piece[1:-1])
        if ends.total() == len(pieces) and ends[OUTSIDE] > len(pieces) / 2 and len(ends) > 1:
            return _Found(separator, True, f"{len(pieces):,} words with {separator!r} and a label or O")
    return None


@lru_cache
def _pattern(separator: str, *, bare: bool) -> re.Pattern[str]:
    marks = "|".join(map(re.escape, sorted(MARKS, key=len, reverse=True)))
    label = r"[^\s]+?" if bare else f"{TAG}|{marks}"
    return re.compile(f"(.+){re.escape(separator)}({label})", re.DOTALL)


def _sentence(line: str, number: int, found: _Found) -> TaggedSentence | str:
    """The words and tags of a line, or the piece that has no tag."""
    pattern = _pattern(found.separator, bare=found.bare)
    words, tags = [], []
    for piece in _BLANKS.split(line.strip(" \t")):
        match = pattern.fullmatch(piece)
        if match is None:
            return piece
        words.append(match[1])
        tags.append(match[2])
    return TaggedSentence(number, words, (tags,), step=0)


def _documents(source: Source, assembler: Assembler, found: _Found, docstart: bool) -> Iterator[Document]:
    for count, group in enumerate(_groups(source, docstart), 1):
        try:
            sentences = []
            for number, line in group:
                sentence = _sentence(line, number, found)
                if isinstance(sentence, str):
                    raise DataError(
                        f"expected a word, {found.separator!r} and a tag, got {sentence[:60]!r}; mend the line, or "
                        "name the separator",
                        source.name,
                        number,
                    )
                sentences.append(sentence)
            yield assembler.document(sentences, f"{source.stem}-{count}", {})
        except DataError as error:
            source.reject(error, "\n".join(line for _, line in group))


def _groups(source: Source, docstart: bool) -> Iterator[list[tuple[int, str]]]:
    """The lines of each document."""
    group: list[tuple[int, str]] = []
    for number, line in source.lines():
        if line.strip(" \t"):
            group.append((number, line))
            if docstart:
                continue
        if group:
            yield group
            group = []
    if group:
        yield group


def write(
    documents: Iterable[Document],
    put: Callable[[str], object],
    /,
    *,
    separator: str = ":",
    scheme: str = "IOB2",
    layer: str = ENTITIES,
    unknown: str = MARK,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Ledger:
    """Write words and tags in one line, a blank line after each document; one without tokens is no line.

    Args:
        documents: what to write.
        put: takes the text.
        separator: between a word and its tag.
        scheme: the tags' scheme.
        layer: which spans become tags.
        unknown: the tag of a token in a region that nobody annotated.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, if a token holds white space, if
            word and tag could not be told apart again, or as ``align`` does.
        UsageError: if there is no such separator or scheme, or the mark is one of its tags.
    """
    if separator not in SEPARATORS:
        raise UsageError(f"between word and tag stands one of {' '.join(SEPARATORS)}, got {separator!r}")
    target = scheme_named(scheme)
    check_mark(unknown, target)
    pattern = _pattern(separator, bare=target.bare)
    ledger = Ledger()
    for document in documents:
        tokens = tokens_of(document, tokenize)
        tagged = tag(document, tokens, layer, target, partial, overlap, unknown=unknown)
        pieces = []
        for word, label in zip(tokens.surfaces, tagged.tags, strict=True):
            piece = f"{word}{separator}{label}"
            match = None if any(mark in piece for mark in " \t\n\r\0") else pattern.fullmatch(piece)
            if match is None or match[2] != label:
                raise DataError(
                    f"{titled(document)} has the token {word!r} with the tag {label!r}, which cannot stand in one "
                    f"line with {separator!r} between them; tokenize it further, or choose another separator"
                )
            pieces.append(piece)
        lines = [" ".join(pieces[start:end]) + "\n" for start, end in tokens.ranges()]
        put("".join(lines) + "\n")
        ledger += account_tagged(
            document, _HOLDS, tagged.entries, tagged.regions, layer, text_moved=respaced(document.text, tokens)
        )
    return ledger


INLINE = Format(
    "inline",
    (),
    "words with their tags in one line, as in Ada:B-PER wrote:O",
    sniff,
    read,
    write,
    holds=_HOLDS,
)

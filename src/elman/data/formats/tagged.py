"""Words and their tags to documents: what all formats of columns have in common.

A text that came as words is the words joined by one space, and the sentences joined by a line feed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, NamedTuple, get_args

import numpy as np

from elman.data.detection import Detected, DetectionError, TagReader, detect
from elman.data.document import Document, Region, Span, Tokens
from elman.data.schemes import PREFIXED_IO, Repair, Scheme, TagError
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARKS, MarkReader, regions_of, uncover
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from elman.data.formats.files import Source
    from elman.data.formats.format import ReadReport

TAG = r"O|[BIELSUMW]-\S+"
"""What tags look like that have a prefix, as a regular expression."""

_TAG = re.compile(TAG)


@dataclass
class TaggedSentence:
    """A sentence as a file has it.

    Attributes:
        line: where its first word stands.
        words: its tokens.
        tags: for each layer a tag for each word.
        columns: further columns, by name.
        step: how many lines further the next word stands: 1 in columns, 0 where a sentence is a line.
    """

    line: int
    words: Sequence[str]
    tags: Sequence[Sequence[str]]
    columns: dict[str, Sequence[str]] = field(default_factory=dict)
    step: int = 1


class Decoded(NamedTuple):
    """What the tags of a document say: spans, regions, and the first mark of an unknown tag, "" if there is none."""

    spans: tuple[Span, ...]
    unknown: tuple[Region, ...]
    mark: str


class LayerTags:
    """Decodes tags in several layers, in schemes that are found out from the beginning of a file.

    Args:
        layers: their names.
        head: for each layer the tags of the first sentences.
        scheme: the schemes' name; by default it is found out, for each layer.
        repair: what to do with tags that a scheme forbids.
        report: gets the schemes and the repairs.
        unknown: the mark of a token of which nobody said what it is; by default all of ``MARKS``.

    Raises:
        DetectionError: if the tags of a layer are in no scheme.
        UsageError: if there is no such repair.
    """

    def __init__(
        self,
        layers: Sequence[str],
        head: Sequence[Sequence[Sequence[str]]],
        scheme: str | None,
        repair: Repair,
        report: ReadReport,
        unknown: str | None = None,
    ) -> None:
        check_repair(repair)
        self.layers = tuple(layers)
        self._marks = MarkReader(unknown, report.notes)
        self._report = report
        self._readers = []
        for tags in head:
            known = [uncover(sentence, self._marks.marks).tags for sentence in tags]
            found = detect(known) if scheme is None else Detected(said(scheme, known), "as was said", 1)
            self._readers.append(TagReader(found, repair, guessed=scheme is None))
        report.repair = repair
        self._tell()

    @property
    def marks(self) -> frozenset[str]:
        """What counts as the mark of an unknown tag."""
        return self._marks.marks

    @property
    def repairs(self) -> int:
        """How many tags have been changed."""
        return sum(reader.repairs for reader in self._readers)

    @repairs.setter
    def repairs(self, count: int) -> None:
        self._readers[0].repairs += count - self.repairs

    @property
    def bare(self) -> bool:
        """Whether tags of the first layer are labels without prefixes."""
        return self._readers[0].found.scheme.bare

    def decode(self, tags: Sequence[Sequence[str]], starts: Sequence[int], offsets: NDArray[np.integer]) -> Decoded:
        """The spans and the regions that nobody annotated, of one document.

        Args:
            tags: for each layer the tags of its sentences, one after the other.
            starts: where each sentence starts, and at last the number of tags.
            offsets: the tokens, n x 2.

        Raises:
            TagError: at the first tag that is at fault, with its position in the document.
            DataError: if the tags are in no scheme.
        """
        spans: list[Span] = []
        regions: list[Region] = []
        mark = ""
        for layer, cells, reader in zip(self.layers, tags, self._readers, strict=True):
            known, places, marks = self._marks.uncover(cells)
            spans += reader.spans(known, starts, offsets, layer)
            if places:
                regions += regions_of(places, offsets, starts[:-1], layer)
                mark = mark or marks[0]
        self._tell()
        return Decoded(tuple(spans), tuple(regions), mark)

    def _tell(self) -> None:
        report, found = self._report, [reader.found for reader in self._readers]
        report.repairs = self.repairs
        report.scheme, report.scheme_evidence = found[0].scheme.name, found[0].evidence
        for layer, other in zip(self.layers[1:], found[1:], strict=True):
            if other.tagged and other.scheme.name != report.scheme:
                report.scheme_evidence += f"; layer {layer} is {other.scheme.name}: {other.evidence}"


class Assembler:
    """Makes documents of sentences of words and tags.

    Args:
        source: the file.
        report: gets the schemes and the repairs.
        layers: the names of the tags' layers.
        head: the first sentences of the file, to find out the schemes.
        scheme: as for ``LayerTags``.
        repair: as for ``LayerTags``.
        unknown: as for ``LayerTags``.

    Raises:
        DataError: with file and line, if tags are in no scheme.
        UsageError: if there is no such repair or scheme.
    """

    def __init__(
        self,
        source: Source,
        report: ReadReport,
        layers: Sequence[str],
        head: Sequence[TaggedSentence],
        scheme: str | None,
        repair: Repair,
        unknown: str | None = None,
    ) -> None:
        self._source = source
        by_layer = [[sentence.tags[at] for sentence in head] for at in range(len(layers))]
        try:
            self._tags = LayerTags(layers, by_layer, scheme, repair, report, unknown)
        except DetectionError as error:
            lines = (
                sentence.line + sentence.step * list(tags).index(error.tag or "")
                for sentence in head
                for tags in sentence.tags
                if error.tag is not None and error.tag in tags
            )
            raise DataError(error.problem, source.name, next(lines, None)) from None

    def document(self, sentences: Sequence[TaggedSentence], name: str | None, meta: dict[str, object]) -> Document:
        """The document of these sentences.

        Raises:
            DataError: with file and line, if a tag is at fault.
        """
        words = [word for sentence in sentences for word in sentence.words]
        starts = list(accumulate((len(sentence.words) for sentence in sentences), initial=0))
        text, offsets = joined(words, starts)
        tags = [
            list(chain.from_iterable(sentence.tags[at] for sentence in sentences))
            for at in range(len(self._tags.layers))
        ]
        try:
            spans, regions, _ = self._tags.decode(tags, starts, offsets)
        except TagError as error:
            step = sentences[0].step
            line = line_of(error.position, starts, [sentence.line for sentence in sentences], step)
            raise DataError(error.problem, self._source.name, line) from None
        except DataError as error:
            raise DataError(error.problem, self._source.name, sentences[0].line) from None
        columns: dict[str, list[str]] = {}
        for sentence in sentences:
            for key, values in sentence.columns.items():
                columns.setdefault(key, []).extend(values)
        tokens = Tokens(text, offsets, starts[:-1], columns)
        return Document(text, spans, unknown=regions, tokens=tokens, id=name, meta=meta)


def line_of(position: int, starts: Sequence[int], lines: Sequence[int], step: int = 1) -> int:
    """The line of a word.

    Args:
        position: its index.
        starts: where each sentence starts, and at last the number of words.
        lines: the first line of each sentence.
        step: how many lines further the next word stands.
    """
    at = min(bisect_right(starts, position) - 1, len(lines) - 1)
    return lines[at] + step * (position - starts[at])


def check_repair(repair: str) -> None:
    """Raise a ``UsageError`` if there is no such repair."""
    if repair not in get_args(Repair):
        raise UsageError(f"there is no repair {repair!r}; choose one of {', '.join(get_args(Repair))}")


def said(name: str, sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme of this name; a bare one in the way in which the tags have it."""
    scheme = scheme_named(name)
    # Otherwise B-PER would be a label, and nobody would be told.
    if not scheme.bare or not any(tag[1:2] == "-" for tags in sentences for tag in tags):
        return scheme
    return PREFIXED_IO if scheme.name == PREFIXED_IO.name else replace(scheme, bare=False)


def joined(words: Sequence[str], starts: Sequence[int]) -> tuple[str, NDArray[np.int64]]:
    """The text of words, and their offsets, n x 2.

    Args:
        words: none of them empty.
        starts: where each sentence starts, and at last the number of words.
    """
    text = "\n".join([" ".join(words[start:end]) for start, end in pairwise(starts)])
    # Each word, the last of a sentence too, is followed by one character.
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    offsets = np.empty((len(words), 2), np.int64)
    offsets[:, 1] = (lengths + 1).cumsum() - 1
    offsets[:, 0] = offsets[:, 1] - lengths
    return text, offsets


def is_tag(cell: str) -> bool:
    """Whether a cell looks like a tag with a prefix, like O, or like the mark of an unknown one."""
    return cell in MARKS or _TAG.fullmatch(cell) is not None

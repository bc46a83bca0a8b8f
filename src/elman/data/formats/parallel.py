"""Parallel files: a line of words in one, the tags of these words in the same line of the other.

``x.tokens`` has ``x.tags`` beside it, ``seq.in`` has ``seq.out`` and, in the sets of slot filling, ``label``,
the class of each line (several are joined by ``#``). A folder has such files, or folders that have them, such
as ``train``, ``valid`` and ``test``. Each line is a document; the text is its words, joined by one space.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import ENTITIES, Document, Tokens
from elman.data.formats.compression import without_suffix
from elman.data.formats.files import Source
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.formats.sinks import written
from elman.data.formats.tagged import Assembler, TaggedSentence
from elman.data.formats.tagging import account_tagged, tag, titled, tokens_of
from elman.data.ledger import Ledger
from elman.data.schemes import scheme as scheme_named
from elman.data.unknown import MARK, check_mark
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.align import Overlap, Partial
    from elman.data.schemes import Repair

PARTNERS = {
    "seq.in": ("seq.out", "label"),
    ".tokens": (".tags", ".labels"),
    ".words": (".tags", ".labels"),
    "sentences.txt": ("labels.txt", "classes.txt"),
}
"""How the name of a file of words ends, and, in its place, those of its tags and of its classes, if any."""

RESPACED = "white space is as lines of words have it: one space between tokens"
NO_LABEL = "label of the document, which is blank or holds # or a line end"

_BLANKS = re.compile("[ \t]+")
_JOINT = "#"
_HOLDS = frozenset({"spans", "tokens", "labels", "unknown"})


class _Files(NamedTuple):
    """The files of one set: words, tags, classes or None, and the name for the documents' ids."""

    words: Source
    tags: Source
    classes: Source | None
    stem: str


def read(
    source: Source,
    /,
    *,
    tags: str | None = None,
    classes: str | None = None,
    scheme: str | None = None,
    repair: Repair = "refuse",
    layer: str = ENTITIES,
    unknown: str | None = None,
) -> Reading:
    """Read parallel files.

    Args:
        source: the file of words, or a folder.
        tags: the path of the file of tags; by default it goes by the name of the file of words.
        classes: the path of the file of classes; by default it goes by the name, too, and may be missing.
        scheme: the tags' scheme; by default it is found out.
        repair: what to do with a tag that the scheme forbids where it stands.
        layer: the layer of the spans.
        unknown: the tag of a token of which nobody said what it is; by default ``-``, ``?`` and ``-100`` are,
            and "" stands for none.

    Raises:
        DataError: with file and line, if a file is missing, files have not equally many lines, lines not
            equally many words, or a tag is at fault.
        UsageError: if there is no such scheme or repair.
    """
    sets = list(_sets(source, tags, classes))
    report = ReadReport("parallel")
    head = [
        TaggedSentence(number, words, (cells,), step=0)
        for files in sets
        for number, (words, cells) in enumerate(
            ((_split(a), _split(b)) for a, b in zip(*(one.head.split("\n") for one in files[:2]), strict=False)), 1
        )
        if words and len(words) == len(cells)
    ]
    assembler = Assembler(sets[0].tags, report, (layer,), head, scheme, repair, unknown)
    return Reading(_documents(source, sets, assembler), report)


def sniff(head: Head) -> Sniffed | None:
    """A file of words with a file of tags beside it, or a folder with such files."""
    if head.folder is not None:
        pairs = _pairs(head.folder)
        return Sniffed(0.9, f"{pairs[0].name} with tags beside it") if pairs else None
    path = Path(head.name)
    partner = _partner(path, 0)
    if head.text is None or partner is None or not partner.is_file():
        return None
    return Sniffed(0.9, f"{partner.name} beside it has its tags")


def _partner(words: Path, which: int) -> Path | None:
    """The path of the tags (0) or the classes (1) of a file of words, if its name is that of one."""
    name = without_suffix(words.name)
    for ending, partners in PARTNERS.items():
        if name.endswith(ending):
            return words.with_name(name.removesuffix(ending) + partners[which])
    return None


def _pairs(folder: Path) -> list[Path]:
    """The files of words in a folder and in the folders in it that have tags beside them."""
    found = []
    for path in sorted((*folder.glob("*"), *folder.glob("*/*"))):
        partner = _partner(path, 0) if path.is_file() else None
        if partner is not None and partner.is_file():
            found.append(path)
    return found


def _sets(source: Source, tags: str | None, classes: str | None) -> Iterator[_Files]:
    """The sets of files that a source stands for."""
    if source.folder is not None:
        pairs = _pairs(source.folder)
        if not pairs:
            known = ", ".join(f"{ending} and {partners[0]}" for ending, partners in PARTNERS.items())
            raise DataError(f"has no file of words with a file of tags beside it, such as {known}", source.name)
        for path in pairs:
            name = path.name.removesuffix("seq.in").rstrip(".-_") or path.parent.name
            stem = name if path.name.endswith("seq.in") else path.stem
            yield _files(Source(path, source.encoding), None, None, stem)
        return
    yield _files(source, tags, classes, source.stem)


def _files(source: Source, tags: str | None, classes: str | None, stem: str) -> _Files:
    path = Path(source.name)
    partner, beside = Path(tags) if tags else _partner(path, 0), Path(classes) if classes else _partner(path, 1)
    if partner is None:
        known = ", ".join(PARTNERS)
        raise DataError(f"has no name that says where its tags are (it would end in {known}); give tags", source.name)
    optional = beside is not None and (classes is not None or beside.is_file())
    return _Files(
        source,
        Source(partner, source.encoding),
        Source(beside, source.encoding) if optional and beside is not None else None,
        stem,
    )


def _split(line: str) -> list[str]:
    return _BLANKS.split(line.strip(" \t")) if line.strip(" \t") else []


def _documents(source: Source, sets: Iterable[_Files], assembler: Assembler) -> Iterator[Document]:
    for files in sets:
        sources = [one for one in files[:3] if isinstance(one, Source)]
        for count, rows in enumerate(zip_longest(*(one.lines() for one in sources)), 1):
            if None in rows:
                short = [one for one, row in zip(sources, rows, strict=True) if row is None]
                raise DataError(
                    f"has {count - 1} lines, {files.words.name} and the files beside it do not; expected equally many",
                    short[0].name,
                    count - 1,
                )
            try:
                yield _document([row[1] for row in rows], count, files, assembler)
            except DataError as error:
                source.reject(error, "\n".join(row[1] for row in rows))


def _document(lines: list[str], number: int, files: _Files, assembler: Assembler) -> Document:
    words, tags = _split(lines[0]), _split(lines[1])
    if len(words) != len(tags):
        raise DataError(
            f"expected a tag for each of the {len(words)} words, got {len(tags)}; mend the line",
            files.tags.name,
            number,
        )
    sentences = [TaggedSentence(number, words, (tags,), step=0)] if words else []
    document = assembler.document(sentences, f"{files.stem}-{number}", {})
    labels = tuple(filter(None, lines[2].strip().split(_JOINT))) if len(lines) > 2 else ()
    return replace(document, labels=labels) if labels else document


def write(
    documents: Iterable[Document],
    folder: Path,
    /,
    *,
    scheme: str = "IOB2",
    layer: str = ENTITIES,
    unknown: str = MARK,
    tokenize: Callable[[str], Tokens] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Ledger:
    """Write a folder of ``seq.in``, ``seq.out`` and ``label``, a document a line.

    Args:
        documents: what to write.
        folder: an empty one.
        scheme: the tags' scheme.
        layer: which spans become tags.
        unknown: the tag of a token in a region that nobody annotated.
        tokenize: makes the tokens of a text that came without.
        partial: what ``align`` does with spans that begin or end within a token.
        overlap: what it does with spans that overlap.

    Raises:
        DataError: if a document has no tokens and ``tokenize`` is not given, if a token or a tag holds white
            space, or as ``align`` does.
        UsageError: if there is no such scheme, or the mark is one of its tags.
    """
    target = scheme_named(scheme)
    check_mark(unknown, target)
    ledger = Ledger()
    labelled = False
    paths = [folder / name for name in ("seq.in", *PARTNERS["seq.in"])]
    with written(paths[0]) as words, written(paths[1]) as tags, written(paths[2]) as classes:
        for document in documents:
            tokens = tokens_of(document, tokenize)
            # A line is one sentence, whatever the document has.
            flat = Tokens(tokens.text, tokens.offsets)
            tagged = tag(document, flat, layer, target, partial, overlap, unknown=unknown)
            for cell in (*flat.surfaces, *tagged.tags):
                if any(mark in cell for mark in " \t\n\r\0"):
                    raise DataError(
                        f"{titled(document)} has {cell!r}, which holds white space and cannot stand in a line of "
                        "words; tokenize it further"
                    )
            labels = [label for label in document.labels if label == label.strip() and not _unwritable(label)]
            labelled = labelled or bool(labels)
            words(" ".join(flat.surfaces) + "\n")
            tags(" ".join(tagged.tags) + "\n")
            classes(_JOINT.join(labels) + "\n")
            holds = _HOLDS | {"sentences"} if len(tokens.sentences) <= 1 else _HOLDS
            respaced = "" if " ".join(flat.surfaces) == document.text else RESPACED
            as_written = replace(document, labels=tuple(labels))
            ledger += account_tagged(as_written, holds, tagged.entries, tagged.regions, layer, text_moved=respaced)
            ledger += Ledger.counted("refused", NO_LABEL, len(document.labels) - len(labels), "label")
    if not labelled:
        paths[2].unlink()
    return ledger


def _unwritable(label: str) -> bool:
    return not label or any(mark in label for mark in "#\n\r\0")


PARALLEL = Format(
    "parallel",
    (),
    "files of words and of tags, line by line: x.tokens and x.tags, seq.in, seq.out and label",
    sniff,
    read,
    write,
    container="folder",
    holds=_HOLDS,
)

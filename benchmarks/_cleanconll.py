"""CoNLL-2003's dev and test texts with the labels that CleanCoNLL (Rücker and Akbik, 2023) gives them.

CleanCoNLL comes without its words: its annotations are for a text that a patch makes of CoNLL-2003's, which splits
some tokens (``SKIING-WORLD``) and takes some ends of sentences away. What characters there are, white space aside,
it does not change, and so a span has one place in both texts: from which character to which, white space not counted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from elman.data.document import Span
from elman.data.schemes import scheme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from elman.data.document import Document

NAMES = {"valid": "dev", "test": "test"}
"""What CleanCoNLL calls CoNLL-2003's files."""

_DOCSTART = "-DOCSTART-"
_HUNK = re.compile(r"(\d+)(?:,(\d+))?([cd])\d+(?:,\d+)?")


def cleaned(documents: Sequence[Document], folder: Path, name: str) -> list[Document]:
    """The same texts with CleanCoNLL's spans in the place of their own.

    Args:
        documents: of ``conll2003-en/NAME.txt``.
        folder: with ``conll2003-en`` and ``cleanconll`` in it.
        name: ``valid`` or ``test``.

    Raises:
        ValueError: if texts and annotations do not belong together.
    """
    data = folder / "cleanconll" / "data"
    lines = (folder / "conll2003-en" / f"{name}.txt").read_text("utf-8").splitlines()
    words = [line.split(" ", 1)[0] for line in lines]
    words = list(_patched(words, (data / "patch_files" / f"{NAMES[name]}_tokens.patch").read_text().splitlines()))
    rows = (data / "cleanconll_annotations" / f"cleanconll_annotations.{NAMES[name]}").read_text("utf-8").splitlines()
    places = list(_places(words, rows))
    # Of each character that is no white space, the document and the offset there.
    homes = [(number, at) for number, document in enumerate(documents) for at in _solid(document.text)]
    text = "".join(documents[number].text[at] for number, at in homes)
    if text != "".join(word for word in words if word != _DOCSTART):
        raise ValueError(f"{name}: the patched words are not the documents' text")
    spans: list[list[Span]] = [[] for _ in documents]
    for start, end, label in places:
        (number, first), (_, last) = homes[start], homes[end - 1]
        spans[number].append(Span(first, last + 1, label))
    return [replace(document, spans=tuple(own)) for document, own in zip(documents, spans, strict=True)]


def _patched(lines: Sequence[str], patch: Sequence[str]) -> Iterator[str]:
    """Lines changed as ``diff`` says in its plain style."""
    done = 0
    for line in patch:
        if hunk := _HUNK.fullmatch(line):
            first, last = int(hunk[1]), int(hunk[2] or hunk[1])
            yield from lines[done : first - 1]
            done = last
        elif line.startswith("> "):
            yield line[2:]
        elif line.startswith("< ") and line[2:] not in lines[first - 1 : last]:
            raise ValueError(f"the patch takes away {line[2:]!r} where the text has {lines[first - 1 : last]}")
    yield from lines[done:]


def _places(words: Sequence[str], rows: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The annotated spans: start and end in characters of the words joined, and the label."""
    while rows and not rows[-1]:
        rows = rows[:-1]
    while words and not words[-1]:
        words = words[:-1]
    if [bool(word) for word in words] != [bool(row) for row in rows]:
        raise ValueError(f"{len(words)} lines of text do not fit {len(rows)} lines of annotation")
    kept: list[int] = []
    tags: list[str] = []
    for word, row in zip(words, rows, strict=True):
        if word and word != _DOCSTART:
            kept.append(len(word))
            tags.append(row.split("\t")[-1])
    ends = list(accumulate(kept, initial=0))
    for first, stop, label in scheme("iob2").decode(tags, "refuse").spans:
        yield ends[first], ends[stop], label


def _solid(text: str) -> Iterator[int]:
    """Where a text has characters that are no white space."""
    return (at for at, character in enumerate(text) if not character.isspace())

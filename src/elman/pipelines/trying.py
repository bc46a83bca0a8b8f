"""Documents that a format cannot hold at all: found by writing each for itself, and set aside."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.formats.json_line import line_of
from elman.data.ledger import Ledger, contents
from elman.errors import DataError
from elman.pipelines.changes import Change, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from elman.data.document import Document
    from elman.data.formats import Format

APART = "the document is set aside: the format cannot hold it"


class Handed(Iterator["Document"]):
    """Documents on their way to a writer.

    Attributes:
        in_hand: whether the writer has one; if it has not, the next is being read, or there is none left.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.in_hand = False
        self._documents = iter(documents)

    def __next__(self) -> Document:
        self.in_hand = False
        document = next(self._documents)
        self.in_hand = True
        return document


@dataclass
class Trying(Step):
    """A step that lets through what can be written.

    Attributes:
        reject: takes what is wrong with each document that cannot be, and the document as a line of JSONL.
    """

    reject: Callable[[DataError, str], None] = field(kw_only=True)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents that can be written."""
        for document in documents:
            try:
                self.change(document)
            except DataError as error:
                self.told += Ledger({(item, "refused", APART): count for item, count in contents(document).items()})
                self.reject(error, _raw(document))
                continue
            yield document


def trying(chosen: Format, writing: Mapping[str, Any]) -> Callable[[Document], Change]:
    """Write a document to nowhere, and let it be.

    Args:
        chosen: the format.
        writing: its options.
    """
    assert chosen.write is not None
    write = chosen.write

    def change(document: Document) -> Change:
        with _nowhere(chosen) as sink:
            write([document], sink, **writing)
        return Change(document)

    return change


@contextlib.contextmanager
def _nowhere(chosen: Format) -> Iterator[object]:
    if chosen.container == "text":
        yield _encoded
    elif chosen.container == "binary":
        yield io.BytesIO()
    else:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _encoded(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"cannot write the lone surrogate {text[error.start]!r}, which is no character") from None


def _raw(document: Document) -> str:
    """The document as a line of JSONL, so that it can be mended and converted for itself."""
    try:
        return line_of(document)
    except (TypeError, ValueError):
        return document.text

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from elman.cli.terminal import painted
from elman.data.document import Document, Span
from elman.data.formats.marks import Colours
from tests.test_html import documents

CODES = re.compile(r"\x1b\[[0-9;]*m")


def test_entities_stand_in_brackets_without_colour() -> None:
    document = Document("Ada in New York", (Span(0, 3, "PER"), Span(7, 15, "LOC"), Span(11, 15, "CITY")))
    assert painted(document, Colours(), colour=False) == "[Ada PER] in [New [York CITY] LOC]"


def test_crossing_spans_are_marked_once_each() -> None:
    document = Document("abcdef", (Span(0, 4, "X"), Span(2, 6, "Y")))
    assert painted(document, Colours(), colour=False) == "[ab[cd X]ef Y]"


def test_colours_begin_and_end() -> None:
    text = painted(Document("Ada wrote", (Span(0, 3, "PERSON"),)), Colours(), colour=True)
    assert text == "\x1b[38;5;15;48;5;25mAda \x1b[1mPERSON\x1b[22m\x1b[0m wrote"


@given(documents())
def test_only_labels_are_added(document: Document) -> None:
    plain = CODES.sub("", painted(document, Colours(), colour=True))
    bare = CODES.sub("", painted(Document(document.text), Colours(), colour=True))
    rest = iter(plain)
    assert all(character in rest for character in bare)
    assert len(plain) == len(bare) + sum(len(span.label) + 1 for span in document.spans)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_cannot_steer_the_terminal(text: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", painted(Document(text), Colours(), colour=True))

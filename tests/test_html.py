"""The page: it is well-formed whatever the spans are, holds the text as it is, and can be read by all."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data import formats
from elman.data.document import Document, Span
from elman.data.formats import html
from elman.data.formats.marks import PALETTE, Colour, Colours, edges
from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def page(*documents: Document, **options: str) -> str:
    pieces: list[str] = []
    html.write(iter(documents), pieces.append, **options)
    return "".join(pieces)


class Reader(HTMLParser):
    """Collects the texts of paragraphs, and which offsets each mark covers; checks that elements nest."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[str] = []
        self.marks: list[tuple[int, int, dict[str, str | None]]] = []
        self.begun: list[tuple[int, dict[str, str | None]]] = []
        self.inside = False
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "p" and values.get("class") == "text":
            self.inside = True
            self.texts.append("")
        if tag == "mark" and self.inside:
            self.begun.append((len(self.texts[-1]), values))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "p":
            self.inside = False
        if tag == "mark" and self.inside:
            start, values = self.begun.pop()
            self.marks.append((start, len(self.texts[-1]), values))

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\"' \n"), min_size=1, max_size=30)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(TEXTS)
    places = st.integers(0, len(text))
    bounds = draw(st.lists(st.tuples(places, places).map(sorted), max_size=8))
    labels = st.sampled_from(["PERSON", "ORG", "a<b>&\"'"])
    scores = st.none() | st.floats(0, 1)
    spans = [Span(a, b, draw(labels), score=draw(scores)) for a, b in bounds if a < b]
    return Document(text, tuple(spans))


@given(st.lists(documents(), max_size=3))
def test_the_page_holds_the_texts_and_marks_the_spans(given: list[Document]) -> None:
    reader = Reader(page(*given))
    assert reader.texts == [document.text for document in given]
    covered = sum(span.end - span.start for document in given for span in document.spans)
    assert sum(end - start for start, end, _ in reader.marks) == covered


@given(documents())
def test_edges_nest_and_cover_each_span_once(document: Document) -> None:
    covered: list[list[tuple[int, int]]] = [[] for _ in document.spans]
    begins, ends = [0] * len(document.spans), [0] * len(document.spans)
    stack: list[tuple[int, int]] = []
    last = 0
    for edge in edges(document.spans):
        assert edge.at >= last
        last = edge.at
        if edge.opens:
            stack.append((edge.span, edge.at))
            begins[edge.span] += edge.outer
        else:
            span, start = stack.pop()
            assert span == edge.span
            covered[span].append((start, edge.at))
            ends[span] += edge.outer
    assert stack == []
    assert begins == ends == [1] * len(document.spans)
    for span, pieces in zip(document.spans, covered, strict=True):
        assert (pieces[0][0], pieces[-1][1]) == (span.start, span.end)
        assert all(one[1] == other[0] and one[0] < one[1] for one, other in pairwise(pieces))


def test_nested_spans_are_not_cut() -> None:
    spans = (Span(0, 9, "A"), Span(0, 4, "B"), Span(5, 9, "C"), Span(5, 9, "D"))
    assert len(list(edges(spans))) == 2 * len(spans)


def test_a_mark_says_its_label_and_its_probability() -> None:
    text = page(Document("Ada <wrote>.", (Span(0, 3, "PERSON", score=0.98765), Span(4, 11, "A&B"))))
    (_, _, first), (_, _, second) = Reader(text).marks
    assert first["title"] == first["aria-label"] == "PERSON, probability 98.8%"
    assert second["title"] == "A&B"
    assert "Ada" in text
    assert "<wrote>" not in text
    assert 'data-label="A&amp;B"' in text


def test_nothing_of_a_text_becomes_markup() -> None:
    evil = "</p><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    text = page(Document(evil, (Span(0, 4, evil),), id=evil), title=evil)
    assert "<script" not in text
    assert "<img" not in text
    assert Reader(text).texts == [evil]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = page(Document("Ada", (Span(0, 3, "PERSON"),)))
    assert not re.search(r"src=|href=|url\(|@import|<script|<link", text)
    assert "default-src 'none'" in text


def test_control_characters_are_shown_as_pictures() -> None:
    assert Reader(page(Document("a\0b\x1b[31m\r\nc\td"))).texts == ["a␀b␛[31m\r\nc\td"]


def test_direction_is_found_out_and_white_space_kept() -> None:
    text = page(Document("ולד  \n  x"))
    assert '<p class="text" dir="auto" lang="">' in text
    assert "white-space: pre-wrap" in text


def test_the_legend_counts() -> None:
    given = [Document("a b c", (Span(0, 1, "ORG"), Span(2, 3, "ORG"), Span(4, 5, "LOC"))), Document("d")]
    text = re.sub("<[^>]*>", "", page(*given).split('class="legend"')[1])
    assert re.findall(r"\S+ \d", text)[:2] == ["ORG 2", "LOC 1"]
    assert "3 entities in 2 documents" in text


def test_only_one_layer_is_shown_and_the_ledger_says_so() -> None:
    document = Document("a b", (Span(0, 1, "X"), Span(2, 3, "Y", layer="chunks")))
    ledger = html.write([document], lambda _: None)
    assert (ledger.kept, ledger.refused) == (1, 1)
    assert len(Reader(page(document, layer="chunks")).marks) == 1


def test_the_page_is_written_as_a_stream() -> None:
    pieces: list[str] = []

    def given() -> Iterable[Document]:
        for number in range(3):
            yield Document(f"text {number}")
            assert f"text {number}" in "".join(pieces)

    html.write(given(), pieces.append)


def test_it_is_a_format_that_is_written_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    formats.write([Document("Ada", (Span(0, 3, "PERSON"),))], path, title="A title")
    assert "<title>A title</title>" in path.read_text("utf-8")
    with pytest.raises(UsageError, match="written, not read"):
        formats.read(path, "html")


def test_labels_get_the_same_colours_again_and_different_ones() -> None:
    labels = [f"L{number}" for number in range(30)]
    one, other = Colours(), Colours()
    numbers = [one.number(label) for label in labels]
    assert numbers == [other.number(label) for label in labels] == [one.number(label) for label in labels]
    assert len(set(numbers)) == 30
    assert {number % len(PALETTE) for number in numbers[:8]} == set(range(8))
    usual = ["PERSON", "ORG", "LOC", "DATE", "MONEY", "NORP"]
    assert [Colours().number(label) for label in usual] == [Colours().number(label.lower()) for label in usual]


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", PALETTE)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_enough(colour: Colour, scheme: str) -> None:
    assert contrast(colour.solid, colour.ink) >= 4.5
    assert contrast(html.tint(colour.solid, scheme), html.INKS[scheme]) >= 4.5


def deuteranope(colour: tuple[int, int, int]) -> tuple[float, ...]:
    """What a colour is in the most frequent colour blindness (Machado, Oliveira and Fernandes 2009)."""
    matrix = (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    )
    return tuple(sum(weight * part for weight, part in zip(row, colour, strict=True)) for row in matrix)


def test_colours_can_be_told_apart_by_the_colour_blind() -> None:
    seen = [deuteranope(colour.solid) for colour in PALETTE]
    for one, other in combinations(seen, 2):
        assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 30

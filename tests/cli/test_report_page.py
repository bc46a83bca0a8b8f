"""The page: well-formed, of one piece, and nothing of what the data say does anything in it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.cli.error_browser import SCRIPT
from elman.cli.report_page import write_page
from elman.data.document import Document, Span
from elman.metrics.assessment import Assessment, Contrast, Curve, System, assess
from elman.metrics.breakdown import breakdown
from elman.metrics.comparison import Judged, compare
from elman.metrics.intervals import Interval
from elman.metrics.score import score

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 3_000_000

VOID = {"meta", "br", "input"}
SELF_CLOSED = {"polyline", "line", "circle"}


class Reader(HTMLParser):
    """Collects elements and their text; checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SELF_CLOSED
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif self.open and self.open[-1] != "style":
            self.text += data


def page(assessment: Assessment, folder: Path, tried: Document | None = None) -> tuple[str, Reader]:
    path = folder / "page.html"
    write_page(path, assessment, tried=tried)
    text = path.read_text("utf-8")
    return text, Reader(text)


def with_everything(text: str, label: str, other: str) -> Assessment:
    middle = max(1, len(text) // 2)
    judged = Judged(
        Document(text, (Span(0, middle, label), Span(middle, len(text), other)), id=text),
        Document(text, (Span(0, middle, other, score=0.25), Span(0, len(text), label, score=1.0))),
    )
    swapped = Judged(judged.predicted, judged.gold)
    pairs = [judged, swapped, judged]
    one = assess(pairs, title=text)
    return assess(
        pairs,
        title=text,
        facts=[text],
        curve=Curve(across=text, lines={text: [(1, 0.0), (2, 1.0)]}),
        breakdowns={"length": breakdown(pairs, "length"), text: {text: one.result}},
        systems=[System(text, one.result), System(label, one.result)],
        contrasts=[Contrast(text, label, 0.5, Interval(0.25, 0.75), 0.001, text)],
    )


EVIL = "</p></li></style><script>alert(1)</script>\"'><img src=x onerror=alert(1)><a href=https://example.org>"


def test_nothing_of_the_data_becomes_markup(tmp_path: Path) -> None:
    assessment = with_everything(EVIL, EVIL, f"{EVIL}\ud800\0")
    text, reader = page(assessment, tmp_path, Document(EVIL, (Span(0, 9, EVIL),)))
    assert "<img" not in text
    assert "alert(1)</script>" not in text
    assert reader.scripts == [SCRIPT]
    names = {name for _, attrs in reader.elements for name in attrs}
    assert not {name for name in names if name.startswith("on") or name in ("src", "action", "srcdoc")}
    assert reader.text.count("<img src=x") > 10


@given(st.text("<>&\"'{}\\ \nab\0\ud800") | st.text(), st.text(min_size=1), st.text(min_size=1))
@settings(max_examples=25, deadline=None)
def test_whatever_the_data_say_the_page_is_well_formed(
    tmp_path_factory: pytest.TempPathFactory, text: str, label: str, other: str
) -> None:
    page(with_everything(f"{text}..", label, other), tmp_path_factory.mktemp("pages"))


def test_links_stay_in_the_page_and_lead_somewhere_and_nothing_is_fetched(tmp_path: Path) -> None:
    text, reader = page(with_everything("Ada met Bo in Rome .", "PER", "LOC"), tmp_path)
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    for _, attrs in reader.elements:
        for name in ("href", "aria-labelledby"):
            if name in attrs:
                assert str(attrs[name]).removeprefix("#") in ids
        assert str(attrs.get("href", "#")).startswith("#")
    assert not re.search(r"https?:|src=|url\(|@import|<link", text)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text


def test_what_the_page_says_adds_up(tmp_path: Path) -> None:
    assessment = with_everything("Ada met Bo in Rome .", "PER", "LOC")
    _, reader = page(assessment, tmp_path)
    groups = [attrs for tag, attrs in reader.elements if tag == "li" and "data-times" in attrs]
    total = int(assessment.errors.confusion.sum())
    assert sum(int(attrs["data-times"] or 0) for attrs in groups) == total == sum(assessment.errors.kinds.values())
    # From each cell of the confusion the filters lead to as many errors as it says.
    cells = [attrs for tag, attrs in reader.elements if tag == "a" and "data-gold" in attrs]
    seen = 0
    for cell in cells:
        wanted = {f"g{cell['data-gold']}", f"p{cell['data-predicted']}"}
        found = sum(int(attrs["data-times"] or 0) for attrs in groups if wanted <= set(str(attrs["class"]).split()))
        assert found == assessment.errors.confusion[int(cell["data-gold"] or 0), int(cell["data-predicted"] or 0)]
        seen += found
    assert seen == total


def test_without_errors_nothing_runs_and_without_documents_there_is_a_page_too(tmp_path: Path) -> None:
    right = Document("Ada", (Span(0, 3, "PER"),))
    for pairs in ([Judged(right, right)], []):
        text, reader = page(assess(pairs, title="all right"), tmp_path)
        assert reader.scripts == []
        assert "script-src" not in text
        assert "None." in reader.text


def test_every_part_that_is_known_has_its_section(tmp_path: Path) -> None:
    tried = Document("Bo", (Span(0, 2, "PER"),))
    _, reader = page(with_everything("Ada met Bo in Rome .", "PER", "LOC"), tmp_path, tried)
    sections = [attrs["id"] for tag, attrs in reader.elements if tag == "section"]
    assert sections == [
        *("tried", "scores", "systems", "labels", "by-0", "by-1", "confusion", "bounds", "calibration", "curve"),
        *("errors", "strings", "documents"),
    ]


@pytest.mark.parametrize("pieces", [1600, 1])
def test_a_large_set_is_a_page_that_opens(tmp_path: Path, pieces: int) -> None:
    """So many documents, or one of 8,000 words; in each an error in every fifth word, all different."""
    words = [f"Name{number}" for number in range(8_000 // pieces)]
    pairs = []
    for number in range(pieces):
        text = " ".join(f"{word}x{number}" for word in words)
        starts = [0, *(at + 1 for at, c in enumerate(text) if c == " ")]
        ends = [start - 1 for start in starts[1:]] + [len(text)]
        places = list(zip(starts, ends, strict=True))
        gold = tuple(Span(start, end, f"L{at % 12}") for at, (start, end) in enumerate(places))
        wrong = tuple(
            Span(start, end, f"L{(at + (at % 5 == 0)) % 12}", score=0.5) for at, (start, end) in enumerate(places)
        )
        pairs.append(Judged(Document(text, gold), Document(text, wrong)))
    assessment = assess(pairs, title="large")
    path = tmp_path / "page.html"
    write_page(path, assessment)
    text = path.read_text("utf-8")
    assert len(text.encode()) <= LARGEST
    more = re.search(r"And ([\d,]+) more, ([\d,]+) errors", text)
    assert more is not None
    listed = [int(times) for times in re.findall(r'data-times="(\d+)"', text)]
    assert sum(listed) + int(more[2].replace(",", "")) == assessment.errors.confusion.sum() == 1600
    assert f"Here are {text.count('<article'):,} of {pieces:,} documents" in text


def test_many_labels_are_a_page_that_opens(tmp_path: Path) -> None:
    text = "word " * 800
    spans = tuple(Span(5 * at, 5 * at + 4, f"LABEL-{at}") for at in range(800))
    document = Document(text, spans)
    other = Document(text, tuple(Span(span.start, span.end, spans[at - 1].label) for at, span in enumerate(spans)))
    assessment = assess(
        [Judged(document, other)],
        title="labels",
        breakdowns={"length": {f"part {at}": score(compare([])) for at in range(800)}},
    )
    write_page(tmp_path / "page.html", assessment)
    text = (tmp_path / "page.html").read_text("utf-8")
    assert len(text.encode()) <= LARGEST
    assert "These are the 40 labels with the most errors, of 800." in text
    assert text.count("And 700 more.") == 2

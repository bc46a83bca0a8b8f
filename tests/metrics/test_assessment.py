from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.document import Document, Span
from elman.metrics.assessment import Assessment, Contrast, Curve, System, assess
from elman.metrics.breakdown import breakdown
from elman.metrics.comparison import Judged, compare
from elman.metrics.error_list import render_errors
from elman.metrics.errors import errors
from elman.metrics.intervals import Interval
from elman.metrics.markdown import SHOWN, plain, render_markdown
from elman.metrics.score import score

TEXT = "Ada met Bo in Rome ."
PAIRS = [
    Judged(
        Document(TEXT, (Span(0, 3, "PER"), Span(8, 10, "PER"), Span(14, 18, "LOC"))),
        Document(TEXT, (Span(0, 3, "PER", score=0.9), Span(8, 13, "PER", score=0.6), Span(14, 18, "ORG", score=0.6))),
    )
] * 3


def everything() -> Assessment:
    one = assess(PAIRS, title="a | b")
    return assess(
        PAIRS,
        title="a | b",
        facts=["Trained *on* `nothing`."],
        result=one.result,
        curve=Curve(across="epoch", lines={"dev F1": [(1, 0.5), (2, 0.75)], "train F1": [(2, 0.9)]}),
        breakdowns={"length": breakdown(PAIRS, "length")},
        systems=[System("one", one.result), System("other", one.result)],
        contrasts=[Contrast("one", "other", 0.0125, Interval(-0.01, 0.03), 0.25, "randomisation")],
    )


def test_json_has_all_parts_and_names_its_schema() -> None:
    values = json.loads(json.dumps(everything().to_json(), allow_nan=False))
    assert values["schema"] == "elman.report/1"
    assert values["scores"]["schema"] == "elman.score/1"
    assert values["errors"]["kinds"]["bounds"] == 3
    assert values["errors"]["groups"][0]["count"] == 3
    assert values["calibration"]["bins"][0] == {
        "low": 0.6,
        "high": 0.6,
        "probability": pytest.approx(0.6),
        "accuracy": 0.0,
        "count": 6,
    }
    assert values["curve"] == {"across": "epoch", "lines": {"dev F1": [[1, 0.5], [2, 0.75]], "train F1": [[2, 0.9]]}}
    assert values["breakdowns"]["length"]["1 token"]["micro"]["support"] == 9
    assert [system["name"] for system in values["systems"]] == ["one", "other"]
    assert values["contrasts"][0]["interval"] == [-0.01, 0.03]


def test_without_probabilities_and_documents_parts_are_none() -> None:
    blank = assess([], title="nothing")
    values = json.loads(json.dumps(blank.to_json(), allow_nan=False))
    assert (values["calibration"], values["curve"], values["errors"]["groups"]) == (None, None, [])
    assert render_markdown(blank).startswith("# nothing\n\n## Scores")


def test_markdown_has_all_parts() -> None:
    text = render_markdown(everything())
    assert text.startswith("# a \\| b\n\nTrained \\*on\\* \\`nothing\\`.\n\n## Scores")
    for line in (
        "## By length",
        "| LOC | **0** | 3 | 0 | 0 |",
        "| PER | 0 | 0 | **3** + 3 | 0 |",
        "| right | 3 | 0 |",
        "| 60.0% to 60.0% | 60.0% | 0.0% | 6 |",
        "| 2 | 75.00 | 90.00 |",
        "| one against other | +1.25 | -1.00 to +3.00 | 0.2500 |",
        "randomisation",
        "missed 0, spurious 0, label 3, bounds 3, label and bounds 0.",
        "| 3 | bounds, right | Bo PER | Bo in PER | Ada met **Bo in** Rome . |",
    ):
        assert line in text.splitlines()


def test_errors_of_exact_matching_below_other_scores_are_said_to_be_that() -> None:
    said = "The scores are in the mode type; the errors and documents are judged by exact matching."
    result = score(compare(PAIRS), "type")
    assert said in render_markdown(assess(PAIRS, title="type", result=result)).split("\n\n")
    assert "exact matching" not in render_markdown(assess(PAIRS, title="exact"))


def test_each_table_has_as_many_cells_in_every_line() -> None:
    hostile = "a | b\n| c \\| `d` <e>"
    pair = Judged(Document(hostile), Document(hostile, (Span(0, len(hostile), hostile),)))
    for block in render_markdown(assess([pair] * 2, title=hostile)).split("\n\n"):
        lines = block.splitlines()
        if lines[0].startswith("|"):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_what_does_not_fit_is_said_to_be_more() -> None:
    texts = [f"name{number}" for number in range(SHOWN + 7)]
    pairs = [Judged(Document(text, (Span(0, 4, "PER"), Span(4, len(text), "X"))), Document(text)) for text in texts]
    text = render_markdown(assess(pairs, title="many"))
    assert "And 8 more, which the JSON form of the report has." in text.splitlines()


class Marks(HTMLParser):
    """Fails where there is an element."""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        raise AssertionError((tag, attrs))


@given(st.text("abc<>&|\\`*_[]()#!~^$+-\n:/.w@\x00\x1b\ud800") | st.text())
def test_text_of_the_data_does_nothing_in_markdown(text: str) -> None:
    told = plain(text)
    Marks().feed(told)
    told.encode()
    assert "\n" not in told
    assert "://" not in told
    # Every sign that could mean something stands behind a backslash, which itself does not.
    assert not re.search(r"[`*_\[\]|]", re.sub(r"\\.", "", told))


def test_the_list_for_a_terminal() -> None:
    assert render_errors(errors(PAIRS), 1) == (
        "Errors: 3 label, 3 bounds.\n3x  bounds, right  Bo [PER] > Bo in [PER]  ... Ada met _ Rome . ...\nAnd 1 more.\n"
    )
    assert render_errors(errors([])) == "No errors.\n"
    lost = Judged(Document("a\x1b[31mb\n c"), Document("a\x1b[31mb\n c", (Span(0, 10, "X\x07"),)))
    assert render_errors(errors([lost])) == "Errors: 1 spurious.\n1x  spurious  a\ufffd[31mb c [X\ufffd]  ... _ ...\n"

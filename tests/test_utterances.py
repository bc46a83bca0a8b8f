"""Reading utterances: slots as spans, and one intent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elman.data.utterances import read_unlabelled, read_utterances
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

JSONL = '{"text": "fly to Oslo", "spans": [{"start": 7, "end": 11, "label": "to"}], "labels": ["book"]}\n'
COLUMN = "fly O book\nto O book\nOslo B-to book\n\nstop O halt\n\n"
COMMENT = "# intent = book\nfly O\nto O\nOslo B-to\n\n# intent: halt\nstop O\n\n"


def test_the_intent_stands_in_labels_in_a_column_or_in_a_comment(tmp_path: Path) -> None:
    for name, text in (("a.jsonl", JSONL), ("a.conll", COLUMN), ("b.conll", COMMENT)):
        (tmp_path / name).write_text(text)
        found = list(read_utterances(tmp_path / name))
        assert [document.labels for document in found] == [("book",), ("halt",)][: len(found)]
        assert found[0].text == "fly to Oslo"
        assert [(span.start, span.end, span.label) for span in found[0].spans] == [(7, 11, "to")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"text": "a"}\n', "document 1: expected one intent, got none"),
        ("a.jsonl", '{"text": "a", "labels": ["x", "y"]}\n', "expected one intent, got x, y"),
        ("a.conll", "fly O book\nto O halt\nOslo B-to book\n\n", "a-1: expected one intent, got book, halt"),
        ("a.conll", "fly O\nto O\nOslo B-to\n\n", "a-1: expected one intent, got none"),
    ],
)
def test_an_utterance_without_one_intent_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=said) as error:
        list(read_utterances(tmp_path / name))
    assert name in str(error.value)


def test_what_is_predicted_on_needs_no_intent(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("fly to Oslo\nstop\n")
    assert [document.text for document in read_unlabelled(tmp_path / "a.txt")] == ["fly to Oslo", "stop"]
    (tmp_path / "a.jsonl").write_text('{"text": "stop"}\n')
    assert [document.text for document in read_unlabelled(tmp_path / "a.jsonl")] == ["stop"]

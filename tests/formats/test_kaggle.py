"""Kaggle's NER CSV."""

import pytest

from elman.data import formats
from elman.data.document import Document, Span, Tokens
from elman.data.formats import kaggle
from elman.errors import DataError


def test_reads_sentences(data):
    path = data / "kaggle" / "valid.csv"
    assert formats.detect(path).format is kaggle.KAGGLE
    first, second = formats.read(path)
    assert (first.id, first.text, first.spans) == ("Sentence: 1", 'Ada said,  "', (Span(0, 3, "per"),))
    assert second == Document(
        "London .",
        (Span(0, 6, "geo"),),
        tokens=Tokens("London .", [(0, 6), (7, 8)], None, {"POS": ("NNP", ".")}),
        id="Sentence: 2",
    )


@pytest.mark.parametrize(
    ("name", "line", "problem", "rest"),
    [
        ("cells", 3, "expected 4 cells, got 2", ["Sentence: 2"]),
        ("empty-word", 3, "expected a word, got an empty cell", ["Sentence: 2"]),
        ("orphan", 5, "I-geo", ["Sentence: 1"]),
        ("columns", 1, "expected the columns 'Sentence #', 'Word' and 'Tag'", None),
    ],
)
def test_invalid_files(data, name, line, problem, rest):
    path = data / "kaggle" / f"invalid-{name}.csv"
    options = {"scheme": "IOB2"} if name == "orphan" else {}
    with pytest.raises(DataError) as caught:
        list(formats.read(path, "kaggle", **options))
    assert problem in caught.value.problem
    assert caught.value.line == line
    if rest:
        rejects = []
        reading = formats.read(path, "kaggle", rejects=rejects.append, **options)
        assert [one.id for one in reading] == rest
        assert (len(rejects), rejects[0].line) == (1, line)

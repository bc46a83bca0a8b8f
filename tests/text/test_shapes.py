from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.text.shapes import KINDS, shape

SHAPES = {
    "": "",
    "word": "x",
    "Word": "Xx",
    "A": "X",
    "NATO": "XX",
    "McDonald": "XxXx",
    "iPhone": "xXx",
    "IBMers": "XXx",
    "U.N.": "X.X.",
    "1996-12-06": "d-d-d",
    "1,204.50": "d,d.d",
    "O'Brien": "X'Xx",
    "12th": "dx",
    "...": ".",
    "Ünal": "Xx",
    "Пётр": "Xx",
    "日本": "c",
    "שלום": "c",
    "€12": "sd",
    "a😀😀b": "xsx",
    "e\u0301te\u0301": "x",
    "E\u0301A": "XX",
    "\u0301": "s",
    "a-b-c-d-e-f": "x-x-x-x-",
}


@pytest.mark.parametrize(("word", "expected"), SHAPES.items())
def test_shape(word: str, expected: str) -> None:
    assert shape(word) == expected


@given(st.text(max_size=40))
def test_a_shape_is_short_and_has_no_run_but_of_capitals(word: str) -> None:
    kinds = shape(word).replace("XX", "Y")
    assert len(kinds) <= KINDS
    assert all(kind != after for kind, after in pairwise(kinds))
    assert "XY" not in kinds
    assert "YX" not in kinds


@given(st.text(max_size=20))
def test_a_longer_run_changes_no_shape(word: str) -> None:
    assert shape("".join(character * 2 for character in word)) == shape("".join(character * 3 for character in word))

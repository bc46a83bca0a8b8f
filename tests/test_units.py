import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.units import COUNTINGS, PLAIN, Counting, boundaries, from_code_points, places, to_code_points

PIECES = ["🙂", "👩‍👩‍👧", "e\u0301", "\r\n", "\n", "\r", "\ufeff", "𝔸", "ß", "東", "a", " "]
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("counting", "offsets"),
    [
        (PLAIN, [0, 1, 2, 3, 4, 5]),
        (Counting("utf-16"), [0, 2, 3, 4, 5, 6]),
        (Counting("bytes"), [0, 4, 6, 7, 8, 9]),
        (Counting(lines="crlf"), [0, 1, 2, 3, 4, 5]),
        (Counting(lines="lf"), [0, 1, 2, 2, 3, 4]),
        (Counting(mark="counted"), [1, 2, 3, 4, 5, 6]),
        (Counting("bytes", mark="counted"), [3, 7, 9, 10, 11, 12]),
    ],
)
def test_the_offset_before_each_character(counting, offsets):
    assert boundaries("🙂ß\r\na", counting).tolist() == offsets


def test_line_feeds_alone_can_have_been_counted_as_two():
    assert boundaries("a\nb\r\nc", Counting(lines="crlf")).tolist() == [0, 1, 3, 4, 5, 6, 7]


def test_a_mark_that_is_there_can_have_been_left_out():
    assert boundaries("\ufeffab", Counting(mark="uncounted")).tolist() == [0, 0, 1, 2]
    assert places("\ufeffab", [(0, 2)], Counting(mark="uncounted")) == [(1, 3)]


@settings(max_examples=60, deadline=None)
@given(texts, st.sampled_from(["code-points", "utf-16", "bytes"]))
def test_units_are_those_of_the_encodings(text, unit):
    width = {
        "code-points": len,
        "utf-16": lambda t: len(t.encode("utf-16-le")) // 2,
        "bytes": lambda t: len(t.encode()),
    }
    expected = [width[unit](text[:at]) for at in range(len(text) + 1)]
    assert boundaries(text, Counting(unit)).tolist() == expected
    every = np.arange(len(text) + 1)
    assert from_code_points(text, every, unit).tolist() == expected
    assert to_code_points(text, expected, unit).tolist() == every.tolist()


def test_offsets_within_a_character_or_outside_are_none():
    assert to_code_points("a🙂", [0, 1, 2, 3, 4, -1], "utf-16").tolist() == [0, 1, -1, 2, -1, -1]
    assert places("a🙂", [(0, 2), (1, 3), (-1, 1), (0, 10**30)], Counting("utf-16")) == [None, (1, 2), None, None]


@settings(max_examples=60, deadline=None)
@given(texts, st.data())
def test_every_span_comes_back_however_it_was_counted(text, data):
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    counting = data.draw(st.sampled_from(COUNTINGS))
    bounds = boundaries(text, counting)
    given_span = int(bounds[start]), int(bounds[end]) - counting.inclusive
    (place,) = places(text, [given_span], counting)
    assert place is not None
    # Only characters that were not counted may have gone from its rim.
    left, right = place
    assert bounds[left] == bounds[start]
    assert bounds[right] == bounds[end]
    assert counting.lines == "lf" or counting.mark == "uncounted" or place == (start, end)
    assert places(text, [given_span], counting.within(text)) == [place]

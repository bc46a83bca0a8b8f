import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.text.segment import LOOKAHEAD, WINDOW, Segmenter, Window, in_windows, segment
from elman.text.tokenizer import tokenize

SIGNS = [
    *"aBé \n\t.!?…,;:\"'’()[]-•",
    "。",
    "！",
    "」",
    "😀",
    "👨\u200d👩\u200d👧",
    "e\u0301",
    "\u0301",
    "\u200b",
    "\ufeff",
]
GAPS = ["\r\n", "\n\n", "\r", "\f", "\u2028", "\u2029", "\x00", "\u00a0", "   ", " " * 130]
PHRASES = [
    "The ",
    "the ",
    "Mr. ",
    "U.N. ",
    "Inc. ",
    "etc. ",
    "No. 5 ",
    "am 16. August ",
    "3. ",
    "don't ",
    "Hello. ",
    "wrong? ",
]
PHRASES += [
    "http://a.b/c ",
    "a@b.cd ",
    "$5 ",
    "a line of some length that no mark ends",
    "lower case goes ",
    "漢字",
    "ไทย",
    "हिन्दी",
]
RUNS = ["x" * 300, "a, " * 60, "b " * 140, "= " * 20, "\u0301" * 40, "." * 20, "。" * 9, "」" * 6]
ATOMS = st.sampled_from(SIGNS + GAPS + PHRASES + RUNS)
TEXTS = st.lists(ATOMS, max_size=40).map("".join)


def stream(chunks: list[str]) -> list[Window]:
    segmenter = Segmenter()
    windows = [window for chunk in chunks for window in segmenter.feed(chunk)]
    return windows + segmenter.close()


def cut(text: str, sizes: list[int]) -> list[str]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(text[at : at + size])
        at += size
    return [*chunks, text[at:]]


def texts(text: str) -> list[str]:
    return [window.text for window in segment(text)]


@given(TEXTS, st.lists(st.integers(0, 200), max_size=30))
def test_any_chunks_give_the_same_windows(text: str, sizes: list[int]) -> None:
    assert stream(cut(text, sizes)) == segment(text)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_one_character_at_a_time_gives_the_same_windows(text: str) -> None:
    assert stream(list(text)) == segment(text)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=()), max_size=80), st.lists(st.integers(0, 9), max_size=20))
def test_arbitrary_text_in_any_chunks_gives_the_same_windows(text: str, sizes: list[int]) -> None:
    assert stream(cut(text, sizes)) == segment(text)


@given(TEXTS)
def test_windows_hold_all_tokens_of_the_text_in_order(text: str) -> None:
    windows = segment(text)
    spans = [span for window in windows for span in (window.tokens + window.start).tolist()]
    assert spans == tokenize(text).tolist()
    for window in windows:
        assert 1 <= len(window.tokens) <= WINDOW
        assert window.tokens.dtype == np.int32
        assert not window.tokens.flags.writeable
        assert window.text == text[window.start : window.end]
        assert window.tokens[0, 0] == 0
        assert window.tokens[-1, 1] == window.end - window.start


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.integers(1, 60))
def test_a_window_comes_within_the_lookahead(text: str, size: int) -> None:
    expected, segmenter, got, fed = segment(text), Segmenter(), 0, 0
    for start in range(0, len(text), size):
        got += len(segmenter.feed(text[start : start + size]))
        fed = min(start + size, len(text))
        due = sum(window.end + LOOKAHEAD <= fed for window in expected)
        assert got >= due


@pytest.mark.parametrize(
    ("fed", "out"),
    [
        ("Hello there.\n", ["Hello there."]),
        ("a headline\n", ["a headline"]),
        ("He left. S", ["He left."]),
        ("He left.\n\n", ["He left."]),
        ("Wait, Mr. ", []),
        ("你好。他", ["你好。"]),
        ("The U.S. ", []),
        ("The U.S. The", []),
        ("The U.S. The ", ["The U.S."]),
    ],
)
def test_a_window_comes_as_soon_as_it_is_certain(fed: str, out: list[str]) -> None:
    segmenter = Segmenter()
    assert [window.text for character in fed for window in segmenter.feed(character)] == out


def test_offsets_count_from_the_start_of_the_stream() -> None:
    first, second = segment("  One two.\n\nThree.")
    assert (first.start, first.end, first.text, first.tokens.tolist()) == (
        2,
        10,
        "One two.",
        [[0, 3], [4, 7], [7, 8]],
    )
    assert (second.start, second.end, second.tokens.tolist()) == (12, 18, [[0, 5], [5, 6]])
    assert not first.forced


def test_a_long_sentence_is_cut_behind_a_comma() -> None:
    windows = segment("word " * 230 + "end, " + "word " * 100 + ".")
    assert [len(window.tokens) for window in windows] == [232, 101]
    assert windows[0].text.endswith("end,")
    assert [window.forced for window in windows] == [True, False]


def test_a_long_sentence_without_a_comma_is_cut_at_white_space() -> None:
    windows = segment("漢" * 250 + " " + "字" * 300)
    assert [len(window.tokens) for window in windows] == [250, 256, 44]
    assert [window.forced for window in windows] == [True, True, False]


def test_a_sentence_of_just_one_window_is_not_cut() -> None:
    assert [(len(window.tokens), window.forced) for window in segment("a " * 255 + ".")] == [(256, False)]


def test_white_space_alone_has_no_window() -> None:
    assert segment("") == segment(" \n\t\r\n\x00") == []


HUGE = {
    "spaces": "One." + " " * 100_000 + "Two",
    "line breaks": "One" + "\r\n" * 50_000 + "two",
    "one word": "x" * 300_000,
    "no full stop": "word another, and more of it " * 35_000,
    "stops": "a. " * 30_000,
    "wide stops": "。" * 30_000,
    "marks": "\u0301" * 50_000,
    "quotes": '"' * 50_000,
    "emoji": "👨\u200d👩\u200d👧" * 10_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_memory_is_bounded_and_chunks_do_not_matter(name: str) -> None:
    text = HUGE[name]
    expected = segment(text)
    drawn = random.Random(1)
    segmenter, windows, at, held = Segmenter(), [], 0, 0
    while at < len(text):
        size = drawn.choice([1, 2, 7, 100, 1000, 5000])
        windows += segmenter.feed(text[at : at + size])
        held = max(held, len(segmenter._text) + segmenter._waiting)
        at += size
    assert windows + segmenter.close() == expected
    assert held < 90_000


@pytest.mark.parametrize("name", HUGE)
def test_time_is_linear_in_the_text(name: str) -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        stream(list(text))
        return time.process_time() - start

    text = HUGE[name][:24_000]  # eight times as much: linear is 8 times the time, quadratic 64
    short = min(seconds(text[:3_000]) for _ in range(3))
    assert seconds(text) < 24 * short + 0.2


def test_offsets_beyond_32_bits() -> None:
    segmenter = Segmenter()
    segmenter._origin = 1 << 40
    (window,) = segmenter.feed("One.\n\n")
    assert (window.start, window.end) == (1 << 40, (1 << 40) + 4)
    assert window.tokens.tolist() == [[0, 3], [3, 4]]


@pytest.mark.parametrize("wrong", [None, b"text", 5])
def test_text_has_to_be_str(wrong: object) -> None:
    with pytest.raises(TypeError, match="expected text as str"):
        segment(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected text as str"):
        Segmenter().feed(wrong)  # type: ignore[arg-type]


def test_a_closed_segmenter_takes_no_more() -> None:
    segmenter = Segmenter()
    segmenter.close()
    with pytest.raises(UsageError, match="closed"):
        segmenter.feed("text")


def test_windows_compare_by_value() -> None:
    assert segment("One. Two.") == segment("One. Two.")
    assert segment("One")[0] != segment("Two")[0]
    assert segment("One")[0] != "One"
    assert len({*segment("One. Two."), *segment("One. Two.")}) == 2


@settings(deadline=None, max_examples=50)
@given(TEXTS, st.sampled_from([1, 2, 30, 3000]))
def test_a_whole_text_is_cut_as_a_stream_is(text: str, repeats: int) -> None:
    whole = text * repeats
    found = in_windows(whole)
    windows = segment(whole)
    firsts = np.cumsum([0, *(len(window.tokens) for window in windows)])[:-1]
    assert found.starts.tolist() == firsts.tolist()
    assert found.forced.tolist() == [window.forced for window in windows]
    offsets = [(window.tokens + window.start).tolist() for window in windows]
    assert found.offsets.tolist() == [token for tokens in offsets for token in tokens]
    assert (found.offsets.shape[1:], found.offsets.dtype, found.starts.dtype) == ((2,), np.int32, np.int32)

from __future__ import annotations

import tracemalloc
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.runtime.entities import Entities
from elman.runtime.streaming import PIECE, Stream, mentions
from elman.runtime.tagger import Tagger, load
from elman.text.segment import LOOKAHEAD, WINDOW, Segmenter
from tests.model.examples import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

ODD = [
    "The Bank of England said so. ",
    "Mr. Smith",
    "\r\n",
    "\n\n",
    "\x00",
    "\ud83d",
    "\ude00",
    "\ufeff",
    "😀 ",
    "東京。",
    "x" * 700,
    "Smith " * 300,
    " ",
]
TEXTS = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=20)), max_size=12).map("".join)


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    return load(write(tmp_path_factory.mktemp("stream") / "model", scale=1.0))


def cut(text: str, places: list[int]) -> list[str]:
    inside = sorted(min(place, len(text)) for place in places)
    return [text[start:end] for start, end in pairwise([0, *inside, len(text)])]


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 4000), max_size=20), st.sampled_from([None, 0.2, 0.6]))
def test_any_cutting_gives_what_tag_gives(
    tagger: Tagger, text: str, places: list[int], threshold: float | None
) -> None:
    (document,) = tagger.tag([text], threshold=threshold)
    expected = list(document.spans)
    assert list(tagger.stream(cut(text, places), threshold=threshold)) == expected
    assert list(tagger.stream(text, 100, threshold=threshold)) == expected


def test_one_character_at_a_time(tagger: Tagger) -> None:
    text = "".join(ODD) * 2
    assert list(tagger.stream(list(text))) == list(tagger(text).spans)


def test_overlapping_spans_come_in_the_same_order(tagger: Tagger) -> None:
    text = "Mr. Smith of the Bank said so on Monday.\n" * 20
    (document,) = tagger.tag([text], threshold=0.05, overlaps="keep")
    found = list(tagger.stream(cut(text, list(range(0, 800, 7))), threshold=0.05, overlaps="keep"))
    assert found == list(document.spans)
    assert any(later.start < earlier.end for earlier, later in pairwise(found))


def test_a_mention_has_its_text_and_a_long_sentence_is_counted(tagger: Tagger) -> None:
    text = "Mr. Smith of the Bank 😀 said so.\r\n" + "Smith " * (2 * WINDOW)
    stream = tagger.open_stream()
    found = [*stream.feed(text[:50]), *stream.feed(text[50:]), *stream.close()]
    assert found
    assert [mention.text for mention in found] == [text[span.start : span.end] for span, _ in found]
    assert stream.cuts == 1


def test_it_waits_no_longer_than_the_lookahead(tagger: Tagger) -> None:
    """Each span is out when as many characters have come behind its window's end, whatever they are."""
    text = "Mr. Smith said. the Bank, " * 20 + "x" * 1500
    segmenter = Segmenter()
    windows = segmenter.feed(text) + segmenter.close()
    expected = list(tagger(text).spans)
    stream = tagger.open_stream()
    out = 0
    for at, character in enumerate(text, 1):
        out += sum(1 for _ in stream.feed(character))
        certain = max((window.end for window in windows if window.end + LOOKAHEAD <= at), default=0)
        assert out >= sum(span.end <= certain for span in expected)


ENDLESS = {
    "sentences": "The Bank said that Mr Smith went to Monday. ",
    "no full stop": "word another, and more of it ",
    "no space": "x",
    "spaces": " ",
    "line breaks": "\r\n",
    "wide": "漢",
    "control characters": "\x00",
}


def peak(chunks: Iterable[str]) -> int:
    """The most memory that a stream holds, the network apart, which keeps nothing of one batch for the next."""

    def find(words: Sequence[str], lengths: NDArray[np.int64]) -> Entities:  # noqa: ARG001
        rows = [(window, 0, 1, 0) for window in range(len(lengths))]
        return Entities(np.array(rows, np.int32).reshape(-1, 4), np.ones(len(rows)))

    stream = Stream(find, ["PER"], "entities", 1024)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    for _ in mentions(stream, chunks):
        pass
    return tracemalloc.get_traced_memory()[1] - before


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("name", ENDLESS)
def test_memory_is_constant_on_an_endless_stream(name: str) -> None:
    piece = (ENDLESS[name] * 4_000)[:4_000]
    peak([piece])
    assert peak([piece] * 40) < 1.1 * peak([piece] * 20) + 20_000


@pytest.mark.usefixtures("traced")
def test_memory_does_not_grow_with_one_chunk() -> None:
    text = "The Bank said that Mr Smith went to Monday. " * (4 * PIECE // 44)
    short = text[:PIECE]
    assert peak([text]) < 1.2 * peak([short])


def test_a_word_of_300000_characters(tagger: Tagger) -> None:
    text = "The Bank. " + "x" * 300_000 + " Smith said so."
    expected = list(tagger(text).spans)
    assert list(tagger.stream(text[at : at + 999] for at in range(0, len(text), 999))) == expected


# --- what does not go


@pytest.mark.parametrize("chunks", [b"bytes", bytearray(b"bytes"), memoryview(b"bytes"), None, 7])
def test_chunks_that_are_no_chunks_are_told_at_once(tagger: Tagger, chunks: object) -> None:
    with pytest.raises(TypeError, match=f"expected pieces of a text, each a str, got {type(chunks).__name__}"):
        tagger.stream(chunks)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"expected many texts, each a str or a Document, got {type(chunks).__name__}"):
        tagger.tag(chunks)  # type: ignore[arg-type]


@pytest.mark.parametrize("chunk", [b"bytes", None, 7, ["a"]])
def test_a_chunk_that_is_no_text_is_told_after_what_was_certain(tagger: Tagger, chunk: object) -> None:
    def chunks() -> Iterator[object]:
        yield "Mr. Smith of the Bank said so.\n\n"
        yield chunk

    expected = list(tagger("Mr. Smith of the Bank said so.\n\n").spans)
    spans = tagger.stream(chunks())  # type: ignore[arg-type]
    assert list(islice(spans, len(expected))) == expected
    with pytest.raises(TypeError, match=f"expected a stream's pieces as str, got {type(chunk).__name__}"):
        next(spans)


def test_thresholds_are_checked_at_once(tagger: Tagger) -> None:
    with pytest.raises(UsageError, match="thresholds above 0"):
        tagger.stream(["a"], threshold=0)
    with pytest.raises(UsageError, match="at least 1 token"):
        tagger.stream(["a"], batch_tokens=0)


def test_nothing_comes_after_the_end(tagger: Tagger) -> None:
    stream = tagger.open_stream()
    list(stream.close())
    with pytest.raises(UsageError, match="closed"):
        list(stream.feed("a"))

"""What texts are made of."""

from __future__ import annotations

import builtins
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import ModelError, UsageError
from elman.features.units import Kind, Units, opened
from elman.features.vocabulary import FIRST, UNKNOWN

TEXTS = ["a cat sat", "a mat that a cat had", "the cat", "Ätna, 3.5 %"]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_text_of_the_training_set_comes_back(kind: Kind) -> None:
    units = Units.build(kind, TEXTS, size=300)
    for text in TEXTS:
        rows = units.encode(text)
        assert rows.min() >= FIRST
        assert rows.max() < units.end
        assert units.decode(rows.tolist()) == text
    assert units.end == len(units) - 1
    assert units.decode([0, UNKNOWN, units.end]) == ""


@pytest.mark.parametrize("kind", get_args(Kind))
def test_units_are_kept_as_text(kind: Kind) -> None:
    units = Units.build(kind, TEXTS, size=300)
    again = opened({"source": kind}, {"source": units.encode_table()}, "source")
    assert len(again) == len(units)
    assert [again.encode(text).tolist() for text in TEXTS] == [units.encode(text).tolist() for text in TEXTS]


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_subwords_write_every_text(text: str) -> None:
    assert SUBWORDS.decode(SUBWORDS.encode(text).tolist()) == text.removeprefix(" ")


SUBWORDS = Units.build("subwords", TEXTS, size=300)


def test_frequent_subwords_are_joined() -> None:
    assert len(SUBWORDS.encode("a cat")) == 2
    assert len(SUBWORDS.encode("xyz")) > 2


def test_rare_characters_are_unknown() -> None:
    units = Units.build("characters", ["aab", "a"], min_count=2)
    assert units.encode("ab").tolist() == [FIRST, UNKNOWN]


@pytest.mark.parametrize("text", ["", "{}", "no json"])
def test_a_file_that_holds_no_subwords_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="expected the subwords that elman writes"):
        Units.decode_table("subwords", text, "source.txt")


def test_unknown_or_missing_units_are_refused() -> None:
    with pytest.raises(ModelError, match="expected units out of characters, words, subwords"):
        Units.decode_table("bytes", "", "source.txt")
    with pytest.raises(ModelError, match=r"source\.txt is missing"):
        opened({"source": "words"}, {}, "source")


def test_characters_and_words_need_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "tokenizers":
            raise ModuleNotFoundError(name="tokenizers")
        return real(name, *rest, **more)

    table = SUBWORDS.encode_table()
    monkeypatch.setattr(builtins, "__import__", without)
    for kind in ("characters", "words"):
        units = Units.build(kind, TEXTS)  # type: ignore[arg-type]
        assert units.decode(Units.decode_table(kind, units.encode_table(), "x").encode("a cat").tolist()) == "a cat"
    with pytest.raises(UsageError, match=r'pip install "elman\[subwords\]"'):
        Units.build("subwords", TEXTS)
    with pytest.raises(UsageError, match=r'pip install "elman\[subwords\]"'):
        Units.decode_table("subwords", table, "x")

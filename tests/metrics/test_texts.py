"""Scores of written texts."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from elman.errors import UsageError
from elman.metrics.texts import TextScores

GOLD = [("R IY D", "R EH D"), ("K AE T",), ("D AO G Z",)]
WRITTEN = ["R EH D", "K AE T S", ""]


def test_the_nearest_of_several_texts_counts() -> None:
    scores = TextScores(GOLD, WRITTEN, "words", "errors")
    assert scores.exact == 1 / 3
    assert scores.errors == (0 + 1 + 4) / (3 + 3 + 4)
    assert scores.figure == ("word error rate", -0.5, "50.00%")
    assert scores.curves == {"exact match": 1 / 3, "word error rate": 0.5}


def test_characters_are_counted_where_they_are_the_units() -> None:
    scores = TextScores([("abcd",), ("ef",)], ["abxd", "efg"], "characters", "exact")
    assert scores.errors == 2 / 6
    assert scores.figure == ("exact match", 0.0, "0.00%")
    assert "bleu" not in scores.to_json()
    assert [line.split(" (")[0] for line in scores.lines()] == [
        "exact match 0.00%",
        "character error rate 33.33%",
    ]


def test_bleu_and_chrf_are_those_of_sacrebleu() -> None:
    from sacrebleu import corpus_bleu, corpus_chrf

    gold = [("the cat sat on the mat .", "a cat sat on a mat ."), ("there is a dog in the house",)]
    written = ["the cat is on the mat .", "there is the dog in a house"]
    streams = [[gold[0][0], gold[1][0]], [gold[0][1], None]]
    scores = TextScores(gold, written, "words", "bleu")
    assert scores.bleu.score == pytest.approx(corpus_bleu(written, streams).score)
    assert scores.chrf.score == pytest.approx(corpus_chrf(written, streams).score)
    assert scores.bleu.score > 10
    assert scores.figure == ("BLEU", scores.bleu.score / 100, f"{scores.bleu.score:.2f}")
    assert TextScores(gold, written, "words", "chrf").figure.value == scores.chrf.score / 100
    assert "tok:13a" in scores.bleu.signature
    shown = "\n".join(scores.lines())
    assert scores.bleu.signature in shown
    assert scores.to_json()["bleu"] == {"score": scores.bleu.score, "signature": scores.bleu.signature}


def test_only_bleu_and_chrf_need_sacrebleu(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "sacrebleu":
            raise ModuleNotFoundError(name="sacrebleu")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert TextScores(GOLD, WRITTEN, "words", "exact").to_json()["exact"] == 1 / 3
    with pytest.raises(UsageError, match=r'pip install "elman\[translation\]"'):
        _ = TextScores(GOLD, WRITTEN, "words", "bleu").figure

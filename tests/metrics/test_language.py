"""Bits per character and perplexity."""

import pytest

from elman.metrics.language import LanguageScores


def test_figures_are_those_of_all_texts_together():
    scores = LanguageScores([10.0, 30.0], [5, 15], [20, 30], 2, words=True)
    assert scores.bits_per_character == pytest.approx(40 / 50)
    assert scores.perplexity == pytest.approx(4.0)
    assert scores.figure.name == "perplexity"
    assert scores.figure.value == -scores.perplexity
    assert scores.interval == pytest.approx((2.0, 2.0))
    assert "2 words are unknown" in list(scores.lines())[-1]
    characters = LanguageScores([10.0, 50.0], [5, 15], [5, 15], 0, words=False)
    assert characters.figure == ("bits per character", -3.0, "3.0000")
    low, high = characters.interval
    assert low <= 3.0 <= high
    assert characters.to_json()["bits_per_symbol"] == 3.0

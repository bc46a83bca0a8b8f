"""The tables of seqeval and nervaluate, equal to what these print."""

from __future__ import annotations

import random
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator
from seqeval.metrics import classification_report
from seqeval.scheme import BILOU, IOB2, IOBES, IOE2

from elman.data.schemes import SCHEMES
from elman.errors import UsageError
from elman.metrics.peer_tables import SCENARIOS, nervaluate_report, seqeval_report
from elman.metrics.score import score
from elman.metrics.tags import compare_tags

LABELS = ("PER", "LOC", "a-label-that-is-long")
SEQEVAL = {"IOB2": IOB2, "IOE2": IOE2, "IOBES": IOBES, "BILUO": BILOU}
Tags = list[list[str]]


def drawn(name: str, seed: int) -> tuple[Tags, Tags]:
    """Gold tags, and predicted ones with mistakes, some of them forbidden."""
    rng = random.Random(seed)
    tags = ["O", "O", *SCHEMES[name].tags(LABELS[: rng.choice((1, 2, 3))])]
    gold = [[rng.choice(tags) for _ in range(rng.randrange(7))] for _ in range(rng.randrange(1, 6))]
    return gold, [[rng.choice(tags) if rng.random() < 0.4 else tag for tag in row] for row in gold]


@pytest.mark.parametrize(
    ("name", "repair"), [*((name, "drop") for name in SEQEVAL), *((n, "conlleval") for n in ("IOB2", "IOE2", "IOBES"))]
)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), digits=st.sampled_from([2, 2, 4]))
def test_the_table_of_seqeval(name: str, repair: str, seed: int, digits: int) -> None:
    gold, predicted = drawn(name, seed)
    result = score(compare_tags(gold, predicted, scheme=name, repair=repair).comparison)  # type: ignore[arg-type]
    if not result.names:  # seqeval fails there
        assert seqeval_report(result).count("0.00") == 9
        return
    strict = {"mode": "strict", "scheme": SEQEVAL[name]} if repair == "drop" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = classification_report(gold, predicted, digits=digits, **strict)
    assert seqeval_report(result, digits) == expected


def test_a_table_without_entities() -> None:
    assert seqeval_report(score(compare_tags([["O"]], [["O"]]).comparison)) == (
        """\
              precision    recall  f1-score   support


   micro avg       0.00      0.00      0.00         0
   macro avg       0.00      0.00      0.00         0
weighted avg       0.00      0.00      0.00         0
"""
    )


GOLD = [
    ["B-PER", "I-PER", "O", "B-LOC", "O", "O", "O", "O", "B-PER"],
    ["B-LOC", "I-LOC", "I-LOC", "O", "B-PER", "O", "O", "B-LOC", "I-LOC"],
    ["O", "O", "O"],
    ["B-PER", "I-PER", "I-PER", "O", "B-LOC"],
]
PREDICTED = [
    ["B-PER", "I-PER", "O", "B-PER", "O", "O", "B-LOC", "O", "O"],
    ["B-LOC", "I-LOC", "O", "O", "B-LOC", "I-LOC", "O", "O", "B-LOC"],
    ["O", "B-PER", "O"],
    ["O", "B-PER", "I-PER", "O", "B-LOC"],
]


@pytest.mark.parametrize("scenario", [None, *SCENARIOS])
def test_the_table_of_nervaluate(scenario: str | None) -> None:
    evaluator = Evaluator(GOLD, PREDICTED, tags=["PER", "LOC"], loader="list")
    expected = evaluator.summary_report("overall" if scenario is None else "entities", scenario or "strict", digits=3)
    assert nervaluate_report(compare_tags(GOLD, PREDICTED).comparison, scenario, digits=3) == expected


def test_the_table_of_nervaluate_without_entities() -> None:
    expected = Evaluator([["O"]], [["O"]], tags=["PER"], loader="list").summary_report()
    assert nervaluate_report(compare_tags([["O"]], [["O"]]).comparison) == expected


def test_a_scenario_that_nervaluate_does_not_have() -> None:
    with pytest.raises(UsageError, match="no scenario 'loose'; nervaluate has ent_type, exact, partial, strict"):
        nervaluate_report(compare_tags([["O"]], [["O"]]).comparison, "loose")

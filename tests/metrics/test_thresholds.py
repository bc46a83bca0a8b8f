import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.thresholds import Judgements, precision_threshold, recall_threshold

SCORES = (0.0, 0.002, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)


def judged(documents, names=("A",)):
    """From documents, each a list of (probability, correct or None if it was lost, label)."""
    rows, lost = [], []
    for unit, spans in enumerate(documents):
        for probability, correct, label in spans:
            if correct is None:
                lost.append((unit, label))
            else:
                rows.append((probability, correct, unit, label))
    probability, correct, unit, label = map(np.array, zip(*rows, strict=True)) if rows else np.zeros((4, 0))
    return Judgements(
        names,
        probability.astype(float),
        correct.astype(bool),
        unit.astype(int),
        label.astype(int),
        np.array(lost, int).reshape(-1, 2),
        len(documents),
    )


def drawn(rng, documents, most=12):
    """Documents of all sizes, in some of which everything is hard."""
    made = []
    for _ in range(documents):
        hard = rng.random() < 0.3
        size = rng.integers(0, most + 1)
        scores = rng.choice(SCORES, size, p=np.array([4, 3, 2, 2, 2, 2, 2, 1, 1]) / 19 if hard else None)
        made.append([(score, True, 0) if score else (0.0, None, 0) for score in scores])
    return made


def loss(document, threshold, recall, cap):
    gold = [score if correct else 0.0 for score, correct, _ in document if correct is not False]
    missed = sum(score < threshold for score in gold)
    return min(1, cap / max(len(gold), 1)) * (missed - (1 - recall) * len(gold))


def least(documents, recall, cap):
    """The threshold by the definition: of all that occur the highest whose losses and the worst one suffice."""
    values = sorted({score for document in documents for score, correct, _ in document if correct}, reverse=True)
    for value in values:
        if sum(loss(document, value, recall, cap) for document in documents) + recall * cap <= 1e-9:
            return value
    return None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((0.5, 0.7, 0.9)), st.sampled_from((1, 3, 20)))
def test_it_is_the_highest_that_the_definition_allows(seed, recall, cap):
    documents = drawn(np.random.default_rng(seed), 12)
    expected = least(documents, recall, cap)
    if expected is None:
        with pytest.raises(UsageError, match=r"needs more data|cannot be had"):
            recall_threshold(judged(documents), recall, cap)
        return
    found = recall_threshold(judged(documents), recall, cap)
    assert found.value <= expected
    assert found.value == pytest.approx(expected, rel=2e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((0.5, 0.7, 0.8)), st.sampled_from((1, 3, 20)))
def test_over_all_choices_of_the_new_document_the_mean_loss_is_at_most_zero(seed, recall, cap):
    # Exchangeability, taken at its word: every document is once the new one. This holds exactly, not about.
    documents = drawn(np.random.default_rng(seed), 10)
    losses = []
    for new in range(len(documents)):
        others = judged(documents[:new] + documents[new + 1 :])
        try:
            threshold = recall_threshold(others, recall, cap).value
        except UsageError:
            threshold = 0.0  # all that can be done then is to keep everything
        losses.append(loss(documents[new], threshold, recall, cap))
    assert sum(losses) <= 1e-6


def test_a_threshold_says_what_it_is():
    documents = [[(0.9, True, 0), (0.04321987, True, 0), (0.5, False, 0)] for _ in range(300)]
    found = recall_threshold(judged(documents), 0.98)
    assert found.value == 0.04321
    assert (found.recall, found.precision) == (1.0, pytest.approx(2 / 3))
    assert (found.units, found.spans, found.wanted) == (300, 600, "recall")
    assert "exchangeable" in found.guarantee
    assert found.to_json()["guarantee"] == found.guarantee
    assert "independent" in precision_threshold(judged(documents), 0.5).guarantee


def test_a_long_document_weighs_no_more_than_the_cap():
    short = [[(0.9, True, 0)] for _ in range(60)]
    long = [[(0.01, True, 0)] * 500]
    assert recall_threshold(judged(short + long), 0.9, cap=1).value == 0.9
    with pytest.raises(UsageError, match="needs more data"):
        recall_threshold(judged(short + long), 0.9, cap=500)


def test_labels_and_units_are_told_apart():
    documents = [[(0.9, True, 0), (0.3, True, 1), (0.1, None, 1)] for _ in range(40)]
    both = judged(documents, ("A", "B"))
    assert recall_threshold(both.only("A"), 0.9, cap=1).value == 0.9
    with pytest.raises(UsageError, match="cannot be had"):
        recall_threshold(both.only("B"), 0.9, cap=1)
    half = both.within(np.arange(40) < 20)
    assert (half.units, len(half.probability), len(half.lost)) == (40, 40, 20)
    assert both.reached(0.5) == (pytest.approx(1 / 3), 1.0)
    with pytest.raises(UsageError, match="no label 'C'; choose out of A, B"):
        both.only("C")


def bet(rng, documents, right):
    """Documents with spans of all probabilities, of which the share that is right rises with it or not."""
    made = []
    for _ in range(documents):
        size = rng.integers(0, 9)
        made.append([(p, bool(rng.random() < right(p)), 0) for p in rng.random(size).tolist()])
    return made


def test_a_precision_holds_as_often_as_promised():
    rng = np.random.default_rng(2)
    # A span with probability p is right that often, so from t on (1 + t) / 2 are, which is 0.8 at t = 0.6.
    values = [precision_threshold(judged(bet(rng, 500, lambda p: p)), 0.8, 0.8, cap=1).value for _ in range(40)]
    assert sum(value < 0.6 for value in values) <= 40 * 0.2
    assert np.median(values) < 0.8


def test_precision_that_falls_with_the_threshold_is_not_taken_for_granted():
    documents = [[(0.95, True, 0), (0.85, False, 0), (0.3, True, 0)] * 2 for _ in range(300)]
    found = precision_threshold(judged(documents), 0.9)
    assert 0.85 < found.value <= 0.95
    assert found.precision == 1.0


def test_the_order_of_documents_is_drawn_and_the_result_is_the_same_again():
    documents = bet(np.random.default_rng(5), 300, lambda p: 0.6 + 0.4 * p)
    assert precision_threshold(judged(documents), 0.8) == precision_threshold(judged(documents), 0.8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda some: recall_threshold(some, 0.98), r"needs more data.*weigh as much as 49 .* at most 66\.67%"),
        (lambda some: recall_threshold(some, 98), "98 % is 0.98"),
        (lambda some: recall_threshold(some, 0.5, cap=0), "cap of at least 1"),
        (lambda some: precision_threshold(some, 0.9), "cannot be promised"),
        (lambda some: precision_threshold(some, 0.0), "share between 0 and 1"),
        (lambda some: precision_threshold(some, 0.9, confidence=1.0), "confidence between 0 and 1"),
    ],
)
def test_what_cannot_be_had_is_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call(judged([[(0.9, True, 0)] * 10] * 2))


def test_nothing_at_all_is_too_small():
    for call in (recall_threshold, precision_threshold):
        with pytest.raises(UsageError, match=r"Give more"):
            call(judged([[], []]), 0.9)


@given(st.integers(0, 10**6))
def test_what_is_kept_is_counted(seed):
    documents = drawn(np.random.default_rng(seed), 6)
    some = judged(documents)
    assume(len(some.probability))
    for value in SCORES[1:]:
        gold = [score for document in documents for score, _, _ in document]
        assert some.reached(value)[0] == pytest.approx(sum(score >= value for score in gold) / len(gold))

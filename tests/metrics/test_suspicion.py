from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span
from elman.errors import UsageError
from elman.metrics.suspicion import Belief, suspicion

#       0         1         2         3
#       0123456789012345678901234567890123456789
TEXT = "Paris met Ada Byron in Paris , said Ada"


def belief(spans=(), own=(), candidates=(), lengths=None, **more):
    document = Document(TEXT, tuple(Span(*span) for span in spans), id="one", **more)
    return Belief(document, own, [Span(*place, score=p) for *place, p in candidates], lengths or [1] * len(own))


def only(*arguments, **more):
    (found,) = suspicion([belief(*arguments, **more)]).suspects
    return found


def test_a_wrong_label():
    found = only([(0, 5, "PER")], [0.1], [(0, 5, "PER", 0.1), (0, 5, "LOC", 0.7), (0, 5, "ORG", 0.15)])
    assert (found.kind, found.proposed.label, found.probability, found.given) == ("label", "LOC", 0.7, 0.1)
    assert found.margin == pytest.approx(0.6)
    assert found.suspicion == pytest.approx(0.9)  # no other mention: 1 - p


def test_a_wrong_boundary():
    found = only([(10, 13, "PER")], [0.2], [(10, 19, "PER", 0.6), (14, 19, "PER", 0.3)])
    assert (found.kind, found.proposed.start, found.proposed.end) == ("boundary", 10, 19)


def test_a_span_that_should_not_be_there():
    found = only([(0, 5, "PER")], [0.1], [(0, 5, "LOC", 0.3), (10, 13, "PER", 0.4)])
    assert (found.kind, found.proposed) == ("spurious", None)
    assert found.probability == pytest.approx(0.6)
    assert only([(0, 5, "PER")], [0.1]).kind == "spurious"


def test_a_missing_span():
    found = only((), (), [(10, 19, "PER", 0.8), (10, 13, "PER", 0.15)])
    assert (found.kind, found.span, found.proposed) == ("missing", found.proposed, Span(10, 19, "PER", score=0.8))
    assert (found.suspicion, found.given) == (0.8, pytest.approx(0.2))
    assert found.to_json()["label"] is None
    assert found.to_json()["proposed"] == {"start": 10, "end": 19, "label": "PER"}


def test_what_overlaps_gold_or_is_unknown_is_not_missing():
    crossing = (10, 19, "PER", 0.9)
    (found,) = suspicion([belief([(14, 19, "PER")], [0.05], [crossing])]).suspects
    assert found.kind == "boundary"
    nobody_looked = belief((), (), [crossing], unknown=(Region(0, 12),))
    assert suspicion([nobody_looked]).suspects == ()
    assert len(suspicion([belief((), (), [crossing], unknown=(Region(0, 12, "other"),))]).suspects) == 1


def test_of_overlapping_gaps_the_most_probable_is_missing():
    several = belief((), (), [(10, 19, "PER", 0.3), (10, 13, "PER", 0.4), (14, 19, "PER", 0.25), (0, 5, "LOC", 0.2)])
    found = suspicion([several], gap=0.25).suspects
    assert [(one.span.start, one.span.end) for one in found] == [(10, 13), (14, 19)]
    assert suspicion([several]).suspects == ()


def test_a_longer_span_is_not_suspicious_for_being_longer():
    short, long = [(0, 5, "LOC")], [(10, 19, "PER")]
    assert only(short, [0.9]).suspicion == pytest.approx(only(long, [0.9**2], lengths=[2]).suspicion)


def test_other_mentions_of_the_string_count():
    twice, other = [(0, 5, "LOC"), (23, 28, "LOC")], [(0, 5, "LOC"), (23, 28, "ORG")]
    alone, agreeing, parted = (
        suspicion([belief(spans, [0.9] * len(spans))]).suspects[0] for spans in (twice[:1], twice, other)
    )
    assert agreeing.suspicion < alone.suspicion < parted.suspicion
    assert agreeing.elsewhere == (("LOC", 1),)
    assert parted.elsewhere in ((("LOC", 1),), (("ORG", 1),))
    # By the formula of the docstring, with k = 0.2.
    same, different = 1.2, 0.2
    held = 0.9 * same / (0.9 * same + 0.1 * different)
    assert agreeing.suspicion == pytest.approx(1 - held)
    held = 0.9 * different / (0.9 * different + 0.1 * same)
    assert parted.suspicion == pytest.approx(1 - held * different / 1.2)


def test_a_document_does_not_speak_of_another():
    here, there = belief([(0, 5, "LOC")], [0.9]), belief([(0, 5, "ORG")], [0.9])
    assert [one.suspicion for one in suspicion([here, there]).suspects] == [pytest.approx(0.1)] * 2


def test_what_has_no_probability_is_counted_and_not_ranked():
    found = suspicion([belief([(0, 5, "LOC"), (10, 13, "PER")], [None, 0.3])])
    assert (found.spans, found.unjudged, len(found.suspects)) == (2, 1, 1)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_suspicion_is_a_fraction_that_falls_with_the_probability(data):
    spans = data.draw(
        st.lists(st.sampled_from([(0, 5), (23, 28), (10, 13), (36, 39)]), min_size=1, max_size=4, unique=True)
    )
    spans = [(*place, data.draw(st.sampled_from("AB"))) for place in spans]
    fraction = st.floats(0, 1)
    own = [data.draw(fraction) for _ in spans]
    whole = belief(spans, own)
    found = suspicion([whole]).suspects
    assert len(found) == len(spans)
    assert all(0 <= one.suspicion <= 1 for one in found)
    assert [one.suspicion for one in found] == sorted((one.suspicion for one in found), reverse=True)
    raised = suspicion([whole._replace(own=[min(1.0, p + data.draw(fraction)) for p in own])]).suspects
    before = {one.span: one.suspicion for one in found}
    assert all(one.suspicion <= before[one.span] + 1e-12 for one in raised)


def test_the_order_of_candidates_changes_nothing():
    candidates = [(0, 5, "LOC", 0.4), (0, 5, "ORG", 0.4), (10, 19, "PER", 0.6), (10, 13, "PER", 0.55)]
    one, other = (
        suspicion([belief([(0, 5, "PER")], [0.1], order)], gap=0.1).suspects for order in (candidates, candidates[::-1])
    )
    assert one == other


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (belief([(0, 5, "LOC")], []), "1 spans in the layer entities, 0 probabilities"),
        (belief([(0, 5, "LOC")], [1.5]), "got 1.5"),
        (belief((), (), [(0, 5, "LOC", -0.1)]), "got -0.1"),
        (belief((), ())._replace(candidates=[Span(0, 5, "LOC")]), "got None"),
    ],
)
def test_what_does_not_fit_is_refused(given_, said):
    with pytest.raises(UsageError, match=said):
        suspicion([given_])


def test_a_gap_needs_a_probability():
    with pytest.raises(UsageError, match="above 0"):
        suspicion([], gap=0)


def test_other_layers_are_left_alone():
    whole = belief([(0, 5, "LOC")], [0.5])
    other = replace(whole.document, spans=(*whole.document.spans, Span(10, 13, "NN", "pos")))
    assert len(suspicion([whole._replace(document=other)]).suspects) == 1

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span
from elman.data.layers import base_of, flattened, layers, merge_layers
from elman.errors import DataError

TEXT = "University of California at Berkeley"


def test_what_is_nested_goes_to_further_layers_the_outermost_first():
    inner, middle, outer, other = Span(14, 24, "LOC"), Span(0, 24, "ORG"), Span(0, 36, "ORG"), Span(28, 36, "LOC")
    spread = layers(Document(TEXT, (inner, middle, outer, other, Span(0, 10, "NOUN", "pos"))))
    assert [span.layer for span in spread.spans] == ["entities/3", "entities/2", "entities", "entities/2", "pos"]


def test_of_two_in_one_place_the_first_is_the_outer():
    spread = layers(Document(TEXT, (Span(0, 10, "A"), Span(0, 10, "B"), Span(3, 12, "C"))))
    assert [span.layer for span in spread.spans] == ["entities", "entities/2", "entities/3"]


def test_a_flat_document_stays_as_it_is():
    document = Document(TEXT, (Span(0, 10, "A"), Span(10, 12, "B")))
    assert layers(document) is document
    assert merge_layers(document) is document


def test_what_is_unknown_is_unknown_in_all_of_them():
    document = Document(TEXT, (Span(0, 10, "A"), Span(0, 3, "B")), unknown=(Region(12, 20), Region(0, 2, "pos")))
    spread = layers(document)
    assert Region(12, 20, "entities/2") in spread.unknown
    assert merge_layers(spread) == document


def test_what_is_spread_is_not_spread_again():
    with pytest.raises(DataError, match="the layer 'entities' is spread already, there is 'entities/2'"):
        layers(Document(TEXT, (Span(0, 3, "A", "entities/2"),)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_layers_are_flat_and_merge_to_what_they_were(data):
    size = 12
    places = st.tuples(st.integers(0, size - 1), st.integers(1, size)).filter(lambda place: place[0] < place[1])
    name = data.draw(st.sampled_from(["entities", "a.b"]))
    spans = tuple(
        Span(*place, label, layer)
        for place, label, layer in data.draw(
            st.lists(st.tuples(places, st.sampled_from("AB"), st.sampled_from([name, "other"])), max_size=8)
        )
    )
    unknown = tuple(Region(*place, name) for place in data.draw(st.lists(places, max_size=2)))
    document = Document("x" * size, spans, unknown=unknown)
    spread = layers(document, name)
    assert merge_layers(spread, name) == document
    assert [span for span in spread.spans if span.layer == "other"] == [s for s in spans if s.layer == "other"]
    depth = {}
    for before, after in zip(spans, spread.spans, strict=True):
        if before.layer == name:
            depth.setdefault(after.layer, []).append(after)
    for flat in depth.values():
        ends = sorted((span.start, span.end) for span in flat)
        assert all(one[1] <= other[0] for one, other in pairwise(ends))
    for outer in spread.spans:
        for inner in spread.spans:
            strictly = outer.start <= inner.start and inner.end <= outer.end and outer.key[1:3] != inner.key[1:3]
            if strictly and "other" not in (outer.layer, inner.layer):
                assert (len(outer.layer), outer.layer) < (len(inner.layer), inner.layer)


def test_only_what_is_not_flat_is_spread_anew():
    flat = Document(TEXT, (Span(0, 10, "A"), Span(12, 15, "B", "entities/2")))
    assert flattened(flat) is flat
    spans = (Span(0, 10, "A"), Span(12, 15, "B", "entities/2"), Span(0, 36, "C"))
    assert [span.layer for span in flattened(Document(TEXT, spans)).spans] == ["entities/2", "entities/2", "entities"]
    assert [base_of(name) for name in ("entities/2", "a/12", "a/1", "a", "/2")] == ["entities", "a", "a/1", "a", "/2"]

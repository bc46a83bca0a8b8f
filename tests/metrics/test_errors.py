from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span
from elman.metrics.comparison import Judged, compare
from elman.metrics.errors import Errors, Named, errors
from elman.metrics.mistakes import BOUNDS, KINDS
from elman.metrics.score import score

TEXT = "Washington met Washington in New York City , and Bo ran ."
MET = Judged(
    Document(TEXT, (Span(0, 10, "PER"), Span(15, 25, "ORG"), Span(29, 42, "LOC"), Span(49, 51, "PER")), id="a & b"),
    Document(TEXT, (Span(0, 10, "LOC"), Span(15, 25, "ORG"), Span(29, 37, "LOC"), Span(38, 42, "ORG"))),
)


def found(*pairs: Judged) -> Errors:
    return errors(list(pairs))


def test_what_is_wrong_is_counted_by_label_and_by_bounds() -> None:
    result = found(MET)
    assert result.names == ("LOC", "ORG", "PER")
    assert result.correct.tolist() == [0, 1, 0]
    assert result.confusion.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0]]
    assert result.kinds == {"missed": 1, "spurious": 1, "label": 1, "bounds": 1, "label and bounds": 0}
    assert result.bounds == {"left": (0, 0), "right": (0, 0), "both": (0, 0), "split": (1, 0), "merged": (0, 0)}


def test_what_recurs_is_one_group_and_comes_first() -> None:
    other = Judged(Document(TEXT, (Span(49, 51, "PER"),)), Document(TEXT))
    result = errors([MET, other, other], examples=2)
    first, *rest = result.groups
    assert (first.kind, first.gold, first.predicted, first.times, first.documents) == (
        "missed",
        Named("Bo", "PER"),
        None,
        3,
        3,
    )
    assert [(example.document, example.name) for example in first.examples] == [(0, "a & b"), (1, "document 2")]
    assert [group.times for group in rest] == [1, 1, 1]
    assert rest[1].gold == Named("New York City", "LOC")
    assert rest[1].predicted == Named("New York", "LOC")


def test_examples_show_the_context_and_where_the_spans_are_in_it() -> None:
    for group in found(MET).groups:
        (example,) = group.examples
        assert TEXT[example.start :].startswith(example.text)
        for span in example.gold:
            assert example.text[span.start : span.end] in ("Washington", "New York City", "Bo")
    split = next(group for group in found(MET).groups if group.bounds == "split" and group.gold)
    assert [split.examples[0].text[span.start : span.end] for span in split.examples[0].predicted] == [
        "New York",
        "City",
    ]


def test_what_is_too_long_to_be_shown_is_cut() -> None:
    text = "x" * 9000
    (group,) = found(Judged(Document(text, (Span(1000, 8000, "A"),)), Document(text, (Span(2000, 9000, "A"),)))).groups
    (example,) = group.examples
    assert len(example.text) < 500
    assert (example.gold[0].end, example.predicted) == (len(example.text), ())


def test_strings_with_several_labels_are_linked() -> None:
    result = found(MET)
    (washington,) = result.ambiguities
    assert (washington.text, washington.gold, washington.predicted) == (
        "Washington",
        {"ORG": 1, "PER": 1},
        {"LOC": 1, "ORG": 1},
    )
    assert [len(example.gold) for example in washington.examples] == [1, 1, 0, 0]
    # The string, not the place: what has one label on either side is not ambiguous, it is an error.
    one = Judged(Document("Bo", (Span(0, 2, "PER"),)), Document("Bo", (Span(0, 2, "ORG"),)))
    assert found(one, one).ambiguities == ()


def test_the_labels_with_the_most_errors() -> None:
    result = found(MET)  # PER has 2, LOC 3, ORG 1
    assert [result.worst(limit) for limit in (0, 1, 2, 9)] == [[], [0], [0, 2], [0, 1, 2]]


def test_without_errors_there_is_nothing_to_tell() -> None:
    for result in (errors([]), found(Judged(MET.gold, MET.gold))):
        assert result.groups == ()
        assert set(result.kinds.values()) == {0}


def test_json_counts_from_the_start_of_the_document() -> None:
    text = "." * 99 + TEXT
    result = found(Judged(Document(text), Document(text, (Span(99, 109, "A", score=0.5),))))
    values = json.loads(json.dumps(result.to_json()))
    (group,) = values["groups"]
    assert group["examples"][0]["predicted"] == [{"start": 99, "end": 109, "label": "A", "score": 0.5}]
    assert group["predicted"] == {"text": "Washington", "label": "A"}
    assert values["confusion"] == {"labels": ["A"], "correct": [0], "errors": [[0, 0], [1, 0]]}


@st.composite
def pairs(draw: st.DrawFn) -> Judged:
    text = draw(st.text("ab ", min_size=1, max_size=12))
    bound = st.integers(0, len(text))
    places = st.tuples(bound, bound).map(sorted).filter(lambda two: two[0] < two[1])
    spans = st.lists(st.builds(lambda two, label: Span(*two, label), places, st.sampled_from("ABC")), max_size=5)
    unknown = draw(st.lists(places.map(lambda two: Region(*two)), max_size=1))
    return Judged(Document(text, tuple(draw(spans)), unknown=tuple(unknown)), Document(text, tuple(draw(spans))))


@given(st.lists(pairs(), max_size=4))
@settings(max_examples=80, deadline=None)
def test_everything_adds_up_with_the_exact_counts(given_pairs: list[Judged]) -> None:
    result = errors(given_pairs)
    counts = score(compare(given_pairs)).labels
    assert result.names == tuple(counts)
    size = len(result.names)
    for at, name in enumerate(result.names):
        assert result.correct[at] == counts[name].correct
        assert result.correct[at] + result.confusion[at].sum() == counts[name].support
        assert result.correct[at] + result.confusion[:, at].sum() == counts[name].predicted
    total = int(result.confusion.sum())
    assert sum(result.kinds.values()) == total == sum(group.times for group in result.groups)
    assert sum(same for same, _ in result.bounds.values()) == result.kinds["bounds"] == result.confusion.trace()
    assert sum(other for _, other in result.bounds.values()) == result.kinds["label and bounds"]
    assert result.confusion[size, size] == 0
    for kind in KINDS:
        assert sum(group.times for group in result.groups if group.kind == kind) == result.kinds[kind]
    for bounds in BOUNDS:
        both = [group.times for group in result.groups if group.bounds == bounds and group.gold and group.predicted]
        assert sum(both) == sum(result.bounds[bounds])


@given(st.lists(pairs(), max_size=4), st.permutations(range(4)))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_documents_changes_no_number(given_pairs: list[Judged], order: list[int]) -> None:
    one = errors(given_pairs)
    other = errors([given_pairs[at] for at in order if at < len(given_pairs)])
    assert (one.names, one.kinds, one.bounds) == (other.names, other.kinds, other.bounds)
    assert one.confusion.tolist() == other.confusion.tolist()

    def numbers(result: Errors) -> list[str]:
        told = ((group.kind, group.bounds, group.gold, group.predicted, group.times) for group in result.groups)
        return sorted(map(str, told))

    assert numbers(one) == numbers(other)

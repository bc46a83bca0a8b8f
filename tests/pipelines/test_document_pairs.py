"""Pairing: what belongs together, how it is put on one text, and where two sides part."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Relation, Span, Tokens
from elman.errors import DataError
from elman.pipelines.pairing import pair_sides
from elman.pipelines.projection import joined
from elman.pipelines.sides import Side

WORDS = st.lists(st.sampled_from(["Ada", "O", "b", "Köln", "👍", "e\u0301", "x" * 9]), min_size=0, max_size=12)
SPACES = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", "\u2028"])


def side(*documents, name="gold"):
    return Side(name, documents)


def rows(words, *, lengths=(), spans=(), between=" ", name=None):
    """A document of tokens, with spans given by the tokens that they cover."""
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + len(between)
    text = between.join(words)
    offsets = [(start, start + len(word)) for start, word in zip(starts, words, strict=True)]
    sentences = [0] if words else []
    for length in lengths[:-1]:
        sentences.append(sentences[-1] + length)
    placed = tuple(Span(offsets[first][0], offsets[last - 1][1], label) for first, last, label in spans)
    return Document(text, placed, tokens=Tokens(text, offsets, sentences), id=name)


def cut(words, places):
    """The words in documents that end at these places."""
    rims = [0, *sorted({place for place in places if place <= len(words)}), len(words)]
    return [words[first:last] for first, last in pairwise(rims) if last > first or len(rims) == 2]


def covered(document):
    """What spans cover, without white space, and how much there is before them."""
    return [
        (len("".join(document.text[: span.start].split())), "".join(document.surface(span).split()), span.label)
        for span in document.spans
    ]


@given(WORDS.filter(len), st.data())
@settings(max_examples=60, deadline=None)
def test_spans_cover_the_same_characters_however_texts_are_spaced_and_cut(words, data):
    sides = []
    for name in ("gold", "predicted"):
        documents = []
        for part in cut(words, data.draw(st.lists(st.integers(1, len(words)), max_size=4))):
            document = rows(part, between=data.draw(SPACES))
            places = data.draw(
                st.lists(st.tuples(st.integers(0, len(part) - 1), st.integers(1, 3)), max_size=3, unique=True)
            )
            ends = [(first, min(len(part), first + length), "PER") for first, length in places]
            documents.append(rows(part, spans=ends, between=document.text[len(part[0]) : len(part[0]) + 1] or " "))
        sides.append(side(*documents, name=name))
    pairs = pair_sides(*sides).pairs
    for number, one in enumerate(sides):
        whole = joined(one.documents)
        judged = joined([pair[number] for pair in pairs])
        assert covered(judged) == covered(whole)
    for gold, predicted in pairs:
        assert gold.text == predicted.text
        for document in (gold, predicted):
            assert all(document.surface(span) == document.surface(span).strip() for span in document.spans)
    # The groups are the smallest: both sides end a document there, and nowhere within one.
    ends = []
    for one in sides:
        sizes, total = set(), 0
        for document in one.documents:
            total += len("".join(document.text.split()))
            sizes.add(total)
        ends.append(sizes)
    assert len(pairs) == len(ends[0] & ends[1])


def test_the_same_text_is_left_as_it_is():
    gold, predicted = Document("Ada  ", (Span(0, 5, "PER"),)), Document("Ada  ", (Span(0, 3, "PER"),))
    pairing = pair_sides(side(gold), side(predicted))
    assert pairing.pairs == [(gold, predicted)]
    assert pairing.notes == pairing.warnings == []


def test_another_text_says_that_it_was_moved():
    gold = side(Document("Ada wrote.", (Span(0, 4, "PER"),)), Document("No."))
    predicted = side(Document("Ada wrote .\n", (Span(0, 3, "PER"), Span(10, 11, "END"))), Document("No."))
    pairing = pair_sides(gold, predicted)
    assert [span.key[1:] for span in pairing.pairs[0].gold.spans] == [(0, 3, "PER")]
    assert [span.key[1:] for span in pairing.pairs[0].predicted.spans] == [(0, 3, "PER"), (9, 10, "END")]
    assert pairing.notes == [
        "1 of 2 documents differ in white space alone: offsets were put onto gold's text; 1 spans lost white space "
        "at their ends"
    ]


def test_tokens_come_along_to_the_other_text():
    predicted = rows(["Ada", "wrote", "."], lengths=(2, 1))
    pair = pair_sides(side(Document("Ada wrote.")), side(predicted)).pairs[0]
    assert pair.predicted.tokens.surfaces == ["Ada", "wrote", "."]
    assert pair.predicted.tokens.sentences.tolist() == [0, 2]
    blank = Document("Ada  x", tokens=Tokens("Ada  x", [(0, 3), (4, 5), (5, 6)]))
    assert pair_sides(side(Document("Ada x")), side(blank)).pairs[0].predicted.tokens is None


def test_a_span_of_white_space_has_no_place_in_another_text():
    predicted = Document("Ada  wrote", (Span(3, 5, "PER"),), id="d1")
    with pytest.raises(DataError, match=r"'d1'.*white space alone"):
        pair_sides(side(Document("Ada wrote")), side(predicted))


def test_documents_are_joined_where_the_sides_cut_otherwise():
    gold = side(Document("A b.", id="1"), Document("C d.", (Span(0, 1, "PER"),), id="2"), Document("E."))
    predicted = side(
        Document("A b.\nC d.", (Span(5, 6, "PER", id="x"), Span(7, 8, "LOC", id="y")), (Relation("x", "y", "at"),)),
        Document("E."),
    )
    pairing = pair_sides(gold, predicted)
    assert [pair.gold.text for pair in pairing.pairs] == ["A b.\nC d.", "E."]
    first = pairing.pairs[0]
    assert first.gold.spans[0].key == first.predicted.spans[0].key
    assert first.predicted.relations == (Relation("x", "y", "at"),)
    assert "3 and 2: compared as 2, of which 1 are joined" in pairing.notes[0]


def test_joined_keeps_spans_relations_and_tokens():
    one = Document("Ada x", (Span(0, 3, "PER", id="a"),), (Relation("a", "a", "is"),))
    whole = joined([one, one])
    assert [whole.surface(span) for span in whole.spans] == ["Ada", "Ada"]
    assert [(one.head, one.tail) for one in whole.relations] == [("0:a", "0:a"), ("1:a", "1:a")]
    assert whole.tokens is None
    both = joined([rows(["a", "b", "c"], lengths=(1, 2)), rows(["d"])])
    assert both.tokens.surfaces == ["a", "b", "c", "d"]
    assert both.tokens.sentences.tolist() == [0, 1, 3]
    assert joined([]) == Document("")


def test_empty_documents_need_no_counterpart():
    empty, ada = Document(""), Document("Ada", (Span(0, 3, "PER"),))
    for gold, predicted in (
        ((empty, ada, empty), (ada,)),
        ((ada,), (ada, empty)),
        ((), (empty,)),
        ((empty,), (empty,)),
    ):
        pairs = pair_sides(side(*gold), side(*predicted)).pairs
        spans = [[span for pair in pairs for span in pair[number].spans] for number in (0, 1)]
        assert spans[0] == spans[1]
    assert pair_sides(side(), side()).pairs == []


@pytest.mark.parametrize(
    ("gold", "predicted", "told"),
    [
        (["Ada wrote."], ["Ada wrate."], ["document 1: Ada wr>>>ote.", "document 1: Ada wr>>>ate."]),
        (["A", "b c"], ["A", "b d"], ["gold, document 2: b >>>c", "system, document 2: b >>>d"]),
        (["A", "B"], ["A"], ["gold, document 2: >>>B", "system, at its end (1 documents)"]),
        (["A"], ["A", " B"], ["gold, at its end (1 documents)", "system, document 2:  >>>B"]),
        (["A"], ["A B"], ["gold, at its end (1 documents)", "system, document 1: A >>>B"]),
        ([], ["B"], ["gold, at its end (0 documents)", "system, document 1: >>>B"]),
        (["A b", "c d"], ["A b c e"], ["gold, document 2: c >>>d", "system, document 1: A b c >>>e"]),
        (["A b c e"], ["A b", "c d"], ["gold, document 1: A b c >>>e", "system, document 2: c >>>d"]),
        (["x" * 90 + "A"], ["x" * 90 + "B"], ["document 1: ..." + "x" * 30 + ">>>A"]),
    ],
)
def test_where_texts_part_both_sides_are_shown(gold, predicted, told):
    sides = (side(*map(Document, texts), name=name) for texts, name in ((gold, "gold"), (predicted, "system")))
    with pytest.raises(DataError) as error:
        pair_sides(*sides)
    for line in told:
        assert line in str(error.value)
    assert str(error.value).index("gold") < str(error.value).index("system")


def test_rows_are_paired_whatever_the_tokens_are():
    gold = side(rows(["Ada", "went", "to", "NYC"], spans=[(0, 1, "PER"), (3, 4, "LOC")]), rows(["No"]))
    predicted = side(rows(["ada", "went", "to", "<place>"], spans=[(0, 1, "PER"), (3, 4, "LOC")]), rows(["No"]))
    with pytest.raises(DataError, match="--align rows"):
        pair_sides(gold, predicted)
    pairing = pair_sides(gold, predicted, "rows")
    assert pairing.pairs[0].gold is gold.documents[0]
    assert pairing.pairs[0].predicted.spans == gold.documents[0].spans
    assert pairing.notes == ["paired row by row: 2 of 5 tokens differ"]
    # A span that is not at the rims of tokens covers those that it touches.
    ragged = Document("ada went to <place>", (Span(1, 6, "PER"),), tokens=predicted.documents[0].tokens)
    assert pair_sides(gold, side(ragged, rows(["No"])), "rows").pairs[0].predicted.spans == (Span(0, 8, "PER"),)


def test_rows_are_joined_where_sentences_end_elsewhere():
    gold = side(rows(["a", "b"]), rows(["c"], spans=[(0, 1, "PER")]), rows(["d"]))
    predicted = side(rows(["a"]), rows(["b", "X"], spans=[(1, 2, "PER")]), rows(["d"]))
    pairing = pair_sides(gold, predicted, "rows")
    assert [pair.gold.text for pair in pairing.pairs] == ["a b\nc", "d"]
    assert pairing.pairs[0].gold.spans == pairing.pairs[0].predicted.spans
    assert "compared as 2, of which 1 are joined" in pairing.notes[0]


def test_rows_that_do_not_fit_are_refused():
    gold = side(rows(["a", "b"]), rows(["c", "d", "e"], lengths=(1, 2)))
    fewer = side(rows(["a", "b"]), rows(["c", "d"], lengths=(1, 1)), name="system")
    with pytest.raises(DataError) as error:
        pair_sides(gold, fewer, "rows")
    assert "gold has 5 and system 4" in str(error.value)
    assert re.search(r"gold, document 2\n.*system, document 2\n", str(error.value))
    with pytest.raises(DataError, match="system, document 1 has none"):
        pair_sides(gold, side(Document("a b c d e"), name="system"), "rows")
    with pytest.raises(DataError, match="covers no token"):
        pair_sides(side(rows(["a"])), side(Document("b  ", (Span(2, 3, "X"),), tokens=Tokens("b  ", [(0, 1)]))), "rows")


def named(*pairs, name="gold"):
    return side(*(Document(text, id=each) for each, text in pairs), name=name)


def test_documents_are_matched_by_id_where_their_order_differs():
    gold = named(("a", "one"), ("b", "No"), ("c", "No"))
    predicted = side(
        Document("No", (Span(0, 2, "X"),), id="c"), Document("one", id="a"), Document("No", id="b"), name="system"
    )
    pairing = pair_sides(gold, predicted)
    assert [pair.predicted.id for pair in pairing.pairs] == ["a", "b", "c"]
    assert pairing.pairs[2].predicted.spans
    assert pairing.notes == ["3 of 3 documents stand elsewhere than in gold: paired by id"]
    other = named(("b", "No"), ("a", "one"), ("c", "Yes"), name="system")
    with pytest.raises(DataError, match=r"gold, document 3 \(c\): >>>No\n  system, document 3 \(c\): >>>Yes"):
        pair_sides(gold, other)


def test_ids_that_one_side_made_up_say_nothing():
    gold = named(("a", "one"), ("b", "two"))
    assert len(pair_sides(gold, named(("x", "one"), ("y", "two"))).pairs) == 2
    assert len(pair_sides(gold, side(Document("one"), Document("two", id="a"))).pairs) == 2
    # The same text, cut otherwise: ids that happen to be the same are no reason to refuse it.
    assert len(pair_sides(gold, named(("a", "one two"))).pairs) == 1


def test_missing_documents_are_named():
    gold = named(*((str(number), f"text {number}") for number in range(9)))
    predicted = named(("8", "text 8"), ("x", "other"), name="system")
    with pytest.raises(DataError) as error:
        pair_sides(gold, predicted)
    assert "system lacks '0', '1', '2', '3', '4' and 3 more; gold lacks 'x'" in str(error.value)


def test_documents_that_are_there_twice():
    twice = named(("a", "one"), ("b", "two"), ("a", "one"))
    assert pair_sides(twice, twice).warnings == ["gold has documents of the same id: 'a'"]
    with pytest.raises(DataError, match=r"system: ids of documents have to be unique.*'a'"):
        pair_sides(named(("b", "two"), ("a", "one")), named(("a", "one"), ("b", "two"), ("a", "one"), name="system"))

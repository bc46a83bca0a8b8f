import pickle
from itertools import groupby, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.detection import detect
from elman.data.schemes import SCHEMES, TOKEN, TagError, TokenSpan, convert, scheme
from elman.errors import DataError

LABELS = ("PER", "ORG-PART")
ALL = pytest.mark.parametrize("name", SCHEMES)

# "On April 4, 1975 childhood friends Bill Gates and Paul Allen found Microsoft.", 13 tokens by white space.
EXAMPLE = (TokenSpan(1, 4, "D"), TokenSpan(6, 8, "PER"), TokenSpan(9, 11, "PER"), TokenSpan(12, 13, "ORG"))
EXAMPLE_TAGS = {
    "IO": "O D D D O O PER PER O PER PER O ORG",
    "BIO": "O B-D I-D I-D O O B-PER I-PER O B-PER I-PER O B-ORG",
    "IOB1": "O I-D I-D I-D O O I-PER I-PER O I-PER I-PER O I-ORG",
    "IOE1": "O I-D I-D I-D O O I-PER I-PER O I-PER I-PER O I-ORG",
    "IOE2": "O I-D I-D E-D O O I-PER E-PER O I-PER E-PER O E-ORG",
    "BILUO": "O B-D I-D L-D O O B-PER L-PER O B-PER L-PER O U-ORG",
    "IOBES": "O B-D I-D E-D O O B-PER E-PER O B-PER E-PER O S-ORG",
    "BMEWO": "O B-D M-D E-D O O B-PER E-PER O B-PER E-PER O W-ORG",
}


def reference_tags(spans: list[TokenSpan], length: int, name: str) -> list[str]:
    """Each scheme from its definition in words, one token at a time."""
    tags = ["O"] * length
    for start, end, label in spans:
        touched_left = any(other.end == start and other.label == label for other in spans)
        touched_right = any(other.start == end and other.label == label for other in spans)
        for at in range(start, end):
            first, last = at == start, at == end - 1
            letter = {
                "IO": "I",
                "IOB2": "B" if first else "I",
                "IOB1": "B" if first and touched_left else "I",
                "IOE2": "E" if last else "I",
                "IOE1": "E" if last and touched_right else "I",
                "IOBES": "S" if first and last else "B" if first else "E" if last else "I",
                "BMEWO": "W" if first and last else "B" if first else "E" if last else "M",
                "BILUO": "U" if first and last else "B" if first else "L" if last else "I",
            }[name]
            tags[at] = label if name == "IO" else f"{letter}-{label}"
    return tags


def conlleval_spans(tags: list[str]) -> list[TokenSpan]:
    """The chunks as conlleval.pl counts them: its startOfChunk and endOfChunk, line by line."""
    split = [("O", "")] + [(tag[0], tag[2:]) for tag in tags] + [("O", "")]
    spans, start = [], None
    for at, ((before, type_before), (after, type_after)) in enumerate(pairwise(split)):
        ends = (before, after) in {
            ("B", "B"),
            ("B", "O"),
            ("I", "B"),
            ("I", "O"),
            ("E", "E"),
            ("E", "I"),
            ("E", "O"),
        }
        begins = (before, after) in {
            *(("B", "B"), ("I", "B"), ("O", "B"), ("O", "I")),
            *(("E", "E"), ("E", "I"), ("O", "E")),
        }
        ends = ends or (before != "O" and type_before != type_after)
        begins = begins or (after != "O" and type_before != type_after)
        if ends and start is not None:
            spans.append(TokenSpan(start, at, type_before))
            start = None
        if begins:
            start = at
    return spans


@st.composite
def spans_in_sentence(draw, labels=LABELS, most=12):
    length = draw(st.integers(0, most))
    owner = draw(st.lists(st.sampled_from((None, *labels)), min_size=length, max_size=length))
    cuts = draw(st.lists(st.booleans(), min_size=length, max_size=length))
    runs = groupby(range(length), key=lambda at: (owner[at], sum(cuts[: at + 1])))
    spans = []
    for (label, _), run in runs:
        indices = list(run)
        if label:
            spans.append(TokenSpan(indices[0], indices[-1] + 1, label))
    return spans, length


@pytest.mark.parametrize(("name", "tags"), EXAMPLE_TAGS.items())
def test_worked_example(name, tags):
    text = "On April 4, 1975 childhood friends Bill Gates and Paul Allen found Microsoft."
    assert len(text.split()) == 13
    assert scheme(name).encode(EXAMPLE, 13) == tags.split()
    assert scheme(name).decode(tags.split(), "refuse") == (EXAMPLE, 0)
    for other, others in EXAMPLE_TAGS.items():
        assert convert(tags.split(), scheme(name), scheme(other), "refuse") == (others.split(), 0, [])


@ALL
@given(sentence=spans_in_sentence())
def test_encode_is_the_definition_and_decode_its_inverse(name, sentence):
    spans, length = sentence
    tags = SCHEMES[name].encode(reversed(spans), length)
    assert tags == reference_tags(spans, length, name)
    assert SCHEMES[name].check(tags) == []
    merged = SCHEMES[name].inexpressible(spans)
    decoded, repairs = SCHEMES[name].decode(tags, "refuse")
    assert repairs == 0
    assert len(decoded) == len(spans) - len(merged)
    if not merged:
        assert list(decoded) == spans


@given(source=st.sampled_from(list(SCHEMES)), target=st.sampled_from(list(SCHEMES)), sentence=spans_in_sentence())
@settings(max_examples=500)
def test_conversion_there_and_back_loses_nothing_that_both_can_express(source, target, sentence):
    spans, length = sentence
    there = SCHEMES[source], SCHEMES[target]
    if any(entry.inexpressible(spans) for entry in there):
        return
    tags = SCHEMES[source].encode(spans, length)
    converted = convert(tags, *there, "refuse")
    assert converted.repairs == 0
    assert converted.inexpressible == []
    assert convert(converted.tags, *reversed(there), "refuse").tags == tags


def test_io_says_what_it_cannot_keep_apart():
    spans = [TokenSpan(0, 2, "PER"), TokenSpan(2, 3, "PER"), TokenSpan(3, 4, "ORG"), TokenSpan(5, 6, "ORG")]
    tags = scheme("BIO").encode(spans, 6)
    converted = convert(tags, scheme("BIO"), scheme("IO"), "refuse")
    assert converted.tags == ["PER", "PER", "PER", "ORG", "O", "ORG"]
    assert converted.inexpressible == [TokenSpan(2, 3, "PER")]
    assert all(not entry.inexpressible(spans) for entry in SCHEMES.values() if entry.name != "IO")


@ALL
@pytest.mark.parametrize("length", range(5))
def test_constraints_check_and_decoding_agree_on_every_sequence(name, length):
    current = SCHEMES[name]
    labels = LABELS if length < 4 else LABELS[:1]
    tags = current.tags(labels)
    start, transition, end = current.constraints(labels)
    seen = set()
    for path in product(range(len(tags)), repeat=length):
        sequence = [tags[index] for index in path]
        allowed = not path or (start[path[0]] and end[path[-1]] and all(transition[a, b] for a, b in pairwise(path)))
        assert allowed == (current.check(sequence) == [])
        spans, repairs = current.decode(sequence, "conlleval")
        if allowed:
            assert current.decode(sequence, "refuse") == (spans, 0) == current.decode(sequence, "drop")
            assert current.encode(spans, length) == sequence
            assert spans not in seen
            seen.add(spans)
        else:
            assert repairs > 0
            with pytest.raises(TagError):
                current.decode(sequence, "refuse")
            dropped, drops = current.decode(sequence, "drop")
            assert set(dropped) <= set(spans)
            assert drops > 0


@pytest.mark.parametrize("name", ["IO", "IOB1", "IOB2", "IOE1", "IOE2"])
@given(data=st.data())
def test_conlleval_repair_is_conlleval(name, data):
    letters = SCHEMES[name].prefixes
    inventory = ["O", *(f"{letter}-{label}" for letter in letters for label in LABELS)]
    tags = data.draw(st.lists(st.sampled_from(inventory), max_size=12))
    assert list(SCHEMES[name].decode(tags, "conlleval").spans) == conlleval_spans(tags)


@ALL
@given(data=st.data())
def test_ids_of_many_sentences_decode_as_their_tags(name, data):
    current = SCHEMES[name]
    decoder = current.decoder(LABELS)
    sentences = data.draw(st.lists(st.lists(st.integers(0, len(decoder.tags) - 1), min_size=1, max_size=6), max_size=5))
    ids = np.array([index for sentence in sentences for index in sentence], dtype=np.int32)
    starts = np.cumsum([0, *map(len, sentences)])[:-1].astype(np.int32)
    expected, faults = [], 0
    for offset, sentence in zip(starts.tolist(), sentences, strict=True):
        tags = [decoder.tags[index] for index in sentence]
        faults += len(current.check(tags))
        expected += [
            (span.start + offset, span.end + offset, span.label) for span in current.decode(tags, "conlleval").spans
        ]
    chunks = decoder.decode(ids, starts)
    names = [decoder.labels[index] for index in chunks.label]
    assert list(zip(chunks.start, chunks.end, names, strict=True)) == expected
    assert all(array.dtype == np.int32 for array in chunks)
    assert decoder.faults(ids, starts) == faults


@pytest.mark.parametrize(
    ("name", "tags", "conlleval", "drop"),
    [
        ("IOB2", "I-A I-A", ([(0, 2, "A")], 1), ([], 2)),
        ("IOB2", "B-A I-B O", ([(0, 1, "A"), (1, 2, "B")], 1), ([(0, 1, "A")], 1)),
        ("IOB1", "O B-A I-A", ([(1, 3, "A")], 1), ([], 2)),
        ("IOE2", "I-A O E-A", ([(0, 1, "A"), (2, 3, "A")], 1), ([(2, 3, "A")], 1)),
        ("IOE1", "E-A O", ([(0, 1, "A")], 1), ([], 1)),
        ("BILUO", "B-A B-A L-A", ([(0, 1, "A"), (1, 3, "A")], 1), ([(1, 3, "A")], 1)),
        ("BILUO", "U-A I-A L-B", ([(0, 1, "A"), (1, 2, "A"), (2, 3, "B")], 2), ([(0, 1, "A")], 2)),
        ("IOBES", "B-A I-A O", ([(0, 2, "A")], 1), ([], 2)),
    ],
)
def test_repairs_are_what_they_say_and_are_counted(name, tags, conlleval, drop):
    tags = tags.split()
    assert SCHEMES[name].decode(tags, "conlleval") == (
        tuple(map(TokenSpan._make, conlleval[0])),
        conlleval[1],
    )
    assert SCHEMES[name].decode(tags, "drop") == (tuple(map(TokenSpan._make, drop[0])), drop[1])


def test_refusal_names_position_tag_and_the_tag_before():
    with pytest.raises(TagError, match=r"tag 2 \('I-PER'\) stands after 'O', which the scheme IOB2 forbids") as error:
        scheme("BIO").decode(["B-PER", "O", "I-PER"], "refuse")
    assert error.value.position == 2
    assert pickle.loads(pickle.dumps(error.value)).position == 2
    with pytest.raises(TagError, match="the end stands after 'B-PER'") as error:
        scheme("BILOU").decode(["O", "B-PER"], "refuse")
    assert error.value.position == 2


@pytest.mark.parametrize("repair", ["refuse", "conlleval", "drop"])
@pytest.mark.parametrize("foreign", ["", "B-", "PER", "X-PER", "L-PER", "b-PER", "o", "B_PER"])
def test_a_tag_outside_the_scheme_is_refused_under_every_policy(repair, foreign):
    tags = ["B-PER", "I-PER", foreign, "O"]
    with pytest.raises(TagError, match="is not a tag of the scheme IOB2") as error:
        scheme("BIO").decode(tags, repair)
    assert error.value.position == 2
    assert [fault.position for fault in scheme("BIO").check(tags)] == [2]


def test_a_foreign_tag_is_found_behind_a_forbidden_one():
    with pytest.raises(TagError) as error:
        scheme("BIO").decode(["I-PER", "L-PER"], "conlleval")
    assert error.value.position == 1


def test_labels_keep_everything_after_the_first_hyphen():
    assert scheme("BIO").parse("B-ORG-PART") == ("B", "ORG-PART")
    assert scheme("BIO").tags(["ORG-PART"]) == ("O", "B-ORG-PART", "I-ORG-PART")


@given(label=st.text(min_size=1))
def test_every_label_survives_every_scheme(label):
    for current in SCHEMES.values():
        for prefix in current.prefixes:
            assert current.parse(current.tag(prefix, label)) == (prefix, label)


def test_labels_that_look_like_tags_stay_labels_in_io():
    io = scheme("IO")
    spans = (TokenSpan(0, 1, "O"), TokenSpan(1, 2, "I-X"), TokenSpan(2, 3, "B-Y"), TokenSpan(3, 4, "I-"))
    tags = io.encode(spans, 5)
    assert tags == ["I-O", "I-I-X", "B-Y", "I-", "O"]
    assert io.decode(tags, "refuse").spans == spans


@pytest.mark.parametrize(
    ("alias", "name"),
    [("bio", "IOB2"), ("BILOU", "BILUO"), ("bioes", "IOBES"), ("Iob1", "IOB1"), ("io", "IO")],
)
def test_aliases_in_any_case(alias, name):
    assert scheme(alias) is SCHEMES[name]


def test_an_unknown_scheme_is_told_what_there_is():
    with pytest.raises(DataError, match="no tag scheme 'BEEP'; choose one of IO, IOB2/BIO"):
        scheme("BEEP")


@pytest.mark.parametrize(
    "spans", [[(0, 2, "A"), (1, 3, "A")], [(0, 0, "A")], [(-1, 1, "A")], [(2, 5, "A")], [(0, 1, "")]]
)
def test_spans_that_tags_cannot_hold_are_refused(spans):
    with pytest.raises(DataError):
        scheme("BIO").encode(map(TokenSpan._make, spans), 4)


@pytest.mark.parametrize("labels", [["A", "A"], [""]])
def test_an_inventory_needs_distinct_labels(labels):
    with pytest.raises(DataError, match="distinct and not empty"):
        scheme("BIO").tags(labels)


@pytest.mark.parametrize(
    ("sequences", "name"),
    [
        (["B-A I-A O B-A"], "IOB2"),
        (["I-A O I-B I-B", "O I-A"], "IO"),
        (["I-A B-A O I-A", "O"], "IOB1"),
        (["I-A E-A O E-B"], "IOE2"),
        (["I-A E-A I-A O"], "IOE1"),
        (["B-A I-A L-A O U-B"], "BILUO"),
        (["B-A L-A"], "BILUO"),
        (["B-A I-A E-A O S-B"], "IOBES"),
        (["S-B"], "IOBES"),
        (["B-A M-A E-A O W-B"], "BMEWO"),
        (["A A O O B"], "IO"),
        (["O O", ""], "IOB2"),
        (["B-A I-A O B-A O I-A O B-B O B-B"], "IOB2"),
    ],
)
def test_detection(sequences, name):
    found = detect([sequence.split() for sequence in sequences])
    assert found.scheme.name == name
    assert found.evidence


def test_detection_tells_its_evidence():
    found = detect([["B-A", "I-A", "O", "I-B"]])
    assert found.evidence == ("prefixes I- (2), B- (1): IOB2 forbids 1 of them (IOBES forbids 3, BILUO forbids 3)")
    assert found.tagged == 3
    assert "IOB2 allows all of them (IOB1 forbids 2, " in detect([["B-A", "O", "B-A"]]).evidence
    assert detect([["O"]]).tagged == 0


@ALL
@given(sentence=spans_in_sentence(most=30))
def test_detection_decodes_what_was_encoded(name, sentence):
    spans, length = sentence
    tags = SCHEMES[name].encode(spans, length) + ["O"] * 40
    expected = SCHEMES[name].decode(tags, "refuse").spans
    assert detect([tags]).scheme.decode(tags, "refuse").spans == expected


@pytest.mark.parametrize("tags", ["B-A X-A L-A", "B-A C-A", "B-A L-A E-A", "b-PER O O"])
def test_detection_lists_prefixes_that_no_scheme_has(tags):
    with pytest.raises(DataError, match=r"prefixes .* no scheme has all of them"):
        detect([tags.split()])


@pytest.mark.parametrize("tags", ["B-A A O O O", "B_A I_A O O", "A B C O"])
def test_detection_refuses_what_has_no_prefixes_and_is_no_label(tags):
    with pytest.raises(DataError, match=r"hyphen after the prefix|of which \d have no prefix"):
        detect([tags.split()])


def test_detection_is_not_taken_in_by_words():
    with pytest.raises(DataError, match="the column that the tags are really in"):
        detect([["When", "O", "she", "came"], ["to", "find", "the", "door"]])


@given(sentence=spans_in_sentence())
def test_token_gives_each_token_its_own_label(sentence):
    spans, length = sentence
    tags = TOKEN.encode(spans, length)
    own = [TokenSpan(at, at + 1, span.label) for span in spans for at in range(span.start, span.end)]
    assert tags == [next((one.label for one in own if one.start == at), "O") for at in range(length)]
    assert TOKEN.check(tags) == []
    assert TOKEN.decode(tags, "refuse") == (tuple(own), 0)
    assert TOKEN.inexpressible(spans) == [span for span in spans if span.end - span.start > 1]


@pytest.mark.parametrize("length", range(4))
def test_token_allows_everything_and_no_token_goes_on(length):
    tags = TOKEN.tags(LABELS)
    start, transition, end = TOKEN.constraints(LABELS)
    assert start.all()
    assert transition.all()
    assert end.all()
    decoder = TOKEN.decoder(LABELS)
    assert not decoder.joined.any()
    for path in product(range(len(tags)), repeat=length):
        chunks = decoder.decode(np.array(path, int), np.zeros(min(length, 1), int))
        expected = [(at, at + 1, tag - 1) for at, tag in enumerate(path) if tag]
        assert list(zip(*(part.tolist() for part in chunks), strict=True)) == expected


def test_token_is_said_and_never_found_out():
    assert scheme("token") is TOKEN
    assert "TOKEN" not in SCHEMES
    assert detect([["NOUN", "O", "O", "NOUN"]]).scheme.name == "IO"
    assert convert(["DET", "NOUN", "NOUN"], TOKEN, scheme("IO"), "refuse").inexpressible == [TokenSpan(2, 3, "NOUN")]

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data import offsets as module
from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats.format import ReadReport
from elman.data.offsets import Loose, LooseSpan, settle
from elman.data.units import PLAIN, Counting, boundaries
from elman.errors import DataError, UsageError

NAMES = ["Ada Lovelace", "Köln", "Müller AG", "IBM", "Zoë", "New York"]
FILLER = ["met", "in", "and", "the", "🙂", "of", "👩‍👩‍👧", "at\n", "with", "über", "café", "we", "saw", "🇩🇪", "no"]


class Stub:
    """A source that collects what is rejected."""

    name = "x.jsonl"

    def __init__(self, collects=True):
        self.rejected = []
        self.collects = collects

    def reject(self, error, raw):
        if not self.collects:
            raise error
        self.rejected.append((str(error), raw))


def corpus(size, seed=1, filler=FILLER, names=NAMES):
    """Texts with the places of the names in them."""
    rng = random.Random(seed)
    found = []
    for _ in range(size):
        text, spans = "", []
        for _ in range(rng.randint(6, 16)):
            word = rng.choice(names if rng.random() < 0.3 else filler)
            if word in names:
                spans.append((len(text), len(text) + len(word)))
            text += word + " "
        found.append((text, spans))
    return found


def loose(text, spans, counting=PLAIN, surfaces=False, **fields):
    bounds = boundaries(text, counting).tolist()
    return Loose(
        text,
        [
            LooseSpan(bounds[s], bounds[e] - counting.inclusive, "X", surface=text[s:e] if surfaces else None)
            for s, e in spans
        ],
        **fields,
    )


def settled(records, source=None, **options):
    source, report = source or Stub(), ReadReport("test")
    found = list(settle(records, source, report, **options))
    return found, report


def places_of(found):
    return [[(span.start, span.end) for span in document.spans] for document in found]


WAYS = [
    Counting("utf-16"),
    Counting("bytes"),
    Counting(lines="crlf"),
    Counting(mark="counted"),
    Counting(inclusive=True),
    Counting("utf-16", inclusive=True),
    Counting("utf-16", "crlf"),
    Counting("bytes", "crlf", "counted", True),
]


@pytest.mark.parametrize("surfaces", [False, True], ids=["bare", "surfaces"])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_what_offsets_count_is_found_out_and_mended(way, surfaces):
    texts = corpus(40)
    found, report = settled([loose(*pair, way, surfaces) for pair in texts])
    assert places_of(found) == [spans for _, spans in texts]
    moved = sum(
        (bounds[s], bounds[e] - way.inclusive) != (s, e)
        for text, spans in texts
        for bounds in [boundaries(text, way).tolist()]
        for s, e in spans
    )
    # What a file does not show from the beginning on, such as line ends, joins what was known before.
    assert report.ledger.moved == report.ledger.given() == moved
    assert f"offsets were {way}" in {reason for _, _, reason in report.ledger.counts}
    assert report.offsets.startswith(f"{way}: {moved} of {moved} spans in ")
    assert report.notes == []


def test_the_evidence_is_said():
    texts = corpus(12)
    _, report = settled([loose(*pair, Counting("utf-16")) for pair in texts])
    assert report.offsets == "UTF-16 units: 30 of 30 spans in 10 texts fit, as code points 1 does"
    _, report = settled([loose(*pair) for pair in texts])
    assert report.offsets.startswith("code points: 1 of 1 span in 1 text fits, as UTF-")
    assert report.ledger.counts == {}


def test_a_single_surface_is_enough():
    (document,), report = settled([Loose("🙂 Ada", [LooseSpan(3, 6, "PER", surface="Ada")])])
    assert document.spans == (Span(2, 5, "PER"),)
    assert report.offsets == "UTF-16 units: 1 of 1 span in 1 text fits, as code points 0 do"


def test_a_few_spans_are_enough_where_they_cannot_be_code_points():
    (document,), _ = settled([Loose("We all know that 🙂 🙂 is what 🙂 Ada", [LooseSpan(34, 37, "PER")])])
    assert document.surface(document.spans[0]) == "Ada"


def test_too_little_evidence_leaves_code_points_and_says_so():
    (document,), report = settled([Loose("🙂 by Ada Lovelace.", [LooseSpan(6, 18, "PER")])])
    assert document.spans == (Span(6, 18, "PER"),)
    assert report.offsets == (
        "taken as code points: 0 of 1 span in 1 text fits, as UTF-16 units 1 does, which is not enough to tell; "
        "if they are something else, say so with offsets"
    )


WORDS = st.sampled_from(["🙂", "👩‍👩‍👧", "Ada", "Zoë", "𝔸", "e\u0301", "東京", "\n", "\r\n", "\ufeff", ",", "x2"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.lists(WORDS, max_size=8), st.integers(0, 2**8 - 1)), max_size=8), st.booleans())
def test_an_honest_file_of_words_is_never_changed(drawn, surfaces):
    texts = []
    for words, chosen in drawn:
        text, spans = "", []
        for at, word in enumerate(words):
            if chosen >> at & 1 and not word.isspace():
                spans.append((len(text), len(text) + len(word)))
            text += word + " "
        texts.append((text, spans))
    found, report = settled([loose(*pair, surfaces=surfaces) for pair in texts])
    assert places_of(found) == [spans for _, spans in texts]
    assert not report.ledger.counts
    assert not report.offsets.startswith(("UTF", "taken"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.lists(WORDS, max_size=8), st.data()), max_size=5), st.booleans())
def test_an_honest_file_of_any_spans_is_never_changed_if_it_is_ours_or_has_surfaces(drawn, surfaces):
    texts = []
    for words, data in drawn:
        text = " ".join(words)
        place = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda p: p[0] < p[1])
        texts.append((text, data.draw(st.lists(place, max_size=4)) if text else []))
    found, report = settled([loose(*pair, surfaces=surfaces) for pair in texts], own=not surfaces)
    assert places_of(found) == [spans for _, spans in texts]
    assert not report.ledger.counts


def test_honest_spans_anywhere_in_words_are_not_mended():
    for seed in range(25):
        rng = random.Random(seed)
        texts = []
        for text, _ in corpus(rng.randint(1, 10), seed):
            starts = [rng.randrange(len(text)) for _ in range(rng.randint(0, 4))]
            texts.append((text, [(s, rng.randint(s + 1, min(s + 12, len(text)))) for s in starts]))
        assert places_of(settled([loose(*pair) for pair in texts])[0]) == [spans for _, spans in texts]


def test_a_span_that_is_counted_otherwise_than_its_file_is_mended_alone():
    texts = corpus(30)
    records = [loose(*pair, surfaces=True) for pair in texts]
    emoji = "🙂🙂 Grace Hopper spoke, not Grace."
    records.insert(20, loose(emoji, [(3, 15)], Counting("utf-16"), surfaces=True))
    found, report = settled(records)
    assert found[20].surface(found[20].spans[0]) == "Grace Hopper"
    assert report.ledger.counts == {("span", "moved", "offsets of this span alone were UTF-16 units"): 1}


def test_a_single_span_is_not_said_to_count_a_mark():
    texts = [loose(*pair, surfaces=True) for pair in corpus(10)]
    found, report = settled([*texts, Loose("Eve, Eve.", [LooseSpan(6, 9, "PER", surface="Eve")])])
    assert found[-1].spans == (Span(5, 8, "PER"),)
    assert report.ledger.counts == {("span", "moved", "found by its surface"): 1}


def test_a_span_that_is_nowhere_near_is_found_by_its_surface():
    texts = [loose(*pair, surfaces=True) for pair in corpus(10)]
    lost = Loose("By Ada and Bob.", [LooseSpan(0, 3, "PER", surface="Bob")], id="d")
    *_, document = settled([*texts, lost])[0]
    assert document.spans == (Span(11, 14, "PER"),)
    _, report = settled([*texts, lost])
    assert [row[1:] for row in report.ledger.table()] == [
        ("moved", "found by its surface", 1, "d: PER 0-3 -> 11-14 'By '")
    ]
    near = "Bob. " + "x" * 100 + " Bob."
    *_, document = settled([*texts, Loose(near, [LooseSpan(100, 103, "PER", surface="Bob")])])[0]
    assert document.spans == (Span(106, 109, "PER"),)


@pytest.mark.parametrize(
    ("text", "why"), [("Bob and Bob.", "in the text 2 times"), ("Ann and Eve.", "nowhere in the text")]
)
def test_a_span_that_cannot_be_mended_sets_its_record_aside(text, why):
    texts = [loose(*pair, surfaces=True) for pair in corpus(10)]
    record = Loose(text, [LooseSpan(4, 7, "PER", surface="Bob")], line=11, raw="the line")
    source = Stub()
    found, _ = settled([*texts, record], source)
    assert len(found) == 10
    ((message, raw),) = source.rejected
    assert message.startswith("x.jsonl:11: the span 4-7 PER says that its text is 'Bob', but at its offsets stands")
    assert why in message
    assert raw == "the line"
    with pytest.raises(DataError, match=why):
        settled([*texts, record], Stub(collects=False))


def test_white_space_and_composed_characters_may_be_written_otherwise():
    text = "Zoe\u0308 of\r\nNew\u00a0York "
    spans = [LooseSpan(0, 4, "A", surface="Zoë"), LooseSpan(9, 17, "B", surface="New York")]
    wide = Loose("Of New\u00a0York ", [LooseSpan(2, 12, "C", surface="New York")])
    found, report = settled([Loose(text, spans), wide])
    assert places_of(found) == [[(0, 4), (9, 17)], [(2, 12)]]
    assert not report.ledger.counts


def test_what_is_said_is_not_doubted():
    record = loose("🙂 Ada", [(2, 5)], Counting("utf-16"))
    (document,), report = settled([record], offsets="utf-16")
    assert document.spans == (Span(2, 5, "X"),)
    assert report.offsets == "UTF-16 units, as was said"
    source = Stub()
    assert settled([record], source, offsets="code-points")[0] == []
    assert "ends outside the text" in source.rejected[0][0]
    assert settled([loose("🙂 Ada", [(2, 5)])], source, offsets="bytes")[0] == []
    assert "taken as UTF-8 bytes, begins or ends outside the text or within a character" in source.rejected[1][0]
    with pytest.raises(UsageError, match="offsets are one of auto, code-points, utf-16, bytes; got 'chars'"):
        settled([], offsets="chars")


def test_tokens_and_unknown_regions_are_mended_with_the_spans():
    texts = corpus(20)
    way = Counting("utf-16")
    records = [loose(*pair, way) for pair in texts]
    text = "🙂 Ada wrote to 🙂 Bob"
    record = loose(text, [(2, 5), (17, 20)], way)
    record.tokens, record.sentences, record.columns = [(0, 2), (3, 6), (7, 12)], [0], {"pos": ["a", "b", "c"]}
    record.unknown = [(13, 15, "entities"), (0, len(text), "pos")]
    record.relations = (Relation("a", "b", "to"),)
    record.spans[0].id, record.spans[1].id = "a", "b"
    *_, document = settled([*records, record])[0]
    assert document == Document(
        text,
        (Span(2, 5, "X", id="a"), Span(17, 20, "X", id="b")),
        (Relation("a", "b", "to"),),
        (Region(12, 14), Region(0, len(text), "pos")),
        tokens=Tokens(text, [(0, 1), (2, 5), (6, 11)], [0], {"pos": ["a", "b", "c"]}),
    )


def test_tokens_with_exclusive_ends_beside_spans_with_inclusive_ones():
    way = Counting(inclusive=True)
    record = loose("Ada Bob", [(0, 3)], way)
    record.tokens = [(0, 3), (3, 4), (4, 7)]
    *_, document = settled([*(loose(*pair, way) for pair in corpus(20)), record])[0]
    assert document.tokens.surfaces == ["Ada", " ", "Bob"]


def test_emoji_that_come_late_are_waited_for_and_nothing_else_is():
    plain = corpus(1_500, filler=["we", "saw", "it"], names=["Ada", "Bob"])
    late = corpus(30)
    seen = []

    def records():
        for at, pair in enumerate(plain + late):
            seen.append(at)
            yield loose(*pair, Counting("utf-16"))

    report = ReadReport("test")
    found, ahead = [], []
    for document in settle(records(), Stub(), report):
        found.append(document)
        ahead.append(seen[-1] - len(found) + 1)
    assert places_of(found) == [spans for _, spans in plain + late]
    assert max(ahead) < 20
    assert report.offsets.startswith("UTF-16 units:")
    assert report.notes == []


def test_what_was_read_before_it_was_clear_is_said(monkeypatch):
    monkeypatch.setattr(module, "_RECORDS", 2)
    texts = [("🙂 by Ada Lovelace.", [(5, 17)])] * 2 + corpus(20)
    found, report = settled([loose(*pair, Counting("utf-16")) for pair in texts])
    assert places_of(found)[0] == [(6, 18)]
    assert places_of(found)[-10:] == [spans for _, spans in texts][-10:]
    assert len(report.notes) == 1
    assert "was it clear that offsets are UTF-16 units; those before may be wrong" in report.notes[0]


def test_memory_is_bounded(monkeypatch):
    # Spans that tell nothing apart for long: all fit as code points and as UTF-16 units alike but for a few.
    monkeypatch.setattr(module, "_RECORDS", 50)
    texts = [("🙂🙂" * 50 + "Ada", [(100, 103)])] * 500
    waiting = []
    report = ReadReport("test")
    doctor = module._Doctor(Stub(), report, "auto", True)
    for pair in texts:
        list(doctor.take(loose(*pair)))
        waiting.append(len(doctor.waiting))
    assert max(waiting) <= module._RECORDS


def test_chinese_is_left_alone():
    texts = [("张三在北京🙂工作，李四在上海。" * 3, [(0, 2), (3, 5), (9, 11), (12, 14)])] * 10
    found, report = settled([loose(*pair) for pair in texts])
    assert places_of(found) == [spans for _, spans in texts]
    assert not report.ledger.counts


def test_documents_beyond_doubt_keep_their_place():
    records = [loose("🙂 a1 b2 c3", [(3, 5)]), Document("plain"), loose("🙂 d4", [(2, 4)])]
    assert [document.text for document in settled(records, own=True)[0]] == ["🙂 a1 b2 c3", "plain", "🙂 d4"]

"""Unknown is not O: in columns of tags, in regions, in the account."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.ledger import OTHER_LAYER
from elman.data.schemes import SCHEMES, scheme
from elman.data.unknown import (
    PARTED,
    TOUCHING,
    UNTOUCHED,
    WIDENED,
    MarkReader,
    account_for,
    check_mark,
    regions_of,
    uncover,
    unknown_tokens,
)
from elman.errors import DataError, UsageError

TEXT = "Ada met Bo in Rome"
OFFSETS = np.array([(0, 3), (4, 7), (8, 10), (11, 13), (14, 18)])


def surfaces(document):
    return [document.surface(region) for region in document.unknown]


def test_marks_become_regions_and_are_told(data):
    reading = read(data / "conll" / "unknown.conll")
    first, second = reading
    assert surfaces(first) == ["Mary Somerville", "# Paris", "far"]
    assert [first.surface(span) for span in first.spans] == ["Ada Lovelace"]
    assert not second.unknown
    (note,) = reading.report.notes
    assert note.startswith("tags that count as unknown, not as O: '-' (5)")
    assert "meant to be O" not in note
    assert reading.report.made["region"] == 3
    assert reading.report.scheme == "IOB2"


def test_columns_with_marks_are_found_to_be_columns(data):
    assert detect(data / "conll" / "unknown.conll").format.name == "conll"


def test_a_mark_stands_as_o_does_and_cuts_an_entity(data):
    path = data / "conll" / "invalid-mark-inside.conll"
    with pytest.raises(DataError, match=r"inside\.conll:3: tag 2 \('I-PER'\) stands after 'O'"):
        list(read(path))
    (document,) = read(path, repair="conlleval")
    assert [document.surface(span) for span in document.spans] == ["Ada", "Lovelace", "Mary"]
    assert surfaces(document) == ["King"]


@pytest.mark.parametrize("mark", ["-", "?", "-100"])
def test_marks_are_written_back_as_they_were(data, tmp_path, mark):
    text = (data / "conll" / "unknown.conll").read_text().replace(" -\n", f" {mark}\n")
    (tmp_path / "in.conll").write_text(text)
    documents = list(read(tmp_path / "in.conll"))
    ledger = write(documents, tmp_path / "out.conll")
    assert (tmp_path / "out.conll").read_text() == text
    assert ledger.counts["region", "kept", ""] == ledger.given("region") == ledger.made("region") == 3
    assert not ledger.total("refused", "meta")
    write(documents, tmp_path / "out.conll", unknown="?")
    assert (tmp_path / "out.conll").read_text() == text.replace(f" {mark}\n", " ?\n")


def test_a_file_may_have_another_mark_or_none(tmp_path):
    (tmp_path / "file.conll").write_text("Ada B-PER\nmet _\nBo O\n\n")
    (document,) = read(tmp_path / "file.conll", unknown="_")
    assert surfaces(document) == ["met"]
    (tmp_path / "file.conll").write_text("Ada B-PER\nmet -\nBo O\n\n")
    with pytest.raises(DataError, match="of which 1 have no prefix"):
        read(tmp_path / "file.conll", unknown="")


def test_marks_in_the_place_of_o_raise_a_doubt(tmp_path):
    (tmp_path / "file.conll").write_text("Ada B-PER\nmet -\nBo B-PER\n. -\n\n")
    reading = read(tmp_path / "file.conll")
    list(reading)
    assert "no tag is O, so ask whether they are meant to be O" in reading.report.notes[0]


@pytest.mark.parametrize("mark", ["", "O", "B-PER"])
def test_a_mark_is_no_tag(tmp_path, mark):
    with pytest.raises(UsageError, match="expected a mark for unknown tags"):
        write([], tmp_path / "out.conll", unknown=mark)
    check_mark("-", scheme("IO"))


def test_marks_are_counted_over_documents():
    notes = ["something else"]
    marks = MarkReader(None, notes)
    assert marks.uncover(("O", "B-X")).tags == ("O", "B-X")
    assert len(notes) == 1
    assert marks.uncover(("-", "O", "?")) == (["O", "O", "O"], [0, 2], ["-", "?"])
    marks.uncover(["?"])
    assert "'?' (2), '-' (1)" in notes[1]
    assert uncover(["-"], frozenset()) == (["-"], [], [])


def test_tokens_that_a_region_touches_are_unknown_unless_a_span_is_there():
    regions = [Region(5, 9), Region(13, 14), Region(17, 18)]
    assert unknown_tokens(regions, OFFSETS).tolist() == [False, True, True, False, True]
    assert unknown_tokens(regions, OFFSETS, [(2, 3, "PER")]).tolist() == [False, True, False, False, True]
    assert regions_of([1, 2, 4], OFFSETS) == (Region(4, 10), Region(14, 18))
    assert regions_of([1, 2, 4], OFFSETS, [0, 2]) == (Region(4, 7), Region(8, 10), Region(14, 18))


@pytest.mark.parametrize(
    ("regions", "spans", "fates"),
    [
        ([(4, 10)], [], {("kept", ""): 1}),
        ([(5, 10)], [], {("moved", WIDENED): 1}),
        ([(7, 8)], [], {("refused", UNTOUCHED): 1}),
        ([(0, 3)], [(0, 1, "PER")], {("refused", UNTOUCHED): 1}),
        ([(0, 10)], [(1, 2, "X")], {("split", PARTED): 1}),
        ([(4, 7), (8, 10), (14, 18)], [], {("joined", TOUCHING): 2, ("kept", ""): 1}),
        ([(4, 7), (4, 7)], [], {("joined", TOUCHING): 2}),
    ],
)
def test_every_region_is_accounted_for(regions, spans, fates):
    given_regions = [*(Region(*rims) for rims in regions), Region(0, 3, "other")]
    unknown = unknown_tokens(given_regions[:-1], OFFSETS, spans)
    ledger = account_for(given_regions, unknown, OFFSETS)
    told = {(kind, reason): count for (_, kind, reason), count in ledger.counts.items()}
    assert told == {**fates, ("refused", OTHER_LAYER): 1}
    assert ledger.given("region") == len(given_regions)
    assert ledger.made("region") == len(regions_of(np.flatnonzero(unknown).tolist(), OFFSETS))


RIMS = st.tuples(st.integers(0, 17), st.integers(1, 8)).map(lambda pair: (pair[0], min(18, sum(pair))))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(RIMS, max_size=4),
    st.lists(st.tuples(RIMS, st.sampled_from("AB")), max_size=3),
    st.sampled_from([[0], [0, 2]]),
)
def test_regions_add_up_and_read_back(tmp_path_factory, regions, spans, sentences):
    tokens = Tokens(TEXT, OFFSETS, sentences)
    document = Document(
        TEXT,
        tuple(Span(*rims, label) for rims, label in spans),
        unknown=tuple(Region(*rims) for rims in regions),
        tokens=tokens,
    )
    path = tmp_path_factory.mktemp("regions") / "file.conll"
    ledger = write([document], path)
    (back,) = read(path)
    assert ledger.given("region") == len(regions)
    assert ledger.made("region") == len(back.unknown)
    assert ledger.made() == len(back.spans)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(sorted(SCHEMES)), st.lists(st.sampled_from(["O", "?", "A", "B"]), min_size=1, max_size=8))
def test_unknown_tokens_read_back_in_every_scheme(tmp_path_factory, name, kinds):
    text = " ".join(f"w{at}" for at in range(len(kinds)))
    tokens = Tokens(text, [(3 * at, 3 * at + 2) for at in range(len(kinds))])
    spans, regions = [], []
    for at, kind in enumerate(kinds):
        if kind in "AB" and (name != "IO" or [*kinds, "O"][at - 1] != kind):
            spans.append(Span(3 * at, 3 * at + 2, kind))
        elif kind == "?":
            regions.append(at)
    document = Document(text, tuple(spans), unknown=regions_of(regions, tokens.offsets), tokens=tokens)
    path = tmp_path_factory.mktemp("schemes") / "file.conll"
    write([document], path, scheme=name)
    (back,) = read(path, scheme=name)
    assert back.unknown == document.unknown
    assert back.spans == document.spans

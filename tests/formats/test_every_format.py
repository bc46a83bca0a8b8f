"""One property for all formats that are read and written: what is written reads back, or is in the ledger."""

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import FORMATS, read, write
from elman.data.formats.format import HOLDS, NEEDS_TOKENS
from elman.data.ledger import ITEMS, contents
from elman.errors import DataError, UsageError
from elman.text.tokens import tokens_of

BOTH = [name for name, entry in FORMATS.items() if entry.read and entry.write]

# Emoji, joiners, combining marks, right to left, separators, zero width, beyond the first plane, words.
PIECES = ["👩‍👩‍👧", "e\u0301", "שלום", "\r\n", "\n", "\u2028", "\u200b", "𝔸", '"\\', "-", "|", "[", "&lt;", "_"]
PIECES += [" "] * 5 + ["Ada", "Köln", "3.5", "wrote", ".", "U.N."]
LABELS = ["PER", "LOC", "ä-b"]
FIELDS = {"labels": "labels", "ids": "id", "meta": "meta"}


@st.composite
def documents(draw, holds):
    """A document with things of all kinds, most of all of those that a format holds."""
    text = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=10).map("".join))
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).filter(lambda p: p[0] < p[1])
    spans = tuple(
        Span(
            *place,
            draw(st.sampled_from(LABELS)),
            # A file with a single layer may well be read as that of the entities.
            draw(st.sampled_from(["entities", "entities", "parts"])) if at > 1 else "entities",
            draw(st.none() | st.sampled_from([0.25, 1.0])),
            draw(st.none() | st.just(f"T{at}")),
        )
        for at, place in enumerate(draw(st.lists(places, max_size=4)), 1)
    )
    ids = [span.id for span in spans if span.id]
    relations = (Relation(ids[0], ids[-1], "knows"),) if ids and draw(st.booleans()) else ()
    unknown = (Region(*draw(places)),) if draw(st.integers(0, 4)) == 0 else ()
    tokens = None
    if draw(st.booleans()):
        offsets = tokens_of(text)
        columns = {"pos": ["X"] * len(offsets)} if len(offsets) and "columns" in holds and draw(st.booleans()) else {}
        tokens = Tokens(text, offsets.offsets, offsets.sentences, columns)
    return Document(
        text,
        spans,
        relations,
        unknown,
        ("news",) if draw(st.booleans()) else (),
        tokens,
        draw(st.none() | st.just("d-1")),
        {"source": "web"} if draw(st.booleans()) else {},
    )


@pytest.mark.parametrize("name", BOTH)
def test_what_is_written_reads_back_or_is_in_the_ledger(name, tmp_path_factory, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)
    entry = FORMATS[name]
    folder, numbers, done = tmp_path_factory.mktemp("trip"), count(), Counter()

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)
    @given(document=documents(entry.holds))
    def trip(document):
        if NEEDS_TOKENS in entry.write_options and document.tokens is None:
            document = Document(
                document.text,
                document.spans,
                document.relations,
                document.unknown,
                document.labels,
                tokens_of(document.text),
                document.id,
                document.meta,
            )
        # A blank file counts as empty, and what has nothing but tokens has nothing of a text without any.
        assume(document.text.strip() if "text" in entry.holds else len(document.tokens or ()))
        path = folder / f"{next(numbers)}{entry.suffixes[0] if entry.suffixes else ''}"
        try:
            ledger = write([document], path, name)
        except DataError as error:
            # What cannot be written at all may be an error, and then has to say which document.
            event(f"refused: {error.problem[:60]}")
            done["refused"] += 1
            return
        done["written"] += 1
        has = contents(document)
        assert {item: ledger.given(item) for item in ITEMS if ledger.given(item)} == has
        back = list(read(path, name)) if ledger.made("span") or path.is_dir() or path.stat().st_size else []
        check(document, back, ledger, entry.holds)

    try:
        trip()
    except UsageError as error:
        if "not installed" in str(error):
            pytest.skip(str(error))
        raise
    assert done["written"] > 5


def check(document, back, ledger, holds):
    """What came back is what the ledger says."""
    made = sum((Counter(contents(one)) for one in back), Counter())
    for item in ("document", "span", "relation", "region", "label"):
        assert made[item] == ledger.made(item), item
    if len(back) != 1:
        return
    (found,) = back
    kept = {item for item in ITEMS if ledger.given(item) and ledger.total("kept", item) == ledger.given(item)}
    if "document" in kept and "text" in holds:
        assert found.text == document.text
    if "label" in kept:
        assert found.labels == document.labels
    if "meta" in kept:
        assert found.meta.items() >= document.meta.items()
    if document.id is not None and "ids" in holds and "id" in kept:
        assert found.id == document.id
    if found.text == document.text:
        check_spans(document, found, kept, holds)
        check_tokens(document, found, kept)


def check_spans(document, found, kept, holds):
    if "span" in kept:
        assert Counter(map(shape(kept), found.spans)) == Counter(map(shape(kept), document.spans))
        if "span ids" in holds and "id" in kept:
            named = {(span.key, span.id) for span in document.spans if span.id}
            assert named <= {(span.key, span.id) for span in found.spans}
        if "relation" in kept:
            assert ends(found) == ends(document)
    if "region" in kept:
        assert set(found.unknown) == set(document.unknown)


def check_tokens(document, found, kept):
    if "token" in kept:
        assert found.tokens is not None
        assert found.tokens.offsets.tolist() == document.tokens.offsets.tolist()
    if "token" in kept and "sentence" in kept:
        assert found.tokens.sentences.tolist() == document.tokens.sentences.tolist()
    if "column" in kept:
        assert list(found.tokens.columns.values()) == list(document.tokens.columns.values())


def ends(document):
    """The relations, by the spans that they are between: ids may be others."""
    spans = {span.id: span.key for span in document.spans}
    return Counter((spans[one.head], spans[one.tail], one.label) for one in document.relations)


def shape(kept):
    """What of a span was kept; its id apart, because some formats give one to those that have none."""

    def of(span):
        return *span.key, span.score if "score" in kept else None

    return of


def test_each_format_says_what_it_holds():
    for name, entry in FORMATS.items():
        assert entry.name == name
        assert entry.holds <= HOLDS
        assert entry.read or entry.write
        assert entry.description

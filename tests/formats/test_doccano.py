import json
import zipfile
from dataclasses import replace

import pytest
from drawn import documents, trip
from hypothesis import given, settings

from elman.data.document import Document, Relation, Span
from elman.data.formats import detect, read, write
from elman.data.formats.doccano import DOCCANO
from elman.data.units import from_code_points
from elman.errors import DataError, UsageError


def surfaces(reading):
    return [[document.surface(span) for span in document.spans] for document in reading]


NAMED = [
    ["Ada Lovelace", "Babbage"],
    ["Köln", "Zürich", "Swiss"],
    ["Grace Hopper"],
    ["Müller", "Wien"],
    ["Alan Turing"],
]


def test_spans(data):
    reading = read(data / "doccano" / "spans.jsonl")
    assert list(reading) == [
        Document("Sony sues Ericsson.", (Span(0, 4, "ORG"), Span(10, 18, "ORG")), id="1", meta={"Comments": ["sure?"]}),
        Document("Nobody is named here.", id="2", meta={"Comments": [], "source": "mail", "page": 3}),
    ]
    assert reading.report.format == "doccano"
    assert reading.report.format_evidence == "it has 'label' as lists of start, end and type"


def test_older_exports(data):
    first, second = read(data / "doccano" / "labels.jsonl")
    assert first == Document("Sony sues.", (Span(0, 4, "ORG"),), id="7", meta={"annotation_approver": None})
    assert second == Document("Ada wrote.", (Span(0, 3, "PER"),), id="8")
    reading = read(data / "doccano" / "annotations.json")
    assert list(reading) == [
        Document("Sony sues.", (Span(0, 4, "12"),), id="3", meta={"wikiPageID": 2}),
        Document("Nothing.", id="4"),
    ]
    assert reading.report.ignored == {"'user' of an item of 'annotations'": 1}


def test_relations(data):
    (document,) = read(data / "doccano" / "relations.jsonl")
    assert document.spans == (Span(0, 3, "PER", id="20"), Span(8, 15, "PER", id="21"))
    assert document.relations == (Relation("20", "21", "met"),)


def test_classes(data):
    first, second = read(data / "doccano" / "classes.jsonl")
    assert first == Document("Great film.", labels=("positive",), id="1", meta={"Comments": []})
    assert second == Document("Book a table for two.", (Span(17, 20, "COUNT"),), labels=("booking",), id="2")


def test_the_files_of_several_users_in_an_archive(data, tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for user in ("ada", "grace"):
            archive.write(data / "doccano" / "spans.jsonl", f"{user}.jsonl")
    documents = list(read(tmp_path / "export.zip"))
    assert [document.id for document in documents] == ["1", "2", "1", "2"]
    assert [document.meta["user"] for document in documents] == ["ada", "ada", "grace", "grace"]


def test_what_each_users_offsets_count_is_told(data, tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for user in ("utf-16", "bytes"):
            archive.write(data / "doccano" / f"{user}.jsonl", f"{user}.jsonl")
    reading = read(tmp_path / "export.zip")
    assert surfaces(reading) == NAMED * 2
    told = [line for line in reading.report.lines() if "offsets" in line]
    assert [told[0].startswith("offsets: UTF-16 units"), told[1].startswith("offsets of bytes: UTF-8 bytes")] == [
        True
    ] * 2


@pytest.mark.parametrize(
    ("name", "evidence", "moved"),
    [
        ("utf-16", "UTF-16 units: 7 of 7 spans in 4 texts fit, as code points 0 do", 7),
        ("bytes", "UTF-8 bytes: 8 of 8 spans in 4 texts fit, as code points 1 does", 8),
        ("code-points", "code points: ", 0),
    ],
)
def test_offsets_in_another_unit_are_found_out_and_mended(data, name, evidence, moved):
    # doccano#2290, #2114, #2484: emoji move every later offset, because the page counted UTF-16 units.
    reading = read(data / "doccano" / f"{name}.jsonl")
    assert surfaces(reading) == NAMED
    assert reading.report.offsets.startswith(evidence)
    assert reading.report.ledger.moved == moved
    assert reading.report.account().given("span") == 9
    assert f"offsets: {reading.report.offsets}" in reading.report.lines()


def test_offsets_in_an_archive_and_in_an_array_are_mended_too(data, tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(data / "doccano" / "utf-16.jsonl", "all.jsonl")
    assert surfaces(read(tmp_path / "export.zip")) == NAMED
    lines = (data / "doccano" / "utf-16.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "export.json").write_text("[" + ",\n".join(lines) + "]", "utf-8")
    assert surfaces(read(tmp_path / "export.json")) == NAMED


@pytest.mark.parametrize(
    ("character", "unit"), [("\u200b", "bytes"), ("\u00a0", "bytes"), ("\u3000", "bytes"), ("\U0001f3fd", "utf-16")]
)
def test_zero_width_characters_and_odd_white_space_shift_nothing(tmp_path, character, unit):
    # flair#3566, #237, #2311
    texts = [f"{character} The{character} man {at} met{character} Ada Lovelace{character} again." for at in range(9)]
    path = tmp_path / "a.jsonl"
    for counted in ("code-points", unit):
        lines = []
        for text in texts:
            start = text.index("Ada")
            lines.append(
                {"text": text, "label": [[*from_code_points(text, [start, start + 12], counted).tolist(), "P"]]}
            )
        path.write_text("\n".join(map(json.dumps, lines)))
        assert surfaces(read(path)) == [["Ada Lovelace"]] * 9


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-text", ":2: a record needs 'text', a string; got id, label"),
        ("text-type", ":2: 'text' of a record has to be a string, got a list"),
        ("triple", r":1: an item of 'label' has to be start, end and type, \[0, 4, \"ORG\"\] say, got \[0, 4\]"),
        ("offset-type", ":1: an item of 'label' has to be start, end and type"),
        ("boolean-offset", ":1: an item of 'label' has to be start, end and type"),
        ("label-type", ":1: 'label' of a record has to be a list, got a string"),
        ("outside", ":2: .* ends outside the text, which has 10 characters"),
        ("backwards", ":1: a span has to have 0 <= start < end, got start 4, end 0"),
        ("entity", ":1: an item of 'entities' needs 'end_offset', a whole number"),
        ("no-label", ":1: an item of 'entities' needs 'label'"),
        ("relation-end", ":1: .* names the span '9', which this document does not have"),
        ("relation", ":1: a relation needs 'from_id', 'to_id' and 'type'"),
        ("cats", ":1: 'cats' of a record has to be a list of strings, got a whole number in it"),
        ("truncated", ":2: expected a JSON value on each line, got invalid JSON"),
        ("list", ":2: expected a record as an object, got a list"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line_and_sets_one_record_aside(data, name, message):
    path = data / "doccano" / f"invalid-{name}.jsonl"
    with pytest.raises(DataError, match=f"invalid-{name}.jsonl{message}"):
        list(read(path, "doccano"))
    rejects = []
    good = len(path.read_text().splitlines()) - 1
    reading = read(path, "doccano", rejects=rejects.append)
    assert len(list(reading)) == good
    assert len(rejects) == reading.report.rejected == 1
    assert rejects[0].raw in path.read_text()


def test_options(data, tmp_path):
    path = data / "doccano" / "utf-16.jsonl"
    assert surfaces(read(path, offsets="utf-16")) == NAMED
    assert surfaces(read(path, offsets="code-points", rejects=[].append)) != NAMED
    with pytest.raises(UsageError, match="offsets are one of"):
        list(read(path, offsets="letters"))
    with pytest.raises(UsageError, match="variant has to be one of auto, spans, relations, got 'x'"):
        write([], tmp_path / "a.jsonl", "doccano", variant="x")


def test_both_variants_are_written(tmp_path):
    related = Document(
        "Ada met Bob.", (Span(0, 3, "P", id="7"), Span(8, 11, "P", id="8")), (Relation("7", "8", "met"),), id="01"
    )
    path = tmp_path / "a.jsonl"
    write([related, Document("x", (Span(0, 1, "X"),), labels=("a",), id="3")], path, "doccano")
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "id": "01",
            "text": "Ada met Bob.",
            "entities": [
                {"id": 7, "start_offset": 0, "end_offset": 3, "label": "P"},
                {"id": 8, "start_offset": 8, "end_offset": 11, "label": "P"},
            ],
            "relations": [{"id": 1, "from_id": 7, "to_id": 8, "type": "met"}],
        },
        {"id": 3, "text": "x", "label": [[0, 1, "X"]], "cats": ["a"]},
    ]
    ledger = write([related], path, "doccano", variant="spans")
    assert (ledger.kept, ledger.total("refused", "relation"), ledger.total("refused", "id")) == (2, 1, 2)
    named = replace(
        related, spans=(Span(0, 3, "P", id="a"), Span(8, 11, "P", id="b")), relations=(Relation("a", "b", "m"),)
    )
    ledger = write([named], path, "doccano")
    assert ledger.total("refused", "id") == 2
    assert [document.relations for document in read(path)] == [(Relation("1", "2", "m"),)]


@settings(max_examples=60, deadline=None)
@given(document=documents(layers=("entities", "x")))
def test_what_is_written_reads_back_but_for_what_the_account_refuses(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("round") / "trip.jsonl"
    numbers = {f"i{at}": str(at) for at in range(9)}
    document = replace(
        document,
        spans=tuple(replace(span, id=numbers.get(span.id)) for span in document.spans),
        relations=tuple(replace(one, head=numbers[one.head], tail=numbers[one.tail]) for one in document.relations),
    )
    ledger, (back,) = trip(DOCCANO, [document], path)
    spans = tuple(replace(span, score=None) for span in document.layer())
    ids = {span.id for span in spans}
    relations = tuple(replace(one, score=None) for one in document.relations if {one.head, one.tail} <= ids)
    if not document.relations:
        spans = tuple(replace(span, id=None) for span in spans)
    expected = replace(document, spans=spans, relations=relations, tokens=None, unknown=())
    assert back == expected
    assert ledger.kept == len(spans)
    assert ledger.given() == len(document.spans)
    assert ledger.total("kept", "relation") == len(relations)


def test_it_is_told_from_its_like(data, tmp_path):
    for path in (data / "doccano").glob("*.json*"):
        if "invalid" not in path.name:
            assert detect(path).format is DOCCANO, path
    other = tmp_path / "a.jsonl"
    other.write_text('{"text": "a", "labels": ["x"], "spans": []}')
    assert detect(other).format.name == "jsonl"

import pytest

from elman.data.document import Relation, Span
from elman.data.formats import detect, read, write
from elman.data.formats.factrueval import HULL
from elman.data.formats.marked import ENTITY
from elman.errors import DataError, UsageError


def related(document):
    named = {span.id: document.surface(span) for span in document.spans if span.id}
    return [(named[one.head], one.label, named[one.tail]) for one in document.relations]


def test_spert_has_entities_and_relations_between_their_places(data):
    path = data / "relations" / "spert.json"
    assert detect(path).format.name == "spert"
    first, second = read(path)
    assert (first.id, first.text, first.meta) == ("7", "Ada wrote to Bo .", {})
    assert first.spans == (Span(0, 3, "PER", id="e0"), Span(13, 15, "PER", id="e1"), Span(0, 15, "NP"))
    assert related(first) == [("Ada", "writes", "Bo")]
    assert (second.text, second.spans) == ("So .", ())


def test_tags_may_stand_for_the_entities(data):
    reading = read(data / "relations" / "tablert.json")
    (document,) = reading
    assert related(document) == [("Bo", "meets", "Ada Lovelace")]
    assert reading.report.scheme == "BILUO"


def test_dygie_counts_tokens_through_the_document(data):
    path = data / "relations" / "dygie.jsonl"
    assert detect(path).format.name == "dygie"
    reading = read(path)
    (document,) = reading
    assert (document.id, document.text) == ("d1", "Ada wrote .\nBo read it .")
    assert related(document) == [("Bo", "READS", "Ada"), ("Bo", "USES", "it")]
    assert [span.label for span in document.spans] == ["PER", "PER", "-"]
    assert document.meta == {"clusters": [[[0, 0]]]}
    assert "relation of a piece that is no entity" in reading.report.notes[0]


def test_marked_pairs_lose_their_marks(data):
    path = data / "relations" / "marked.txt"
    assert detect(path).format.name == "marked"
    first, second = read(path)
    assert (first.text, related(first)) == (
        "An algorithm for optical flow .",
        [("algorithm", "USED-FOR", "optical flow")],
    )
    assert {span.label for span in first.spans} == {ENTITY}
    assert (second.text, related(second)) == ("A b c", [("b", "PART", "A b c")])


def test_multihead_has_relations_at_last_tokens(data):
    path = data / "relations" / "multihead.txt"
    assert detect(path).format.name == "multihead"
    first, second = read(path)
    assert (first.id, first.text) == ("12", "Ada Lovelace of Ulm")
    assert first.relations == (Relation("e0", "e1", "Live_In"), Relation("e0", "e1", "Kill"))
    assert related(first)[0] == ("Ada Lovelace", "Live_In", "Ulm")
    assert (second.text, second.relations) == ("Yes", ())


@pytest.mark.parametrize(
    ("name", "problems", "left"),
    [
        (
            "spert.json",
            [
                "an entity has the tokens 0-2, there are 1; ends are exclusive",
                "a relation is between entities 0 and 1, there are 1; they count from 0",
            ],
            1,
        ),
        (
            "dygie.jsonl",
            [
                "an entity has the tokens [0, 1], there are 1; ends are inclusive",
                "expected an entity as 2 numbers and a label, got ['x']",
            ],
            0,
        ),
        (
            "marked.txt",
            ["expected one pair as in [[ head ]] and << tail >>, got 'An [[ algorithm for << flow >>'; mend the line"],
            1,
        ),
        (
            "multihead.txt",
            [
                "the relation Live_In is between the tokens 0 and 1, of which one ends no entity; mend the row",
                "expected as many relations as heads, such as ['Kill'] and [4], got ['N', 'N'] and [0]; mend the row",
                "expected 5 columns, the first of them 0, got \"1\\tAda\\tO\\t['N']\\t[0]\"; mend the row",
            ],
            1,
        ),
    ],
)
def test_what_is_wrong_is_said_and_set_aside(data, name, problems, left):
    path = data / "relations" / f"invalid-{name}"
    kind = name.partition(".")[0]
    with pytest.raises(DataError) as caught:
        list(read(path, kind))
    assert (caught.value.problem, caught.value.path) == (problems[0], str(path))
    rejects = []
    assert len(list(read(path, kind, rejects=rejects.append))) == left
    assert [reject.problem for reject in rejects] == problems


def test_factrueval_makes_objects_of_spans(data):
    path = data / "factrueval" / "ok"
    assert detect(path).format.name == "factrueval"
    reading = read(path)
    (document,) = reading
    assert [(document.surface(span), span.label, span.id) for span in document.layer()] == [
        ("мэрии города Москвы", "Org", "9"),
        ("Ада", "Person", "8"),
    ]
    assert [span.label for span in document.layer("spans")] == ["org_descr", "loc_name", "name"]
    assert list(document.tokens.ranges()) == [(0, 6), (6, 8)]
    assert reading.report.ledger.counts["span", "moved", HULL] == 1
    assert reading.report.ignored == {"file .coref": 1}


def test_factrueval_needs_the_spans_of_its_objects(data):
    path = data / "factrueval" / "invalid"
    with pytest.raises(DataError, match=r"a.objects:1: the object 9 has the span 5, which is not in .spans"):
        list(read(path))
    with pytest.raises(DataError, match="is a file, expected the folder"):
        list(read(path / "a.txt", "factrueval"))


def test_a_class_and_a_text_on_each_line(data, tmp_path):
    path = data / "classes" / "invalid-no-text.txt"
    with pytest.raises(DataError, match=r"no-text.txt:21: expected a class, a space or tab, and a text, got 'NUM'"):
        list(read(path, "classes"))
    rejects = []
    documents = list(read(path, "classes", rejects=rejects.append))
    assert [(one.text, one.labels, one.id) for one in documents[:2]] == [
        ("How far is it ?", ("NUM:dist",), "invalid-no-text-1"),
        ("Where is Ulm ?", ("LOC:city",), "invalid-no-text-2"),
    ]
    assert (len(documents), len(rejects)) == (20, 1)
    path = tmp_path / "trec.txt"
    path.write_text("NUM:dist How far is it ?\nLOC:city\tWhere is Ulm ?\n" * 20)
    assert detect(path).format.name == "classes"


def test_these_are_read_only(data, tmp_path):
    with pytest.raises(UsageError, match="spert is read, not written"):
        write(read(data / "relations" / "spert.json"), tmp_path / "o.json", "spert")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "sentences", "spans", "relations"),
    [
        ("conll04-rel/spert-json/conll04_dev.json", 231, 893, 343),
        ("conll04-rel/spert-json/conll04_test.json", 288, 1079, 422),
        ("scierc/relations/dev.txt", 455, 910, 455),
    ],
)
def test_known_files_have_the_known_counts(shared, name, sentences, spans, relations):
    documents = list(read(shared(name)))
    assert len(documents) == sentences
    assert sum(len(document.spans) for document in documents) == spans
    assert sum(len(document.relations) for document in documents) == relations

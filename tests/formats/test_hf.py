"""Hugging Face datasets: the names of numbers, -100, both layouts, and what is damaged."""

import io
import json
import sys
from dataclasses import replace

import pytest
from drawn import documents, strange
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data import formats
from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import hf, hf_table
from elman.data.formats.files import Source
from elman.data.formats.hf_features import names_in
from elman.data.formats.sinks import sink
from elman.errors import DataError, UsageError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def read(form, path, rejects=None, **options):
    source = Source(path, rejects=rejects)
    reading = form.read(source, **options)
    source.attach(reading.report)
    return list(reading), reading.report


def tagged(*rows):
    """Documents of rows of (word, tag), in IOB2."""
    docs = []
    for number, row in enumerate(rows):
        text = " ".join(word for word, _ in row)
        offsets, spans, at = [], [], 0
        for word, label in row:
            offsets.append((at, at + len(word)))
            if label != "O":
                spans.append(Span(at, at + len(word), label))
            at += len(word) + 1
        docs.append(Document(text, tuple(spans), tokens=Tokens(text, offsets), id=f"d{number}"))
    return docs


ADA = tagged([("Ada", "PER"), ("wrote", "O")], [("London", "LOC"), (".", "O")])


def test_reads_lines(data):
    (first, second), report = read(hf.HF_JSONL, data / "hf" / "valid.jsonl")
    assert first == Document(
        "Ada  Byron\nwrote",
        (Span(0, 10, "PER"),),
        tokens=Tokens("Ada  Byron\nwrote", [(0, 3), (5, 10), (11, 16)], None, {"pos_tags": ("NNP", "NNP", "VBD")}),
        id="1",
        meta={"source": "mail"},
    )
    assert (second.text, second.spans, second.unknown, second.meta) == ("Who ?", (), (Region(0, 3),), {})
    assert report.scheme == "IOB2"


def test_numbers_get_their_names(data, tmp_path):
    path = data / "hf" / "numbers.jsonl"
    with pytest.raises(DataError, match="nothing says what they stand for; name them in their order with labels=O"):
        read(hf.HF_JSONL, path)
    (_, second), _ = read(hf.HF_JSONL, path, labels=["O", "B-PER", "I-PER"])
    assert (second.spans, second.unknown) == ((Span(7, 22, "PER"),), (Region(0, 2),))
    with pytest.raises(DataError, match="has the number 2, and there are 2 names") as caught:
        read(hf.HF_JSONL, path, labels=["O", "B-PER"])
    assert caught.value.line == 2
    (tmp_path / "a.jsonl").write_bytes(path.read_bytes())
    feature = {"feature": {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}
    (tmp_path / "dataset_info.json").write_text(json.dumps({"default": {"features": {"ner_tags": feature}}}))
    assert read(hf.HF_JSONL, tmp_path / "a.jsonl")[0][1].spans == (Span(7, 22, "PER"),)
    with pytest.raises(UsageError, match="labels have to be different"):
        read(hf.HF_JSONL, path, labels=["O", "O"])


@pytest.mark.parametrize(
    "feature",
    [
        {"feature": {"names": ["O", "B-A"], "_type": "ClassLabel"}, "_type": "Sequence"},
        {"feature": {"names": ["O", "B-A"], "_type": "ClassLabel"}, "_type": "List"},
        {"feature": {"num_classes": 2, "names": ["O", "B-A"], "id": None}, "length": -1},
        [{"names": ["O", "B-A"], "_type": "ClassLabel"}],
        {"sequence": {"class_label": {"names": {"1": "B-A", "0": "O"}}}},
    ],
)
def test_names_in_the_spellings_of_versions(feature):
    assert names_in(feature) == ["O", "B-A"]
    assert names_in({"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}) is None


@pytest.mark.parametrize(
    ("name", "line", "problem", "count"),
    [
        ("count", 1, "expected as many tags as tokens, got 2 tokens and 1 tags", None),
        ("second-count", 2, "expected as many tags as tokens, got 1 tokens and 2 tags", 1),
        ("empty-token", 2, "a token is empty, and no text has empty tokens", 1),
        ("token-type", 2, "expected a list of strings in 'tokens', got ['Ada', 7]", 1),
        ("orphan", 2, "I-PER", 1),
        ("list", 2, "expected an object, got '[1]'", 1),
        ("not-json", 2, "", 1),
        ("no-tags", None, "has tokens in 'tokens', and no column that is known to hold their tags", None),
        ("no-column", None, "expected columns with tokens and tags, or one with a text, got words, kind", None),
    ],
)
def test_invalid_lines(data, name, line, problem, count):
    path = data / "hf" / f"invalid-{name}.jsonl"
    options = {"tokens": "tokens", "tags": "ner_tags"} if name not in ("no-tags", "no-column") else {}
    with pytest.raises(DataError) as caught:
        read(hf.HF_JSONL, path, **options)
    assert problem in caught.value.problem
    assert (str(caught.value.path), caught.value.line) == (str(path), line)
    if count:
        rejects = []
        docs, report = read(hf.HF_JSONL, path, rejects.append, **options)
        assert (len(docs), report.rejected, rejects[0].line) == (count, 1, line)


@pytest.mark.parametrize(("form", "name"), [(hf.PARQUET, "invalid.parquet"), (hf.ARROW, "invalid.arrow")])
def test_damaged_files(data, form, name, tmp_path):
    with pytest.raises(DataError, match="file, or it is damaged"):
        read(form, data / "hf" / name)
    assert formats.detect(data / "hf" / name).format is form
    whole = tmp_path / name.removeprefix("in")
    formats.write(ADA * 200, whole)
    whole.write_bytes(whole.read_bytes()[: -len(whole.read_bytes()) // 3])
    with pytest.raises(DataError, match="file, or it is damaged"):
        read(form, whole)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.jsonl", "folder"])
def test_tokens_and_tags_come_back(name, tmp_path):
    form = {"a.jsonl": "hf-jsonl", "folder": "hf"}.get(name)
    text = "Ada wrote\nto me"
    more = Document(
        text,
        (Span(0, 3, "PER"),),
        unknown=(Region(10, 12),),
        tokens=Tokens(text, [(0, 3), (4, 9), (10, 12), (13, 15)], [0, 2]),
        id="more",
    )
    text = "  Ada,\r\nme. "
    spaced = Document(text, (Span(2, 5, "PER"),), tokens=Tokens(text, [(2, 5), (5, 6), (8, 11)]), id="spaced")
    docs = [*ADA, more, spaced]
    ledger = formats.write(docs, tmp_path / name, form)
    back = list(formats.read(tmp_path / name))
    assert back == docs
    assert {kind for (_, kind, _) in ledger.counts} == {"kept"}
    assert all(ledger.counts.values())


def test_a_row_a_sentence(tmp_path):
    text = "Ada wrote\nto me"
    document = Document(text, (Span(0, 3, "PER"),), tokens=Tokens(text, [(0, 3), (4, 9), (10, 15)], [0, 2]), id="x")
    ledger = formats.write([document], tmp_path / "a.parquet", unit="sentence")
    back = list(formats.read(tmp_path / "a.parquet"))
    assert [(one.id, one.text) for one in back] == [("x-1", "Ada wrote"), ("x-2", "to me")]
    assert ledger.counts["document", "split", hf_table.SENTENCES] == 1
    assert ledger.made("document") == ledger.made("id") == 2
    with pytest.raises(UsageError, match="the unit is one of document, sentence; got 'word'"):
        formats.write([document], tmp_path / "b.parquet", unit="word")


def test_text_that_is_not_its_tokens(tmp_path):
    text = "Ada (really) wrote"
    document = Document(text, (Span(0, 3, "PER"),), tokens=Tokens(text, [(0, 3), (13, 18)]), id="x")
    ledger = formats.write([document], tmp_path / "a.parquet")
    assert [one.text for one in formats.read(tmp_path / "a.parquet")] == ["Ada wrote"]
    assert ledger.total("moved", "document") == 1


def test_the_names_are_in_the_metadata(tmp_path):
    formats.write(ADA, tmp_path / "a.parquet")
    schema = pq.read_schema(tmp_path / "a.parquet")
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert features["ner_tags"]["feature"] == {"names": ["B-PER", "O", "B-LOC"], "_type": "ClassLabel"}
    assert list(features) == schema.names == ["id", "tokens", "ner_tags"]
    assert pq.read_table(tmp_path / "a.parquet")["ner_tags"].to_pylist() == [[0, 1], [2, 1]]
    formats.write(ADA, tmp_path / "folder", "hf")
    info = json.loads((tmp_path / "folder" / "dataset_info.json").read_text())
    assert info["features"] == features


def test_what_tags_cannot_say_is_in_the_ledger(tmp_path):
    (ada, _) = ADA
    full = replace(
        ada,
        spans=(Span(0, 3, "PER", id="a", score=0.5), Span(0, 9, "X", id="b")),
        relations=(Relation("a", "b", "r"),),
        labels=("one",),
        meta={"k": 1},
    )
    ledger = formats.write([full], tmp_path / "a.parquet")
    gone = sorted(item for (item, kind, _), count in ledger.counts.items() for _ in range(count) if kind == "refused")
    assert gone == ["id", "id", "label", "meta", "relation", "score", "span"]
    ledger = formats.write([full], tmp_path / "b.parquet", layout="spans")
    assert list(formats.read(tmp_path / "b.parquet")) == [full]
    assert {kind for (_, kind, _) in ledger.counts} == {"kept"}
    with pytest.raises(DataError, match="has no tokens; give tokenize"):
        formats.write([Document("Ada")], tmp_path / "c.parquet", layout="tokens")
    with pytest.raises(UsageError, match="the layout is one of tokens, spans; got 'x'"):
        formats.write([Document("Ada")], tmp_path / "c.parquet", layout="x")
    with pytest.raises(DataError, match="cannot be written to Arrow"):
        formats.write([Document("\ud800")], tmp_path / "c.parquet")
    assert not (tmp_path / "c.parquet").exists()


def test_texts_with_spans_and_a_label(tmp_path):
    features = {
        "label": {"names": ["neg", "pos"], "_type": "ClassLabel"},
        "entities": [{"label": {"names": ["PER", "LOC"], "_type": "ClassLabel"}}],
    }
    table = pa.table(
        {
            "text": ["Ada 👩", "Bob", "Eve"],
            "label": [1, 0, -1],
            "entities": [[{"start": 0, "end": 3, "label": 0}], [], None],
            "picture": [b"x", None, None],
            "year": [1815, None, 3],
        }
    ).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, tmp_path / "a.parquet")
    docs, report = read(hf.PARQUET, tmp_path / "a.parquet")
    assert docs == [
        Document("Ada 👩", (Span(0, 3, "PER"),), labels=("pos",), meta={"picture": None, "year": 1815}),
        Document("Bob", labels=("neg",)),
        Document("Eve", meta={"year": 3}),
    ]
    assert +report.ignored == {
        "bytes in the column 'picture'": 1,
        "number -1 in 'label', which stands for no label": 1,
    }


def test_spans_as_lists_of_their_fields(tmp_path):
    table = pa.table({"text": ["Ada wrote"], "spans": [{"start": [0], "end": [3], "label": ["PER"]}]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read(hf.PARQUET, tmp_path / "a.parquet")[0] == [Document("Ada wrote", (Span(0, 3, "PER"),))]
    table = pa.table({"text": ["Ada wrote", "Ada"], "spans": [[{"start": 0, "end": 3}], []]})
    pq.write_table(table, tmp_path / "b.parquet")
    with pytest.raises(DataError, match="a span needs 'label'") as caught:
        read(hf.PARQUET, tmp_path / "b.parquet")
    assert caught.value.line == 1


def test_a_dictionary_of_splits(tmp_path):
    (tmp_path / "all").mkdir()
    for document, split in zip(ADA, ("train", "test"), strict=True):
        formats.write([document], tmp_path / "all" / split, "hf")
    (tmp_path / "all" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    # What is not named by a split's state is a cache, or nobody's.
    (tmp_path / "all" / "train" / "cache-1.arrow").write_bytes(b"ARROW1\0\0")
    back = list(formats.read(tmp_path / "all"))
    assert [(one.id, one.meta) for one in back] == [("d0", {"split": "train"}), ("d1", {"split": "test"})]
    state = tmp_path / "all" / "test" / "state.json"
    state.write_text('{"_data_files": [{"filename": "../train/data-00000-of-00001.arrow"}]}')
    with pytest.raises(DataError, match="which is not in its folder"):
        list(formats.read(tmp_path / "all"))
    state.unlink()
    with pytest.raises(DataError, match=r"has no state\.json"):
        list(formats.read(tmp_path / "all"))


def test_arrow_files_and_streams(tmp_path):
    table = pa.table({"tokens": [["Ada", "wrote"]], "ner_tags": [["B-PER", "O"]]})
    with pa.ipc.new_file(tmp_path / "file.arrow", table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_stream(tmp_path / "stream", table.schema) as writer:
        writer.write_table(table)
    for name in ("file.arrow", "stream"):
        assert formats.detect(tmp_path / name).format is hf.ARROW
        (document,) = formats.read(tmp_path / name)
        assert document.spans == (Span(0, 3, "PER"),)


def test_no_rows(tmp_path):
    pq.write_table(pa.table({"tokens": pa.array([], pa.list_(pa.string()))}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="has no rows"):
        read(hf.PARQUET, tmp_path / "a.parquet")


legible = strange.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
plain = st.text(st.characters(codec="utf-8"), max_size=3)
meta = st.integers(-9, 9) | plain | st.lists(plain, max_size=2)


@given(docs=st.lists(documents(legible, ("entities", "pos"), plain, meta=meta), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_round_trip_of_spans(docs, tmp_path_factory):
    docs = [
        replace(one, id=one.id and one.id.encode(errors="ignore").decode(), meta=dict(enumerate_names(one.meta)))
        for one in docs
    ]
    stream = io.BytesIO()
    ledger = hf.PARQUET.write(docs, stream, layout="spans")
    path = tmp_path_factory.mktemp("hf") / "a.parquet"
    path.write_bytes(stream.getvalue())
    assert read(hf.PARQUET, path)[0] == docs
    assert {kind for (_, kind, _) in ledger.counts} == {"kept"}


def enumerate_names(entries):
    return ((f"k{at}", value) for at, value in enumerate(entries.values()))


def test_atomic_folder(tmp_path):
    with pytest.raises(DataError), sink(tmp_path / "out", "folder") as folder:
        hf.HF_FOLDER.write([Document("\ud800")], folder)
    assert list(tmp_path.iterdir()) == []


@given(docs=st.lists(documents(legible, labels=st.sampled_from("ab"), meta=meta), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_round_trip_of_tokens(docs, tmp_path_factory):
    docs = [
        replace(one, id=f"d{at}", tokens=one.tokens or Tokens(one.text, [(n, n + 1) for n in range(len(one.text))]))
        for at, one in enumerate(docs)
    ]
    path = tmp_path_factory.mktemp("hf") / "a.parquet"
    stream = io.BytesIO()
    ledger = hf.PARQUET.write(docs, stream, layout="tokens")
    path.write_bytes(stream.getvalue())
    back, report = read(hf.PARQUET, path, scheme="IOB2")
    account = report.account()
    for item in ("document", "token", "span", "region", "sentence"):
        assert ledger.made(item) == account.made(item), item
    assert [one.tokens.surfaces for one in back] == [one.tokens.surfaces for one in docs]
    same = [a.text == b.text for a, b in zip(docs, back, strict=True)]
    assert sum(same) >= ledger.total("kept", "document")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_without_pyarrow_the_extra_is_named(name, tmp_path, monkeypatch):
    formats.write(ADA, tmp_path / name)
    for module in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    for run in (lambda: formats.read(tmp_path / name), lambda: formats.write(ADA, tmp_path / f"b{name}")):
        with pytest.raises(UsageError, match=r'needs pyarrow, which is not installed: pip install "elman\[datasets\]"'):
            run()

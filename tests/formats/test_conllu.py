import pytest
from drawn_tokens import anything, cut, flat, holding, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.conllu_rows import escape, unescape
from elman.data.formats.conllu_writing import FOREIGN_COLUMN, FOREIGN_META, UNWRITABLE_ID
from elman.errors import DataError, UsageError


def surfaces(document):
    return [(document.surface(span), span.label) for span in document.spans]


def saved(tmp_path, *rows):
    """A file of rows in which blanks stand for tabs, unless they are comments."""
    path = tmp_path / "file.conllu"
    path.write_text("".join((row if row[:1] == "#" else row.replace(" ", "\t")) + "\n" for row in rows) + "\n")
    return path


def words(*tagged):
    """Rows of words and MISC."""
    return [f"{at} {word} _ _ _ _ _ _ _ {misc}" for at, (word, misc) in enumerate(tagged, 1)]


def test_a_file_with_all_there_is(data):
    reading = read(data / "conllu" / "all.conllu")
    first, second = reading
    assert first.id == "letters"
    assert first.text == "Ada Lovelace can't wait.\nVámonos al mar."
    assert surfaces(first) == [("Ada Lovelace", "Person"), ("al mar", "Place")]
    # The words of can't and of Vámonos are: one is its pieces, the other is not.
    assert first.tokens.surfaces == ["Ada", "Lovelace", "can", "'t", "wait", ".", "Vámonos", "al", "mar", "."]
    assert first.tokens.columns["upos"][:3] == ("PROPN", "PROPN", "AUX")
    assert first.tokens.columns["misc"][1] == "Gloss=x"
    assert first.meta == {"sentence_comments": [["sent_id = l1"], ["newpar", "sent_id = l2"]]}
    assert (second.id, second.text) == ("信", "張三在北京。")
    assert surfaces(second) == [("張三", "Person"), ("北京", "Place")]
    report = reading.report
    assert (report.format, report.scheme, report.docstart, report.tokens) == ("conllu", "IOB2", True, 14)
    assert report.notes == ["tags are under NE in MISC (16 in the head)"]


def test_a_file_is_written_as_it_was(data, tmp_path):
    path = data / "conllu" / "all.conllu"
    ledger = write(read(path), tmp_path / "all.conllu", key="NE")
    assert list(read(tmp_path / "all.conllu")) == list(read(path))
    assert not [key for key in ledger.counts if key[1] != "kept"]
    written = (tmp_path / "all.conllu").read_text().split("\n")
    # What stands in the rows is there still; only the order in MISC and the tags of ranges are the writer's.
    for line in path.read_text().split("\n"):
        if "\tal\t" not in line and "Vámonos" not in line and "_\tNE=O" not in line and "\tNE=" not in line:
            assert line in written


@pytest.mark.parametrize("key", ["name", "NE", "NER", "ner", "Tag", "Entity"])
def test_tags_are_found_under_any_key(tmp_path, key):
    path = saved(
        tmp_path, *words(("Ada", f"{key}=B-Person"), ("is", "_"), ("in", f"X=1|{key}=O"), ("Ulm", f"{key}=B-P"))
    )
    (document,) = read(path)
    assert surfaces(document) == [("Ada", "Person"), ("Ulm", "P")]
    # O is written here, so what has none is unknown.
    assert document.unknown == (Region(4, 6),)
    (document,) = read(path, key="Y")
    assert document.spans == ()


def test_without_o_what_has_no_tag_is_o(tmp_path):
    (document,) = read(saved(tmp_path, *words(("Ada", "name=B-PER"), ("is", "_"), ("here", "SpaceAfter=No"))))
    assert (document.text, document.unknown) == ("Ada is here", ())
    assert surfaces(document) == [("Ada", "PER")]


def test_coreference_is_not_taken_for_tags(tmp_path):
    reading = read(saved(tmp_path, *words(("Ada", "Entity=(e1-person-1"), ("is", "Entity=e1)"))))
    (document,) = reading
    assert (document.spans, document.tokens.columns["misc"]) == ((), ("Entity=(e1-person-1", "Entity=e1)"))
    assert "no key in MISC has tags" in reading.report.notes[0]


def test_labels_may_have_bars(tmp_path):
    document = Document("Ada", (Span(0, 3, "a|b =c\\d"),), tokens=Tokens("Ada", [(0, 3)]), id="d")
    write([document], tmp_path / "o.conllu")
    assert "NER=B-a\\pb\\s=c\\\\d" in (tmp_path / "o.conllu").read_text()
    assert next(read(tmp_path / "o.conllu")).spans == document.spans


def test_offsets_in_misc_make_the_text(data, tmp_path):
    path = data / "conllu" / "offsets.conllu"
    (document,) = read(path)
    assert (document.text, document.id) == ("Ada,  you", "offsets-1")
    write([document], tmp_path / "o.conllu", offsets=True)
    assert "start_char=6|end_char=9" in (tmp_path / "o.conllu").read_text()


def test_the_text_of_a_comment_has_the_white_space(tmp_path):
    rows = words(("Ada", "_"), ("is", "SpaceAfter=No"), ("here", "_"))
    (document,) = read(saved(tmp_path, "# sent_id = s1", "# text = Ada\u00a0 is here", *rows))
    assert (document.text, document.id) == ("Ada\u00a0 is here", "s1")


def test_escapes_of_other_tools_are_read(tmp_path):
    rows = words(("Ada", "SpacesAfter=\\u00A0"), ("is", "SpacesAfter=\\s\\n"))
    (document,) = read(saved(tmp_path, "# text = Ada\u00a0is", *rows))
    assert document.text == "Ada\u00a0is \n"


def test_without_newdoc_each_sentence_is_a_document(tmp_path):
    path = saved(tmp_path, "# sent_id = a", *words(("Ada", "_")), "", *words(("Bo", "_")))
    assert [(document.id, document.text) for document in read(path)] == [("a", "Ada"), ("file-2", "Bo")]


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("few-columns", 2, "expected 10 columns with tabs between them, got 3; mend the row"),
        ("id", 2, "expected the id 2, got 3; mend the row or take it out"),
        ("id-kind", 2, "expected an id such as 3, 3-4 or 3.1, got 'x'; mend the row"),
        ("range", 2, "expected the words 2-3 behind it, they are not there"),
        (
            "text",
            1,
            "# text says 'Ada was', but the tokens make 'Ada is'; mend one of them, or read the tokens alone with "
            "check_text=False",
        ),
        ("no-rows", 3, "expected rows behind # text, got none"),
        ("orphan", 3, "tag 2 ('I-PER') stands after 'O', which the scheme IOB2 forbids"),
    ],
)
def test_what_is_wrong_is_said_and_set_aside(data, name, line, problem):
    path = data / "conllu" / f"invalid-{name}.conllu"
    with pytest.raises(DataError) as caught:
        list(read(path, "conllu"))
    assert (caught.value.line, caught.value.path) == (line, str(path))
    assert caught.value.problem.startswith(problem)
    rejects = []
    reading = read(path, "conllu", rejects=rejects.append)
    assert len(list(reading)) == (name == "no-rows")
    assert [(reject.line, reject.problem) for reject in rejects] == [(line, caught.value.problem)]


def test_a_prefix_that_no_scheme_has_is_an_error_at_once(data):
    with pytest.raises(DataError, match=r"invalid-prefix.conllu:2: the tags have the prefixes"):
        read(data / "conllu" / "invalid-prefix.conllu")


def test_text_can_be_left_unchecked(data):
    (document,) = read(data / "conllu" / "invalid-text.conllu", check_text=False)
    assert document.text == "Ada is"


def test_one_bad_sentence_leaves_the_others(tmp_path):
    path = saved(tmp_path, "# newdoc", *words(("Ada", "_")), "", "1 x", "", *words(("Bo", "_")))
    rejects = []
    (document,) = read(path, rejects=rejects.append)
    assert (document.text, document.id, [reject.raw for reject in rejects]) == ("Ada Bo", None, ["1\tx"])


def test_what_cannot_be_written_is_in_the_ledger(tmp_path):
    tokens = Tokens("Ada", [(0, 3)], columns={"upos": ["X"], "other": ["y"]})
    document = Document("Ada", (Span(0, 3, "A"), Span(0, 3, "B")), tokens=tokens, id=" x", meta={"year": 1})
    ledger = write([document], tmp_path / "o.conllu")
    refused = {(item, reason): count for (item, kind, reason), count in ledger.counts.items() if kind == "refused"}
    assert refused == {
        ("column", FOREIGN_COLUMN): 1,
        ("meta", FOREIGN_META): 1,
        ("id", UNWRITABLE_ID): 1,
        ("span", "overlaps a span that was kept"): 1,
    }


def test_options_are_checked(tmp_path):
    with pytest.raises(UsageError, match="expected a key for MISC"):
        write([], tmp_path / "o.conllu", key="a=b")
    with pytest.raises(DataError, match="column upos, which CoNLL-U cannot hold"):
        write([Document("a", tokens=Tokens("a", [(0, 1)], columns={"upos": ["x\ty"]}))], tmp_path / "o.conllu")


@given(anything)
def test_escapes_read_back(text):
    escaped = escape(text)
    assert unescape(escaped) == text
    assert not set(escaped) & set(" \t\r\n|")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_text_and_tokens_read_back(tmp_path_factory, data):
    tokens = data.draw(texts.flatmap(cut))
    labels = data.draw(st.lists(anything.filter(bool), min_size=1, max_size=2))
    spans, regions = data.draw(flat(tokens, labels=labels))
    document = holding(tokens, spans, regions, id="a b")
    other = Document("x", tokens=Tokens("x", [(0, 1)]))
    path = tmp_path_factory.mktemp("any") / "any.conllu"
    ledger = write([document, other], path)
    assert ledger.kept == len(spans)
    if len(tokens):
        assert list(read(path)) == [document, other]
        assert not [key for key in ledger.counts if key[1] != "kept"]


@pytest.mark.shared
def test_a_treebank_reads_back(shared, tmp_path):
    path = shared("ud-english-ewt/en_ewt-ud-test.conllu")
    assert detect(path).format.name == "conllu"
    documents = list(read(path))
    assert sum(len(document.tokens.sentences) for document in documents) == 2077
    assert sum(len(document.tokens) for document in documents) == 25094
    write(documents[:40], tmp_path / "o.conllu")
    assert list(read(tmp_path / "o.conllu")) == documents[:40]

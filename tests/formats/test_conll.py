import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.align import CROSSING, OVERLAPPING, WIDENED
from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import detect, files, read, write
from elman.data.formats.conll import TAG_OF_NO_TOKEN
from elman.data.formats.conll_writing import FOREIGN_COLUMN
from elman.data.formats.tagging import JOINED
from elman.data.ledger import OTHER_LAYER, SPAN_GONE
from elman.data.schemes import SCHEMES
from elman.errors import DataError, UsageError


def surfaces(document):
    return [(document.surface(span), span.label) for span in document.spans]


def saved(tmp_path, text, name="file.conll"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def test_four_columns_become_documents(data):
    reading = read(data / "conll" / "four-columns.conll")
    first, second = reading
    assert first.id == "four-columns-1"
    assert first.text == "Ada Lovelace wrote .\nShe met Babbage"
    assert first.spans == (Span(0, 12, "PER"), Span(29, 36, "PER"))
    assert first.tokens.surfaces == first.text.split()
    assert list(first.tokens.ranges()) == [(0, 4), (4, 7)]
    assert dict(first.tokens.columns) == {
        "1": ("NNP", "NNP", "VBD", ".", "PRP", "VBD", "NNP"),
        "2": ("B-NP", "I-NP", "B-VP", "O", "B-NP", "B-VP", "B-NP"),
    }
    assert (second.id, second.text, surfaces(second)) == ("four-columns-2", "London", [("London", "LOC")])
    report = reading.report
    assert (report.format, report.scheme, report.repairs, report.docstart) == ("conll", "IOB2", 0, True)
    assert (report.documents, report.tokens, report.spans) == (2, 8, 3)
    assert report.lines() == [
        "2 documents, 8 tokens, 3 spans",
        "the format is conll: rows of 4 columns, tags in column 3",
        "the tag scheme is IOB2: prefixes B- (3), I- (1): IOB2 allows all of them "
        "(IOB1 forbids 3, IOBES forbids 3, BILUO forbids 3)",
    ]


def test_the_report_knows_the_scheme_before_the_first_document(data):
    assert read(data / "conll" / "four-columns.conll").report.scheme == "IOB2"


def test_without_docstart_each_sentence_is_a_document(data):
    reading = read(data / "conll" / "two-columns.tsv")
    assert [(document.id, document.text) for document in reading] == [
        ("two-columns-1", "# Ada Lovelace"),
        ("two-columns-2", "#tag is"),
    ]
    assert reading.report.docstart is False


def test_columns_may_be_padded_with_blanks_and_tabs(data):
    (document,) = read(data / "conll" / "padded.conll")
    assert document.text == "U.N. official Ekeus"
    assert surfaces(document) == [("U.N.", "ORG"), ("Ekeus", "PER")]
    assert document.tokens.columns["1"] == ("NNP", "NN", "NNP")


def test_carriage_returns_and_a_byte_order_mark_are_passed_over(data):
    assert [document.text for document in read(data / "conll" / "crlf-bom.conll")] == ["Ada", "at Köln"]


def test_another_encoding_can_be_named(data):
    with pytest.raises(DataError, match=r"latin-1.conll:2: expected utf-8, got the byte 0xf6"):
        read(data / "conll" / "latin-1.conll")
    (document,) = read(data / "conll" / "latin-1.conll", encoding="latin-1")
    assert document.text == "at Köln"
    with pytest.raises(DataError, match="no encoding 'klingon'"):
        read(data / "conll" / "latin-1.conll", encoding="klingon")


def test_two_layers_are_read_by_column(data):
    path = data / "conll" / "two-layers.tsv"
    outer = list(read(path, column=2, token=1))
    inner = list(read(path, column=3, token=1, layer="inner"))
    assert [document.text for document in outer] == ["Die Uni Köln", "# Bonn"]
    assert [surfaces(document) for document in outer] == [[("Uni Köln", "ORG")], [("Bonn", "LOC")]]
    assert inner[0].spans == (Span(8, 12, "LOC", "inner"),)
    assert outer[0].tokens.columns["3"] == ("O", "O", "B-LOC")
    assert outer[0].meta == {"comments": ["#\thttp://example.org/1\t[2009-08-13]\t"]}


def test_several_layers_and_names_of_columns(data, tmp_path):
    path = data / "conll" / "two-layers.tsv"
    reading = read(path, "conll", layers={"entities": 2, "inner": "within"}, names=["n", "word", "ner", "within"])
    documents = list(reading)
    assert documents[0].spans == (Span(4, 12, "ORG"), Span(8, 12, "LOC", "inner"))
    assert list(documents[0].tokens.columns) == ["n"]
    assert reading.report.notes == ["tokens are in column 1: column 0 counts them"]
    ledger = write(documents, tmp_path / "o.conll", layers=["entities", "inner"])
    assert (ledger.kept, ledger.refused) == (3, 0)
    back = list(read(tmp_path / "o.conll", "conll", token=0, layers={"entities": 2, "inner": 3}))
    assert [document.spans for document in back] == [document.spans for document in documents]
    with pytest.raises(UsageError, match="there is no column 'tag'; the names are n, word"):
        read(path, "conll", column="tag", names=["n", "word"])
    with pytest.raises(DataError, match="expected tags in column 7, got rows of 4 with the token in column 1"):
        read(path, "conll", layers={"entities": 2, "inner": 7})
    with pytest.raises(UsageError, match="each layer has one column"):
        write(documents, tmp_path / "o.conll", layers=["a", "a"])


def test_columns_are_found_out(tmp_path):
    path = saved(tmp_path, "1\tAda\tB-PER\t-\tann\n2\twrote\tO\t-\tann\n\n1\tBo\tB-PER\t-\tbob\n")
    reading = read(path)
    assert [(document.text, surfaces(document)) for document in reading] == [
        ("Ada wrote", [("Ada", "PER")]),
        ("Bo", [("Bo", "PER")]),
    ]
    assert reading.report.notes == [
        "tokens are in column 1: column 0 counts them",
        "tags are in column 2, the last that has any",
    ]


def test_pairs_of_tags_are_what_they_are(tmp_path):
    # Neither is B-PER E-PER two entities nor B-Person the label P.
    (document,) = read(saved(tmp_path, "Ada B-Person\nLovelace E-Person\n. O\nBo S-Person\n"))
    assert surfaces(document) == [("Ada Lovelace", "Person"), ("Bo", "Person")]


def test_comments_are_kept_apart_from_tokens(data):
    reading = read(data / "conll" / "comments.conll")
    assert [(document.text, document.meta) for document in reading] == [
        ("Ada is", {"comments": ["# sent_id = 1", "# text = Ada is O"]}),
        ("Yes", {"comments": ["# sent_id = 2"]}),
    ]
    assert reading.report.ignored == {"comment after the last sentence": 1}
    assert reading.report.lines()[-1] == "left out: comment after the last sentence, 1 times"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "invalid-orphan",
            r"invalid-orphan.conll:5: tag 1 \('I-ORG'\) stands after 'O', which the scheme IOB2",
        ),
        ("invalid-few-columns", "invalid-few-columns.conll:5: too few columns: expected 3, .*, got 1"),
        ("invalid-many-columns", "invalid-many-columns.conll:2: too many columns: expected 3, .*, got 4"),
        (
            "invalid-prefix",
            r"invalid-prefix.conll:2: the tags have the prefixes B- \(1\), Q- \(1\), and no scheme",
        ),
        ("invalid-one-column", "invalid-one-column.conll: too few columns: .* got one column"),
        ("invalid-binary", "invalid-binary.conll:2: expected text, got binary data"),
        ("invalid-utf-16", "invalid-utf-16.conll:1: is in utf-16"),
        ("empty", "empty.conll: is empty"),
        ("blank", "blank.conll: is empty"),
        ("missing", "missing.conll: cannot read it: No such file"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    with pytest.raises(DataError, match=message):
        list(read(data / "conll" / f"{name}.conll", "conll"))


def test_a_row_needs_its_token(data):
    with pytest.raises(DataError, match=r"invalid-empty-token.tsv:2: column 0 has to hold a token"):
        list(read(data / "conll" / "invalid-empty-token.tsv"))


def test_a_folder_without_files_is_empty(tmp_path):
    with pytest.raises(DataError, match="has no file in a format that is known"):
        read(tmp_path, "conll")


@pytest.mark.parametrize(("repair", "spans", "repairs"), [("conlleval", 2, 1), ("drop", 1, 1)])
def test_repairs_are_counted(data, repair, spans, repairs):
    reading = read(data / "conll" / "invalid-orphan.conll", repair=repair)
    assert sum(len(document.spans) for document in reading) == spans
    assert reading.report.repairs == repairs
    assert f"1 tags repaired ({repair}), which IOB2 forbids" in reading.report.lines()


def test_options_are_checked(data):
    path = data / "conll" / "four-columns.conll"
    with pytest.raises(UsageError, match="no repair 'mend'; choose one of refuse, conlleval, drop"):
        read(path, repair="mend")
    with pytest.raises(DataError, match="no tag scheme 'x'"):
        read(path, scheme="x")
    with pytest.raises(DataError, match="a tag in column 4, got rows of 4"):
        read(path, column=4)
    with pytest.raises(DataError, match="a token in column 0 and a tag in column -4"):
        read(path, column=-4)


def test_a_column_of_words_is_not_taken_for_tags(data):
    with pytest.raises(DataError, match="the column that the tags are really in"):
        read(data / "conll" / "four-columns.conll", column=1)


def test_a_given_scheme_is_not_doubted(tmp_path):
    path = saved(tmp_path, "Ada B-PER\nLovelace I-PER\n")
    with pytest.raises(DataError, match=r":2: the end stands after 'I-PER', which the scheme IOBES forbids"):
        list(read(path, scheme="IOBES"))
    with pytest.raises(DataError, match=":1: tag 0: 'B-PER' is not a tag of the scheme IO"):
        list(read(path, scheme="io"))
    (document,) = read(saved(tmp_path, "Ada PER\nLovelace PER\nis X\n"), "conll", scheme="io")
    assert surfaces(document) == [("Ada Lovelace", "PER"), ("is", "X")]


@pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\u2028", "\x85", "\x0b", "\x1c"])
def test_other_white_space_belongs_to_its_token(tmp_path, space):
    path = saved(tmp_path, f"{space} B-X\nb{space}c I-X\n\n{space}{space} O\n")
    documents = list(read(path))
    assert [document.tokens.surfaces for document in documents] == [[space, f"b{space}c"], [space * 2]]
    assert documents[0].spans == (Span(0, 5, "X"),)


def test_tabs_let_tokens_hold_blanks_and_columns_be_empty(tmp_path):
    (document,) = read(saved(tmp_path, "New York\t\tB-LOC\nis\tv\tO\n"))
    assert document.tokens.surfaces == ["New York", "is"]
    assert document.tokens.columns["1"] == ("", "v")


@pytest.mark.parametrize("first", ["-DOCSTART-", "-DOCSTART- -X- O", "-DOCSTART-\t-X-\tO", "-DOCSTART- -X- -X- O"])
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n \n\n"])
def test_documents_start_in_any_spelling(tmp_path, first, gap):
    text = f"Up N O\n{first}{gap}a N B-X\n\nb N O\n{first}{gap}{first}{gap}c N O\n"
    documents = list(read(saved(tmp_path, text)))
    assert [document.text for document in documents] == ["Up", "a\nb", "", "c"]
    assert [document.id for document in documents] == [f"file-{number}" for number in range(1, 5)]
    with pytest.raises(DataError, match=f":{text[: text.index('b N')].count(chr(10)) + 1}: too few"):
        list(read(saved(tmp_path, text.replace("b N O", "b N"))))


@pytest.mark.parametrize(
    ("start", "lost"),
    [
        ("-DOCSTART- -X- B-PER", 1),
        ("-DOCSTART- I-PER", 1),
        ("-DOCSTART- -X- -X- B-PER", 1),
        ("-DOCSTART- -X- O", 0),
        ("-DOCSTART-", 0),
        ("-DOCSTART- -X- -", 0),
        ("-DOCSTART- -X- _", 0),
    ],
)
def test_a_tag_where_a_document_begins_is_refused_and_said(tmp_path, start, lost):
    reading = read(saved(tmp_path, f"{start}\n\nAda N B-PER\nran V O\n\n{start}\n\nBo N B-PER\n"))
    assert [surfaces(document) for document in reading] == [[("Ada", "PER")], [("Bo", "PER")]]
    account = reading.report.account()
    assert account.counts.get(("span", "refused", TAG_OF_NO_TOKEN), 0) == 2 * lost
    assert (f"left out: {TAG_OF_NO_TOKEN}, 2 times" in reading.report.lines()) == bool(lost)


def test_a_bare_label_where_a_document_begins_is_refused(tmp_path):
    reading = read(saved(tmp_path, "-DOCSTART- PER\n\nBill PER\nran O\noff O\n\n-DOCSTART- -X-\n\non O\n"))
    assert [surfaces(document) for document in reading] == [[("Bill", "PER")], []]
    assert reading.report.ignored == {TAG_OF_NO_TOKEN: 1}


def test_bare_labels_are_io(tmp_path):
    path = saved(tmp_path, "# O\nOn O\nApril D\n4 D\nBill PER\n\n# D\nthe O\nend O\n")
    reading = read(path)
    assert [surfaces(document) for document in reading] == [[("April 4", "D"), ("Bill", "PER")], [("#", "D")]]
    assert reading.report.scheme == "IO"


LONG = "x O\nx O\n\n" * 20


@pytest.fixture
def small_blocks(monkeypatch):
    """Makes the head and the blocks of a file so small that some lines are more than a file of usual size."""
    monkeypatch.setattr(files, "HEAD", 60)
    monkeypatch.setattr(files, "_BLOCK", 40)


@pytest.mark.usefixtures("small_blocks")
def test_a_scheme_that_the_head_leaves_open_is_found_later(tmp_path):
    path = saved(tmp_path, LONG + "U.N. I-ORG\nEkeus I-PER\nSmith B-PER\n")
    reading = read(path)
    assert reading.report.scheme_evidence == "only O was seen, so IOB2 is assumed"
    *_, last = reading
    assert surfaces(last) == [("U.N.", "ORG"), ("Ekeus", "PER"), ("Smith", "PER")]
    assert reading.report.scheme == "IOB1"


@pytest.mark.parametrize(("tag", "scheme"), [("B", "IOB1"), ("E", "IOE1")])
@pytest.mark.usefixtures("small_blocks")
def test_io_turns_out_to_be_wider(tmp_path, tag, scheme):
    tags = ("I", "B") if tag == "B" else ("E", "I")
    path = saved(tmp_path, f"U.N. I-ORG\nEkeus I-PER\n\n{LONG}Ann {tags[0]}-PER\nBo {tags[1]}-PER\n\nU.S. I-ORG\n")
    reading = read(path)
    assert reading.report.scheme == "IO"
    documents = list(reading)
    assert reading.report.scheme == scheme
    assert surfaces(documents[0]) == [("U.N.", "ORG"), ("Ekeus", "PER")]
    assert surfaces(documents[-2]) == [("Ann", "PER"), ("Bo", "PER")]


@pytest.mark.usefixtures("small_blocks")
def test_what_contradicts_the_head_is_an_error_with_its_line(tmp_path):
    line = 1 + 2 + LONG.count("\n") + 1
    path = saved(tmp_path, f"U.N. I-ORG\n\n{LONG}Ekeus B-PER\nSmith I-PER\n")
    with pytest.raises(DataError, match=rf":{line - 1}: tag 0: 'B-PER' is not a tag of the scheme IO, which has O, I-"):
        list(read(path))
    path = saved(tmp_path, f"U.N. B-ORG\n\n{LONG}Ekeus B-PER\nSmith L-PER\n")
    with pytest.raises(DataError, match=rf":{line}: tag 1: 'L-PER' is not a tag of the scheme IOB2"):
        list(read(path, repair="drop"))


@pytest.mark.parametrize("size", [1, 2, 7, 30, 64, 1000])
@pytest.mark.parametrize("name", ["four-columns.conll", "two-columns.tsv", "crlf-bom.conll", "comments.conll"])
def test_blocks_of_any_size_give_the_same(data, monkeypatch, name, size):
    expected = list(read(data / "conll" / name))
    monkeypatch.setattr(files, "_BLOCK", size)
    assert list(read(data / "conll" / name)) == expected


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("delimiter", [" ", "\t"])
def test_what_is_written_reads_back(data, tmp_path, scheme, delimiter):
    documents = list(read(data / "conll" / "four-columns.conll"))
    path = tmp_path / "four-columns.conll"
    ledger = write(documents, path, scheme=scheme, delimiter=delimiter)
    assert (ledger.kept, ledger.given()) == (3, 3)
    assert list(read(path, scheme=scheme)) == documents
    assert list(read(path)) == documents


def test_in_its_own_scheme_a_file_is_written_as_it_was(data, tmp_path):
    path = data / "conll" / "four-columns.conll"
    write(read(path), tmp_path / "out.conll")
    expected = path.read_text().replace("-DOCSTART- -X- O\n", "-DOCSTART- -X- -X- O\n")
    assert (tmp_path / "out.conll").read_text() == expected + "\n"


def test_documents_of_one_sentence_can_do_without_docstart(data, tmp_path):
    path = data / "conll" / "two-columns.tsv"
    write(read(path), tmp_path / "two-columns.tsv", delimiter="\t", docstart=False)
    assert "DOCSTART" not in (tmp_path / "two-columns.tsv").read_text()
    assert list(read(tmp_path / "two-columns.tsv")) == list(read(path))


def test_the_ledger_tells_what_columns_cannot_hold(tmp_path):
    text = "Ada Lovelace\nmet Bo Co"
    tokens = Tokens(text, [(0, 3), (4, 12), (13, 16), (17, 19), (20, 22)], [0, 2])
    spans = (
        Span(0, 3, "PER", id="a"),
        Span(0, 12, "PER"),
        Span(4, 16, "MISC"),
        Span(17, 19, "PER"),
        Span(20, 21, "PER"),
        Span(0, 3, "NNP", "pos"),
    )
    document = Document(text, spans, (Relation("a", "a", "is"),), (Region(0, 1),), ("news",), tokens, "d")
    ledger = write([document], tmp_path / "out.conll", scheme="IO", docstart=False)
    told = {(item, kind, reason.partition(",")[0]): count for (item, kind, reason), count in ledger.counts.items()}
    assert told == {
        ("document", "kept", ""): 1,
        ("sentence", "kept", ""): 2,
        ("token", "kept", ""): 5,
        ("span", "kept", ""): 1,
        ("span", "refused", OVERLAPPING): 1,
        ("span", "refused", CROSSING): 1,
        ("span", "joined", JOINED.partition(",")[0]): 2,
        ("span", "refused", OTHER_LAYER): 1,
        ("relation", "refused", SPAN_GONE): 1,
        ("region", "refused", "region that is not annotated"): 1,
        ("label", "refused", "label of the document"): 1,
        ("id", "refused", SPAN_GONE): 1,
        ("id", "refused", "id of the document"): 1,
    }
    assert (tmp_path / "out.conll").read_text() == "Ada PER\nLovelace PER\n\nmet O\nBo PER\nCo PER\n\n"
    assert (ledger.given(), ledger.made()) == (len(spans), 2)
    ledger = write([document], tmp_path / "out.conll", scheme="BIO", docstart=False)
    assert ledger.counts["span", "moved", WIDENED] == 1
    assert (tmp_path / "out.conll").read_text().endswith("Bo B-PER\nCo B-PER\n\n")


def test_touching_spans_of_two_sentences_do_not_touch(tmp_path):
    text = "Ada\nBo Co"
    tokens = Tokens(text, [(0, 3), (4, 6), (7, 9)], [0, 1])
    document = Document(text, (Span(0, 3, "PER"), Span(4, 6, "PER"), Span(7, 9, "PER")), tokens=tokens)
    assert write([document], tmp_path / "o.conll", scheme="IOB1", docstart=False).kept == 3
    assert (tmp_path / "o.conll").read_text() == "Ada I-PER\n\nBo I-PER\nCo B-PER\n\n"


def test_a_text_without_tokens_needs_a_tokenizer(tmp_path):
    document = Document("Ada wrote", (Span(0, 3, "PER"),), id="d")
    with pytest.raises(DataError, match="the document 'd' has no tokens; give tokenize"):
        write([document], tmp_path / "out.conll")
    write([document], tmp_path / "out.conll", tokenize=lambda text: Tokens(text, [(0, 3), (4, 9)]))
    assert (tmp_path / "out.conll").read_text() == "-DOCSTART- O\n\nAda B-PER\nwrote O\n\n"


@pytest.mark.parametrize("text", ["a b", "a\tb", "a\nb", "a\rb", "a\0b", "-DOCSTART-"])
def test_cells_that_would_not_read_back_are_refused(tmp_path, text):
    path = saved(tmp_path, "as it was")
    with pytest.raises(DataError, match="has a cell that is empty or holds"):
        write([Document(text, tokens=Tokens(text, [(0, len(text))]))], path)
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_all_rows_have_the_further_columns_of_the_first_document(tmp_path):
    columns = [{"pos": ["N"], "lemma": ["a"]}, {"lemma": ["b"], "case": ["x"]}, {}]
    documents = [
        Document(text, tokens=Tokens(text, [(0, 1)], columns=of)) for text, of in zip("abc", columns, strict=True)
    ]
    ledger = write(documents, tmp_path / "out.conll", docstart=False)
    assert (tmp_path / "out.conll").read_text() == "a N a O\n\nb _ b O\n\nc _ _ O\n\n"
    assert ledger.counts["column", "kept", ""] == 3
    assert ledger.counts["column", "refused", FOREIGN_COLUMN] == 1


def test_a_delimiter_is_a_blank_or_a_tab(tmp_path):
    with pytest.raises(UsageError, match="a space or a tab"):
        write([], tmp_path / "out.conll", delimiter=",")


words = st.text(st.characters(exclude_characters=" \t\n\r\0", codec="utf-8"), min_size=1, max_size=5).filter(
    lambda word: "DOCSTART" not in word and not word.startswith(("#", "\ufeff"))
)


@given(
    sentences=st.lists(st.lists(st.tuples(words, st.sampled_from("OOABC")), min_size=1, max_size=6), min_size=1),
    scheme=st.sampled_from([name for name in SCHEMES if name != "IO"]),
    data=st.data(),
)
def test_any_words_read_back(tmp_path_factory, sentences, scheme, data):
    text = "\n".join(" ".join(word for word, _ in sentence) for sentence in sentences)
    offsets, spans, starts, place = [], [], [], 0
    for sentence in sentences:
        starts.append(len(offsets))
        for word, label in sentence:
            offsets.append((place, place + len(word)))
            if label != "O":
                spans.append(Span(place, place + len(word), label))
            place += len(word) + 1
    document = Document(text, tuple(spans), tokens=Tokens(text, offsets, starts), id="any-1")
    path = tmp_path_factory.mktemp("any") / "any.conll"
    ledger = write([document], path, scheme=scheme, delimiter=data.draw(st.sampled_from(" \t")))
    assert ledger.kept == len(spans)
    assert list(read(path, "conll", scheme=scheme)) == [document]


FILES = [
    ("conll2003-en/train.txt", {}, 14041, 203621, 23499, "IOB2"),
    ("conll2003-en/valid.txt", {}, 3250, 51362, 5942, "IOB2"),
    ("conll2003-en/test.txt", {}, 3453, 46435, 5648, "IOB2"),
    ("wnut17/wnut17train.conll", {}, 3394, 62730, 1975, "IOB2"),
    ("wnut17/emerging.dev.conll", {}, 1009, 15733, 836, "IOB2"),
    ("wnut17/emerging.test.annotated", {}, 1287, 23394, 1079, "IOB2"),
    ("bc5cdr-iob/train.tsv", {}, 4560, 118170, 9385, "IOB2"),
    ("bc5cdr-iob/devel.tsv", {}, 4581, 117453, 9593, "IOB2"),
    ("bc5cdr-iob/test.tsv", {}, 4797, 124750, 9809, "IOB2"),
    ("sec-filings/FIN5.txt", {}, 1164, 41010, 1168, "IO"),
    ("sec-filings/FIN3.txt", {}, 303, 13246, 318, "IO"),
    ("gum-ner/gum-train.conll", {}, 2495, 44111, 8285, "IOB2"),
    ("gum-ner/gum-test.conll", {}, 1000, 18236, 3439, "IOB2"),
    ("germeval2014/NER-de-dev.tsv", {"column": 2, "token": 1}, 2200, 41653, 2674, "IOB2"),
    ("germeval2014/NER-de-dev.tsv", {"column": 3, "token": 1}, 2200, 41653, 212, "IOB2"),
    ("germeval2014/NER-de-test.tsv", {"column": 2, "token": 1}, 5100, 96499, 6178, "IOB2"),
    ("germeval2014/NER-de-test.tsv", {"column": 3, "token": 1}, 5100, 96499, 515, "IOB2"),
]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "options", "sentences", "tokens", "spans", "scheme"), FILES)
def test_known_files_have_the_known_counts(shared, name, options, sentences, tokens, spans, scheme):
    path = shared(name)
    assert detect(path).format.name == ("germeval" if options else "conll")
    reading = read(path, "conll", **options)
    assert sum(len(document.tokens.sentences) for document in reading) == sentences
    report = reading.report
    assert (report.tokens, report.spans, report.scheme, report.repairs) == (tokens, spans, scheme, 0)


@pytest.mark.shared
def test_orphans_in_a_known_file_are_refused_or_counted(shared):
    path = shared("wnut17/submissions/spinningbytes.txt")
    with pytest.raises(DataError, match=r"spinningbytes.txt:\d+: tag \d+ \('I-"):
        list(read(path))
    reading = read(path, repair="conlleval")
    assert sum(len(document.tokens) for document in reading) == 23394
    assert reading.report.repairs > 0


@pytest.mark.shared
def test_a_file_without_tags_is_told_so(shared):
    with pytest.raises(DataError, match="none of the formats"):
        read(shared("wnut17/emerging.test"))
    with pytest.raises(DataError, match="the column that the tags are really in"):
        read(shared("germeval2014/NER-de-test-unlabeled.tsv"), "conll")

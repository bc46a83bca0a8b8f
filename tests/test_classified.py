"""Texts with classes: lines, documents, encodings."""

import gzip

import pytest

from elman.data.classified import read_classified
from elman.errors import DataError, UsageError


def file_of(tmp_path, content, name="texts.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path, *arguments, **options):
    return [(document.labels, document.text) for document in read_classified(path, *arguments, **options)]


def test_a_line_is_a_class_and_a_text(tmp_path):
    path = file_of(tmp_path, "NUM:dist How far is it ?\r\nLOC:city\tWhere is Ulm ?\n\n")
    assert read(path) == [(("NUM:dist",), "How far is it ?"), (("LOC:city",), "Where is Ulm ?")]
    assert [document.id for document in read_classified(path)] == ["texts-1", "texts-2"]


def test_lines_may_have_any_number_of_prefixed_classes(tmp_path):
    path = file_of(tmp_path, "__label__a __label__b a text\n__label__a another\n")
    assert read(path) == [(("a", "b"), "a text"), (("a",), "another")]


def test_documents_may_have_any_number_of_classes(tmp_path):
    path = file_of(tmp_path, '{"text": "x", "labels": ["a", "b"]}\n{"text": "y", "labels": []}\n', "texts.jsonl")
    assert read(path) == [(("a", "b"), "x"), ((), "y")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "x", "label": "a"}\n{"text": "y", "label": 1}\n'),
        ("a.csv", "text,label\nx,a\ny,1\n"),
        ("a.csv", "text,labels\nx,a\ny,1\n"),
        ("a.tsv", "sentence\tlabel\nx\ta\ny\t1\n"),
        ("a.json", '[{"text": "x", "label": "a"}, {"text": "y", "label": 1}]'),
    ],
)
def test_a_class_may_stand_under_either_name(tmp_path, name, content):
    assert read(file_of(tmp_path, content, name)) == [(("a",), "x"), (("1",), "y")]


def test_a_file_without_any_class_is_refused(tmp_path):
    path = file_of(tmp_path, '{"text": "x"}\n', "texts.jsonl")
    with pytest.raises(DataError, match="found no class at all"):
        read(path)
    assert read(path, labelled=False) == [((), "x")]


def test_texts_to_predict_on_are_lines(tmp_path):
    path = file_of(tmp_path, "How far ?\n\nWhere ?\n")
    assert read(path, labelled=False) == [((), "How far ?"), ((), ""), ((), "Where ?")]


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.csv", "topic,headline\na,x\n1,y\n", "csv:text=headline,label=topic"),
        ("a.tsv", "a\tx\n1\ty\n", "classes"),
        ("a.jsonl", '{"body": "x", "topic": "a"}\n{"body": "y", "topic": 1}\n', "jsonl:text=body,label=topic"),
    ],
)
def test_a_format_says_where_texts_and_classes_are(tmp_path, name, content, format):  # noqa: A002  # the option's name
    path = file_of(tmp_path, content, name)
    with pytest.raises(DataError, match=r"csv:text=COLUMN|jsonl:text=KEY"):
        read(path)
    assert read(path, format) == [(("a",), "x"), (("1",), "y")]


def test_a_packed_table_is_a_table(tmp_path):
    path = file_of(tmp_path, gzip.compress(b"text,label\nx,a\n"), "a.csv.gz")
    assert read(path) == [(("a",), "x")]


@pytest.mark.parametrize("line", ["NUM", "NUM ", " text", "__label__a", "__label__ text"])
def test_a_line_without_class_or_text_is_named(tmp_path, line):
    with pytest.raises(DataError, match=r"texts\.txt:2: expected a class, a space or tab, and a text"):
        read(file_of(tmp_path, f"A b\n{line}\n"))


def test_the_sample_of_an_invalid_file_names_its_line(data):
    with pytest.raises(DataError, match=r"invalid-no-text\.txt:\d+: expected a class"):
        read(data / "classes" / "invalid-no-text.txt")


def test_other_bytes_than_utf_8_are_refused_until_their_encoding_is_named(tmp_path):
    path = file_of(tmp_path, b"4 Which city is a sister\xf0city ?\n")
    with pytest.raises(DataError, match=r"texts\.txt:1: expected utf-8, got the byte 0xf0.*NAME:encoding=latin-1"):
        read(path)
    assert read(path, "classes:encoding=latin-1") == [(("4",), "Which city is a sister\u00f0city ?")]
    with pytest.raises(DataError, match="there is no encoding 'latin-99'"):
        read(path, "classes:encoding=latin-99")
    with pytest.raises(DataError, match=r"cannot be read in utf-16, .* convert it to UTF-8"):
        read(path, "classes:encoding=utf-16")
    with pytest.raises(UsageError, match="read classes:OPTION=VALUE,OPTION=VALUE; got 'classes:latin-1'"):
        read(path, "classes:latin-1")


@pytest.mark.shared
def test_the_questions_of_trec_are_read_with_their_encoding_named(shared):
    found = read(shared("trec-questions/TREC.train.all"), "classes:encoding=latin-1")
    assert len(found) == 5452
    assert {labels for labels, _ in found} == {(str(number),) for number in range(6)}

"""Running text as documents."""

import gzip

import pytest

from elman.data.articles import read_articles
from elman.errors import DataError, UsageError


def texts(path, kind=None):
    return [document.text for document in read_articles(path, kind)]


def test_a_form_feed_ends_an_article(tmp_path):
    path = tmp_path / "news.txt"
    path.write_bytes("\ufeffFirst.\r\nMore.\n\f\nSecond. \n\f\n\f".encode())
    assert texts(path) == ["First.\nMore.", "Second."]
    assert [document.id for document in read_articles(path)] == ["news.txt:1", "news.txt:2"]
    assert texts(path, "lines") == ["First.", "More.", "\fSecond.".strip()]


def test_a_file_without_is_one_and_may_be_compressed(tmp_path):
    path = tmp_path / "book.txt.gz"
    path.write_bytes(gzip.compress(b"One text.\n\nAll of it.\n"))
    (document,) = read_articles(path)
    assert (document.text, document.id) == ("One text.\n\nAll of it.", "book.txt.gz")


def test_a_folder_is_its_files_by_their_names(tmp_path):
    (tmp_path / "b.txt").write_text("second")
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "c.md").write_text("left out")
    assert texts(tmp_path) == ["first", "second"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"good\nb\xe4d", r"news\.txt:2: expected utf-8"),
        (b"good\nb\0d", r"news\.txt:2: expected text, got binary"),
        (b" \n\f \n", "expected text, found none"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(tmp_path, content, message):
    path = tmp_path / "news.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        texts(path)


def test_other_faults_are_told(tmp_path):
    with pytest.raises(DataError, match="none\\.txt"):
        texts(tmp_path / "none.txt")
    with pytest.raises(DataError, match="found none"):
        texts(tmp_path)
    broken = tmp_path / "broken.txt.gz"
    broken.write_bytes(gzip.compress(b"text" * 100)[:20])
    with pytest.raises(DataError, match="gzip"):
        texts(broken)
    with pytest.raises(UsageError, match="articles, lines"):
        texts(broken, "conll")

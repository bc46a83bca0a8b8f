"""Files of pairs, and of vectors with captions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from elman.data.captioned import Captioned, read_captioned
from elman.data.example import Pair
from elman.data.pairs import read_pairs, read_sources
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(pairs: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(pair.source, pair.targets) for pair in pairs]


def test_two_files_are_read_line_by_line(tmp_path: Path) -> None:
    first = write(tmp_path, "a.en", "\ufeffA cat.\r\nTwo dogs. \n")
    second = write(tmp_path, "a.de", "Eine Katze.\nZwei Hunde.")
    found = list(read_pairs(Path(f"{first}:{second}")))
    assert told(found) == [("A cat.", ("Eine Katze.",)), ("Two dogs.", ("Zwei Hunde.",))]
    assert found[1].id == "line 2"


@pytest.mark.shared
def test_the_lines_of_multi30k_belong_together(shared: Callable[[str], Path]) -> None:
    names = (f"multi30k/val.{language}" for language in ("en", "de"))
    found = list(read_pairs(Path(":".join(str(shared(name)) for name in names))))
    assert len(found) == 1014
    assert found[0].source.startswith("A group of men")
    assert found[0].targets[0].startswith("Eine Gruppe von Männern")


def test_a_name_with_a_colon_is_one_file_where_there_is_one(tmp_path: Path) -> None:
    path = write(tmp_path, "a:b.tsv", "x\ty\n")
    assert told(read_pairs(path)) == [("x", ("y",))]


def test_a_line_of_a_table_may_have_several_targets(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", "read\tR IY D\tR EH D\n\ncat\tK AE T\n")
    assert told(read_pairs(path)) == [("read", ("R IY D", "R EH D")), ("cat", ("K AE T",))]


def test_json_lines_have_a_target_or_several(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.jsonl", '{"source": "a", "target": "b", "id": "one"}\n\n{"source": "c", "targets": ["d", "e"]}\n'
    )
    assert list(read_pairs(path)) == [Pair("a", ("b",), "one"), Pair("c", ("d", "e"), "line 3")]


def test_what_is_to_be_read_needs_no_targets(tmp_path: Path) -> None:
    lines = write(tmp_path, "a.txt", "one\n\nthree\n")
    assert told(read_sources(lines)) == [("one", ()), ("", ()), ("three", ())]
    assert told(read_sources(write(tmp_path, "a.tsv", "a\nb\tc\n"))) == [("a", ()), ("b", ("c",))]
    assert told(read_sources(write(tmp_path, "a.jsonl", '{"source": "a"}\n'))) == [("a", ())]


@pytest.mark.parametrize(
    ("name", "content", "line", "said"),
    [
        ("a.tsv", "a\tb\nc\n", 2, "expected a source, a tab and a target"),
        ("a.tsv", "a\tb\n\tc\n", 2, "expected a source text, got an empty one"),
        ("a.tsv", "a\t\n", 1, "expected target texts, got an empty one"),
        ("a.tsv", b"a\tb\nc\t\xff\n", 2, "expected UTF-8"),
        ("a.jsonl", "{\n", 1, "expected a JSON object a line"),
        ("a.jsonl", "[1]\n", 1, 'a text "source"'),
        ("a.jsonl", '{"source": "a"}\n', 1, 'expected a "target" or "targets"'),
        ("a.jsonl", '{"source": "a", "target": 3}\n', 1, "expected texts as targets"),
        ("a.jsonl", '{"source": "a", "targets": "b"}\n', 1, "expected texts as targets"),
        ("a.jsonl", '{"source": "a", "target": "b", "targets": []}\n', 1, "got both"),
        ("a.jsonl", '{"source": " ", "target": "b"}\n', 1, "expected a source text"),
    ],
)
def test_what_is_no_pair_is_refused_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, line: int, said: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(DataError, match=said) as caught:
        list(read_pairs(path))
    assert (caught.value.path, caught.value.line) == (path, line)


@pytest.mark.parametrize(
    ("first", "second", "at", "line", "said"),
    [
        ("a\nb\nc\n", "d\n", 0, 2, "which has 1; got 3"),
        ("a\n", "b\nc\n", 1, 2, "which has 1; got 2"),
        ("a\nb\n", "c\n \n", 1, 2, "got an empty line"),
        ("\nb\n", "c\nd\n", 0, 1, "got an empty line"),
        ("a\n", b"\xff\n", 1, 1, "expected UTF-8"),
    ],
)
def test_two_files_that_do_not_go_together_are_refused(
    tmp_path: Path, first: str, second: str | bytes, at: int, line: int, said: str
) -> None:
    paths = write(tmp_path, "a.en", first), write(tmp_path, "a.de", second)
    with pytest.raises(DataError, match=said) as caught:
        list(read_pairs(Path(f"{paths[0]}:{paths[1]}")))
    assert (caught.value.path, caught.value.line) == (paths[at], line)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.tsv: cannot be read"):
        list(read_pairs(tmp_path / "none.tsv"))
    there = write(tmp_path, "a.en", "a\n")
    with pytest.raises(DataError, match=r"none\.de: cannot be read"):
        list(read_pairs(Path(f"{there}:{tmp_path / 'none.de'}")))
    with pytest.raises(DataError, match="expected two files"):
        list(read_pairs(there, "parallel"))


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", "a\tb\n")
    with pytest.raises(UsageError, match="there is no format 'xml'"):
        list(read_pairs(path, "xml"))
    with pytest.raises(UsageError, match="there is no format 'xml'"):
        list(read_sources(path, "xml"))
    with pytest.raises(UsageError, match="there is no format 'xml'"):
        list(read_captioned(path, "xml"))


def saved(folder: Path, array: Any) -> Path:
    np.save(folder / "v.npy", array)
    return folder / "v.npy"


def test_vectors_stand_beside_a_file_of_captions(tmp_path: Path) -> None:
    vectors = saved(tmp_path, np.arange(12, dtype=np.uint8).reshape(2, 2, 3))
    texts = write(tmp_path, "v.tsv", "a cat\tcat\na dog\n")
    one, two = read_captioned(Path(f"{vectors}:{texts}"))
    assert one.captions == ("a cat", "cat")
    assert two.captions == ("a dog",)
    np.testing.assert_array_equal(two.vector, np.arange(6, 12, dtype=np.float32))
    assert [len(one.vector) for one in read_captioned(vectors, captioned=False)] == [6, 6]


def test_vectors_may_be_json(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"vector": [1, 2.5], "captions": ["x", "y"], "id": "i"}\n{"vector": [3, 4]}\n')
    one, two = read_captioned(path, captioned=False)
    assert (one.id, one.vector.tolist(), one.captions) == ("i", [1, 2.5], ("x", "y"))
    assert two.captions == ()


def test_vectors_are_told_apart_by_what_they_show() -> None:
    one, other = (Captioned(np.full(4000, value, np.float32), ("a",)) for value in (1, 2))
    assert repr(one) != repr(other)


@pytest.mark.parametrize(
    ("array", "texts", "said"),
    [
        (np.ones((2, 3)), "a\n", "expected 2 lines, one for each vector"),
        (np.ones((2, 3)), "a\nb\nc\n", "got 3"),
        (np.ones((2, 3)), "a\n\n", r"v\.tsv:2: expected a caption"),
        (np.ones((2, 3)), "a\nb\t\n", r"v\.tsv:2: expected a caption"),
        (np.array([[1.0], [np.nan]]), "a\nb\n", "got others in vector 2"),
        (np.ones(3), "a\n", "expected numbers, examples x numbers of each, got float64 of 3"),
        (np.array([["x"]]), "a\n", "expected numbers"),
        (np.array([[None]], object), "a\n", "that NumPy saved"),
    ],
)
def test_what_is_no_captioned_vector_is_refused(tmp_path: Path, array: Any, texts: str, said: str) -> None:
    vectors = saved(tmp_path, array)
    path = write(tmp_path, "v.tsv", texts)
    with pytest.raises(DataError, match=said):
        list(read_captioned(Path(f"{vectors}:{path}")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"captions": ["a"]}', 'numbers as "vector"'),
        ('{"vector": ["x"], "captions": ["a"]}', 'numbers as "vector"'),
        ('{"vector": [[1]], "captions": ["a"]}', "expected a vector of float32 numbers, got float32 of 1 x 1"),
        ('{"vector": [], "captions": ["a"]}', "expected a vector"),
        ('{"vector": [1e999], "captions": ["a"]}', "expected finite numbers, got inf as number 0"),
        ('{"vector": [1], "captions": "a"}', "expected a list of texts"),
        ('{"vector": [1], "captions": [" "]}', "none of them empty"),
        ('{"vector": [1]}', "expected at least one caption"),
        ('{"vector": [1, 2], "captions": ["a"]}', "line 2: expected 1 numbers as in the first, got 2"),
    ],
)
def test_a_wrong_line_of_json_is_refused(tmp_path: Path, line: str, said: str) -> None:
    first = '{"vector": [1], "captions": ["a"]}\n'
    path = write(tmp_path, "a.jsonl", f"{first}{line}\n")
    with pytest.raises(DataError, match=said):
        list(read_captioned(path))


def test_a_file_of_vectors_alone_has_nothing_to_learn(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a file of captions"):
        list(read_captioned(saved(tmp_path, np.ones((2, 2)))))
    with pytest.raises(DataError, match=r"none\.npy: cannot be read"):
        list(read_captioned(tmp_path / "none.npy", captioned=False))

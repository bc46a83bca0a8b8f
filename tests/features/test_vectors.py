import gzip
import json
import lzma
import re
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from vector_files import FORMATS, MATRIX, WORDS, glove, navec, npz, wink, word2vec_binary, write_tar

from elman.errors import DataError
from elman.features.vectors import Match, Share, Vectors, dequantize, quantize, read_vectors, write_compact

DATA = Path(__file__).parents[1] / "data" / "vectors"


def _joined(words):
    return tuple(word.replace("_", " ") for word in words)  # the binary format cannot hold spaces


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_is_known_by_its_content(tmp_path, write):
    path = tmp_path / "vectors"
    write(path)
    vectors = read_vectors(path)
    assert _joined(vectors.words) == WORDS
    np.testing.assert_array_equal(vectors.matrix, MATRIX)
    assert vectors.matrix.dtype == np.float32
    assert not vectors.matrix.flags.writeable
    assert (len(vectors), vectors.dimensions) == MATRIX.shape
    for limit in (1, 4, 6, 7):
        some = read_vectors(path, limit=limit)
        assert _joined(some.words) == WORDS[:limit]
        np.testing.assert_array_equal(some.matrix, MATRIX[:limit])


@pytest.mark.parametrize("write", FORMATS)
@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_every_format_is_read_compressed(tmp_path, write, compress):
    path = tmp_path / "vectors"
    write(path)
    path.write_bytes(compress(path.read_bytes()))
    np.testing.assert_array_equal(read_vectors(path).matrix, MATRIX)


@pytest.mark.parametrize("write", FORMATS)
def test_a_folder_with_one_file_of_vectors_is_that_file(tmp_path, write):
    write(tmp_path / "vectors")
    (tmp_path / "README.md").write_text("# Vectors\n\nOf 6 words.\n")
    (tmp_path / "package.json").write_text('{"name": "vectors", "version": "1.0"}')
    (tmp_path / "words.txt").write_text("the\nof\nand\n")
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08")
    (tmp_path / "empty").touch()
    (tmp_path / "types").mkdir()
    assert len(read_vectors(tmp_path)) == len(WORDS)


def test_a_folder_with_two_or_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="found none"):
        read_vectors(tmp_path)
    glove(tmp_path / "a.txt")
    wink(tmp_path / "b.json")
    with pytest.raises(DataError, match=r"found a\.txt, b\.json"):
        read_vectors(tmp_path)


@pytest.mark.parametrize("name", ["matrix.txt", "words.txt"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_npy_takes_its_words_from_beside_it(tmp_path, name, compress):
    np.save(tmp_path / "matrix.npy", MATRIX.astype(np.float16))
    (tmp_path / "matrix.npy").write_bytes(compress((tmp_path / "matrix.npy").read_bytes()))
    (tmp_path / name).write_text("\n".join(WORDS), "utf-8")
    vectors = read_vectors(tmp_path, limit=5)
    assert vectors.words == WORDS[:5]
    np.testing.assert_array_equal(vectors.matrix, MATRIX[:5])


def test_npz_may_have_its_words_beside_it(tmp_path):
    np.savez(tmp_path / "v.npz", MATRIX)
    (tmp_path / "v.txt").write_bytes("\r\n".join([*WORDS, ""]).encode())
    assert read_vectors(tmp_path / "v.npz").words == WORDS


def test_the_first_of_a_word_wins_and_the_others_are_counted(tmp_path):
    path = tmp_path / "v.txt"
    path.write_bytes(b"\na 1 2\n\nb 3 4\na 5 6\n\xff 7 8\n\xfe 7 8\nc 9 10\n\n")
    vectors = read_vectors(path)
    assert vectors.words == ("a", "b", "c")
    assert vectors.matrix.tolist() == [[1, 2], [3, 4], [9, 10]]
    assert (vectors.duplicates, vectors.undecodable) == (1, 2)
    assert read_vectors(path, limit=3).words == ("a", "b", "c")


def test_words_that_white_space_could_break_are_whole(tmp_path):
    words = ("1\xa01/2", "\x85", "", ". .", "at name@domain.com", "\u2028", "x\x0b")
    path = tmp_path / "v.txt"
    path.write_text("".join(f"{word} 0.5 1e-05 -1\n" for word in words), "utf-8", newline="\n")
    vectors = read_vectors(path)
    assert vectors.words == words
    np.testing.assert_array_equal(vectors.matrix, np.array([[0.5, 1e-5, -1]] * len(words), dtype=np.float32))


# Each file is invalid in the way that its name says.
@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("another_length.txt", 3, "a word and 3 numbers with one space between them, got 2"),
        ("one_too_many.txt", 2, "a word and 3 numbers with one space between them, got 4"),
        ("not_a_number.txt", 4, "number 2 is 'O.5'"),
        ("two_spaces.txt", 2, "with one space between them"),
        ("nan.txt", 2, "the vector of 'of' holds nan"),
        ("infinite.vec", 3, "the vector of 'of' holds inf"),
        ("too_large.txt", 1, "the vector of 'the' holds inf"),
        ("header_promises_more.vec", 1, "promises 4 rows, the file holds 2"),
        ("header_alone.vec", 1, "promises 4 rows, the file holds 0"),
        ("prose.txt", None, "this is none of them"),
        ("words.txt", None, "this is none of them"),
        ("empty.txt", None, "an empty file"),
        ("blank.txt", None, "an empty file"),
        ("no_vectors.json", None, "this is none of them"),
        ("cut.json", None, "after 'of'"),
        ("cut_before_vectors.json", None, "got none"),
        ("another_length.json", None, "5 numbers for every word .* got 4 for 'of'"),
        ("not_a_number.json", None, "numbers for 'of', got 'null'"),
        ("bad_escape.json", None, "a JSON string for a word"),
        ("no_words.json", None, "without a row"),
    ],
)
def test_an_invalid_file_is_refused(name, line, problem):
    with pytest.raises(DataError, match=problem) as caught:
        read_vectors(DATA / name)
    assert caught.value.line == line
    assert caught.value.path == DATA / name


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: content[:-5], "the file ends in row 6"),
        (lambda content: content[:10], "the file ends in row 1"),
        (lambda content: content + b"more", "goes on after them"),
        (
            lambda content: content.replace(struct.pack("<f", 31.75), struct.pack("<f", np.nan)),
            "'the' holds nan",
        ),
    ],
)
def test_a_faulty_binary_file_is_refused(tmp_path, change, problem):
    path = tmp_path / "v.bin"
    word2vec_binary(path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=problem):
        read_vectors(path)


def _members(path):
    with tarfile.open(path) as archive:
        return {name: archive.extractfile(name).read() for name in archive.getnames()}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"meta.json": b'{"id": "x", "protocol": 2}'}, "protocol 1, got 2"),
        ({"meta.json": b"[]"}, "protocol 1, got None"),
        ({"meta.json": b"{"}, "a Navec archive"),
        ({"meta.json": None}, r"has a member meta\.json"),
        ({"vocab.bin": b"no gzip"}, "a Navec archive"),
        ({"vocab.bin": gzip.compress(b"")}, "says 0 words and holds 1"),
        ({"vocab.bin": gzip.compress(struct.pack("<II", 1, 1) + b"a")}, "does not fit together"),
        ({"vocab.bin": gzip.compress(struct.pack("<II", 1, 1) + b"a\nb")}, "says 1 words and holds 2"),
        ({"pq.bin": b""}, "does not fit together"),
        (
            {"pq.bin": struct.pack("<4I", 6, 3, 3, 2) + b"\5" * 18 + b"\0" * 24},
            "names centroid 5, there are 2",
        ),
    ],
)
def test_a_faulty_navec_archive_is_refused(tmp_path, change, problem):
    path = tmp_path / "v.tar"
    navec(path)
    members = _members(path) | change
    write_tar(path, {name: content for name, content in members.items() if content is not None})
    with pytest.raises(DataError, match=problem):
        read_vectors(path)


def test_faulty_arrays_are_refused(tmp_path):
    path = tmp_path / "v.npy"
    np.save(path, MATRIX)
    with pytest.raises(DataError, match=r"expected v\.txt or words\.txt beside it"):
        read_vectors(path)
    (tmp_path / "v.txt").write_text("a\nb\n")
    with pytest.raises(DataError, match="each of the 6 rows, got 2 words"):
        read_vectors(path)
    np.save(path, np.zeros((2, 3), dtype=int))
    with pytest.raises(DataError, match="a matrix of floats"):
        read_vectors(path)
    np.save(path, np.array([{}]), allow_pickle=True)
    with pytest.raises(DataError, match="not pickled"):
        read_vectors(path)
    np.save(path, MATRIX)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(DataError, match="complete"):
        read_vectors(path)
    path = tmp_path / "v.npz"
    npz(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="complete"):
        read_vectors(path)
    np.savez(path, MATRIX, MATRIX)
    with pytest.raises(DataError, match="one matrix of floats and one list of words, got 2 and 0"):
        read_vectors(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("glove.6B.50d.txt", "a 1 2\n")
    with pytest.raises(DataError, match=r"got 0 and 0; .* unpack"):
        read_vectors(path)
    np.savez(path, words=np.array(["a"], dtype=object), matrix=MATRIX)
    with pytest.raises(DataError, match="not as objects"):
        read_vectors(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\x80\x04\x95", "looks like a pickle"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0", "a whole fastText model"),
        (b"\x1f\x8b\x08\0\0\0", "damaged or cut"),
        (gzip.compress(b"a 1 2\n" * 99, mtime=0)[:-20], "damaged or cut"),
        (lzma.compress(b"a 1 2\n" * 99)[:-20], "damaged or cut"),
        (b"\xfd7zXZ\0\0\0", "damaged or cut"),
        (b"\0\1\2\3" * 100, "none of them"),
    ],
)
def test_what_is_no_file_of_vectors_is_refused(tmp_path, content, problem):
    path = tmp_path / "v"
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_vectors(path)


def test_a_missing_file_and_a_limit_of_nothing_are_refused(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_vectors(tmp_path / "none.txt")
    with pytest.raises(ValueError, match="at least 1"):
        read_vectors(tmp_path, limit=0)


def test_find_tries_spellings_in_their_order():
    vectors = Vectors(["us", "US", "London", "NATO", "00-th", "####", "May"], np.zeros((7, 1), dtype=np.float32))
    words = ["us", "US", "Us", "LONDON", "london", "nato", "12-TH", "1975", "MAY", "absent", "7"]
    rows, how = vectors.find(words)
    assert rows.tolist() == [0, 1, 0, 2, 2, 3, 4, 5, 6, -1, -1]
    names = " ".join(Match(kind).name for kind in how.tolist())
    assert names == "EXACT EXACT LOWER TITLE TITLE UPPER DIGITS DIGITS TITLE MISSING MISSING"
    assert (rows.dtype, how.dtype) == (np.int32, np.int8)


def test_coverage_counts_types_and_tokens():
    vectors = Vectors(["the", "london"], np.zeros((2, 1), dtype=np.float32))
    coverage = vectors.coverage({"the": 5, "The": 3, "London": 1, "Thrun": 1})
    assert coverage.types == Share(exact=1, fallback=2, missing=1)
    assert coverage.tokens.fractions == (0.5, 0.4, 0.1)
    assert str(coverage) == (
        "types 25.0% exact, 50.0% by fallback, 25.0% missing of 4; "
        "tokens 50.0% exact, 40.0% by fallback, 10.0% missing of 10"
    )
    assert vectors.coverage({}).types.fractions == (0, 0, 0)


SPELLINGS = st.text("aA1b0#", max_size=3)


@given(st.lists(SPELLINGS, unique=True), st.lists(SPELLINGS), st.integers(0, 9))
def test_pruning_keeps_what_was_asked_for_and_the_top(words, keep, top):
    vectors = Vectors(words, np.arange(len(words) * 2, dtype=np.float32).reshape(-1, 2))
    pruned = vectors.prune(keep, top)
    assert pruned.words[:top] == vectors.words[:top]
    rows, how = vectors.find(keep)
    rows_after, how_after = pruned.find(keep)
    np.testing.assert_array_equal(how_after, how)
    found = rows >= 0
    np.testing.assert_array_equal(pruned.matrix[rows_after[found]], vectors.matrix[rows[found]])
    assert set(pruned.words) == {*words[:top], *(words[row] for row in rows[found])}


def test_vectors_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="2 words need a matrix"):
        Vectors(["a", "b"], np.zeros((3, 2), dtype=np.float32))
    with pytest.raises(DataError, match="'a' comes again"):
        Vectors(["a", "b", "a"], np.zeros((3, 2), dtype=np.float32))


NUMBERS = st.floats(-8e6, 8e6, width=32)


@given(arrays(np.float32, st.tuples(st.integers(0, 5), st.integers(1, 4)), elements=NUMBERS), st.data())
def test_quantising_is_off_by_half_a_scale_at_most(matrix, data):
    words = data.draw(st.lists(st.text(), min_size=len(matrix), max_size=len(matrix), unique=True))
    arrays_ = quantize(Vectors(words, matrix))
    assert [arrays_[name].dtype for name in ("codes", "scales", "words")] == [np.int8, np.float16, np.uint8]
    scales = arrays_["scales"].astype(np.float64)
    largest = np.abs(matrix).max(axis=1, initial=0).astype(np.float64)
    assert (scales <= np.maximum(largest / 127 * 1.001, largest / 127 + 6e-8)).all()
    back = dequantize(arrays_)
    assert back.words == tuple(words)
    off = np.abs(back.matrix.astype(np.float64) - matrix)
    assert (off <= scales[:, None] * 0.50001).all()


def test_compact_vectors_survive_a_file(tmp_path):
    rng = np.random.default_rng(0)
    words = ["", "a\nb", "\\", "\ud83d", *map(str, range(996))]
    vectors = Vectors(words, rng.normal(0, 0.4, (1000, 100)).astype(np.float32))
    path = tmp_path / "v.safetensors"
    write_compact(vectors, path)
    back = read_vectors(path)
    assert back.words == vectors.words
    assert np.abs(back.matrix - vectors.matrix).max() < 0.01
    assert path.stat().st_size < 110_000
    write_compact(back, path)  # what is quantised already stays
    np.testing.assert_allclose(read_vectors(path).matrix, back.matrix, rtol=1e-3, atol=2e-3)


def test_too_large_a_vector_is_not_quantised():
    with pytest.raises(DataError, match="the vector of 'b' is too large"):
        quantize(Vectors(["a", "b"], np.array([[1], [1e8]], dtype=np.float32)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"codes": None}, "hold codes as int8 with 2 axes, got none"),
        ({"codes": np.zeros((2, 2), dtype=np.float32)}, "hold codes as int8"),
        ({"scales": np.zeros(3, dtype=np.float16)}, "2 words, 2 vectors and 3 scales"),
        ({"scales": np.array([1, np.inf], dtype=np.float16)}, "not finite"),
        ({"words": np.frombuffer(b"a\n", dtype=np.uint8)}, "1 words, 2 vectors"),
        ({"words": np.frombuffer(b"a\n\xff\n", dtype=np.uint8)}, "have to be UTF-8"),
        ({"words": np.frombuffer(b"a\na\n", dtype=np.uint8)}, "'a' comes again"),
    ],
)
def test_faulty_compact_vectors_are_refused(change, problem):
    arrays_ = quantize(Vectors(["a", "b"], np.ones((2, 2), dtype=np.float32))) | change
    with pytest.raises(DataError, match=problem):
        dequantize({name: array for name, array in arrays_.items() if array is not None})


def test_a_cut_compact_file_is_refused(tmp_path):
    path = tmp_path / "v.safetensors"
    write_compact(Vectors(WORDS, MATRIX), path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="safetensors file"):
        read_vectors(path)


def test_a_long_file_is_read_in_blocks(tmp_path):
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(40_000, 2)).astype(np.float32)
    rows = "".join(f"w{at} {row[0]!r} {row[1]!r}\n" for at, row in enumerate(matrix.tolist()))
    path = tmp_path / "v.txt"
    path.write_text(rows)
    vectors = read_vectors(path)
    np.testing.assert_array_equal(vectors.matrix, matrix)
    assert vectors.words[-1] == "w39999"
    path.write_text(rows.replace("w30000 ", "w30000 x"))
    with pytest.raises(DataError) as caught:
        read_vectors(path)
    assert caught.value.line == 30_001
    assert len(read_vectors(path, limit=30_000)) == 30_000


def test_wink_words_are_json_strings(tmp_path):
    words = ['"', "\\", "é", "\ud800", "}", "vectors", "]["]
    path = tmp_path / "v.json"
    path.write_text(json.dumps({"vectors": {word: [1, 2, 2.236, at] for at, word in enumerate(words)}}, indent=1))
    vectors = read_vectors(path)
    assert vectors.words == ('"', "\\", "é", "}", "vectors", "][")
    assert vectors.undecodable == 1


def test_a_message_names_every_format(tmp_path):
    (tmp_path / "v").write_text("Lorem ipsum.")
    with pytest.raises(DataError, match=re.escape("GloVe, word2vec (text or binary), fastText .vec, NumPy")):
        read_vectors(tmp_path / "v")

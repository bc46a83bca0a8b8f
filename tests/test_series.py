"""Series of numbers: the archives' files, NumPy's, tables, and gaps."""

import json

import numpy as np
import pytest

from elman.data.gaps import whole
from elman.data.series import read_series
from elman.errors import DataError, UsageError

HEAD = "#A note\n@problemName Two\n@timeStamps false\n@classLabel true a b\n@data\n"


def ts(tmp_path, body, head=HEAD):
    path = tmp_path / "two.ts"
    path.write_text(head + body)
    return path


def read(path, *arguments, **options):
    return list(read_series(path, *arguments, **options))


def test_a_line_of_an_archive_is_channels_and_a_class(tmp_path):
    one, other = read(ts(tmp_path, "1,2,3:4,5,6:a\n7:8:b\n"))
    assert one.values.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert other.values.tolist() == [[7, 8]]
    assert (one.labels, other.labels) == (("a",), ("b",))
    assert (one.id, other.id) == ("line 6", "line 7")


def test_gaps_are_filled_by_straight_lines_and_counted(tmp_path):
    (one,) = read(ts(tmp_path, "?,1,?,?,4,NaN:1,1,1,1,1,1:a\n"))
    assert one.values[:, 0].tolist() == [1, 1, 2, 3, 4, 4]
    assert one.filled == 4


def test_steps_at_the_end_without_a_number_are_no_part_of_a_series():
    values = np.array([[1, 2], [3, np.nan], [np.nan, np.nan]])
    one = whole(values, (), "it")
    assert one.values.tolist() == [[1, 2], [3, 2]]
    assert one.filled == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("1,x:a\n", r"two\.ts:6: expected numbers divided by commas, got 'x'"),
        ("1,2:1:a\n", r"two\.ts:6: .*equally many steps, got channels of 2, 1"),
        ("1:1:a\n1:b\n", r"two\.ts:7: expected 2 channels"),
        ("1,2\n", r"two\.ts:6: expected numbers, a colon and a class"),
        ("1,inf:a\n", r"two\.ts:6: line 6: expected finite numbers .*inf at step 1 of channel 0"),
        ("1,1e300:a\n", "within the range of float32"),
        ("?,?:a\n", "at least one step"),
        ("1,1:?,?:a\n", "channel 1 has no number"),
    ],
)
def test_faults_of_an_archive_are_named_with_their_line(tmp_path, body, message):
    with pytest.raises(DataError, match=message):
        read(ts(tmp_path, body))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("@targetLabel true\n@data\n", "expected classes"),
        ("@classLabel true\n@timeStamps true\n@data\n", "without times"),
        ("@classLabel true\n", "a line @data"),
        ("1,2:a\n", "lines that begin with @"),
    ],
)
def test_heads_of_other_files_are_refused(tmp_path, head, message):
    with pytest.raises(DataError, match=message):
        read(ts(tmp_path, "" if "data" not in head else "1:a\n", head))


def test_numpys_archive_holds_values_lengths_and_labels(tmp_path):
    values = np.arange(12.0).reshape(2, 3, 2)
    np.savez(tmp_path / "a.npz", values=values, labels=np.array(["x", "y"]), lengths=np.array([2, 3]))
    one, other = read(tmp_path / "a.npz")
    assert one.values.tolist() == [[0, 1], [2, 3]]
    assert other.values.shape == (3, 2)
    assert (one.labels, other.labels) == (("x",), ("y",))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros(3)}, "expected an array values.*got x 3"),
        ({"values": np.zeros((2, 3)), "labels": np.array(["x"])}, "expected 2 labels"),
        ({"values": np.zeros((2, 3))}, "expected a class for every series, series 1 has none"),
        ({"values": np.full((1, 3), "x"), "labels": np.array(["x"])}, "expected numbers"),
    ],
)
def test_faults_of_numpys_archive_are_named(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read(tmp_path / "a.npz")


def test_a_table_names_files_and_their_classes(tmp_path):
    np.save(tmp_path / "one.npy", np.array([1.0, 2.0]))
    np.save(tmp_path / "two.npy", np.array([[1.0, 2.0]]))
    (tmp_path / "a.csv").write_text("path,label\none.npy,x\ntwo.npy,y\n")
    rows = [{"path": "one.npy", "label": "x"}, {"path": "two.npy", "label": "y"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    for name in ("a.csv", "a.jsonl"):
        one, other = read(tmp_path / name)
        assert one.values.tolist() == [[1], [2]]
        assert other.values.tolist() == [[1, 2]]
        assert (one.labels, other.labels, one.id) == (("x",), ("y",), "one.npy")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("file,label\nx.npy,x\n", "expected a column path"),
        ("path,label\nnone.npy,x\n", r"a\.csv:2: expected the file none\.npy"),
        ("path,label\n,x\n", "got nothing"),
        ("path,label\na.csv,x\n", r"expected a file out of \.npy, \.wav"),
        ("path,label\nbad.npy,x\n", "expected an array of numbers that NumPy wrote"),
    ],
)
def test_faults_of_a_table_are_named(tmp_path, content, message):
    (tmp_path / "a.csv").write_text(content)
    (tmp_path / "bad.npy").write_text("no array")
    with pytest.raises(DataError, match=message):
        read(tmp_path / "a.csv")


def test_a_line_of_a_table_that_is_no_object_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"path": \n')
    with pytest.raises(DataError, match=r"a\.jsonl:1: expected a JSON object"):
        read(tmp_path / "a.jsonl")


def test_a_file_alone_is_a_series_without_a_class(tmp_path):
    np.save(tmp_path / "one.npy", np.array([1.0, 2.0]))
    (one,) = read(tmp_path / "one.npy", labelled=False)
    assert one.values.tolist() == [[1], [2]]
    with pytest.raises(DataError, match=r"one\.npy has none"):
        read(tmp_path / "one.npy")
    with pytest.raises(UsageError, match=r"expected a file of series out of \.ts"):
        read(tmp_path / "one.wav2")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "channels", "classes"),
    [("JapaneseVowels", 270, 12, 9), ("BasicMotions", 40, 6, 4), ("ArrowHead", 36, 1, 3), ("UnitTest", 20, 1, 2)],
)
def test_the_archives_own_files_are_read(shared, name, count, channels, classes):
    found = read(shared(f"ucr-uea-timeseries/{name}/{name}_TRAIN.ts"))
    assert len(found) == count
    assert {one.values.shape[1] for one in found} == {channels}
    assert len({one.labels for one in found}) == classes
    assert not any(one.filled for one in found)

"""Reading series with a label for each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from elman.data.frames import read_frames
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

VALUES = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
LABELS = np.array(["a", "b", "b"])


def plain(path: Path, **options: Any) -> list[Any]:
    """What is read, as plain values."""
    return [(one.id, one.values.tolist(), one.labels) for one in read_frames(path, **options)]


def test_an_array_has_its_labels_beside_it(tmp_path: Path) -> None:
    np.save(tmp_path / "clip.npy", VALUES)
    assert plain(tmp_path / "clip.npy", labelled=False) == [("clip", VALUES.tolist(), ())]
    with pytest.raises(DataError, match=r"clip: expected a label for each frame, found none"):
        plain(tmp_path / "clip.npy")
    np.save(tmp_path / "clip.labels.npy", LABELS)
    assert plain(tmp_path / "clip.npy") == [("clip", VALUES.tolist(), ("a", "b", "b"))]
    np.save(tmp_path / "also.npy", VALUES[:1].astype(np.int16))
    np.save(tmp_path / "also.labels.npy", np.array([7]))
    assert [(name, labels) for name, _, labels in plain(tmp_path)] == [("also", ("7",)), ("clip", ("a", "b", "b"))]


def test_archives_hold_one_series_or_several_of_uneven_length(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, values=VALUES, labels=LABELS)
    assert plain(path) == [("a", VALUES.tolist(), ("a", "b", "b"))]
    np.savez(path, **{"x/values": VALUES, "x/labels": LABELS, "y/values": VALUES[:2], "y/labels": LABELS[:2]})
    assert plain(path) == [("x", VALUES.tolist(), ("a", "b", "b")), ("y", VALUES[:2].tolist(), ("a", "b"))]
    np.savez(path, values=np.stack([VALUES, VALUES]), labels=np.stack([LABELS, LABELS]), lengths=np.array([3, 1]))
    assert plain(path) == [("a-1", VALUES.tolist(), ("a", "b", "b")), ("a-2", VALUES[:1].tolist(), ("a",))]
    np.savez(path, values=np.stack([VALUES, VALUES]))
    assert [len(values) for _, values, _ in plain(path, labelled=False)] == [3, 3]


def test_a_table_has_a_row_for_each_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,label,y\n1,a,2\n3,b,4\n5,b,6\n")
    assert plain(path) == [("a", VALUES.tolist(), ("a", "b", "b"))]
    path.write_text("series,x,y,label\none,1,2,a\none,3,4,b\ntwo,5,6,b\n")
    assert plain(path) == [("one", VALUES[:2].tolist(), ("a", "b")), ("two", VALUES[2:].tolist(), ("b",))]
    tabs = tmp_path / "b.tsv"
    tabs.write_text("x\ty\n1\t2\n3\t4\n")
    assert plain(tabs, labelled=False) == [("b", VALUES[:2].tolist(), ())]


NAN = VALUES.copy()
NAN[1, 1] = np.nan


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"values": NAN, "labels": LABELS}, "a: expected finite numbers, got nan at step 1 of channel 1"),
        ({"values": VALUES * 1e300, "labels": LABELS}, "a: expected finite numbers, got inf"),
        ({"values": VALUES, "labels": LABELS[:2]}, "a: expected a label for each of its 3 frames, got 2"),
        ({"values": VALUES, "labels": LABELS[:, None]}, "one a frame, got <U1 of 3 x 1"),
        ({"values": VALUES, "labels": np.array([0.5, 1, 2])}, "as text or whole numbers"),
        ({"values": VALUES[:0], "labels": LABELS[:0]}, "a: expected at least one frame, found none"),
        ({"values": VALUES[0], "labels": LABELS}, "a: expected numbers, time x channels, got float64 of 2"),
        ({"values": LABELS[:, None], "labels": LABELS}, "expected numbers, time x channels, got <U1"),
        ({"x/values": VALUES, "x/labels": LABELS, "y/values": VALUES[:, :1], "y/labels": LABELS}, "y: expected 2 chan"),
        ({"x/labels": LABELS}, "expected an array 'x/values' beside the others"),
        ({"X": VALUES, "y": LABELS}, "expected arrays values and labels, or .*, got 'X'"),
        ({"values": VALUES, "labels": LABELS, "lengths": np.array([3])}, "lengths go with values of series x time"),
        ({"values": VALUES[None], "labels": LABELS[None], "lengths": np.array([4])}, "each from 1 to 3"),
        ({"values": VALUES[None], "labels": LABELS}, "expected labels of the shape 1 x 3, got 3"),
    ],
)
def test_what_is_no_labelled_series_is_refused_by_its_name(tmp_path: Path, arrays: Any, said: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=said) as error:
        plain(tmp_path / "a.npz")
    assert "a.npz" in str(error.value)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("", "expected a header and a row for each frame, got nothing", None),
        ("1,2\n3,4\n", "expected a header with 'label'", 1),
        ("x,x,label\n1,2,a\n", "a different name for each channel", 1),
        ("label\na\n", "expected a header", 1),
        ("x,label\n1,a\n1,a,3\n", "expected 2 cells, as in the header, got 3", 3),
        ("x,label\n1,a\n,a\n", "column x: expected a finite number, got ''", 3),
        ("x,label\nNaN,a\n", "column x: expected a finite number, got 'NaN'; fill the gap", 2),
        ("x,label\n1,\n", "expected a label for each frame, got an empty cell", 2),
        ("series,x,label\na,1,u\nb,1,u\na,1,u\n", "a: expected the rows of a series one after the other", None),
    ],
)
def test_a_table_at_fault_is_refused_with_its_line(tmp_path: Path, text: str, said: str, line: int | None) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said) as error:
        plain(path)
    assert error.value.line == line


def test_files_that_are_no_series_are_told_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "a.npy").write_bytes(b"nothing")
    (tmp_path / "a.npz").write_bytes(b"nothing")
    (tmp_path / "a.csv").write_bytes(b"x,label\n1,\xff\n")
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}]), allow_pickle=True)
    for name, said in (
        ("a.wav", r"give \.npy, \.npz, \.csv, or a folder"),
        ("a.npy", "cannot be read as an array"),
        ("a.npz", "cannot be read as arrays"),
        ("a.csv", "expected UTF-8"),
        ("objects.npy", "save numbers and text, no objects"),
        ("nothing.csv", "there is no such file"),
    ):
        with pytest.raises(DataError, match=said):
            plain(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="files in the folder, found none"):
        plain(tmp_path / "empty")

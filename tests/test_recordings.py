"""Recordings from folders and tables, and what is wrong with them."""

from __future__ import annotations

import pytest

from elman.data.audio import write_sound
from elman.data.recordings import DIGITS, Recording, read_recordings
from elman.errors import DataError, UsageError


@pytest.fixture
def sounds(tmp_path):
    for name in ("yes_ada_1", "no_ada_1", "7_bob_2"):
        write_sound(tmp_path / f"{name}.wav", [0.0, 0.1], 8000)
    (tmp_path / "notes.txt").write_text("not a sound")
    return tmp_path


def test_names_of_files_hold_the_text(sounds):
    found = list(read_recordings(sounds))
    assert [(one.id, one.text) for one in found] == [
        ("7_bob_2.wav", "7"),
        ("no_ada_1.wav", "no"),
        ("yes_ada_1.wav", "yes"),
    ]
    assert [one.text for one in read_recordings(sounds, labelled=False)] == [None, None, None]
    assert found[0].sound().rate == found[0].origin.rate == 8000


def test_figures_are_spelt_out_if_wanted(sounds):
    with pytest.raises(DataError, match=r"no_ada_1\.wav: expected a name that begins with a figure"):
        list(read_recordings(sounds, "digits"))
    (sounds / "no_ada_1.wav").unlink()
    (sounds / "yes_ada_1.wav").unlink()
    assert [one.text for one in read_recordings(sounds, "digits")] == ["seven"]


TABLES = {
    "a.csv": 'path,text,who\nyes_ada_1.wav,"Yes, I do",ada\nno_ada_1.wav,no,ada\n',
    "a.tsv": "text\tpath\nYes, I do\tyes_ada_1.wav\nno\tno_ada_1.wav\n",
    "a.jsonl": '\ufeff{"path": "yes_ada_1.wav", "text": "Yes, I do"}\n\n{"path": "no_ada_1.wav", "text": "no"}\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_paths_and_texts(sounds, name):
    (sounds / name).write_text(TABLES[name], "utf-8")
    for labelled in (True, False):
        found = list(read_recordings(sounds / name, labelled=labelled))
        assert [one.text for one in found] == ["Yes, I do", "no"]
        assert [one.source for one in found] == [sounds / "yes_ada_1.wav", sounds / "no_ada_1.wav"]


def test_a_sound_is_a_recording_to_predict_on(sounds):
    (found,) = read_recordings(sounds / "no_ada_1.wav", labelled=False)
    assert (found.text, found.name) == (None, "no_ada_1.wav")
    (sounds / "b.jsonl").write_text('{"path": "no_ada_1.wav"}\n')
    assert [one.text for one in read_recordings(sounds / "b.jsonl", labelled=False)] == [None]
    with pytest.raises(DataError, match="expected a folder of sounds"):
        list(read_recordings(sounds / "no_ada_1.wav"))


FAULTS = {
    "no text": ("a.csv", "path,text\nno_ada_1.wav,\n", 2, "got no text"),
    "no text in an object": ("a.jsonl", '{"path": "no_ada_1.wav"}\n', 1, "got no text"),
    "no column": ("a.csv", "file,text\nno_ada_1.wav,no\n", None, "columns path and text, got file, text"),
    "no file": ("a.csv", "path,text\nno_ada_1.wav,no\nmaybe.wav,maybe\n", 3, r"there is no file .*maybe\.wav"),
    "no path": ("a.jsonl", '{"text": "no"}\n', 1, "expected the path of a sound, got None"),
    "no JSON": ("a.jsonl", '{"path": \n', 1, "expected a JSON object"),
    "no object": ("a.jsonl", "[1]\n", 1, "expected an object such as"),
    "a number": ("a.jsonl", '{"path": "no_ada_1.wav", "text": 7}\n', 1, "expected a text, got 7"),
    "too few cells": ("a.csv", "path,text\nno_ada_1.wav\n", 2, "expected 2 cells"),
    "too many cells": ("a.csv", "path,text\nno_ada_1.wav,no,yes\n", 2, "expected 2 cells"),
    "other bytes": ("a.csv", b"path,text\nno_ada_1.wav,\xe9t\xe9\n", 2, "expected UTF-8"),
    "another file": ("a.txt", "no", None, "expected a folder of sounds, or paths and texts"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_table_is_refused(sounds, fault):
    name, content, line, problem = FAULTS[fault]
    (sounds / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=problem) as error:
        list(read_recordings(sounds / name))
    assert (error.value.path, error.value.line) == (sounds / name, line)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        list(read_recordings(tmp_path / "a.csv"))
    with pytest.raises(DataError, match="found none"):
        list(read_recordings(tmp_path))
    with pytest.raises(UsageError, match="there is no format 'mp4'"):
        list(read_recordings(tmp_path, "mp4"))
    with pytest.raises(DataError, match=r"a\.wav: expected a sound, there is no such file"):
        Recording(tmp_path / "a.wav").sound()


@pytest.mark.shared
def test_spoken_digits_are_read(shared):
    found = list(read_recordings(shared("fsdd/recordings"), "digits"))
    assert len(found) == 3000
    assert {one.text for one in found} == {*DIGITS}

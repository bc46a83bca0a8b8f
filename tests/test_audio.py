"""Sounds from files: every kind of sample, with and without libsndfile, and files that are no sounds."""

from __future__ import annotations

import struct
import sys

import numpy as np
import pytest
import soundfile

from elman.data import audio
from elman.data.audio import origin_of, read_sound, sound_of, write_sound
from elman.errors import DataError, UsageError

TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(800) / 8000)
STEREO = np.stack([TONE, 0.25 * TONE], axis=1)
SUBTYPES = {"PCM_U8": 1 / 128, "PCM_16": 2**-15, "PCM_24": 2**-23, "PCM_32": 2**-24, "FLOAT": 1e-7, "DOUBLE": 1e-7}


@pytest.fixture(params=["libsndfile", "wave"])
def reader(request, monkeypatch):
    if request.param == "wave":
        monkeypatch.setattr(audio, "_libsndfile", lambda: False)
    return request.param


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_every_kind_of_sample_is_read(tmp_path, reader, subtype, monkeypatch):
    path = tmp_path / "tone.wav"
    soundfile.write(path, STEREO, 8000, subtype=subtype)
    if reader == "wave" and subtype in ("FLOAT", "DOUBLE"):
        monkeypatch.setitem(sys.modules, "soundfile", None)
        with pytest.raises(UsageError, match=r"other samples than whole numbers needs soundfile.*elman\[speech\]"):
            read_sound(path)
        return
    sound = read_sound(path)
    assert sound.samples.dtype == np.float32
    assert (sound.rate, sound.origin) == (8000, (8000, 2)) == (8000, origin_of(path))
    np.testing.assert_allclose(sound.samples, 0.625 * TONE, atol=SUBTYPES[subtype])


@pytest.mark.usefixtures("reader")
def test_a_sound_of_one_channel_is_as_it_was_written(tmp_path):
    write_sound(tmp_path / "a.wav", TONE, 8000)
    sound = read_sound(tmp_path / "a.wav")
    assert sound.origin.channels == 1
    assert sound.seconds == 0.1
    np.testing.assert_allclose(sound.samples, TONE, atol=2**-14)


def test_another_rate_keeps_pitch_and_length(tmp_path):
    slow = np.arange(16000) / 16000
    write_sound(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * slow), 16000)
    sound = read_sound(tmp_path / "a.wav", 8000)
    assert (sound.rate, sound.origin.rate, len(sound.samples)) == (8000, 16000, 8000)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    np.testing.assert_allclose(sound.samples[200:-200], expected[200:-200], atol=1e-3)
    assert read_sound(tmp_path / "a.wav", 16000).rate == 16000


def test_resampling_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "soxr", None)
    with pytest.raises(UsageError, match=r"16,000 Hz where 8,000 Hz are wanted needs soxr.*elman\[speech\]"):
        sound_of(TONE, 16000).at(8000)


def test_flac_needs_libsndfile(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.flac", TONE, 8000)
    np.testing.assert_allclose(read_sound(tmp_path / "a.flac").samples, TONE, atol=2**-14)
    monkeypatch.setattr(audio, "_libsndfile", lambda: False)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(UsageError, match=r"a\.flac: a sound that is not WAV needs soundfile"):
        read_sound(tmp_path / "a.flac")


def wav(samples: bytes, *, promised: int | None = None) -> bytes:
    """A WAV file of 16 bits, one channel, 8 kHz."""
    size = len(samples) if promised is None else promised
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(samples), b"WAVE") + kind + struct.pack("<4sI", b"data", size) + samples
    )


FAULTS = {
    "empty": (b"", "expected a sound, got an empty file"),
    "text": (b"This is no sound at all, it is text.", "the file is damaged"),
    "no samples": (wav(b""), "got a file without samples"),
    "cut short": (wav(b"\0" * 100, promised=400), "expected 400 bytes of samples, as its head says, got 100"),
    "cut in its head": (wav(b"\0" * 100)[:24], "the file is damaged"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_sound_is_refused(tmp_path, reader, fault):
    content, problem = FAULTS[fault]
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    if (reader, fault) == ("wave", "text"):
        problem = "file does not start with RIFF id"
    with pytest.raises(DataError, match=problem) as error:
        read_sound(path)
    assert error.value.path == path


@pytest.mark.usefixtures("reader")
def test_a_file_whose_length_was_unknown_is_read_to_its_end(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(b"\1\0" * 100, promised=2**32 - 1))
    assert len(read_sound(tmp_path / "a.wav").samples) == 100


def test_samples_that_are_no_numbers_are_refused(tmp_path):
    broken = TONE.copy()
    broken[7] = np.nan
    soundfile.write(tmp_path / "a.wav", broken, 8000, subtype="FLOAT")
    with pytest.raises(DataError, match="got nan at sample 7"):
        read_sound(tmp_path / "a.wav")


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        read_sound(tmp_path / "a.wav")
    with pytest.raises(DataError, match="got a folder"):
        read_sound(tmp_path)


@pytest.mark.shared
def test_real_recordings_are_the_same_both_ways(shared, monkeypatch):
    path = shared("fsdd/recordings/7_jackson_32.wav")
    one = read_sound(path)
    monkeypatch.setattr(audio, "_libsndfile", lambda: False)
    other = read_sound(path)
    assert one.rate == other.rate == 8000
    assert np.array_equal(one.samples, other.samples)

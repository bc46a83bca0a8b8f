"""Sounds: files of samples as one channel of numbers at a rate.

With ``elman[speech]`` libsndfile reads WAV, FLAC, OGG and MP3, and soxr resamples; without it the standard library
reads WAV with whole numbers (PCM).
"""

from __future__ import annotations

import struct
import wave
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.errors import DataError
from elman.extras import needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
"""Of the files that are taken for sounds in a folder."""

_WHOLE = {1: "u1", 2: "<i2", 4: "<i4"}
"""How PCM stores a sample of so many bytes; 3 bytes have no type in NumPy."""

_OPEN_ENDED = 0xFFFFFFFF
"""The size that stands in a WAV file whose length was not known when its head was written."""


class Origin(NamedTuple):
    """What a file says of itself.

    Attributes:
        rate: samples a second of each channel, in Hz.
        channels: how many.
    """

    rate: int
    channels: int


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Samples of one channel.

    Attributes:
        samples: float32, -1 to 1 if nothing was too loud, all finite.
        rate: samples a second, in Hz.
        origin: what it was before channels were mixed and the rate was changed.
    """

    samples: NDArray[np.float32]
    rate: int
    origin: Origin

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate

    def at(self, rate: int) -> Sound:
        """The same at another rate, by soxr with its high quality: https://soxr.sourceforge.net.

        Raises:
            UsageError: if ``elman[speech]`` is not installed.
        """
        if rate == self.rate:
            return self
        with needs("speech", f"a sound of {self.rate:,} Hz where {rate:,} Hz are wanted"):
            import soxr
        return Sound(np.asarray(soxr.resample(self.samples, self.rate, rate), np.float32), rate, self.origin)


def sound_of(samples: NDArray[np.floating], rate: int) -> Sound:
    """Samples that a program has: of one channel, or samples x channels, which are mixed down to their mean."""
    mixed = samples if samples.ndim == 1 else samples.mean(axis=1)
    return Sound(
        np.ascontiguousarray(mixed, np.float32), rate, Origin(rate, 1 if samples.ndim == 1 else samples.shape[1])
    )


def read_sound(path: Path | str, rate: int | None = None) -> Sound:
    """Read a file; several channels are mixed down to their mean.

    Args:
        path: WAV (PCM of 8, 16, 24 or 32 bits, or floating-point numbers), FLAC, OGG or MP3.
        rate: at which the sound is wanted, in Hz; None for the file's own.

    Raises:
        DataError: if the file is not there, is none of these, is damaged or cut short, or holds no samples.
        UsageError: if ``elman[speech]`` is needed and not installed.
    """
    path = Path(path)
    _check(path)
    sound = sound_of(*(_by_libsndfile(path) if _libsndfile() else _by_wave(path)))
    if not len(sound.samples):
        raise DataError("expected a sound, got a file without samples; leave it out", path)
    if not np.isfinite(sound.samples).all():
        at = int(np.flatnonzero(~np.isfinite(sound.samples))[0])
        raise DataError(f"expected finite samples, got {sound.samples[at]} at sample {at:,}; record it anew", path)
    return sound if rate is None else sound.at(rate)


def origin_of(path: Path | str) -> Origin:
    """What a file says of itself, without its samples; raises as ``read_sound``."""
    path = Path(path)
    _check(path)
    if not _libsndfile():
        with _opened(path) as file:
            return Origin(file.getframerate(), file.getnchannels())
    import soundfile

    try:
        info = soundfile.info(path)
    except soundfile.LibsndfileError as error:
        raise _damaged(path, error.error_string) from None
    return Origin(info.samplerate, info.channels)


def write_sound(path: Path | str, samples: NDArray[np.floating], rate: int) -> None:
    """Write samples from -1 to 1, of one channel or samples x channels, as WAV of 16 bits."""
    whole = np.clip(np.round(np.asarray(samples, np.float64) * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if whole.ndim == 1 else whole.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())


def _libsndfile() -> bool:
    return find_spec("soundfile") is not None


def _by_libsndfile(path: Path) -> tuple[NDArray[np.float32], int]:
    import soundfile

    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise _damaged(path, error.error_string) from None
    return samples, rate


def _by_wave(path: Path) -> tuple[NDArray[np.float32], int]:
    with _opened(path) as file:
        width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
        content = file.readframes(file.getnframes())
    content = content[: len(content) - len(content) % (width * channels)]
    if width == 3:  # as 4 bytes of which the last one counts least
        padded = np.zeros((len(content) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(content, np.uint8).reshape(-1, 3)
        content, width = padded.tobytes(), 4
    if width not in _WHOLE:
        raise _damaged(path, f"samples of {width} bytes")
    samples: NDArray[Any] = np.frombuffer(content, np.dtype(_WHOLE[width]))
    middle, largest = (128, 128) if width == 1 else (0, 2 ** (8 * width - 1))
    return ((samples.astype(np.float64) - middle) / largest).astype(np.float32).reshape(-1, channels), rate


def _opened(path: Path) -> wave.Wave_read:
    """A WAV file with whole numbers."""
    if path.read_bytes()[:4] != b"RIFF":
        with needs("speech", f"{path}: a sound that is not WAV"):
            import soundfile
    try:
        return wave.open(str(path), "rb")
    except EOFError:
        raise _damaged(path, "an end in its head") from None
    except wave.Error as error:
        if "unknown format" in str(error):
            with needs("speech", f"{path}: WAV with other samples than whole numbers"):
                import soundfile  # noqa: F401
        raise _damaged(path, str(error)) from None


def _check(path: Path) -> None:
    """That a file is there, and that of a WAV file all that its head promises is there, too."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if not size:
                raise DataError("expected a sound, got an empty file; leave it out", path)
            head = file.read(12)
            if head[:4] != b"RIFF" or head[8:] != b"WAVE":
                return
            while len(head := file.read(8)) == 8:
                name, length = struct.unpack("<4sI", head)
                there = size - file.tell()
                if name == b"data" and length > there and length != _OPEN_ENDED:
                    raise DataError(
                        f"expected {length:,} bytes of samples, as its head says, got {there:,}: the file is cut "
                        "short; copy it anew or leave it out",
                        path,
                    )
                file.seek(length + length % 2, 1)
    except FileNotFoundError:
        raise DataError("expected a sound, there is no such file; check the path", path) from None
    except IsADirectoryError:
        raise DataError("expected a sound, got a folder", path) from None


def _damaged(path: Path, problem: str) -> DataError:
    return DataError(f"expected a sound as WAV, FLAC, OGG or MP3, got {problem.rstrip('.')}; the file is damaged", path)

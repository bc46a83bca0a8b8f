"""Sounds as frames of log-mel energies: how loud each band of frequencies is, every hundredth of a second.

A frame is the Fourier transform of a windowed stretch of the sound; its power is summed up over bands that are evenly
spaced and of even width in mel, a scale on which equal distances sound equal:

    mel(f) = 2595 log10(1 + f / 700)
    power[t, k] = |sum_n w[n] x[t * step + n] exp(-2 pi i k n / size)|^2
    frame[t, b] = log(max(sum_k triangle[b, k] power[t, k], 1e-10))

where w is Hann's window and band b is a triangle from 0 at mel point b over 1 at b + 1 to 0 at b + 2.

Davis, S. and Mermelstein, P. (1980). Comparison of parametric representations for monosyllabic word recognition in
continuously spoken sentences. IEEE Transactions on Acoustics, Speech, and Signal Processing 28(4). The mel scale:
O'Shaughnessy, D. (1987). Speech communication: human and machine. Addison-Wesley.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import DataError, ModelError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.data.audio import Sound

FLOOR = 1e-10
"""Energies below it count as it: the logarithm of silence is finite."""

_AT_ONCE = 4096
"""Frames that are transformed together, so that a long sound takes no more memory than a short one."""


@dataclass(frozen=True)
class LogMel:
    """The frames of sounds, with settings that a model folder keeps.

    Attributes:
        rate: of the sounds, in Hz; sounds of another rate are resampled.
        bands: numbers in a frame.
        window: the length of a frame, in seconds.
        step: from one frame's start to the next one's, in seconds.
        low: where the first band starts, in Hz.

    Raises:
        UsageError: if so many bands do not fit in, since a window of that length cannot tell them apart.
    """

    rate: int
    bands: int = 40
    window: float = 0.025
    step: float = 0.01
    low: float = 20.0

    def __post_init__(self) -> None:
        if self.rate < 1 or self.samples < 2 or self.stride < 1 or self.bands < 1 or not 0 <= self.low < self.rate / 2:
            raise UsageError(
                f"expected a rate, at least one band, a window of at least two samples, a step of at least one and a "
                f"lowest frequency below half the rate; got {asdict(self)}"
            )
        empty = ~self.triangles.any(axis=1)
        if empty.any():
            raise UsageError(
                f"expected bands that hold at least one frequency of a window of {self.window:g} s, got {self.bands} "
                f"bands of which {int(empty.sum())} hold none; take fewer bands or a longer window"
            )

    @property
    def samples(self) -> int:
        """In a window."""
        return round(self.window * self.rate)

    @property
    def stride(self) -> int:
        """Samples in a step."""
        return round(self.step * self.rate)

    @property
    def size(self) -> int:
        """Samples in a Fourier transform: the least power of two that holds a window; the rest are zeros."""
        return 1 << (self.samples - 1).bit_length()

    @cached_property
    def triangles(self) -> NDArray[np.float64]:
        """How much each frequency counts in each band: bands x size / 2 + 1."""
        ends = 2595 * np.log10(1 + np.array([self.low, self.rate / 2]) / 700)
        points = 700 * (10 ** (np.linspace(ends[0], ends[1], self.bands + 2) / 2595) - 1)[:, None]
        frequencies = np.arange(self.size // 2 + 1) * self.rate / self.size
        rising = (frequencies - points[:-2]) / (points[1:-1] - points[:-2])
        falling = (points[2:] - frequencies) / (points[2:] - points[1:-1])
        triangles: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
        return triangles

    def count(self, samples: int) -> int:
        """How many frames so many samples become; the last one is filled up with zeros."""
        return 1 + max(0, -(-(samples - self.samples) // self.stride))

    def frames(self, sound: Sound, name: str = "a sound") -> NDArray[np.float32]:
        """A sound's frames: time x bands, float32.

        Args:
            sound: at any rate; another one than ``rate`` is changed to it.
            name: what a message calls it.

        Raises:
            DataError: if it is shorter than a window.
            UsageError: if it has to be resampled, and ``elman[speech]`` is not installed.
        """
        samples = sound.at(self.rate).samples
        if len(samples) < self.samples:
            raise DataError(
                f"expected at least {self.window:g} s of sound, got {sound.seconds:.3f} s; leave the recording out",
                name,
            )
        count = self.count(len(samples))
        padded = np.zeros((count - 1) * self.stride + self.samples, np.float32)
        padded[: len(samples)] = samples
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.samples)[:: self.stride]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.samples) / self.samples)
        frames = np.empty((count, self.bands), np.float32)
        for start in range(0, count, _AT_ONCE):
            spectrum = np.fft.rfft(windows[start : start + _AT_ONCE] * hann, self.size)
            energies = (spectrum.real**2 + spectrum.imag**2) @ self.triangles.T
            frames[start : start + _AT_ONCE] = np.log(np.maximum(energies, FLOOR))
        return frames

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, tree: object) -> LogMel:
        """The inverse of ``to_json``.

        Raises:
            ModelError: if it is not that.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(tree, dict) or tree.keys() != names:
            raise ModelError(f"expected the settings of frames, {', '.join(sorted(names))}; got {tree!r:.80}")
        try:
            return cls(**tree)
        except (TypeError, ValueError, UsageError) as error:
            raise ModelError(f"expected the settings of frames, got {tree!r:.200}: {error}") from None

"""Log-mel frames, against sums written out term by term."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from elman.data.audio import sound_of
from elman.errors import DataError, ModelError, UsageError
from elman.features.logmel import LogMel


def slow(samples, rate, bands, window, step, low):
    """The formula as it stands, with a Fourier transform by its definition."""
    length, stride = round(window * rate), round(step * rate)
    size = 1
    while size < length:
        size *= 2
    mel = lambda f: 2595 * math.log10(1 + f / 700)  # noqa: E731
    hertz = lambda m: 700 * (10 ** (m / 2595) - 1)  # noqa: E731
    points = [hertz(mel(low) + (mel(rate / 2) - mel(low)) * at / (bands + 1)) for at in range(bands + 2)]
    frames = []
    start = 0
    while True:
        part = [samples[at] if at < len(samples) else 0.0 for at in range(start, start + length)]
        part = [x * (0.5 - 0.5 * math.cos(2 * math.pi * n / length)) for n, x in enumerate(part)]
        power = [
            abs(sum(x * cmath.exp(-2j * math.pi * k * n / size) for n, x in enumerate(part))) ** 2
            for k in range(size // 2 + 1)
        ]
        frame = []
        for left, middle, right in zip(points, points[1:], points[2:], strict=False):
            energy = 0.0
            for k, value in enumerate(power):
                f = k * rate / size
                if left < f <= middle:
                    energy += value * (f - left) / (middle - left)
                elif middle < f < right:
                    energy += value * (right - f) / (right - middle)
            frame.append(math.log(max(energy, 1e-10)))
        frames.append(frame)
        if start + length >= len(samples):
            return np.array(frames)
        start += stride


@pytest.mark.parametrize(
    ("rate", "bands", "window", "step", "low", "count"),
    [(2000, 6, 0.025, 0.01, 20.0, 83), (1000, 4, 0.032, 0.016, 0.0, 96), (2000, 8, 0.02, 0.01, 100.0, 40)],
)
def test_frames_are_what_the_formula_says(rate, bands, window, step, low, count):
    samples = np.random.default_rng(1).normal(0, 0.3, count).astype(np.float32)
    features = LogMel(rate, bands, window, step, low)
    frames = features.frames(sound_of(samples, rate))
    assert frames.dtype == np.float32
    assert len(frames) == features.count(count)
    np.testing.assert_allclose(frames, slow(samples.tolist(), rate, bands, window, step, low), atol=1e-5)


def test_a_tone_is_in_the_band_of_its_frequency():
    features = LogMel(8000)
    frames = features.frames(sound_of(np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000), 8000))
    mel = 2595 * np.log10(1 + np.array([20, 1000, 4000]) / 700)
    expected = (mel[1] - mel[0]) / (mel[2] - mel[0]) * 41 - 1
    assert frames.shape == (features.count(4000), 40)
    assert (np.abs(frames[:-3].argmax(axis=1) - expected) < 1).all()


def test_silence_is_finite():
    assert np.allclose(LogMel(8000).frames(sound_of(np.zeros(400), 8000)), np.log(1e-10))


def test_another_rate_gives_about_the_same_frames():
    def chirp(rate):
        time = np.arange(rate // 2) / rate
        return sound_of(0.5 * np.sin(2 * np.pi * (300 + 1000 * time) * time), rate)

    features = LogMel(8000)
    one, other = features.frames(chirp(8000)), features.frames(chirp(16000))
    assert one.shape == other.shape
    loud = one > 0
    assert loud.sum() > 50
    assert np.abs(one - other)[5:-5][loud[5:-5]].max() < 0.05


def test_too_short_a_sound_is_refused():
    features = LogMel(8000)
    assert len(features.frames(sound_of(np.ones(200), 8000))) == 1
    with pytest.raises(DataError, match=r"hum: expected at least 0\.025 s of sound, got 0\.025 s"):
        features.frames(sound_of(np.ones(199), 8000), "hum")


def test_settings_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="take fewer bands or a longer window"):
        LogMel(8000, bands=200)
    with pytest.raises(UsageError, match="expected a rate"):
        LogMel(8000, low=5000.0)


def test_settings_come_back_from_a_model_folder():
    features = LogMel(8000, bands=20, low=50.0)
    assert LogMel.from_json(features.to_json()) == features
    for tree in ({"rate": 8000}, None, {**features.to_json(), "rate": "fast"}, {**features.to_json(), "bands": 10**4}):
        with pytest.raises(ModelError, match="expected the settings of frames"):
            LogMel.from_json(tree)

"""tf.signal: what it refuses, its older names, and transforms against numpy's."""

from __future__ import annotations

import diptych.static as tf
import numpy as np
import pytest
from diptych.ir import Unsupported

WAVE = np.random.RandomState(0).randn(3, 1000).astype(np.float32)


@pytest.fixture(autouse=True)
def fresh_graph() -> None:
    tf.reset_default_graph()


def test_the_axis_of_frames_is_known_while_the_graph_is_built() -> None:
    axis = tf.placeholder(tf.int32, [], name="axis")
    with pytest.raises(Unsupported) as caught:
        tf.signal.frame(WAVE, 10, 5, axis=axis)
    lines = str(caught.value).splitlines()
    assert lines[0] == "tf.signal.frame: axis is axis:0 but must be known while the graph is built"
    assert lines[-1] == "  try: a Python number"


def test_the_axis_of_frames_is_in_range() -> None:
    with pytest.raises(IndexError, match=r"tf\.signal\.frame: axis is 2 but must be in \[-2, 2\)"):
        tf.signal.frame(WAVE, 10, 5, axis=2)


def test_contrib_has_the_older_names() -> None:
    for name in (
        "frame", "hamming_window", "hann_window", "inverse_stft", "inverse_stft_window_fn",
        "linear_to_mel_weight_matrix", "mfccs_from_log_mel_spectrograms", "overlap_and_add", "stft",
    ):  # fmt: skip
        assert getattr(tf.contrib.signal, name) is getattr(tf.signal, name)


def test_short_time_transforms_are_those_of_frames() -> None:
    found = tf.signal.stft(WAVE, 100, 40, fft_length=128)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(100) / 100)
    frames = np.stack([WAVE[:, start : start + 100] for start in range(0, 901, 40)], axis=1)
    with tf.Session() as session:
        values = session.run(found)
    assert values.shape == (3, 23, 65)
    assert np.allclose(values, np.fft.rfft(frames * window, 128), atol=1e-4)


def test_the_inverse_gives_the_signal_back() -> None:
    waves = tf.signal.stft(WAVE, 64, 16)
    inverse = tf.signal.inverse_stft_window_fn(16)
    with tf.Session() as session:
        values = session.run(tf.signal.inverse_stft(waves, 64, 16, window_fn=inverse))
    inside = slice(48, values.shape[1] - 48)
    assert np.allclose(values[:, inside], WAVE[:, inside], atol=1e-4)


def test_the_inverse_of_modified_cosine_transforms_gives_the_signal_back() -> None:
    waves = tf.signal.mdct(WAVE, 80, norm="ortho")
    with tf.Session() as session:
        values = session.run(tf.signal.inverse_mdct(waves, norm="ortho"))
    inside = slice(40, values.shape[1] - 40)
    assert np.allclose(values[:, inside], WAVE[:, inside], atol=1e-4)


def test_cosine_transforms_are_sums_of_cosines() -> None:
    x = WAVE[:, :50]
    places = np.arange(50)
    cosines = np.cos(np.pi / 50 * (places[:, None] + 0.5) * places)
    with tf.Session() as session:
        found, back = session.run([tf.signal.dct(x), tf.signal.idct(tf.signal.dct(x, norm="ortho"), norm="ortho")])
    assert np.allclose(found, 2 * x @ cosines, atol=1e-3)
    assert np.allclose(back, x, atol=1e-4)

"""Programs with windows, frames, short-time and cosine transforms, and mel spectrograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, worded

WAVE = np.sin(np.arange(48) * 0.7).astype(np.float32).reshape(2, 24) + np.arange(2, dtype=np.float32)[:, None] * 0.5


def windows(tf: Any, note: Note) -> None:
    length = tf.placeholder(tf.int32, [])
    for label in ("hann", "hamming", "vorbis", "kaiser", "kaiser_bessel_derived"):
        function = getattr(tf.signal, f"{label}_window")
        by_run = function(length)
        with tf.Session() as session:
            for size in (8, 7, 2):
                note(f"{label} {size}", session.run(function(size)))
            note(f"{label} one", session.run(function(1)) if "derived" not in label else None)
            note(f"{label} wide", session.run(function(6, dtype=tf.float64)))
            note(f"{label} in a run", session.run(by_run, {length: 6}))
        note(f"{label} shape", str(function(5).shape))
        worded(note)(f"{label} integers", lambda function=function: function(4, dtype=tf.int32))
    with tf.Session() as session:
        note(
            "not periodic", session.run([tf.signal.hann_window(6, periodic=False), tf.signal.hamming_window(7, False)])
        )
        note("periodic in a run", session.run(tf.signal.hann_window(6, tf.constant(False))))
        note("one in a run", session.run(tf.signal.hann_window(length), {length: 1}))
        note(
            "narrow",
            session.run([tf.signal.kaiser_window(5, beta=4.0), tf.signal.kaiser_bessel_derived_window(8, 4.0)]),
        )


def frames(tf: Any, note: Note) -> None:
    x = tf.constant(WAVE)
    fed = tf.placeholder(tf.float32, [None, None])
    step = tf.placeholder(tf.int32, [])
    made = {
        "pieces": tf.signal.frame(x, 8, 4),
        "elements": tf.signal.frame(x, 5, 3),
        "apart": tf.signal.frame(x, 3, 7),
        "to the end": tf.signal.frame(x, 10, 6, pad_end=True, pad_value=9.0),
        "first axis": tf.signal.frame(tf.transpose(x), 8, 4, axis=0),
        "first axis, to the end": tf.signal.frame(tf.transpose(x), 9, 6, axis=0, pad_end=True),
        "too long": tf.signal.frame(x, 30, 6),
        "too long, to the end": tf.signal.frame(x, 30, 12, pad_end=True),
        "integers": tf.signal.frame([1, 2, 3, 4, 5], 2, 2),
    }
    with tf.Session() as session:
        for label, frames in made.items():
            note(label, session.run(frames))
            note(f"{label}, shape", str(frames.shape))
        of_fed = tf.signal.frame(fed, 4, 2)
        note("fed", [session.run(of_fed, {fed: WAVE[:, :size]}) for size in (9, 12)])
        note("fed shape", str(of_fed.shape))
        note("fed to the end", session.run(tf.signal.frame(fed, 4, 3, pad_end=True), {fed: WAVE[:, :9]}))
        note("fed step", session.run(tf.signal.frame(fed, 4, step), {fed: WAVE[:, :9], step: 3}))
        note("fed step to the end", session.run(tf.signal.frame(fed, step, step, True), {fed: WAVE[:, :9], step: 4}))
        slopes = [tf.gradients(made[label] * 2.0, x)[0] for label in ("pieces", "elements", "to the end")]
        note("slopes", session.run(slopes))
        unknown = tf.placeholder(tf.float32)
        note("unknown rank", session.run(tf.signal.frame(unknown, 4, 2), {unknown: WAVE[0, :9]}))
        note("unknown rank to the end", session.run(tf.signal.frame(unknown, 4, 3, True), {unknown: WAVE[:, :9]}))
    note("scalar", lambda: tf.signal.frame(1.0, 2, 1))
    note("length", lambda: tf.signal.frame(x, [2], 1))


def overlaps(tf: Any, note: Note) -> None:
    x = tf.constant(np.arange(24, dtype=np.float32).reshape(2, 3, 4))
    fed = tf.placeholder(tf.float32, [None, None, None])
    with tf.Session() as session:
        for step in (1, 2, 3, 4, 5):
            made = tf.signal.overlap_and_add(x, step)
            note(f"step {step}", session.run(made))
            note(f"step {step} shape", str(made.shape))
        note("matrix", session.run(tf.signal.overlap_and_add(x[0], 3)))
        slope = tf.gradients(tf.signal.overlap_and_add(x, 3) * tf.range(10.0), x)[0]
        note("slope", session.run(slope))
        note("fed", session.run(tf.signal.overlap_and_add(fed, 2), {fed: np.ones((1, 3, 5), np.float32)}))
        step = tf.placeholder(tf.int32, [])
        note(
            "fed step",
            session.run(tf.signal.overlap_and_add(fed, step), {fed: np.ones((1, 3, 4), np.float32), step: 3}),
        )
        unknown = tf.placeholder(tf.float32)
        made = tf.signal.overlap_and_add(unknown, 2)
        note("unknown rank", session.run(made, {unknown: np.ones((1, 2, 2, 3), np.float32)}))
    words = worded(note)
    words("vector", lambda: tf.signal.overlap_and_add(x[0, 0], 2))
    words("floating step", lambda: tf.signal.overlap_and_add(x, 2.0))


def short_time_transforms(tf: Any, note: Note) -> None:
    x = tf.constant(WAVE)
    fed = tf.placeholder(tf.float32, [None, None])
    waves = tf.signal.stft(x, 8, 4)
    weights = np.cos(np.arange(50, dtype=np.float32)).reshape(2, 5, 5)
    slope = tf.gradients(tf.real(waves) * weights + tf.imag(waves), x)[0]
    inverse = tf.signal.inverse_stft_window_fn(4)
    back = tf.signal.inverse_stft(waves, 8, 4, window_fn=inverse)
    with tf.Session() as session:
        note("waves", session.run(waves))
        note("slope", session.run(slope))
        note("shapes", [str(waves.shape), str(back.shape)])
        note("longer", session.run(tf.signal.stft(x, 6, 3, fft_length=7, pad_end=True)))
        note("shorter", session.run(tf.signal.stft(x, 6, 3, fft_length=4)))
        note("hamming", session.run(tf.signal.stft(x, 6, 6, window_fn=tf.signal.hamming_window)))
        note("no window", session.run(tf.signal.stft(x, 5, 5, window_fn=None)))
        note("fed", session.run(tf.signal.stft(fed, 8, 4), {fed: WAVE[:, :17]}))
        note("back", session.run(back))
        note("plain inverse", session.run(tf.signal.inverse_stft(waves, 8, 4)))
        note("other lengths", session.run([
            tf.signal.inverse_stft(waves, 6, 3, fft_length=8), tf.signal.inverse_stft(waves, 9, 3, fft_length=8),
            tf.signal.inverse_stft(waves, 8, 4, window_fn=None),
        ]))  # fmt: skip
        window = tf.signal.inverse_stft_window_fn(3, forward_window_fn=tf.signal.hamming_window)
        note("window", session.run(window(8, dtype=tf.float32)))
        note("slope of the inverse", session.run(tf.gradients(tf.square(back), x)[0]))
        length = tf.placeholder(tf.int32, [])
        by_run = tf.signal.stft(x, length, 4)
        note("fed length", session.run(by_run, {length: 6}))
        note("fed length back", session.run(tf.signal.inverse_stft(by_run, length, 4), {length: 6}))
    note("vector", lambda: tf.signal.inverse_stft(waves[0, 0], 8, 4))


def cosine_transforms(tf: Any, note: Note) -> None:
    x = tf.constant(WAVE[:, :10])
    fed = tf.placeholder(tf.float32, [None, None])
    weights = np.cos(np.arange(20, dtype=np.float32)).reshape(2, 10)
    with tf.Session() as session:
        for kind in (1, 2, 3, 4):
            for norm in (None, "ortho") if kind > 1 else (None,):
                label = f"{kind} {norm}"
                found, back = tf.signal.dct(x, kind, norm=norm), tf.signal.idct(x, kind, norm=norm)
                note(label, session.run([found, back]))
                note(f"{label} slope", session.run(tf.gradients(found * weights, x)[0]))
                note(
                    f"{label} sizes",
                    session.run([tf.signal.dct(x, kind, n=6, norm=norm), tf.signal.dct(x, kind, 13, norm=norm)]),
                )
            note(f"{kind} fed", session.run(tf.signal.dct(fed, kind), {fed: WAVE[:, :7]}))
            note(f"{kind} fed sizes", session.run(tf.signal.dct(fed, kind, n=9), {fed: WAVE[:, :7]}))
        note("old name", session.run(tf.spectral.dct(x[0])))
        note("shape", str(tf.signal.dct(x, n=7).shape))
    words = worded(note)
    words("axis", lambda: tf.signal.dct(x, axis=0))
    words("n", lambda: tf.signal.dct(x, n=0))
    words("type", lambda: tf.signal.dct(x, 5))
    words("ortho", lambda: tf.signal.dct(x, 1, norm="ortho"))
    words("one", lambda: tf.signal.dct(x[:, :1], 1))
    words("norm", lambda: tf.signal.idct(x, norm="other"))


def modified_cosine_transforms(tf: Any, note: Note) -> None:
    x = tf.constant(WAVE)
    with tf.Session() as session:
        for norm in (None, "ortho"):
            for window in (tf.signal.vorbis_window, tf.signal.kaiser_bessel_derived_window, None):
                found = tf.signal.mdct(x, 8, window_fn=window, norm=norm)
                note("transform", session.run(found))
                note("back", session.run(tf.signal.inverse_mdct(found, window_fn=window, norm=norm)))
        note("to the end", session.run(tf.signal.mdct(x, 16, pad_end=True)))
        note("slope", session.run(tf.gradients(tf.square(found), x)[0]))
        note("shape", str(found.shape))
    worded(note)("length", lambda: tf.signal.mdct(x, 6))


def mel_spectrograms(tf: Any, note: Note) -> None:
    matrix = tf.signal.linear_to_mel_weight_matrix
    small = matrix(4, 17, 4000, 60.0, 1800.0)
    x = tf.constant(np.abs(WAVE[:, :17]))
    logarithms = tf.log(tf.tensordot(x, small, 1) + 1e-6)
    found = tf.signal.mfccs_from_log_mel_spectrograms(logarithms)
    with tf.Session() as session:
        note("small", session.run(small))
        note("default", session.run(tf.reduce_sum(matrix(), 0)))
        note("wide", session.run(matrix(3, 9, dtype=tf.float64)))
        note("rate in a run", session.run(matrix(3, 9, tf.placeholder_with_default(8000.0, []))))
        note("rate as a tensor", session.run(matrix(3, 9, tf.constant(8000))))
        note("mfccs", session.run(found))
        note("slope", session.run(tf.gradients(found, x)[0]))
    note("shapes", [str(small.shape), str(found.shape), matrix(name="named").name])
    words = worded(note)
    words("bins", lambda: matrix(0))
    words("rate", lambda: matrix(sample_rate=-1.0))
    words("low", lambda: matrix(lower_edge_hertz=-1.0))
    words("edges", lambda: matrix(lower_edge_hertz=100.0, upper_edge_hertz=10.0))
    words("nyquist", lambda: matrix(upper_edge_hertz=5000.0))
    words("integers", lambda: matrix(dtype=tf.int32))


PROGRAMS = [
    windows, frames, overlaps, short_time_transforms, cosine_transforms, modified_cosine_transforms, mel_spectrograms,
]  # fmt: skip

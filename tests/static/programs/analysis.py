"""Programs with Bessel functions, quantiles and products with logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described

X = np.array([-30.0, -7.0, -1.0, -0.25, 0.0, 0.5, 3.0, 7.9, 8.1, 40.0])
PARTS = np.array([0.0, 1e-30, 1e-8, 0.001, 0.019, 0.021, 0.3, 0.5, 0.75, 0.99, 0.9999, 1.0, 1.5, -0.5])


def bessel_functions(tf: Any, note: Note) -> None:
    for label in ("i0", "i0e", "i1", "i1e"):
        function = getattr(tf.math, f"bessel_{label}")
        for dtype in (np.float32, np.float64):
            x = tf.constant(X.astype(dtype))
            found = function(x)
            slope = tf.gradients(found, x)[0]
            with tf.Session() as session:
                value, slopes = session.run([found, slope])
                slopes[4] = 0.0 if label == "i1" else slopes[4]  # TensorFlow 2 has 1 there, TensorFlow 1 a half
                note(label, [value, slopes])
        note(f"{label} name", described(function(1.0), getattr(tf.math.special, f"bessel_{label}")(2.0, name="named")))
    half = tf.math.bessel_i0e(tf.constant([0.5, 2.0], tf.float16))
    note("half", described(half))
    note("integers", lambda: tf.math.bessel_i0([1, 2]))


def quantiles(tf: Any, note: Note) -> None:
    for dtype in (np.float32, np.float64):
        x = tf.constant(PARTS.astype(dtype))
        between = tf.constant(np.array([-0.999, -0.5, 0.0, 0.125, 0.9]).astype(dtype))
        of_parts, inverse, complement = tf.math.ndtri(x), tf.math.erfinv(between), tf.math.erfcinv(2.0 * x)
        slopes = [tf.gradients(of_parts, x)[0], tf.gradients(inverse, between)[0], tf.gradients(complement, x)[0]]
        with tf.Session() as session:
            note("ndtri", session.run(of_parts))
            note("erfinv", session.run(inverse))
            note("erfcinv", session.run(complement))
            found = session.run(slopes)
            note("slopes", [found[0][2:11], found[1], found[2][2:11]])
    ends = tf.math.erfinv([-1.0, 1.0])
    with tf.Session() as session:
        note("ends", session.run(ends))
    note("names", described(of_parts, inverse, tf.math.ndtri(0.5, name="named")))
    note("integers", lambda: tf.math.ndtri([1]))


def products_with_logarithms(tf: Any, note: Note) -> None:
    for dtype in (np.float32, np.float64):
        x = tf.constant(np.array([0.0, 0.0, 2.0, -1.5, 0.0, 3.0]).astype(dtype))
        y = tf.constant(np.array([-1.0, 1.0, 1e-9, 0.5, -3.0, -1.0]).astype(dtype))
        found = tf.math.xlog1py(x, y)
        slopes = tf.gradients(found, [x, y])
        with tf.Session() as session:
            note("values", session.run(found))
            note("slopes", [part[:5] for part in session.run(slopes)])
    with tf.Session() as session:
        note("broadcast", session.run(tf.math.xlog1py([[1.0], [2.0]], [0.5, 1.0, 0.0])))


PROGRAMS = [bessel_functions, quantiles, products_with_logarithms]

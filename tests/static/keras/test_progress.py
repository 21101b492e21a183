"""tf.keras.utils.Progbar."""

from __future__ import annotations

import diptych.static as tf
import pytest


def test_the_last_line_has_the_means(capsys: pytest.CaptureFixture[str]) -> None:
    bar = tf.keras.utils.Progbar(4, width=10)
    bar.update(1, [("loss", 1.0)])
    bar.add(3, [("loss", 5.0)])
    assert capsys.readouterr().out == "4/4 [==========] - 0s - loss: 4.0000\n"


def test_numbers_that_are_not_averaged(capsys: pytest.CaptureFixture[str]) -> None:
    bar = tf.keras.utils.Progbar(2, verbose=2, width=4, stateful_metrics=["rate"])
    bar.update(1, [("rate", 1.0)])
    bar.update(2, [("rate", 0.5)])
    assert capsys.readouterr().out == "2/2 [====] - 0s - rate: 0.5000\n"


def test_a_silent_one_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    tf.keras.utils.Progbar(2, verbose=0).update(2, [("loss", 1.0)])
    assert capsys.readouterr().out == ""


def test_a_length_that_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    bar = tf.keras.utils.Progbar(None)
    bar.update(3)
    bar.finish([("loss", 2.0)])
    assert capsys.readouterr().out == "3/Unknown - 0s - loss: 2.0000\n"

"""tf.logging."""

import logging

import diptych.static as tf
import pytest


@pytest.fixture
def lines(caplog):
    caplog.set_level("DEBUG", "tensorflow")
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def test_levels(lines):
    for level in ("debug", "info", "warning", "warn", "error", "fatal"):
        getattr(tf.logging, level)("%s!", level)
    tf.logging.log(tf.logging.INFO, "log")
    tf.logging.log_if(tf.logging.ERROR, "no", False)
    names = ["DEBUG", "INFO", "WARNING", "WARNING", "ERROR", "CRITICAL"]
    texts = ["debug!", "info!", "warning!", "warn!", "error!", "fatal!"]
    assert lines() == [*zip(names, texts, strict=True), ("INFO", "log")]


def test_lines_that_come_again(lines):
    for number in range(5):
        tf.logging.log_every_n(tf.logging.INFO, "every %d", 2, number)
        tf.logging.log_first_n(tf.logging.INFO, "first %d", 2, number)
    assert [text for _, text in lines()] == ["every 0", "first 0", "first 1", "every 2", "every 4"]
    tf.logging.flush()


def test_verbosity():
    before = tf.logging.get_verbosity()
    tf.logging.set_verbosity(tf.logging.ERROR)
    try:
        assert tf.logging.get_verbosity() == logging.ERROR and tf.get_logger() is logging.getLogger("tensorflow")
        assert not tf.get_logger().isEnabledFor(logging.WARNING)
    finally:
        tf.logging.set_verbosity(before)


def test_messages_go_to_stderr_unless_the_program_has_set_up_logging(monkeypatch, capsys):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    tf.logging.error("alone")
    assert capsys.readouterr().err == "ERROR:tensorflow:alone\n"
    monkeypatch.setattr(root, "handlers", [logging.NullHandler()])
    tf.logging.error("not alone")
    assert capsys.readouterr().err == ""

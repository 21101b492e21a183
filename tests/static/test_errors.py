"""tf.errors."""

import diptych.static as tf
import pytest
from diptych.ir import DiptychError


def test_classes_codes_and_constants():
    error = tf.errors.OutOfRangeError(None, None, "the end")
    assert isinstance(error, tf.errors.OpError) and isinstance(error, DiptychError)
    assert (error.message, error.op, error.node_def, error.error_code) == ("the end", None, None, 11)
    assert tf.errors.OUT_OF_RANGE == 11 and tf.errors.FAILED_PRECONDITION == 9 and tf.errors.UNKNOWN == 2
    assert str(error) == "the end"


def test_an_error_names_the_operation_and_its_line():
    operation = tf.no_op("here")
    error = tf.errors.AbortedError(operation.node_def, operation, "no", hint="yes")
    lines = str(error).split("\n")
    assert lines[:2] == ["no", "\t [[{{node here}}]]"] and lines[3] == "  try: yes"
    assert lines[2].endswith('operation = tf.no_op("here")')


def test_they_can_be_caught_by_class():
    with pytest.raises(tf.errors.OpError):
        raise tf.errors.NotFoundError(None, None, "nowhere")

"""tf.errors."""

import diptych.static as tf
import numpy as np
import pytest
from diptych.backends.settings import configure
from diptych.ir import DiptychError, MemoryBudgetExceeded


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


@pytest.mark.numpy_alone("XLA fuses what takes so much on numpy")
def test_a_run_that_would_take_too_much_memory() -> None:
    """It is refused before it runs, whatever sizes come, with TensorFlow's error."""
    x = tf.placeholder(tf.float32, [None, 128])
    w = tf.Variable(tf.ones([128, 128]))
    y = tf.reduce_sum(tf.matmul(tf.tanh(tf.matmul(x, w)), w), name="total")
    configure(memory_budget=200_000, threads=1)
    try:
        with tf.Session() as session:
            session.run(w.initializer)
            for rows in (3, 5, 7):
                assert session.run(y, {x: np.ones((rows, 128))}) == rows * 128**2
            with pytest.raises(tf.errors.ResourceExhaustedError) as caught:
                session.run(y, {x: np.ones((256, 128))})
    finally:
        configure(memory_budget=None, threads=None)
    error = caught.value
    assert isinstance(error, MemoryBudgetExceeded) and error.budget == 200_000 < error.peak
    assert error.error_code == tf.errors.RESOURCE_EXHAUSTED == 8
    lines = str(error).split("\n")
    assert lines[0].startswith("compile: memory_budget is 200000 bytes but must be ")
    assert lines[1].startswith("  131072 bytes: %Tanh: f32[256,128], made at ")
    assert error.op is not None and lines[-3] == f"\t [[{{{{node {error.op.name}}}}}]]"
    assert lines[-2].startswith(f"  at {__file__}:")
    assert lines[-1].startswith("  try: a larger memory_budget")

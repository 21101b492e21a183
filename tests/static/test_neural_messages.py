"""The words in which convolutions, pooling, layers, losses and samplers refuse what they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diptych.static as tf
import numpy as np
import pytest
from diptych.ir import Unsupported


def images(*shape: int | None) -> Any:
    return tf.placeholder(tf.float32, shape or (2, 3, 3, 1))


ONES = [1, 1, 1, 1]

MESSAGES: dict[str, tuple[Callable[[], Any], str]] = {
    "a kernel larger than the image": (
        lambda: tf.nn.conv2d(images(), tf.ones([5, 5, 1, 1]), ONES, "VALID"),
        "Negative dimension size caused by subtracting 5 from 3 for 'Conv2D' (op: 'Conv2D') with input shapes: "
        "[2,3,3,1], [5,5,1,1].",
    ),
    "a kernel for other channels": (
        lambda: tf.nn.conv2d(images(2, 3, 3, 3), tf.ones([2, 2, 2, 1]), ONES, "VALID"),
        "Depth of input (3) is not a multiple of input depth of filter (2) for 'Conv2D' (op: 'Conv2D') with input "
        "shapes: [2,3,3,3], [2,2,2,1].",
    ),
    "an image without a batch": (
        lambda: tf.nn.conv2d(images(3, 3, 1), tf.ones([2, 2, 1, 1]), ONES, "VALID"),
        "Shape must be rank 4 but is rank 3 for 'Conv2D' (op: 'Conv2D') with input shapes: [3,3,1], [2,2,1,1].",
    ),
    "strides over the batch": (
        lambda: tf.nn.conv2d(images(), tf.ones([2, 2, 1, 1]), [2, 1, 1, 1], "SAME"),
        "Current implementation does not yet support strides in the batch and depth dimensions. for 'Conv2D' "
        "(op: 'Conv2D') with input shapes: [2,3,3,1], [2,2,1,1].",
    ),
    "padding in small letters": (
        lambda: tf.nn.conv2d(images(), tf.ones([2, 2, 1, 1]), ONES, "same"),
        "Value for attr 'padding' of \"same\" is not in the list of allowed values: \"SAME\", \"VALID\", \"EXPLICIT\"",
    ),
    "explicit padding of three axes": (
        lambda: tf.nn.conv2d(images(), tf.ones([2, 2, 1, 1]), ONES, [[0, 0]] * 3),
        "When padding is a list, it must be of size 4. Got padding of size: 3",
    ),
    "three strides": (
        lambda: tf.nn.conv2d(images(), tf.ones([2, 2, 1, 1]), [1, 1, 1], "SAME"),
        "strides should be of length 1, 2 or 4 but was 3",
    ),
    "strides and dilation at once": (
        lambda: tf.nn.convolution(images(), tf.ones([2, 2, 1, 1]), "SAME", strides=[2, 2], dilation_rate=[2, 2]),
        "strides > 1 not supported in conjunction with dilation_rate > 1",
    ),
    "windows over the batch": (
        lambda: tf.nn.max_pool(images(), [2, 1, 1, 1], ONES, "SAME"),
        "Pooling is not yet supported on the batch dimension. for 'MaxPool' (op: 'MaxPool') with input shapes: "
        "[2,3,3,1].",
    ),
    "windows of nothing": (lambda: tf.nn.max_pool(images(), 0, 1, "SAME"), "ksize cannot be zero."),
    "windows that are apart": (
        lambda: tf.nn.pool(images(), [2, 2], "MAX", "SAME", dilation_rate=[2, 2]),
        "tf.nn.pool: dilation_rate is [2, 2] but must be 1 along every axis",
    ),
    "a layer's padding": (
        lambda: tf.layers.conv2d(images(), 2, 3, padding="full"),
        'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", only for `Conv1D). '
        "Received: full",
    ),
    "a layer's kernel": (
        lambda: tf.layers.conv2d(images(), 2, (1, 2, 3)),
        "The `kernel_size` argument must be a tuple of 2 integers. Received: (1, 2, 3)",
    ),
    "a layer's channels": (
        lambda: tf.layers.conv2d(images(2, 3, 3, None), 2, 2),
        "The channel dimension of the inputs should be defined. Found `None`.",
    ),
    "a dense layer's depth": (
        lambda: tf.layers.dense(images(2, None), 2),
        "The last dimension of the inputs to `Dense` should be defined. Found `None`.",
    ),
    "labels of another shape": (
        lambda: tf.losses.mean_squared_error(images(2, 3), images(2, 4)),
        "Shapes (2, 4) and (2, 3) are incompatible",
    ),
    "weights of another rank": (
        lambda: tf.losses.mean_squared_error(images(2, 3), images(2, 3), weights=tf.ones([2])),
        "weights can not be broadcast to values. values.rank=2. weights.rank=1. values.shape=(2, 3). "
        "weights.shape=(2,).",
    ),
    "a reduction that there is not": (
        lambda: tf.losses.mean_squared_error(images(2, 3), images(2, 3), reduction="mean"),
        "Invalid Reduction Key mean.",
    ),
    "more classes than there are": (
        lambda: tf.nn.uniform_candidate_sampler(tf.constant([[0]], tf.int64), 1, 5, True, 4),
        "Sampler's range is too small: num_sampled is 5 and range_max 4",
    ),
    "unigrams for other classes": (
        lambda: tf.nn.fixed_unigram_candidate_sampler(
            tf.constant([[0]], tf.int64), 1, 2, True, 4, unigrams=[1.0, 2.0]
        ),
        "fixed_unigram_candidate_sampler: there are 2 unigrams but must be 4",
    ),
    "moments given in training": (
        lambda: tf.nn.fused_batch_norm(images(2, 3, 3, 2), [1.0, 1.0], [0.0, 0.0], mean=[0.0, 0.0]),
        "Both 'mean' and 'variance' must be None if is_training is True.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MESSAGES)
def test_what_does_not_fit_is_refused_in_words(case: str) -> None:
    call, message = MESSAGES[case]
    with pytest.raises(ValueError, match=".") as error:
        call()
    assert str(error.value) == message


def test_a_run_names_the_sizes_that_a_transpose_cannot_have() -> None:
    x = tf.constant(np.ones((1, 3, 3, 1), np.float32))
    y = tf.nn.conv2d_transpose(x, tf.ones([2, 2, 1, 1]), [1, 9, 6, 1], strides=2)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(y)
    words = "Size of out_backprop doesn't match computed: actual = [3,3], computed = [5,3]"
    assert str(error.value).splitlines()[0] == f"Conv2DSlowBackpropInput: {words}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"renorm": True}, "tf.layers.batch_normalization: renorm is True but must be left out"),
        ({"virtual_batch_size": 2}, "tf.layers.batch_normalization: virtual_batch_size is 2 but must be left out"),
        ({"axis": [1, 2]}, "tf.layers.batch_normalization: axis is [1, 2] but must be one axis"),
    ],
)
def test_batch_normalization_says_what_it_does_not_do(options: dict[str, Any], message: str) -> None:
    with pytest.raises(Unsupported) as error:
        tf.layers.batch_normalization(images(), **options)
    assert error.value.message == message


def test_a_dependency_on_a_placeholder_that_is_fed_waits_for_nothing() -> None:
    x = tf.placeholder(tf.float32, [])
    with tf.control_dependencies([x]):
        y = tf.constant(2.0)
    with tf.Session() as session:
        assert session.run(y, {x: 1.0}) == 2.0
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(y)

"""Every function of the API that computes, against numpy and scipy, with the dtype it gives."""

import math

import diptych.static as tf
import numpy as np
import pytest
import scipy.special

X = np.array([[0.5, -1.5, 2.0], [3.0, -0.25, 1.0]], np.float32)
Y = np.array([[2.0, 4.0, -0.5]], np.float32)
POSITIVE = np.abs(X) + 0.1
INSIDE = X / 4
WHOLE = np.array([[7, -7, 3], [0, 5, -2]], np.int32)
PART = np.array([[2, 3, -2]], np.int32)
FLAGS, OTHER = np.array([True, True, False]), np.array([True, False, False])
COMPLEX = np.array([1 + 2j, -3j], np.complex64)
SPECIAL = np.array([1.0, np.nan, np.inf, -np.inf], np.float32)
BLOCK = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
INDICES = np.array([[2, 0], [1, 1]], np.int32)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def one_hot(indices, depth):
    return (np.asarray(indices)[..., None] == np.arange(depth)).astype(np.float32)


CASES = {
    # -- one operand ----
    "negative": (lambda: tf.negative(X), -X),
    "sign": (lambda: tf.sign(X), np.sign(X)),
    "reciprocal": (lambda: tf.reciprocal(X), 1 / X),
    "square": (lambda: tf.square(X), X * X),
    "sqrt": (lambda: tf.sqrt(POSITIVE), np.sqrt(POSITIVE)),
    "rsqrt": (lambda: tf.rsqrt(POSITIVE), 1 / np.sqrt(POSITIVE)),
    "exp": (lambda: tf.exp(X), np.exp(X)),
    "expm1": (lambda: tf.expm1(X), np.expm1(X)),
    "log": (lambda: tf.log(POSITIVE), np.log(POSITIVE)),
    "log1p": (lambda: tf.log1p(POSITIVE), np.log1p(POSITIVE)),
    "sin": (lambda: tf.sin(X), np.sin(X)),
    "cos": (lambda: tf.cos(X), np.cos(X)),
    "tan": (lambda: tf.tan(X), np.tan(X)),
    "asin": (lambda: tf.asin(INSIDE), np.arcsin(INSIDE)),
    "acos": (lambda: tf.acos(INSIDE), np.arccos(INSIDE)),
    "atan": (lambda: tf.atan(X), np.arctan(X)),
    "sinh": (lambda: tf.sinh(X), np.sinh(X)),
    "cosh": (lambda: tf.cosh(X), np.cosh(X)),
    "tanh": (lambda: tf.tanh(X), np.tanh(X)),
    "asinh": (lambda: tf.asinh(X), np.arcsinh(X)),
    "acosh": (lambda: tf.acosh(POSITIVE + 1), np.arccosh(POSITIVE + 1)),
    "atanh": (lambda: tf.atanh(INSIDE), np.arctanh(INSIDE)),
    "sigmoid": (lambda: tf.sigmoid(X), scipy.special.expit(X)),
    "erf": (lambda: tf.erf(X), scipy.special.erf(X)),
    "erfc": (lambda: tf.erfc(X), scipy.special.erfc(X)),
    "lgamma": (lambda: tf.lgamma(POSITIVE), scipy.special.gammaln(POSITIVE)),
    "digamma": (lambda: tf.digamma(POSITIVE), scipy.special.digamma(POSITIVE)),
    "is_nan": (lambda: tf.is_nan(SPECIAL), np.isnan(SPECIAL)),
    "is_inf": (lambda: tf.is_inf(SPECIAL), np.isinf(SPECIAL)),
    "is_finite": (lambda: tf.is_finite(SPECIAL), np.isfinite(SPECIAL)),
    "logical_not": (lambda: tf.logical_not(FLAGS), ~FLAGS),
    "floor": (lambda: tf.floor(X), np.floor(X)),
    "ceil": (lambda: tf.ceil(X), np.ceil(X)),
    "rint": (lambda: tf.rint(X), np.rint(X)),
    "round": (lambda: tf.round(X), np.round(X)),
    "round integers": (lambda: tf.round(WHOLE), WHOLE),
    "abs": (lambda: tf.abs(X), np.abs(X)),
    "abs integers": (lambda: tf.abs(WHOLE), np.abs(WHOLE)),
    "abs complex": (lambda: tf.abs(COMPLEX), np.abs(COMPLEX)),
    # -- two operands ----
    "add": (lambda: tf.add(X, Y), X + Y),
    "subtract": (lambda: tf.subtract(X, Y), X - Y),
    "multiply": (lambda: tf.multiply(X, Y), X * Y),
    "divide": (lambda: tf.divide(X, Y), X / Y),
    "realdiv": (lambda: tf.realdiv(X, Y), X / Y),
    "truediv integers": (lambda: tf.truediv(WHOLE, PART), WHOLE / PART),
    "div": (lambda: tf.div(X, Y), X / Y),
    "div integers": (lambda: tf.div(WHOLE, PART), WHOLE // PART),
    "div_no_nan": (lambda: tf.div_no_nan(X, np.float32([0, 2, 4])), X * np.float32([0, 0.5, 0.25])),
    "truncatediv": (lambda: tf.truncatediv(WHOLE, PART), np.trunc(WHOLE / PART).astype(np.int32)),
    "floordiv": (lambda: tf.floordiv(X, Y), X // Y),
    "floordiv integers": (lambda: tf.floordiv(WHOLE, PART), WHOLE // PART),
    "mod": (lambda: tf.mod(X, Y), np.mod(X, Y)),
    "floormod integers": (lambda: tf.floormod(WHOLE, PART), np.mod(WHOLE, PART)),
    "truncatemod": (lambda: tf.truncatemod(WHOLE, PART), np.fmod(WHOLE, PART)),
    "pow": (lambda: tf.pow(POSITIVE, Y), POSITIVE**Y),
    "pow integers": (lambda: tf.pow(WHOLE, 2), WHOLE**2),
    "maximum": (lambda: tf.maximum(X, Y), np.maximum(X, Y)),
    "minimum": (lambda: tf.minimum(X, Y), np.minimum(X, Y)),
    "squared_difference": (lambda: tf.squared_difference(X, Y), (X - Y) ** 2),
    "squared_difference complex": (lambda: tf.squared_difference(COMPLEX, 1j), np.complex64([2, 16])),
    "truediv by a Python number": (lambda: tf.truediv(tf.constant(X), 2), X / 2),
    "atan2": (lambda: tf.atan2(X, Y), np.arctan2(X, Y)),
    "equal": (lambda: tf.equal(WHOLE, PART), WHOLE == PART),
    "not_equal": (lambda: tf.not_equal(WHOLE, PART), WHOLE != PART),
    "less": (lambda: tf.less(X, Y), X < Y),
    "less_equal": (lambda: tf.less_equal(X, Y), X <= Y),
    "greater": (lambda: tf.greater(X, Y), X > Y),
    "greater_equal": (lambda: tf.greater_equal(X, Y), X >= Y),
    "logical_and": (lambda: tf.logical_and(FLAGS, OTHER), FLAGS & OTHER),
    "logical_or": (lambda: tf.logical_or(FLAGS, OTHER), FLAGS | OTHER),
    "logical_xor": (lambda: tf.logical_xor(FLAGS, OTHER), FLAGS ^ OTHER),
    # -- casts, complex parts ----
    "cast": (lambda: tf.cast(X, tf.int32), X.astype(np.int32)),
    "cast to bool": (lambda: tf.cast(WHOLE, tf.bool), WHOLE != 0),
    "cast from bool": (lambda: tf.cast(FLAGS, tf.float32), FLAGS.astype(np.float32)),
    "cast complex": (lambda: tf.cast(COMPLEX, tf.float32), COMPLEX.real),
    "to_float": (lambda: tf.to_float(WHOLE), WHOLE.astype(np.float32)),
    "to_double": (lambda: tf.to_double(X), X.astype(np.float64)),
    "to_int32": (lambda: tf.to_int32(X), X.astype(np.int32)),
    "to_int64": (lambda: tf.to_int64(X), X.astype(np.int64)),
    "saturate_cast": (lambda: tf.saturate_cast(np.float32([-5, 7.5, 300]), tf.uint8), np.uint8([0, 7, 255])),
    "real": (lambda: tf.real(COMPLEX), COMPLEX.real),
    "imag": (lambda: tf.imag(COMPLEX), COMPLEX.imag),
    "conj": (lambda: tf.conj(COMPLEX), COMPLEX.conj()),
    "complex": (lambda: tf.complex(COMPLEX.real, COMPLEX.imag), COMPLEX),
    # -- choices ----
    "add_n": (lambda: tf.add_n([X, X, 2 * X]), 4 * X),
    "accumulate_n": (lambda: tf.accumulate_n([X, X]), 2 * X),
    "clip_by_value": (lambda: tf.clip_by_value(X, -1.0, 1.0), X.clip(-1, 1)),
    "where": (lambda: tf.where(X > 0, X, -X), np.abs(X)),
    "where rows": (lambda: tf.where([True, False], X, -X), X * np.float32([[1], [-1]])),
    # -- reductions ----
    "reduce_sum": (lambda: tf.reduce_sum(X, 1), X.sum(1)),
    "reduce_sum keep": (lambda: tf.reduce_sum(X, axis=[0], keepdims=True), X.sum(0, keepdims=True)),
    "reduce_sum twice the same axis": (lambda: tf.reduce_sum(X, [0, 0]), X.sum(0)),
    "reduce_sum no axis": (lambda: tf.reduce_sum(X, []), X),
    "reduce_mean": (lambda: tf.reduce_mean(X), X.mean()),
    "reduce_mean integers": (lambda: tf.reduce_mean(np.int32([-3, -4])), np.int32(-3)),
    "reduce_mean beyond int32": (lambda: tf.reduce_mean(np.int32([2**31 - 1, 2**31 - 3])), np.int32(2**31 - 2)),
    "reduce_mean of many int8": (lambda: tf.reduce_mean(np.full(300, -100, np.int8)), np.int8(-100)),
    "reduce_mean of uint8": (lambda: tf.reduce_mean(np.full((300, 1), 250, np.uint8), 0), np.uint8([250])),
    "reduce_prod": (lambda: tf.reduce_prod(X, 0), X.prod(0)),
    "reduce_max": (lambda: tf.reduce_max(X, reduction_indices=[1]), X.max(1)),
    "reduce_min": (lambda: tf.reduce_min(X, -1, keep_dims=True), X.min(1, keepdims=True)),
    "reduce_all": (lambda: tf.reduce_all(FLAGS), FLAGS.all()),
    "reduce_any": (lambda: tf.reduce_any(FLAGS), FLAGS.any()),
    "reduce_logsumexp": (lambda: tf.reduce_logsumexp(X, 1), scipy.special.logsumexp(X, 1)),
    "argmax": (lambda: tf.argmax(X, 1), X.argmax(1)),
    "argmax default axis": (lambda: tf.argmax(X), X.argmax(0)),
    "argmin": (lambda: tf.argmin(X, axis=-1, output_type=tf.int32), X.argmin(1).astype(np.int32)),
    "arg_max": (lambda: tf.arg_max(X, 0), X.argmax(0)),
    "arg_min": (lambda: tf.arg_min(X, 0), X.argmin(0)),
    # -- products ----
    "matmul": (lambda: tf.matmul(X, X, transpose_b=True), X @ X.T),
    "matmul transposed": (lambda: tf.matmul(X, X, transpose_a=True), X.T @ X),
    "matmul adjoint": (
        lambda: tf.matmul(COMPLEX[None], COMPLEX[None], adjoint_b=True),
        COMPLEX[None] @ COMPLEX[:, None].conj(),
    ),
    "matmul integers": (lambda: tf.matmul(WHOLE, WHOLE, transpose_b=True), WHOLE @ WHOLE.T),
    "matmul batch": (lambda: tf.matmul(BLOCK, BLOCK, transpose_b=True), BLOCK @ BLOCK.swapaxes(1, 2)),
    "batch_matmul": (lambda: tf.batch_matmul(BLOCK, BLOCK, adj_x=True), BLOCK.swapaxes(1, 2) @ BLOCK),
    # -- arrangement ----
    "identity": (lambda: tf.identity(X), X),
    "stop_gradient": (lambda: tf.stop_gradient(X), X),
    "shape": (lambda: tf.shape(X), np.int32([2, 3])),
    "shape of a placeholder": (
        lambda: tf.shape(tf.placeholder_with_default(X, None), out_type=tf.int64),
        np.int64([2, 3]),
    ),
    "rank": (lambda: tf.rank(tf.placeholder_with_default(X, None)), np.int32(2)),
    "size": (lambda: tf.size(tf.placeholder_with_default(X, None)), np.int32(6)),
    "reshape": (lambda: tf.reshape(X, [3, -1]), X.reshape(3, 2)),
    "expand_dims": (lambda: tf.expand_dims(X, 1), X[:, None]),
    "squeeze": (lambda: tf.squeeze(X[None, :, None]), X),
    "squeeze one": (lambda: tf.squeeze(X[None, :, None], axis=[0]), X[:, None]),
    "transpose": (lambda: tf.transpose(BLOCK), BLOCK.T),
    "transpose given": (lambda: tf.transpose(BLOCK, [1, 2, 0]), BLOCK.transpose(1, 2, 0)),
    "transpose unknown rank": (lambda: tf.transpose(tf.placeholder_with_default(BLOCK, None)), BLOCK.T),
    "transpose conjugate": (lambda: tf.transpose(COMPLEX[None], conjugate=True), COMPLEX[:, None].conj()),
    "concat": (lambda: tf.concat([X, Y], 0), np.concatenate([X, Y])),
    "concat one": (lambda: tf.concat([X], 0), X),
    "stack": (lambda: tf.stack([X, X], axis=1), np.stack([X, X], 1)),
    "unstack": (lambda: tf.unstack(X, axis=1)[2], X[:, 2]),
    "split": (lambda: tf.split(BLOCK, 2, axis=2)[1], BLOCK[..., 2:]),
    "split sizes": (lambda: tf.split(BLOCK, [1, -1], axis=1)[1], BLOCK[:, 1:]),
    "tile": (lambda: tf.tile(X, [2, 1]), np.tile(X, (2, 1))),
    "strided_slice": (lambda: tf.strided_slice(X, [0, 0], [2, 3], [1, 2]), X[:, ::2]),
    "slice": (lambda: tf.slice(BLOCK, [0, 1, 1], [-1, 1, 2]), BLOCK[:, 1:2, 1:3]),
    "gather": (lambda: tf.gather(X, [1, 0, 1]), X[[1, 0, 1]]),
    "gather axis": (lambda: tf.gather(BLOCK, INDICES, axis=1), BLOCK[:, INDICES]),
    "pad": (lambda: tf.pad(X, [[1, 0], [0, 2]]), np.pad(X, [(1, 0), (0, 2)])),
    "pad value": (
        lambda: tf.pad(X, [[1, 0], [0, 2]], constant_values=7),
        np.pad(X, [(1, 0), (0, 2)], constant_values=7),
    ),
    "tuple": (lambda: tf.tuple([tf.constant(X), tf.constant(Y)])[1], Y),
    # -- made from shapes ----
    "zeros": (lambda: tf.zeros([2, 3]), np.zeros((2, 3), np.float32)),
    "zeros many": (lambda: tf.zeros([50, 50], tf.int32), np.zeros((50, 50), np.int32)),
    "zeros bool": (lambda: tf.zeros(3, tf.bool), np.zeros(3, bool)),
    "ones": (lambda: tf.ones(tf.constant([2]), tf.float64), np.ones(2)),
    "zeros_like": (lambda: tf.zeros_like(WHOLE), np.zeros_like(WHOLE)),
    "ones_like": (lambda: tf.ones_like(X, tf.int32), np.ones_like(X, np.int32)),
    "ones_like unknown": (lambda: tf.ones_like(tf.placeholder_with_default(X, None)), np.ones_like(X)),
    "fill": (lambda: tf.fill([2], 9), np.int32([9, 9])),
    "range": (lambda: tf.range(5), np.arange(5, dtype=np.int32)),
    "range down": (lambda: tf.range(10, 0, -3), np.int32([10, 7, 4, 1])),
    "range floats": (lambda: tf.range(1.0, 2.0, 0.25), np.float32([1, 1.25, 1.5, 1.75])),
    "linspace": (lambda: tf.linspace(1.0, 3.0, 5), np.linspace(1, 3, 5, dtype=np.float32)),
    "linspace one": (lambda: tf.lin_space(1.0, 3.0, 1), np.float32([1])),
    "one_hot": (lambda: tf.one_hot(INDICES, 3), one_hot(INDICES, 3)),
    "one_hot values": (lambda: tf.one_hot([1, -1], 2, on_value=5, off_value=-1), np.int32([[-1, 5], [-1, -1]])),
    "one_hot axis": (lambda: tf.one_hot([1, 0], 3, True, False, axis=0), one_hot([1, 0], 3).T.astype(bool)),
    # -- neural networks ----
    "relu": (lambda: tf.nn.relu(X), X.clip(0)),
    "relu integers": (lambda: tf.nn.relu(WHOLE), WHOLE.clip(0)),
    "relu6": (lambda: tf.nn.relu6(X * 4), (X * 4).clip(0, 6)),
    "elu": (lambda: tf.nn.elu(X), np.where(X > 0, X, np.expm1(X))),
    "selu": (lambda: tf.nn.selu(X), 1.05070098 * np.where(X > 0, X, 1.67326324 * np.expm1(X))),
    "leaky_relu": (lambda: tf.nn.leaky_relu(X), np.where(X > 0, X, 0.2 * X)),
    "leaky_relu integers": (
        lambda: tf.nn.leaky_relu(WHOLE, 0.5),
        np.where(WHOLE > 0, WHOLE, 0.5 * WHOLE).astype(np.float32),
    ),
    "softplus": (lambda: tf.nn.softplus(X), np.logaddexp(X, 0)),
    "softsign": (lambda: tf.nn.softsign(X), X / (1 + np.abs(X))),
    "log_sigmoid": (lambda: tf.log_sigmoid(X), -np.logaddexp(-X, 0)),
    "softmax": (lambda: tf.nn.softmax(X), softmax(X)),
    "softmax axis": (lambda: tf.nn.softmax(BLOCK, axis=1), softmax(BLOCK, 1)),
    "log_softmax": (lambda: tf.nn.log_softmax(X, dim=0), np.log(softmax(X, 0))),
    "bias_add": (lambda: tf.nn.bias_add(BLOCK, [1.0, 2.0, 3.0, 4.0]), BLOCK + np.float32([1, 2, 3, 4])),
    "bias_add NCHW": (lambda: tf.nn.bias_add(BLOCK, [1.0, 2.0, 3.0], "NC..."), BLOCK + np.float32([[1], [2], [3]])),
    "l2_loss": (lambda: tf.nn.l2_loss(X), (X * X).sum() / 2),
    "softmax_cross_entropy": (
        lambda: tf.nn.softmax_cross_entropy_with_logits(labels=softmax(Y + X), logits=X),
        -(softmax(Y + X) * np.log(softmax(X))).sum(1),
    ),
    "softmax_cross_entropy axis": (
        lambda: tf.nn.softmax_cross_entropy_with_logits_v2(labels=softmax(X, 0), logits=X, axis=0),
        -(softmax(X, 0) * np.log(softmax(X, 0))).sum(0),
    ),
    "softmax_cross_entropy half": (
        lambda: tf.nn.softmax_cross_entropy_with_logits_v2(labels=[[1.0, 0.0]], logits=np.float16([[1, 1]])),
        np.float16([math.log(2)]),
    ),
    "sparse_softmax_cross_entropy": (
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[2, 0], logits=X),
        -np.log(softmax(X))[[0, 1], [2, 0]],
    ),
    "sparse_softmax_cross_entropy more axes": (
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[[0, 1, 2], [3, 0, 1]], logits=BLOCK),
        -np.log(np.take_along_axis(softmax(BLOCK), np.array([[0, 1, 2], [3, 0, 1]])[..., None], -1))[..., 0],
    ),
    "sigmoid_cross_entropy": (
        lambda: tf.nn.sigmoid_cross_entropy_with_logits(labels=np.abs(INSIDE), logits=X),
        np.logaddexp(X, 0) - X * np.abs(INSIDE),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    make, wanted = CASES[name]
    tensor = make()
    found = tf.Session().run(tensor)
    np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=2e-6 if name != "softmax_cross_entropy half" else 1e-3)
    assert found.dtype == np.asarray(wanted).dtype == tensor.dtype.as_numpy_dtype
    assert tensor.shape.is_compatible_with(np.shape(wanted))


def test_softmax_cross_entropy_gives_its_gradient_too():
    logits, labels = tf.constant(X), tf.constant(softmax(Y + X))
    operation = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits).op.inputs[0].op
    loss, slope = operation.outputs
    with tf.Session() as session:
        found, derived = session.run([slope, tf.gradients(loss, logits)[0]])
    np.testing.assert_allclose(found, softmax(X) - softmax(Y + X), atol=1e-6)
    np.testing.assert_allclose(found, derived, atol=1e-6)


def test_no_gradient_to_labels_in_the_first_version():
    logits, labels = tf.constant(X), tf.constant(softmax(Y + X))
    old = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    new = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
    assert tf.gradients(old, labels) == [None] and tf.gradients(new, labels) != [None]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: tf.nn.softmax_cross_entropy_with_logits(X, X),
            ValueError,
            "Only call `softmax_cross_entropy_with_logits` with named arguments (labels=..., logits=..., ...)",
        ),
        (
            lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[[1], [2]], logits=X),
            ValueError,
            "Rank mismatch: Rank of labels (received 2) should equal rank of logits minus 1 (received 2).",
        ),
        (
            lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 2, 0], logits=X),
            ValueError,
            "Shape mismatch: The shape of labels (received (3,)) should equal the shape of logits except for the last "
            "dimension (received (2, 3)).",
        ),
        (
            lambda: tf.nn.sigmoid_cross_entropy_with_logits(labels=X, logits=X[:1]),
            ValueError,
            "logits and labels must have the same shape ((1, 3) vs (2, 3))",
        ),
        (lambda: tf.where(FLAGS, X), ValueError, "x and y must both be non-None or both be None."),
        (
            lambda: tf.reduce_sum(X, axis=0, reduction_indices=[0]),
            ValueError,
            "Cannot specify both 'reduction_indices' and 'axis'",
        ),
        (
            lambda: tf.add_n([]),
            ValueError,
            "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape",
        ),
        (
            lambda: tf.truediv(X, tf.constant(WHOLE)),
            TypeError,
            "x and y must have the same dtype, got tf.float32 != tf.int32",
        ),
        (lambda: tf.stack([X, X], axis=4), ValueError, "axis = 4 not in [-3, 3)"),
        (lambda: tf.unstack(tf.placeholder(tf.float32, [None])), ValueError, "Cannot infer num from shape (?,)"),
        (
            lambda: tf.matmul(X, X, transpose_a=True, adjoint_a=True),
            ValueError,
            "Only one of transpose_a and adjoint_a can be True.",
        ),
        (lambda: tf.zeros([None, 3]), TypeError, "Expected int32, got None of type 'NoneType' instead."),
        (lambda: tf.group(3), TypeError, "Expected tf.Tensor or tf.Operation, got 3"),
        (
            lambda: tf.negative(tf.constant([1], tf.uint8)),
            TypeError,
            "Value passed to parameter 'x' has DataType uint8 not in list of allowed values: bfloat16, float16, float32, "
            "float64, complex64, complex128, int8, int16, int32, int64",
        ),
        (
            lambda: tf.logical_and(tf.constant([1]), True),
            TypeError,
            "Input 'x' of 'LogicalAnd' Op has type int32 that does not match expected type of bool.",
        ),
        (
            lambda: tf.reduce_all(tf.constant([1])),
            TypeError,
            "Input 'input' of 'All' Op has type int32 that does not match expected type of bool.",
        ),
        (
            lambda: tf.placeholder(tf.float32, [-1]),
            ValueError,
            "Error converting shape to a TensorShape: Dimension -1 must be >= 0.",
        ),
        (
            lambda: tf.nn.bias_add(X, [1.0, 2.0, 3.0], "HWC"),
            ValueError,
            "data_format must be of the form `N...C` or `NC...`",
        ),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (
            lambda: tf.linalg.diag([1.0], k=1),
            "tf.linalg.diag with k=1 is not supported",
            "the main diagonal, k=0",
        ),
        (lambda: tf.cast(X, tf.string), "a cast to string is not supported", "numbers and bool"),
    ],
)
def test_unsupported(make, message, hint):
    from diptych.ir import Unsupported

    with pytest.raises(Unsupported) as caught:
        make()
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert hint in str(caught.value)


@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_labels_out_of_range_are_errors():
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[3, 0], logits=X)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.Session().run(loss)

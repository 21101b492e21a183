"""Programs of mathematics: matrices, norms, special functions, transforms, bits, checks, own gradients, strings."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.computing import computed, differentiated
from tests.static.programs.notes import Note, described

A = np.array([[4.0, 1, 0.5], [1, 3, 0.2], [0.5, 0.2, 2]], np.float32)
B = np.array([[0.0, 2, 1], [1, 0.5, 3], [2, 1, -1]], np.float32)
TALL = np.array([[1.0, 2], [3, 4], [5, 7]], np.float32)
STACK = np.stack([A, B])
X = np.array([[0.5, 2.0, 0.0], [3.0, 1.0, 0.25]], np.float32)
Z = np.array([1 + 2j, -3j, 0.5, 2], np.complex64)


def matrices(tf: Any, note: Note) -> None:
    p, q = tf.placeholder(tf.float32, [None, None]), tf.placeholder(tf.float32, [None, 3, 3])
    note("made", described(
        tf.matrix_diag_part(p), tf.matrix_inverse(q), tf.matrix_determinant(q), tf.cholesky(p), tf.eye(tf.shape(p)[0]), tf.svd(q)[0], tf.matrix_band_part(p, 1, 1), tf.trace(q), tf.norm(p, axis=1),
        tf.eye(2, 3, [2]), tf.matrix_transpose(p), tf.linalg.logdet(q),
    ))  # fmt: skip
    computed(tf, note, {
        "diag": lambda: tf.diag([[1, 2], [3, 4]]), "diag_part": lambda: tf.diag_part(A), "matrix_diag": lambda: tf.matrix_diag([[1.0, 2], [3, 4]]), "of tall": lambda: tf.matrix_diag_part(TALL),
        "set": lambda: tf.matrix_set_diag(TALL, [9.0, 8]), "set wide": lambda: tf.matrix_set_diag(TALL.T, [9.0, 8]), "band": lambda: tf.matrix_band_part(A, 1, 0), "lower": lambda: tf.linalg.band_part(A, -1, 0),
        "transpose": lambda: tf.linalg.transpose(STACK), "angle": lambda: tf.atan2(y=[1.0, -2.0], x=[-3.0, 0.5]),
        "eye": lambda: tf.eye(2, 3, [2]), "trace": lambda: tf.trace(STACK), "adjoint": lambda: tf.linalg.adjoint(tf.constant([[1 + 2j, 3j]])), "cross": lambda: tf.cross([[1.0, 2, 3]], [[4.0, 5, 7]]),
        "cholesky": lambda: tf.cholesky(A), "cholesky_solve": lambda: tf.cholesky_solve(tf.cholesky(A), TALL), "determinant": lambda: tf.matrix_determinant(STACK), "slogdet": lambda: tf.linalg.slogdet(STACK), "logdet": lambda: tf.linalg.logdet(A),
        "inverse": lambda: tf.matrix_inverse(STACK), "of the adjoint": lambda: tf.matrix_inverse(B, adjoint=True), "solve": lambda: tf.matrix_solve(B, TALL), "solve adjoint": lambda: tf.matrix_solve(B, TALL, adjoint=True),
        "triangular": lambda: tf.matrix_triangular_solve(A, TALL), "upper": lambda: tf.matrix_triangular_solve(A, TALL, lower=False, adjoint=True), "least squares": lambda: tf.matrix_solve_ls(TALL, TALL[:, :1] + 1, 0.1),
        "slow": lambda: tf.matrix_solve_ls(TALL, TALL[:, :1] + 1, fast=False), "under": lambda: tf.matrix_solve_ls(TALL.T, TALL[:2, :1] + 1), "eigenvalues": lambda: tf.self_adjoint_eigvals(A), "eigenvectors": lambda: [tf.abs(v) for v in tf.self_adjoint_eig(A)],
        "singular values": lambda: tf.svd(TALL, compute_uv=False), "singular vectors": lambda: [tf.abs(v) for v in tf.svd(TALL)], "qr": lambda: [tf.abs(v) for v in tf.qr(TALL)], "lu": lambda: tf.linalg.lu(B),
        "exponential": lambda: tf.linalg.expm(STACK), "pinv": lambda: tf.linalg.pinv(TALL), "matvec": lambda: tf.linalg.matvec(A, [1.0, 2, 3]), "rank": lambda: tf.linalg.matrix_rank(STACK),
        "norm": lambda: tf.norm(TALL), "norm 1": lambda: tf.norm(TALL, 1, axis=1), "norm 3": lambda: tf.norm(TALL, 3, axis=0, keepdims=True), "norm inf": lambda: tf.norm(TALL, np.inf), "matrix 1": lambda: tf.norm(TALL, 1, axis=[0, 1]),
        "matrix inf": lambda: tf.norm(TALL, np.inf, axis=[0, 1]), "matrix 2": lambda: tf.norm(STACK, 2, axis=(0, 2)), "fro": lambda: tf.norm(TALL, "fro", axis=[-2, -1]), "fro of vectors": lambda: tf.norm(TALL, "fro"), "axis twice": lambda: tf.norm(TALL, axis=(1, 1)),
        "normalize": lambda: tf.linalg.normalize(TALL, axis=1), "singular": lambda: tf.matrix_inverse(tf.zeros([2, 2])), "not square": lambda: tf.cholesky(TALL), "rows": lambda: tf.matrix_solve(B, TALL[:2]),
    })  # fmt: skip
    differentiated(tf, note, {
        "cholesky": tf.cholesky, "determinant": tf.matrix_determinant, "slogdet": lambda x: tf.linalg.slogdet(x)[1], "inverse": tf.matrix_inverse, "exponential": tf.linalg.expm, "eigenvalues": lambda x: tf.self_adjoint_eig(x)[0],
        "singular values": lambda x: tf.svd(x)[0], "matrix_diag": tf.matrix_diag, "trace": tf.trace, "band": lambda x: tf.matrix_band_part(x, 1, 0), "norm": lambda x: tf.norm(x, 2, axis=(0, 1)), "diag_part": tf.matrix_diag_part,
        "solve": lambda x: tf.matrix_solve(x, TALL), "set_diag": lambda x: tf.matrix_set_diag(x, tf.reduce_sum(x, 1)), "cross": lambda x: tf.cross(x, x * x + 1),
    }, A)  # fmt: skip


def functions(tf: Any, note: Note) -> None:
    computed(tf, note, {
        "xlogy": lambda: tf.math.xlogy(X, [0.0, 1, 2]), "xlogy of 0": lambda: tf.math.xlogy([0.0], [0.0]), "xdivy": lambda: tf.math.xdivy(X, [0.0, 1, 2]), "multiply_no_nan": lambda: tf.math.multiply_no_nan([np.nan, np.inf, 2.0], [0.0, 0, 3]),
        "zeta": lambda: tf.zeta([2.0, 3, 1.5, 1], [1.0, 0.5, 3, 1]), "polygamma": lambda: tf.polygamma([0.0, 1, 2, 3], [0.5, 1.5, 3, 8]), "lbeta": lambda: tf.lbeta([[1.0, 2], [0.5, 3]]), "nextafter": lambda: tf.math.nextafter([1.0, -1, 0], [2.0, -2, -1]),
        "reciprocal_no_nan": lambda: tf.math.reciprocal_no_nan(X), "polyval": lambda: tf.math.polyval([1.0, 2, 3], X), "scalar_mul": lambda: tf.scalar_mul(2.0, X), "vector_mul": lambda: tf.scalar_mul([2.0], X), "angle": lambda: tf.angle(Z),
        "fft": lambda: tf.fft(Z), "ifft": lambda: tf.signal.ifft(Z), "fft2d": lambda: tf.fft2d(tf.reshape(Z, [2, 2])), "rfft": lambda: tf.signal.rfft(X), "rfft of 4": lambda: tf.signal.rfft(X, [4]), "irfft": lambda: tf.spectral.irfft(tf.cast(X, tf.complex64)),
        "rfft2d": lambda: tf.signal.rfft2d(X), "irfft2d": lambda: tf.signal.irfft2d(tf.signal.rfft2d(X), [2, 3]), "fftshift": lambda: tf.signal.fftshift(tf.range(5)), "ifftshift": lambda: tf.signal.ifftshift(X),
        "euclidean": lambda: tf.math.reduce_euclidean_norm(X, 1), "variance": lambda: tf.math.reduce_variance(X, 1), "std": lambda: tf.math.reduce_std(X, keepdims=True), "count": lambda: tf.count_nonzero(X), "count rows": lambda: tf.math.count_nonzero(X, 1, keep_dims=True, dtype=tf.int32),
        "zeros": lambda: tf.nn.zero_fraction(X), "and": lambda: tf.bitwise.bitwise_and([5, 6], [3]), "or": lambda: tf.bitwise.bitwise_or([5, 6], [3]), "xor": lambda: tf.bitwise.bitwise_xor([5, 6], [3]), "invert": lambda: tf.bitwise.invert([5, 6]),
        "left": lambda: tf.bitwise.left_shift([5, -6], [3]), "right": lambda: tf.bitwise.right_shift([5, -6], [1]), "bitcast": lambda: tf.bitcast([1.0, 2.0], tf.int32), "l2_normalize": lambda: tf.nn.l2_normalize([3.0, 4]), "by norm": lambda: tf.clip_by_norm([3.0, 4], 1.0),
        "norm of 0": lambda: tf.clip_by_norm([0.0, 0], 1.0), "by average norm": lambda: tf.clip_by_average_norm([3.0, 4], 1.0), "hessian": lambda: (lambda x: tf.hessians(tf.reduce_sum(x) ** 3 * x[0], x))(tf.constant([1.0, 2.0])),
    })  # fmt: skip
    (clipped, nothing), norm = tf.clip_by_global_norm([tf.constant([3.0, 4.0]), None], 1.0)
    note("global norm", [described(clipped, norm), nothing, *tf.Session().run([clipped, norm])])
    note("global norm of no list", lambda: tf.clip_by_global_norm(tf.zeros([2]), 1.0))
    differentiated(tf, note, {
        "xlogy": lambda x: tf.math.xlogy(x, x + 1), "zeta": lambda x: tf.zeta(x * 0 + 2.0, x + 1), "polygamma": lambda x: tf.polygamma(x * 0 + 1.0, x + 1), "lbeta": lambda x: tf.lbeta(x + 1), "euclidean": lambda x: tf.math.reduce_euclidean_norm(x, 1),
        "std": lambda x: tf.math.reduce_std(x, 1), "rfft": lambda x: tf.abs(tf.signal.rfft(x)), "multiply_no_nan": lambda x: tf.math.multiply_no_nan(x, x), "angle": lambda x: tf.angle(tf.complex(x + 1, x)), "fft": lambda x: tf.real(tf.fft(tf.complex(x, x * 2))),
        "irfft": lambda x: tf.signal.irfft(tf.complex(x, x * x)), "by norm": lambda x: tf.clip_by_norm(x, 1.0), "l2_normalize": lambda x: tf.nn.l2_normalize(x, 1),
    }, X)  # fmt: skip


def sparse(tf: Any, note: Note) -> None:
    session = tf.Session()
    x, y = (
        tf.SparseTensor([[0, 1], [1, 0], [1, 2]], [1.0, 2, 3], [2, 3]),
        tf.SparseTensor([[0, 1], [1, 1]], [10.0, 20], [2, 3]),
    )
    p, w = tf.sparse_placeholder(tf.float32, name="p"), tf.constant([[1.0, 2], [3, 4], [5, 6]])
    fed = tf.SparseTensorValue(np.array([[0, 1], [1, 2]]), np.array([5.0, 6], np.float32), np.array([2, 3]))
    note("made", [*described(p.indices, p.values, p.dense_shape, x.values), str(x.shape), str(p.shape)])
    for label, made in {
        "itself": p, "in a nest": [p, {"w": w}], "dense": tf.sparse_tensor_to_dense(p), "product": tf.sparse_tensor_dense_matmul(p, w), "some": tf.sparse_retain(p, p.values > 5.5),
    }.items():  # fmt: skip
        note(label, lambda made=made: session.run(made, {p: fed}))
        note(f"{label}, of a tuple", lambda made=made: session.run(made, {p: ([[0, 1], [1, 2]], [5.0, 6], [2, 3])}))
    for label, make in {
        "adjoint": lambda: tf.sparse_tensor_dense_matmul(x, [[1.0], [2.0]], adjoint_a=True), "inner sizes": lambda: tf.sparse_tensor_dense_matmul(x, [[1.0]]), "gradient": lambda: tf.gradients(tf.sparse_tensor_dense_matmul(x, w) ** 2, [w, x.values]),
        "sum": lambda: tf.sparse_reduce_sum(x, 1), "sum kept": lambda: tf.sparse_reduce_sum(x, 0, keep_dims=True), "max": lambda: tf.sparse_reduce_max(x, 1), "to dense": lambda: tf.sparse_to_dense([1, 3], [5], [7, 8], -1), "with 9": lambda: tf.sparse.to_dense(x, 9.0),
        "transpose": lambda: tf.sparse.transpose(x), "order": lambda: tf.sparse_reorder(tf.SparseTensor([[1, 0], [0, 1]], [1, 2], [2, 2])), "reshape": lambda: tf.sparse_reshape(x, [3, -1]), "concat": lambda: tf.sparse_concat(1, [x, y]), "slice": lambda: tf.sparse_slice(x, [0, 1], [2, 2]),
        "add": lambda: tf.sparse_add(x, y), "add dense": lambda: tf.sparse_add(x, tf.ones([2, 3])), "softmax": lambda: tf.sparse_softmax(x), "from dense": lambda: tf.sparse.from_dense([[0, 1], [2, 0]]), "new axis": lambda: tf.sparse.expand_dims(x, 0), "eye": lambda: tf.sparse.eye(2),
        "indicator": lambda: tf.sparse_to_indicator(tf.SparseTensor([[0, 0], [1, 0]], [2, 0], [2, 1]), 3), "times": lambda: x * 2.0, "of a dense one": lambda: tf.sparse_tensor_to_dense(w),
        "in a condition": lambda: tf.cond(tf.placeholder_with_default(True, []), lambda: tf.SparseTensor(x.indices, x.values * 2, x.dense_shape), lambda: x),
    }.items():  # fmt: skip
        note(label, lambda make=make: session.run(make()))
    shaped = tf.sparse_placeholder(tf.float32, shape=tf.constant([2, 3], tf.int64))
    note(
        "of a shape that is a tensor",
        [str(shaped.shape), session.run(tf.sparse_tensor_to_dense(shaped), {shaped: fed})],
    )
    rows = tf.IndexedSlices(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([2, 0]), tf.constant([3, 2]))
    note("rows", [session.run(rows), session.run(tf.convert_to_tensor(rows))])


def checks(tf: Any, note: Note) -> None:
    session = tf.Session()
    x, u = (
        tf.placeholder_with_default(tf.constant([1.0, 2, 3]), [None], name="x"),
        tf.placeholder_with_default(tf.constant([1.0, 2, 3]), None),
    )
    for label, make in {
        "equal": lambda: tf.assert_equal(x, [1.0, 2, 3]), "unequal": lambda: tf.assert_equal(x, [1.0, 2, 4], message="hello"), "known": lambda: tf.assert_equal([1], [2]), "itself": lambda: tf.assert_equal(x, x), "less": lambda: tf.assert_less(x, 3.0),
        "less or equal": lambda: tf.assert_less_equal(x, 3.0), "greater": lambda: tf.assert_greater(x, 0.0, data=["x", x]), "greater or equal": lambda: tf.assert_greater_equal(x, 2.0), "none equal": lambda: tf.assert_none_equal(x, 2.0), "positive": lambda: tf.assert_positive(x),
        "not positive": lambda: tf.assert_positive(x - 1), "negative": lambda: tf.assert_negative(x), "non negative": lambda: tf.assert_non_negative(x - 1), "non positive": lambda: tf.assert_non_positive(x - 3), "near": lambda: tf.assert_near(x, x + 1e-9), "far": lambda: tf.assert_near(x, x + 1),
        "rank": lambda: tf.assert_rank(x, 1), "another rank": lambda: tf.assert_rank(x, 2), "rank in a run": lambda: tf.assert_rank(u, 1), "another in a run": lambda: tf.assert_rank(u, 2), "at least": lambda: tf.assert_rank_at_least(x, 2), "at least in a run": lambda: tf.assert_rank_at_least(u, 2),
        "rank in": lambda: tf.assert_rank_in(x, [1, 2]), "rank not in": lambda: tf.assert_rank_in(u, [3, 2]), "scalar": lambda: tf.assert_scalar(3), "no scalar": lambda: tf.assert_scalar(x), "integer": lambda: tf.assert_integer(3), "no integer": lambda: tf.assert_integer(x),
        "type": lambda: tf.assert_type(x, tf.float32), "another type": lambda: tf.assert_type(x, tf.int32), "shape": lambda: tf.ensure_shape(x, [3]), "another shape": lambda: tf.ensure_shape(x, [4]), "numbers": lambda: tf.check_numerics(x, "bad"), "inf": lambda: tf.check_numerics(x / 0.0, "bad"),
        "finite": lambda: tf.verify_tensor_all_finite(x, "bad"), "increasing": lambda: tf.is_strictly_increasing(x), "falling": lambda: tf.is_non_decreasing([1, 1, 0]), "one": lambda: tf.is_strictly_increasing([1]),
    }.items():  # fmt: skip
        note(label, lambda make=make: session.run(make()))
    note("made", described(tf.ensure_shape(x, [3]), tf.ensure_shape(u, [None]), tf.check_numerics(x, "bad")))
    note("numeric", [tf.is_numeric_tensor(x), tf.is_numeric_tensor(3)])
    note("same", [repr(tf.debugging.assert_same_float_dtype([x, u]))])
    note("not the same", lambda: tf.debugging.assert_same_float_dtype([x, tf.constant(1.0, tf.float64)]))
    note("iterable", lambda: tf.assert_proper_iterable(x))


def own_gradients(tf: Any, note: Note) -> None:
    session, graph = tf.Session(), tf.get_default_graph()

    @tf.custom_gradient
    def log1pexp(x: Any) -> Any:
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    @tf.custom_gradient
    def both(a: Any, b: Any) -> Any:
        return (a * b, a + b), lambda product, total: (product * 2, total * b)

    x, a, b = tf.constant([100.0, 1, 0]), tf.constant(3.0), tf.constant(4.0)
    y, (product, total) = log1pexp(x), both(a, b)
    note("made", described(y, product, total))
    note("stable", session.run([y, tf.gradients(y, x)[0], tf.gradients(log1pexp(x * 2) * 3, x)[0]]))
    note("two", session.run([product, total, *tf.gradients([product, total], [a, b]), *tf.gradients(product, [a, b])]))
    chosen = tf.cond(a > 0, lambda: log1pexp(x), lambda: x)
    note("in a condition", session.run(tf.gradients(chosen, x)))
    twice = both(a, a)
    note("of one tensor", session.run([*twice, *tf.gradients(twice, a)]))
    same = tf.custom_gradient(lambda x: ((x, x), lambda first, second: first * 3 + second * 5))(a)
    note("one value twice", session.run([*same, *tf.gradients(same, a)]))
    note("second", session.run(tf.gradients(tf.gradients(log1pexp(tf.constant([1.0, 0.0]) + x[1:]), x)[0], x)))

    if "_OWN_GRADIENTS" not in globals():  # names are registered once a process
        globals()["_OWN_GRADIENTS"] = True
        tf.RegisterGradient("TestsGuided")(
            lambda op, g: tf.where(g > 0, tf.where(op.outputs[0] > 0, g, tf.zeros_like(g)), tf.zeros_like(g))
        )
        tf.RegisterGradient("TestsProduct")(lambda op, g: [g * op.inputs[1] * 10.0, None])
    z = tf.constant([1.0, -1, 2])
    with graph.gradient_override_map({"Relu": "TestsGuided", "Round": "Identity", "Mul": "TestsProduct"}):
        guided, rounded, multiplied = tf.nn.relu(z), tf.round(z), tf.multiply(z, z + 1)
    with graph.gradient_override_map({"Sign": "NoSuchGradient"}):
        sign = tf.sign(z)
    note(
        "overridden",
        session.run(
            [
                guided,
                *(tf.gradients(made * [1.0, 2, -3], z)[0] for made in (guided, rounded)),
                tf.gradients(multiplied, z)[0],
            ]
        ),
    )
    note("unknown", lambda: tf.gradients(sign, z))
    note("taken", lambda: tf.RegisterGradient("TestsGuided")(lambda op, g: g))
    note("no map", lambda: graph.gradient_override_map([1]).__enter__())
    v = tf.Variable([1.0, 2])
    session.run(v.initializer)
    session.run(tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(log1pexp(v))))
    note("trained", session.run(v))
    note("identity_n", session.run(tf.identity_n([x, a])))


def strings(tf: Any, note: Note) -> None:
    w = tf.constant(["Hello World ", "  a,b;;c"])
    session = tf.Session()
    for label, make in {
        "strip": lambda: tf.strings.strip(w), "lower": lambda: tf.strings.lower(w), "upper": lambda: tf.strings.upper(w), "length": lambda: tf.strings.length(w), "join": lambda: tf.string_join([w, ["x", "y"]], "-"), "join a scalar": lambda: tf.strings.join(["a", w]),
        "numbers": lambda: tf.as_string([1.5, 2.25]), "precision": lambda: tf.as_string([1.5], precision=2), "width": lambda: tf.as_string([1, 22], width=4, fill="0"), "bools": lambda: tf.as_string([True]), "shortest": lambda: tf.as_string([1e-5, 12345.678], shortest=True),
        "scientific": lambda: tf.as_string([1.5], scientific=True), "read": lambda: tf.string_to_number(["1.5", "2"]) + 1.0, "read integers": lambda: tf.strings.to_number(["15"], tf.int32), "unreadable": lambda: tf.string_to_number(["x"]), "part": lambda: tf.substr(w, 1, 3),
        "from the end": lambda: tf.strings.substr("abc", -2, 5), "outside": lambda: tf.substr("abc", 4, 1), "replaced": lambda: tf.regex_replace(w, "[a-c]", "<\\0>"), "once": lambda: tf.strings.regex_replace(w, "l+", "L", replace_global=False), "match": lambda: tf.strings.regex_full_match(w, "Hel.*"),
        "split": lambda: tf.string_split(w), "at characters": lambda: tf.string_split(w, ",;"), "with empty": lambda: tf.string_split(["a,b,,c"], ",", skip_empty=False), "words": lambda: tf.strings.split(w), "along": lambda: tf.reduce_join([["a", "b"], ["c", "d"]], 0),
        "along kept": lambda: tf.reduce_join([["a", "b"], ["c", "d"]], 1, separator="+", keep_dims=True), "base 64": lambda: tf.encode_base64(w), "and back": lambda: tf.decode_base64(tf.encode_base64(w)),
    }.items():  # fmt: skip
        note(label, lambda make=make: session.run(make()))
    note(
        "compat",
        [
            tf.compat.as_str(b"x"),
            tf.compat.as_text("x"),
            tf.compat.as_bytes("x"),
            tf.compat.as_str_any(3),
            tf.compat.dimension_value(tf.TensorShape([3])[0]),
        ],
    )


PROGRAMS = [matrices, functions, sparse, checks, own_gradients, strings]

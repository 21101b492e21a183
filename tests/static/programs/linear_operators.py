"""Programs with linear operators."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

A = np.array([[[2.0, 0.5], [0.3, 1.5]], [[1.0, -0.5], [0.25, 3.0]]])
X = np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 2.0]])


def operators(tf: Any, note: Note) -> None:
    linalg = tf.linalg
    made = {
        "identity": linalg.LinearOperatorIdentity(2, dtype=tf.float64),
        "identities": linalg.LinearOperatorIdentity(2, batch_shape=[2], dtype=tf.float64),
        "scaled": linalg.LinearOperatorScaledIdentity(2, tf.constant([2.0, -0.5], tf.float64)),
        "diag": linalg.LinearOperatorDiag(A[:, 0]),
        "lower": linalg.LinearOperatorLowerTriangular(A),
        "full": linalg.LinearOperatorFullMatrix(A),
    }
    with tf.Session() as session:
        for name, each in made.items():
            note(f"{name} is", [str(each.shape), str(each.batch_shape), each.is_square, each.is_self_adjoint])
            found = {
                "products": [each.matmul(X), each.matmul(X, adjoint=True), each.matmul(X.T, adjoint_arg=True)],
                "vectors": [each.matvec(X[:, 0]), each.solvevec(X[:, 1]), each.matvec(X[:, 0], adjoint=True)],
                "solved": [each.solve(X), each.solve(X, adjoint=True), each.solve(X.T, adjoint_arg=True)],
                "determinant": [each.determinant(), each.log_abs_determinant()],
                "dense": [each.to_dense(), each.diag_part(), each.trace(), each.add_to_tensor(np.ones((2, 2, 2)))],
                "sizes": [each.shape_tensor(), each.domain_dimension_tensor(), each.batch_shape_tensor()],
            }
            for what, tensors in found.items():
                note(f"{name} {what}", session.run(tensors))
    note("rectangular", str(linalg.LinearOperatorFullMatrix(X).is_square))
    note("hint", lambda: linalg.LinearOperatorFullMatrix(X, is_square=False, is_non_singular=True))
    note("unsolvable", lambda: linalg.LinearOperatorFullMatrix(A, is_non_singular=False).solve(X))
    note("diagonal", lambda: linalg.LinearOperatorDiag(A[0, 0], is_self_adjoint=False))


def updates(tf: Any, note: Note) -> None:
    """Operators to which a matrix of low rank is added: by Cholesky's way, and by the general one."""
    linalg = tf.linalg
    u, v = np.array([[1.0], [0.5]]), np.array([[0.25], [-1.0]])
    diag = linalg.LinearOperatorDiag(np.array([2.0, 3.0]), is_positive_definite=True)
    made = {
        "definite": linalg.LinearOperatorLowRankUpdate(diag, u),
        "scaled": linalg.LinearOperatorLowRankUpdate(diag, u, np.array([0.5]), is_diag_update_positive=True),
        "signed": linalg.LinearOperatorLowRankUpdate(diag, u, np.array([-0.5])),
        "two": linalg.LinearOperatorLowRankUpdate(linalg.LinearOperatorFullMatrix(A), u, np.array([-0.5]), v),
        "many": linalg.LinearOperatorLowRankUpdate(linalg.LinearOperatorIdentity(2, dtype=tf.float64), A, A[0]),
    }
    with tf.Session() as session:
        for name, each in made.items():
            note(f"{name} is", [str(each.shape), each.is_square, each.is_self_adjoint, each.is_positive_definite])
            note(f"{name} products", session.run([each.matmul(X), each.matmul(X, adjoint=True), each.to_dense()]))
            note(f"{name} solved", session.run([each.solve(X), each.solve(X, adjoint=True)]))
            note(f"{name} determinant", session.run([each.determinant(), each.log_abs_determinant()]))
            note(f"{name} sizes", session.run([each.shape_tensor(), each.diag_part()]))
    note("sign", lambda: linalg.LinearOperatorLowRankUpdate(diag, u, is_diag_update_positive=False))
    note("hint", lambda: linalg.LinearOperatorLowRankUpdate(diag, u, np.array([-0.5]), is_self_adjoint=False))
    note("definite", lambda: linalg.LinearOperatorLowRankUpdate(diag, u, is_positive_definite=False))
    note("size", lambda: linalg.LinearOperatorLowRankUpdate(diag, np.ones([3, 1])))


def relatives(tf: Any, note: Note) -> None:
    """Adjoints, inverses and roots of operators."""
    linalg = tf.linalg
    definite = np.array([[2.0, 0.5], [0.5, 1.0]])
    made = {
        "identity": linalg.LinearOperatorIdentity(2, dtype=tf.float64),
        "scaled": linalg.LinearOperatorScaledIdentity(2, np.array([2.0, 0.5]), is_positive_definite=True),
        "diag": linalg.LinearOperatorDiag(definite[0], is_positive_definite=True),
        "lower": linalg.LinearOperatorLowerTriangular(A),
        "full": linalg.LinearOperatorFullMatrix(A),
        "definite": linalg.LinearOperatorFullMatrix(definite, is_self_adjoint=True, is_positive_definite=True),
        "complex": linalg.LinearOperatorDiag(np.array([1.0 + 2.0j, 0.5 - 1.0j])),
    }
    with tf.Session() as session:
        for name, each in made.items():
            if name != "complex":
                inverse = each.inverse()
                note(f"{name} inverse", session.run([inverse.to_dense(), inverse.matmul(X), inverse.solve(X)]))
                note(f"{name} inverse is", [type(inverse).__name__, str(inverse.shape)])
                note(f"{name} volume", session.run([inverse.determinant(), inverse.log_abs_determinant()]))
            adjoint = each.adjoint()
            note(f"{name} adjoint is", [type(adjoint).__name__, str(each.H.shape)])
            note(f"{name} adjoint", session.run([adjoint.to_dense(), adjoint.determinant(), adjoint.trace()]))
            note(f"{name} root", lambda each=each: session.run(each.cholesky().to_dense()))
        flat = linalg.LinearOperatorFullMatrix(X).adjoint()
        note("flat", [str(flat.shape), session.run(flat.matmul(X))])
        for what in made:
            note(f"{what} self-adjoint", lambda what=what: session.run(made[what].assert_self_adjoint()))
            note(f"{what} definite", lambda what=what: session.run(made[what].assert_positive_definite()))
            note(f"{what} non-singular", lambda what=what: session.run(made[what].assert_non_singular()))
        singular = linalg.LinearOperatorFullMatrix([[1.0, 2.0], [2.0, 4.0]])
        note("singular", lambda: session.run(singular.assert_non_singular()))
    note("no inverse", lambda: linalg.LinearOperatorFullMatrix(X).inverse())
    note("no inverse either", lambda: linalg.LinearOperatorFullMatrix(A, is_non_singular=False).inverse())
    note("contradiction", lambda: linalg.LinearOperatorAdjoint(made["definite"], is_self_adjoint=False))
    note("other contradiction", lambda: linalg.LinearOperatorInversion(made["definite"], is_non_singular=False))
    note("square", lambda: linalg.LinearOperatorFullMatrix(A, is_square=False).is_square)
    note("identity", lambda: linalg.LinearOperatorIdentity(2, is_square=False))
    note("scaled", lambda: linalg.LinearOperatorScaledIdentity(2, 1.0, is_self_adjoint=False))


def fed(tf: Any, note: Note) -> None:
    """Operators whose sizes only a run tells."""
    linalg = tf.linalg
    x = tf.placeholder(tf.float64, [None, None])
    rows = tf.shape(x)[0]
    made = {
        "identity": linalg.LinearOperatorIdentity(rows, dtype=tf.float64),
        "scaled": linalg.LinearOperatorScaledIdentity(rows, np.float64(0.5)),
        "full": linalg.LinearOperatorFullMatrix(tf.matmul(x, x, transpose_b=True)),
        "updated": linalg.LinearOperatorLowRankUpdate(linalg.LinearOperatorIdentity(rows, dtype=tf.float64), x),
    }
    with tf.Session() as session:
        for name, each in made.items():
            note(f"{name} is", [str(each.shape), each.is_square])
            found = [
                each.to_dense(),
                each.determinant(),
                each.log_abs_determinant(),
                each.solve(x),
                each.shape_tensor(),
            ]
            note(name, session.run(found, {x: X}))
            note(f"{name} again", session.run(each.log_abs_determinant(), {x: np.diag([1.0, 2.0, 3.0])}))


PROGRAMS = [operators, updates, relatives, fed]

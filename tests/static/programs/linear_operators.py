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


PROGRAMS = [operators]

"""tf.linalg.LinearOperator and its kin: matrices that are known by what makes them."""

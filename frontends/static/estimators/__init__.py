"""tf.estimator: models that are made of a function, trained, evaluated and asked in graphs of their own."""

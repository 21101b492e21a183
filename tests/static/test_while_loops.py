"""tf.while_loop, beyond what is compared with TensorFlow's notes."""

import diptych.static as tf


def test_a_limit_on_the_rounds_may_be_fed():
    x, limit = tf.placeholder(tf.float32, []), tf.placeholder(tf.int32, [])
    last = tf.while_loop(lambda y: y < 100.0, lambda y: y * 2.0, [x], maximum_iterations=limit)
    slope = tf.gradients(last, x)[0]
    with tf.Session() as session:
        found = [session.run([last, slope], {x: 1.0, limit: rounds}) for rounds in (0, 3, 50)]
    assert found == [[1, 1], [8, 8], [128, 128]]

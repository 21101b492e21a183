import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 8], name="x")
labels = tf.placeholder(tf.int64, [None], name="labels")
hidden = tf.layers.dense(x, 16, activation=tf.nn.relu, name="hidden")
logits = tf.layers.dense(hidden, 4, name="head")
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    feed = {x: np.ones((32, 8)), labels: np.zeros(32)}
    for _ in range(3):
        session.run(train, feed)

"""tf.keras, as far as graphs of TensorFlow 1 mix it in: layers and models called on tensors, trained in sessions."""

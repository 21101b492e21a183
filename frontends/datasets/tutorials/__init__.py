"""The loaders that TensorFlow's tutorials and keras offer: `input_data.read_data_sets`, `keras.mnist.load_data`, ..."""

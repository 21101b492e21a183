"""`tf.keras.datasets`: one module a data set, each with `load_data`."""

from . import boston_housing, cifar10, cifar100, fashion_mnist, imdb, mnist, reuters

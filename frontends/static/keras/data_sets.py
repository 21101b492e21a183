"""tf.keras.datasets: well-known data sets as arrays."""

from __future__ import annotations

from diptych.datasets.tutorials.keras import boston_housing, cifar10, cifar100, fashion_mnist, imdb, mnist, reuters

from ..exports import export

for _module in (boston_housing, cifar10, cifar100, fashion_mnist, imdb, mnist, reuters):
    _name = _module.__name__.rpartition(".")[2]
    export(f"keras.datasets.{_name}.load_data")(_module.load_data)
for _name, _texts in {"imdb": imdb, "reuters": reuters}.items():
    export(f"keras.datasets.{_name}.get_word_index")(_texts.get_word_index)
export("keras.datasets.reuters.get_label_names")(reuters.get_label_names)

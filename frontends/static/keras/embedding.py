"""tf.keras.layers.Embedding."""

from __future__ import annotations

from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.dtypes import int32
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.embedding import embedding_lookup
from .layer import Layer


@export("keras.layers.Embedding")
class Embedding(Layer):
    """The rows of a table [input_dim, output_dim] that integers name. Raises Unsupported for `mask_zero`."""

    def __init__(
        self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None, activity_regularizer: Any = None, embeddings_constraint: Any = None,
        mask_zero: bool = False, input_length: int | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, dtype=options.pop("dtype", "float32"), **options)
        if mask_zero:
            raise Unsupported(
                "tf.keras.layers.Embedding: mask_zero is True but must be False", location=user_location(),
                hint="tf.sequence_mask",
            )  # fmt: skip
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = embeddings_regularizer
        self.embeddings_constraint = embeddings_constraint
        self.input_length = input_length
        self._given.setdefault("input_shape", (input_length,))

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight(
            "embeddings", shape=[self.input_dim, self.output_dim], initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint,
        )  # fmt: skip
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        ids = inputs if inputs.dtype.base_dtype.name in ("int32", "int64") else cast(inputs, int32)
        return embedding_lookup(self.embeddings, ids)

"""tf.contrib.layers: words and classes as vectors."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int64
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.embedding import embedding_lookup
from ..operations.ranges import one_hot
from ..variables.scopes import variable_scope
from .arg_scope import add_arg_scope
from .variables import collect, model_variable


@export("contrib.layers.one_hot_encoding", "contrib.slim.one_hot_encoding")
@add_arg_scope
def one_hot_encoding(
    labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0, outputs_collections: Any = None,
    scope: Any = None,
) -> Tensor:  # fmt: skip
    """`on_value` at the place that a label names, `off_value` elsewhere: [...] to [..., num_classes]."""
    with name_scope(scope, "OneHotEncoding", [labels, num_classes]):
        labels = convert_to_tensor(labels)
        if not labels.dtype.is_integer or labels.dtype.base_dtype.size < 8:
            labels = cast(labels, int64)
        outputs = one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        collect(outputs, outputs_collections)
        return outputs


@export("contrib.layers.embed_sequence", "contrib.slim.embed_sequence")
def embed_sequence(
    ids: Any, vocab_size: int | None = None, embed_dim: int | None = None, unique: bool = False,
    initializer: Any = None, regularizer: Any = None, trainable: bool = True, scope: Any = None, reuse: Any = None,
) -> Tensor:  # fmt: skip
    """The rows of a table of variables, vocab_size by embed_dim, that integers name. Raises ValueError where the
    table's sizes are not given."""
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            f"Must specify vocab size and embedding dimension when not reusing. Got vocab_size={vocab_size} and "
            f"embed_dim={embed_dim}"
        )
    with variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = [vocab_size, embed_dim]
        table = model_variable(
            "embeddings", shape=None if reuse and vocab_size is None else shape, initializer=initializer,
            regularizer=regularizer, trainable=trainable,
        )  # fmt: skip
        return embedding_lookup(table, ids)

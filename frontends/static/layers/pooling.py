"""tf.layers: largest elements and means of windows."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations import pooling
from ..operations.arrays import expand_dims, squeeze
from ..operations.convolution import FORMATS
from .convolutional import padding_name, sizes_of
from .core import normalized_format
from .layer import InputSpec, Layer

_FUNCTIONS = {
    ("Max", 2): pooling.max_pool, ("Average", 2): pooling.avg_pool,
    ("Max", 3): pooling.max_pool3d, ("Average", 3): pooling.avg_pool3d,
}  # fmt: skip


class Pooling(Layer):
    """Windows over `rank` axes."""

    kind: str
    rank: int

    def __init__(
        self, pool_size: Any, strides: Any, padding: str = "valid", data_format: str | None = "channels_last",
        name: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes_of(pool_size, self.rank, "pool_size")
        self.strides = sizes_of(pool_size if strides is None else strides, self.rank, "strides")
        self.padding = padding_name(padding)
        self.data_format = normalized_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Tensor:
        first = self.data_format == "channels_first"
        size, stride, rank = list(self.pool_size), list(self.strides), self.rank
        place = 3 if first else 2
        if rank == 1:  # as images of one column
            inputs = expand_dims(inputs, place)
            size, stride, rank = [*size, 1], [*stride, 1], 2
        function = _FUNCTIONS[self.kind, rank]
        made = function(inputs, size, stride, self.padding.upper(), FORMATS[rank][first])
        return squeeze(made, [place]) if self.rank == 1 else made

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the result for an input of a shape."""
        known = as_shape(input_shape).as_list()
        first = self.data_format == "channels_first"
        for place, axis in enumerate(range(2, self.rank + 2) if first else range(1, self.rank + 1)):
            size = known[axis]
            if size is not None:
                room = size if self.padding == "same" else size - self.pool_size[place] + 1
                known[axis] = -(-room // self.strides[place])
        return TensorShape(known)


def _declare(kind: str, rank: int) -> None:
    title = f"{kind}Pooling{rank}D"
    what = "largest element" if kind == "Max" else "mean"
    over = ("sequences", "images", "volumes")[rank - 1]
    made: Any = type(title, (Pooling,), {"kind": kind, "rank": rank, "__doc__": f"The {what} of windows of {over}."})
    export(f"layers.{title}")(made)

    @export(f"layers.{kind.lower()}_pooling{rank}d")
    def function(
        inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str | None = "channels_last",
        name: str | None = None,
    ) -> Tensor:  # fmt: skip
        return made(pool_size, strides, padding, data_format, name).apply(inputs)

    function.__name__ = function.__qualname__ = f"{kind.lower()}_pooling{rank}d"
    function.__doc__ = f"The {what} of windows of {over}. `data_format` is channels_last or channels_first."


for _kind in ("Max", "Average"):
    for _rank in (1, 2, 3):
        _declare(_kind, _rank)

"""Connectionist temporal classification."""

from __future__ import annotations

CASES = """
F.ctc_loss(leaf(5, 2, 4), tensor([[1, 2], [3, 3]], "int64"), [5, 4], [2, 2])
F.ctc_loss(leaf(5, 2, 4).log_softmax(2), tensor([[1, 2], [3, 3]], "int64"), [5, 4], [2, 2], reduction="none")
F.ctc_loss(leaf(5, 2, 4), tensor([1, 2, 0], "int64"), tensor([5, 3], "int64"), tensor([2, 1], "int64"), blank=3, reduction="sum")
F.ctc_loss(leaf(5, 4), tensor([1, 2], "int64"), (5,), (2,))
F.ctc_loss(leaf(5, 4), tensor([1, 2], "int64"), tensor(5, "int64"), tensor(2, "int64"), reduction="none")
F.ctc_loss(leaf(3, 2, 4), tensor([[0, 0], [3, 3]], "int64"), [3, 3], [0, 1], reduction="none")
F.ctc_loss(leaf(2, 2, 4), tensor([[1, 1], [3, 2]], "int64"), [2, 2], [2, 2], reduction="none")
F.ctc_loss(leaf(2, 2, 4), tensor([[1, 1], [3, 2]], "int64"), [2, 2], [2, 2], reduction="none", zero_infinity=True)
F.ctc_loss(floats(2, 2, 4), tensor([[1, 1], [3, 2]], "int64"), [2, 3], [2, 2])
F.ctc_loss(floats(2, 2, 4), tensor([[1, 1], [3, 2]], "int64"), [2, 2], [2, 3])
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), [2, 2], [2, 1])
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), [2, 2], [2, -1])
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), [2], [1, 1])
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), [2, 2], [1])
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), [2, 2], [1, 1], blank=4)
F.ctc_loss(floats(2, 2, 4, dtype="float16"), tensor([1, 1], "int64"), [2, 2], [1, 1])
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), floats(2), tensor([1, 1], "int64"))
F.ctc_loss(floats(2, 2, 4), tensor([1, 1], "int64"), [2, 2], [1, 1], reduction="avg")
"""

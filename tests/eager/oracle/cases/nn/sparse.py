"""Tables of vectors as modules."""

from __future__ import annotations

CASES = """
repr(nn.Embedding(5, 3))
repr(nn.Embedding(5, 3, -1, 1.0, 1.0, True))
repr(nn.EmbeddingBag(5, 3))
repr(nn.EmbeddingBag(5, 3, 1.0, 1.0, True, "sum", padding_idx=-2))
list(nn.Embedding(5, 3).state_dict())
nn.Embedding(5, 3, padding_idx=-1).weight[4]
nn.Embedding.from_pretrained(floats(3, 2)).weight.requires_grad
nn.Embedding.from_pretrained(doubles(3, 2), freeze=False, padding_idx=1)(tensor([0, 1, 1], "int64"))
nn.EmbeddingBag.from_pretrained(doubles(3, 2), mode="sum")(tensor([[0, 1], [1, 1]], "int64"))
nn.EmbeddingBag.from_pretrained(doubles(3, 2), include_last_offset=True)(tensor([0, 1, 2], "int64"), tensor([0, 1, 3], "int64"))
nn.Embedding(5, 3, _weight=doubles(5, 3), _freeze=True).weight.requires_grad
nn.Embedding(5, 3)(tensor([5], "int64"))
"""


def what_is_refused(torch, nn, floats):
    found = []
    for make in (
        lambda: nn.Embedding(5, 3, padding_idx=5), lambda: nn.EmbeddingBag(5, 3, padding_idx=-6),
        lambda: nn.Embedding(5, 3, _weight=floats(5, 2)), lambda: nn.Embedding.from_pretrained(floats(5)),
    ):  # fmt: skip
        try:
            make()
        except AssertionError as error:
            found.append(str(error))
    return found


def first_weights_are_normal(torch, nn):
    weight = nn.Embedding(100, 100).weight
    return [abs(float(weight.mean())) < 0.05, abs(float(weight.std()) - 1) < 0.05]

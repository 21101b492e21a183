"""The memory behind tensors."""

from __future__ import annotations

CASES = """
floats(2, 3).untyped_storage().nbytes()
floats(2, 3).untyped_storage().size()
tensor([1.0, -2.0], "float32").untyped_storage().tolist()
tensor([1.0, -2.0], "float32").untyped_storage()[3]
len(floats(2, 3)[1].untyped_storage())
floats(2, 3).untyped_storage().is_cuda
str(floats(2, 3).untyped_storage().device)
repr(tensor([1, 2], "uint8").untyped_storage())
floats(2).untyped_storage()[20]
floats(2).untyped_storage()["a"]
floats(2, 3)[1].data_ptr() % 4
floats(0).data_ptr()
torch.is_storage(floats(2).untyped_storage())
torch.is_storage(floats(2))
isinstance(floats(2).untyped_storage(), torch.UntypedStorage)
"""


def seen_by_elements(torch):
    import warnings

    x = torch.tensor([[1.5, 2.0], [3.0, 4.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = x.t().storage()
    return (
        made.tolist(),
        list(made),
        len(made),
        made[-1],
        made.dtype,
        made.type(),
        made.element_size(),
        repr(made),
        isinstance(made, torch.TypedStorage),
    )


def where_it_lies(torch):
    x = torch.zeros(4, 3)
    whole, part = x.untyped_storage(), x[1:, 1]
    return (
        part.data_ptr() - x.data_ptr(), x.t().data_ptr() == x.data_ptr(), part.untyped_storage() == whole,
        whole.data_ptr() == x.data_ptr(), x.clone().data_ptr() == x.data_ptr(), x.clone().untyped_storage() == whole,
        x.detach().data_ptr() == x.data_ptr(), hash(part.untyped_storage()) == hash(whole),
    )  # fmt: skip


def written_through(torch):
    x = torch.zeros(2, 2, dtype=torch.uint8)
    y = x[1]
    x.untyped_storage()[3] = 7
    return x, y + 1

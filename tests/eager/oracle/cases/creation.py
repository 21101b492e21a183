"""Making tensors."""

from __future__ import annotations

import numpy as np

CASES = """
# -- of data ----
torch.tensor(1)
torch.tensor(1.5)
torch.tensor(True)
torch.tensor(1 + 2j)
torch.tensor([1, 2, 3])
torch.tensor([1.0, 2, 3])
torch.tensor([1, 2.5])
torch.tensor([True, False])
torch.tensor([True, 2])
torch.tensor([True, 2.5])
torch.tensor([1, 2j])
torch.tensor([1.5, 2j])
torch.tensor([[1, 2], [3, 4]])
torch.tensor(((1, 2), (3, 4)))
torch.tensor([(1, 2), [3, 4]])
torch.tensor([])
torch.tensor([[]])
torch.tensor([[], []])
torch.tensor([], dtype=torch.int64)
torch.tensor(range(4))
torch.tensor([range(2), range(2)])
torch.tensor(0.1)
torch.tensor(0.1, dtype=torch.float64)
torch.tensor([0.1, 0.2], dtype=torch.float64)
torch.tensor([0.1], dtype=torch.float16)
torch.tensor([0.1], dtype=torch.bfloat16)
torch.tensor([1.7, -1.7], dtype=torch.int64)
torch.tensor([1.7, 0.0], dtype=torch.bool)
torch.tensor([1, 0, -2], dtype=torch.bool)
torch.tensor([1, 2], dtype=torch.float32)
torch.tensor([1, 2], dtype=torch.complex64)
torch.tensor(2**40)
torch.tensor([2**62, 1])
torch.tensor([9007199254740993])
torch.tensor([1, 9007199254740993], dtype=torch.int64)
torch.tensor(2**63)
torch.tensor(-(2**63))
torch.tensor([2**63 - 1, 5])
torch.tensor(300, dtype=torch.uint8)
torch.tensor([-1], dtype=torch.uint8)
torch.tensor([-255], dtype=torch.uint8)
torch.tensor([-256], dtype=torch.uint8)
torch.tensor([-1.0], dtype=torch.uint8)
torch.tensor([-0.5], dtype=torch.uint8)
torch.tensor([127.5], dtype=torch.int8)
torch.full((2,), -1.0, dtype=torch.uint8)
torch.full((2,), 1e6, dtype=torch.float16)
torch.zeros(2, dtype=torch.uint8).fill_(-0.5)
torch.tensor([1e30], dtype=torch.int32)
torch.tensor([nan], dtype=torch.int32)
torch.tensor([1j], dtype=torch.float32)
torch.tensor([1j], dtype=torch.int32)
torch.tensor([2**63], dtype=torch.uint64)
torch.tensor(None, dtype=torch.float32)
torch.tensor([1.0, [2, 3]])
torch.tensor([torch.tensor([1.0, 2.0])])
torch.tensor([200], dtype=torch.int8)
torch.tensor([nan, inf, -inf])
torch.tensor([1e40])
torch.tensor([1e300], dtype=torch.float64)
torch.tensor([[1, 2], [3]])
torch.tensor([[1, 2], 3])
torch.tensor([1, [2, 3]])
torch.tensor([[[1]], [[2, 3]]])
torch.tensor("1")
torch.tensor(["a", "b"])
torch.tensor(None)
torch.tensor([None])
torch.tensor({1: 2})
torch.tensor([1, "a"])
torch.tensor(object)
torch.tensor()
torch.tensor(np.array([1.5, 2.5]))
torch.tensor(np.array([1, 2], dtype=np.int32))
torch.tensor(np.array([True, False]))
torch.tensor(np.array(1.5))
torch.tensor(np.float32(1.5))
torch.tensor(np.float64(1.5))
torch.tensor(np.int32(3))
torch.tensor(np.bool_(True))
torch.tensor([np.float32(0.1), np.float32(0.2)])
torch.tensor([np.float64(0.1), 0.2])
torch.tensor([np.int32(1), np.int32(2)])
torch.tensor([np.array([1.0, 2.0]), np.array([3.0, 4.0])])
torch.tensor(np.array(["a"]))
torch.tensor(np.array([1.5]), dtype=torch.float32)
torch.tensor(np.array([1, 2], dtype=np.uint16))
torch.tensor([torch.tensor(1), torch.tensor(2)])
torch.tensor([torch.tensor(1.5), 2])
torch.tensor([torch.tensor([1.5]), torch.tensor([2.5])])
torch.tensor([torch.tensor(0.1, dtype=torch.float64)])
torch.tensor(1.0, requires_grad=True)
torch.tensor([1.0, 2.0], requires_grad=True).is_leaf
torch.tensor(1, requires_grad=True)
torch.tensor([1], dtype=torch.int64, requires_grad=True)
torch.tensor([1, 2], dtype=torch.float64, device="cpu")
torch.tensor([1.0], dtype=float)
torch.tensor([1.0], dtype=int)
torch.tensor([1.0], dtype=bool)
torch.tensor([1.0], dtype="float32")
torch.as_tensor([1, 2])
torch.as_tensor([1, 2], dtype=torch.float32)
torch.as_tensor(np.array([1.5]))
torch.as_tensor(np.array([1.5]), dtype=torch.float32)
torch.as_tensor(floats(2))
torch.as_tensor(floats(2), dtype=torch.int64)
torch.from_numpy(np.array([1.5, 2.5]))
torch.from_numpy(np.array([[1, 2], [3, 4]], dtype=np.int16))
torch.from_numpy(np.array(1.5))
torch.from_numpy(np.arange(6).reshape(2, 3).T)
torch.from_numpy([1, 2])
torch.from_numpy(np.float32(1))
torch.from_numpy(np.array(["a"]))
torch.from_numpy(np.array([None]))
torch.from_numpy(np.array([1], dtype="datetime64[s]"))

# -- full of a number ----
torch.zeros(2, 3)
torch.zeros((2, 3))
torch.zeros([2, 3])
torch.zeros(torch.Size([2, 3]))
torch.zeros(())
torch.zeros(0)
torch.zeros(2, 0)
torch.zeros((2.0, 3))
torch.zeros(2.0, 3)
torch.ones([True, 2])
torch.empty((2, 3.0))
torch.zeros(size=(2,))
torch.zeros(2, dtype=torch.int64)
torch.zeros(2, dtype=torch.bool)
torch.zeros(2, requires_grad=True)
torch.zeros(2, dtype=torch.int64, requires_grad=True)
torch.zeros(-1)
torch.zeros(2, -3)
torch.zeros(1.5)
torch.zeros("a")
torch.zeros((2, 1.5))
torch.zeros(2, (3,))
torch.zeros()
torch.zeros(torch.tensor(2), 3)
torch.zeros(np.int64(2))
torch.zeros(True)
torch.ones(2, 3)
torch.ones((2, 3), dtype=torch.int32)
torch.ones(2, dtype=torch.complex64)
torch.ones(-1)
torch.empty(2, 3).shape
torch.empty(2, dtype=torch.int64).dtype
torch.empty((2, 3), requires_grad=True).requires_grad
torch.full((2, 3), 7)
torch.full((2,), 1.5)
torch.full((2,), True)
torch.full((2,), 1j)
torch.full((2,), 7, dtype=torch.float64)
torch.full((2,), 1.5, dtype=torch.int64)
torch.full((2,), 300, dtype=torch.uint8)
torch.full((2,), -1, dtype=torch.uint8)
torch.full((2,), 1e30, dtype=torch.int32)
torch.full((2,), 1e30, dtype=torch.int64)
torch.full((2,), nan, dtype=torch.int64)
torch.full((2,), 1j, dtype=torch.float32)
torch.full((2,), 1j, dtype=torch.int16)
torch.full((2,), 2**63, dtype=torch.uint64)
torch.full((2,), 1e300)
torch.full((2,), "x")
torch.full((), 3)
torch.full([2], nan)
torch.full(size=(2,), fill_value=3)
torch.full((2,), torch.tensor(1.5))
torch.full((2,), 2.0, requires_grad=True)
torch.full(2, 3)
torch.full((-1,), 3)
torch.zeros_like(floats(2, 3))
torch.zeros_like(ints(2))
torch.zeros_like(ints(2), dtype=torch.float32)
torch.zeros_like(leaf(2))
torch.zeros_like(leaf(2), requires_grad=True)
torch.ones_like(floats(2, 3))
torch.ones_like(bools(2))
torch.ones_like([1, 2])
torch.empty_like(floats(2, 3)).shape
torch.full_like(floats(2), 7)
torch.full_like(ints(2), 1.5)
torch.full_like(floats(2), 7, dtype=torch.int64)
torch.full_like(floats(2), 7, requires_grad=True)

# -- counting ----
torch.arange(5)
torch.arange(5.0)
torch.arange(2, 8)
torch.arange(2, 8, 3)
torch.arange(8, 2, -2)
torch.arange(0, 1, 0.25)
torch.arange(0.5, 3)
torch.arange(start=1, end=4)
torch.arange(end=3)
torch.arange(1, 2.5, 0.5)
torch.arange(0)
torch.arange(3, 3)
torch.arange(5, dtype=torch.float32)
torch.arange(5, dtype=torch.int32)
torch.arange(0, 1, 0.1)
torch.arange(0, 1, 0.1, dtype=torch.float64)
torch.arange(1, 2, 0.3, dtype=torch.float16)
torch.arange(0, 5, 1.5, dtype=torch.int64)
torch.arange(3, requires_grad=True)
torch.arange(3.0, requires_grad=True)
torch.arange(3, 1)
torch.arange(1, 3, -1)
torch.arange(1, 3, 0)
torch.arange(0, inf)
torch.arange(0, nan)
torch.arange(torch.tensor(3))
torch.arange(2**40, 2**40 + 3)
torch.arange(5).dtype
torch.linspace(0, 1, 5)
torch.linspace(0, 1, 1)
torch.linspace(tensor(0.5, "float32"), tensor(3.0, "float64"), 4)
torch.linspace(tensor(1, "int64"), 3, 5)
torch.linspace(0, 1, 0)
torch.linspace(3, -3, 4)
torch.linspace(0, 10, steps=3, dtype=torch.float64)
torch.linspace(0, 10, 4, dtype=torch.int64)
torch.linspace(-0.1, 0.7, 7, dtype=torch.float64)
torch.linspace(-0.1, 0.7, 7)
torch.linspace(start=1, end=2, steps=3, requires_grad=True)
torch.linspace(0, 1, -1)
torch.linspace(1j, 2, 3)
torch.linspace(0, 1, 3, dtype=torch.float16)
torch.eye(3)
torch.eye(2, 3)
torch.eye(3, 2)
torch.eye(0)
torch.eye(2, dtype=torch.int64)
torch.eye(2, dtype=torch.bool)
torch.eye(2, requires_grad=True)
torch.eye(-1)
torch.eye(2, -1)
torch.eye(n=2, m=2)

# -- the legacy constructor ----
torch.Tensor([1, 2])
torch.Tensor([[1.5], [2.5]])
torch.Tensor(2, 3).shape
torch.Tensor().shape
torch.Tensor(torch.Size([2])).shape
torch.Tensor([True, False])
torch.Tensor(np.array([1, 2], dtype=np.float32))
torch.Tensor(floats(2))
torch.Tensor(2).shape
torch.arange(0, 64, 0.5, dtype=torch.int64)
"""


def new_data_is_a_copy(torch):
    array = np.array([1.0, 2.0])
    copied, shared = torch.tensor(array), torch.from_numpy(array)
    array[0] = 7
    return copied, shared


def as_tensor_shares_an_array(torch):
    array = np.array([1.0, 2.0])
    shared, copied = torch.as_tensor(array), torch.as_tensor(array, dtype=torch.float32)
    array[0] = 7
    return shared, copied


def as_tensor_is_the_tensor_itself(torch, floats):
    x = floats(2)
    return torch.as_tensor(x) is x, torch.as_tensor(x, dtype=torch.float32) is x, torch.tensor([1.0]) is x


def written_tensors_show_in_the_array(torch):
    array = np.array([1.0, 2.0])
    torch.from_numpy(array).mul_(3)
    return array


def defaults_follow_the_default_dtype(torch):
    torch.set_default_dtype(torch.float64)
    return [
        torch.tensor(0.1), torch.tensor([1, 2.5]), torch.tensor(1j), torch.zeros(1), torch.ones(1), torch.full((1,), 0.1),
        torch.full((1,), 1), torch.arange(0, 1, 0.3), torch.arange(2), torch.linspace(0, 1, 3), torch.eye(1),
        torch.tensor([]), torch.Tensor([1, 2]), torch.tensor(np.float32(1)),
    ]  # fmt: skip


def a_tensor_of_a_tensor(torch, leaf):
    """Real PyTorch warns and copies."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (
            torch.tensor(leaf(2)),
            torch.tensor(leaf(2), requires_grad=True),
            torch.tensor(leaf(2), dtype=torch.int64),
        )

"""What tensors have for sparse ones."""

from __future__ import annotations

import copy
import io
import pickle

_SPARSE = "torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], floats(4), (2, 3))"

CASES = f"""
{_SPARSE}.is_sparse, {_SPARSE}.layout == torch.sparse_coo, {_SPARSE}.layout == torch.strided, repr({_SPARSE}.layout)
floats(2).is_sparse, floats(2).layout == torch.strided, floats(2).is_sparse_csr
{_SPARSE}.sparse_dim(), {_SPARSE}.dense_dim(), floats(2, 3).sparse_dim(), floats(2, 3).dense_dim()
{_SPARSE}.size(), {_SPARSE}.shape, {_SPARSE}.dim(), {_SPARSE}.numel(), len({_SPARSE}), {_SPARSE}.stride()
{_SPARSE}.dtype, {_SPARSE}.device, {_SPARSE}.type(), {_SPARSE}.is_floating_point(), {_SPARSE}.element_size()
{_SPARSE}.type(torch.float64)
{_SPARSE}.to("cpu", torch.float64)
{_SPARSE}.cuda()
{_SPARSE}.cpu()
{_SPARSE}.numpy()
{_SPARSE}.tolist()
{_SPARSE}.item()
bool({_SPARSE})
torch.sparse_coo_tensor([[0]], [3.0], (1,)).item()
{_SPARSE}.data_ptr()
{_SPARSE}.storage()
{_SPARSE}.share_memory_()
{_SPARSE}.is_shared()
{_SPARSE}.contiguous()
{_SPARSE}.is_contiguous()
{_SPARSE}.nbytes
{_SPARSE}.requires_grad, {_SPARSE}.is_leaf, {_SPARSE}.grad, {_SPARSE}.grad_fn
{_SPARSE}.requires_grad_()
{_SPARSE}.long().requires_grad_()
{_SPARSE}.is_same_size({_SPARSE})
torch.is_tensor({_SPARSE})
{_SPARSE}.new(tensor([[0]], "int64"), floats(1), (3,))
{_SPARSE}.new(2, 3)
{_SPARSE}.detach()
repr({_SPARSE})
repr({_SPARSE}.double())
repr({_SPARSE}.requires_grad_())
repr({_SPARSE}.requires_grad_() * 2)
repr(torch.sparse_coo_tensor((2, 3)))
repr(torch.sparse_coo_tensor([[0]], floats(1, 2), (3, 2)))
repr(torch.sparse_coo_tensor(torch.arange(2000)[None], torch.arange(2000.0), (2000,)))
repr(torch.sparse_coo_tensor([[0], [1]], [True], (2, 2)))
floats(2).smm(floats(2))
torch.equal({_SPARSE}, {_SPARSE})
"""


def hooks(torch, doubles):
    seen = []
    x = torch.sparse_coo_tensor([[0, 2]], doubles(2), (3,), requires_grad=True)
    handle = x.register_hook(lambda gradient: seen.append(gradient.is_sparse))
    changing = x.register_hook(lambda gradient: gradient * 2)
    y = x * 3
    y.register_hook(lambda gradient: seen.append(gradient.to_dense().tolist()))
    y.to_dense().sum().backward()
    handle.remove()
    changing.remove()
    return seen, x.grad.coalesce()


def copies(torch, floats):
    x = torch.sparse_coo_tensor([[0, 2, 0]], floats(3), (3,))
    return copy.deepcopy(x), copy.copy(x), pickle.loads(pickle.dumps(x)), copy.deepcopy(x.coalesce())


def saved_and_loaded(torch, floats):
    x = torch.sparse_coo_tensor([[0, 2, 0]], floats(3), (3,))
    file = io.BytesIO()
    torch.save({"x": x, "ordered": x.coalesce(), "layout": torch.sparse_coo}, file)
    file.seek(0)
    found = torch.load(file)
    return found["x"], found["ordered"], repr(found["layout"])


def buffers_of_modules(torch, nn, floats):
    module = nn.Module()
    module.register_buffer("adjacency", torch.sparse_coo_tensor([[0, 1], [1, 0]], floats(2), (2, 2)))
    state = module.state_dict()
    module.double()
    return module.adjacency, list(state), state["adjacency"]


def data(torch, floats):
    x = torch.sparse_coo_tensor([[0, 1], [1, 0]], floats(2), (2, 2), requires_grad=True)
    x.data = torch.sparse_coo_tensor([[0], [0]], floats(1), (2, 2))
    return x.detach(), x.is_leaf, x.requires_grad, x.data


def sparse_roots(torch, doubles, leaf):
    values = leaf(3)
    x = torch.sparse_coo_tensor([[0, 1, 1]], values, (3,)).coalesce() * 2
    weights = torch.sparse_coo_tensor([[0, 1]], doubles(2), (3,)).coalesce()
    return torch.autograd.grad(x, values, weights)

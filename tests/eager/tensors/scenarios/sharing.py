"""Memory that others hold, too: detached tensors, numpy arrays, copies."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np

from ..playing import Show, counted, scenario


@scenario
def data_alias(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    x.data.mul_(2)
    show(x)
    x.data = counted(torch, 3) * 7
    show(x)
    (x * 2).sum().backward()
    show(x.grad)


@scenario
def data_alias_nonleaf(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    y.data.fill_(1)
    (y * y).sum().backward()
    show(y, x.grad)


@scenario
def parameter_of_an_array_that_is_written(torch: Any, show: Show) -> None:
    x = torch.nn.Parameter(torch.from_numpy(np.arange(3, dtype=np.float32)))
    with torch.no_grad():
        x.copy_(counted(torch, 3) * 2)
    for _ in range(2):
        (x * x).sum().backward()
        show(x, x.grad)
        with torch.no_grad():
            x -= x.grad


@scenario
def detach_shares(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    d = x.detach()
    d[0] = 50
    show(x, d)


@scenario
def detach_mid(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * x
    z = (y.detach() * x).sum()
    z.backward()
    show(x.grad)


@scenario
def numpy_share(torch: Any, show: Show) -> None:
    a = np.ones(3, np.float32)
    x = torch.from_numpy(a)
    x.add_(1)
    show(a)
    a[0] = 7
    show(x)
    b = x.numpy()
    b[1] = 9
    show(x)
    x.mul_(2)
    show(a, b)


@scenario
def numpy_share_view(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3)
    v = x[:, 1]
    b = v.numpy()
    x.add_(1)
    show(b)
    b[:] = 0
    show(x)


@scenario
def numpy_after_lazy(torch: Any, show: Show) -> None:
    a = np.ones(3, np.float32)
    x = torch.from_numpy(a)
    y = x * 2
    a[0] = 100
    show(y)


@scenario
def numpy_inplace_after_lazy(torch: Any, show: Show) -> None:
    a = np.ones(3, np.float32)
    x = torch.from_numpy(a)
    y = x * 2
    x.add_(5)
    show(y, x)
    show(a)


@scenario
def deepcopy(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = copy.deepcopy(x)
    y.data.add_(1)
    show(x, y)


@scenario
def deepcopy_nonleaf(torch: Any, show: Show) -> None:
    copy.deepcopy(counted(torch, 2).requires_grad_() * 2)


@scenario
def shallow_copy(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    x.note = "kept"
    y = copy.copy(x)
    with torch.no_grad():
        y.add_(1)
    show(x, y, y.is_leaf, y.requires_grad, y.note)
    show(copy.copy(x * 2).is_leaf)


@scenario
def pickled(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3).requires_grad_()
    x.note = "kept"
    y = pickle.loads(pickle.dumps(x))
    (y * y).sum().backward()
    show(y, y.grad, x.grad, y.note)
    show(pickle.loads(pickle.dumps(x.detach()[:, 1])), pickle.loads(pickle.dumps(torch.ones(2, dtype=torch.bfloat16))))
    parameter = pickle.loads(pickle.dumps(torch.nn.Parameter(torch.ones(2))))
    show(isinstance(parameter, torch.nn.Parameter), parameter)


@scenario
def pickled_module(torch: Any, show: Show) -> None:
    model = torch.nn.Linear(2, 1)
    with torch.no_grad():
        model.weight.fill_(2.0)
        model.bias.fill_(1.0)
    other = pickle.loads(pickle.dumps(model))
    show(other(torch.ones(1, 2)))
    show(other.weight is not model.weight, [name for name, _ in other.named_parameters()])


@scenario
def detach__(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = x * 2
    y.detach_()
    show(y)
    z = y * x
    z.sum().backward()
    show(x.grad)

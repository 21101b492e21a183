"""Random programs of views, writes, histories, hooks and shared memory, run by diptych and by the real PyTorch alike.

`run(torch, seed)` makes every choice from the seed and from what both show alike (shapes, flags), and logs what each
statement did and what is left at the end. Values are float64 of few digits, so that logs compare well.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

SHAPES = [(2, 3), (3,), (4,), (2, 2), (3, 2), (1, 3), (2, 1), ()]
MOST_TENSORS = 14

UNARY: dict[str, Callable[[Any], Any]] = {
    **{
        name: lambda x, name=name: getattr(x, name)()
        for name in ("sin", "tanh", "relu", "abs", "neg", "exp", "sigmoid")
    },
    "square": lambda x: x * x,
    "double": lambda x: x * 2.0,
    "shift": lambda x: x + 1.5,
}
VIEWS: dict[str, Callable[[Any], Any]] = {
    "x[0]": lambda x: x[0],
    "x[..., -1]": lambda x: x[..., -1],
    "x.t()": lambda x: x.t(),
    "x.view(-1)": lambda x: x.view(-1),
    "x.reshape(-1)": lambda x: x.reshape(-1),
    "x[1:]": lambda x: x[1:],
    "x[..., ::2]": lambda x: x[..., ::2],
    "x.unsqueeze(0)": lambda x: x.unsqueeze(0),
    "x.transpose(0, -1)": lambda x: x.transpose(0, -1),
    "x[..., None]": lambda x: x[..., None],
    "x.squeeze()": lambda x: x.squeeze(),
    "x[-1:]": lambda x: x[-1:],
    "x.expand": lambda x: x.unsqueeze(0).expand(2, *x.shape),
    "x.detach()": lambda x: x.detach(),
    "x.data": lambda x: x.data,
    "x.contiguous()": lambda x: x.contiguous(),
}
WRITES: dict[str, Callable[[Any, Any, Any, float], Any]] = {
    "x.add_(1.5)": lambda torch, x, y, c: x.add_(1.5),
    "x.mul_(0.5)": lambda torch, x, y, c: x.mul_(0.5),
    "x.mul_(y)": lambda torch, x, y, c: x.mul_(y),
    "x.sub_(y)": lambda torch, x, y, c: x.sub_(y),
    "x.copy_(y)": lambda torch, x, y, c: x.copy_(y),
    "x.zero_()": lambda torch, x, y, c: x.zero_(),
    "x.fill_(0.7)": lambda torch, x, y, c: x.fill_(0.7),
    "x.tanh_()": lambda torch, x, y, c: x.tanh_(),
    "x.relu_()": lambda torch, x, y, c: x.relu_(),
    "x.exp_()": lambda torch, x, y, c: x.exp_(),
    "x.mul_(scalar)": lambda torch, x, y, c: x.mul_(torch.tensor(1.25, dtype=torch.float64)),
    "x[0] = c": lambda torch, x, y, c: x.__setitem__(0, c),
    "x[0] = y[-1]": lambda torch, x, y, c: x.__setitem__(0, y[-1]),
    "x[..., 0] = c": lambda torch, x, y, c: x.__setitem__((..., 0), c),
    "x[-1:] = c": lambda torch, x, y, c: x.__setitem__(slice(-1, None), c),
    "x[0] = x[-1] * 2": lambda torch, x, y, c: x.__setitem__(0, x[-1] * 2.0),
    "x[x > 0.3] = c": lambda torch, x, y, c: x.__setitem__(x > 0.3, c) if 0 not in x.stride() else None,
}  # fmt: skip

STATEMENTS = [
    "new",
    "unary",
    "unary",
    "unary",
    "binary",
    "binary",
    "view",
    "view",
    "view",
    "view",
    "write",
    "write",
    "write",
    "write",
    "write",
    "write",
    "write",
    "clone",
    "read",
    "backward",
    "backward",
    "grad",
    "hook",
    "retain",
    "numpy",
    "numpy_write",
    "from_numpy",
    "detach_",
    "without_grad",
    "chunk",
    "stack",
]


class Run:
    """One program: its tensors and arrays, and the log."""

    def __init__(self, torch: Any, seed: int) -> None:
        self.torch = torch
        self.random = Random(seed)
        self.tensors: list[Any] = []
        self.arrays: list[np.ndarray] = []
        self.log: list[Any] = []

    def fresh(self, shape: tuple[int, ...], requires_grad: bool = False) -> Any:
        values = np.array([round(self.random.uniform(-2, 2), 2) for _ in range(int(np.prod(shape)))])
        made = self.torch.tensor(values.reshape(shape))
        return made.requires_grad_() if requires_grad else made

    def pick(self, suits: Callable[[Any], bool] = lambda tensor: True) -> Any:
        found = [tensor for tensor in self.tensors if suits(tensor)]
        return self.random.choice(found) if found else None

    def alike(self, x: Any) -> Any:
        return self.pick(lambda tensor: tuple(tensor.shape) == tuple(x.shape))

    def add(self, tensor: Any) -> None:
        self.tensors.append(tensor)

    def statement(self) -> None:
        random = self.random
        kind = random.choice(STATEMENTS)
        x = self.pick()
        getattr(self, f"do_{kind}")(x)

    def do_new(self, x: Any) -> None:
        self.add(self.fresh(self.random.choice(SHAPES), self.random.random() < 0.5))

    def do_unary(self, x: Any) -> None:
        self.add(UNARY[self.random.choice(list(UNARY))](x).contiguous())

    def do_without_grad(self, x: Any) -> None:
        with self.torch.no_grad():
            self.do_unary(x)

    def do_binary(self, x: Any) -> None:
        name = self.random.choice(["add", "mul", "sub", "maximum"])
        self.add(getattr(self.torch, name)(x, self.alike(x)).contiguous())

    def do_view(self, x: Any) -> None:
        self.add(VIEWS[self.random.choice(list(VIEWS))](x))

    def do_chunk(self, x: Any) -> None:
        parts = x.chunk(2)
        self.add(parts[0].clone())
        self.add(parts[-1].clone())

    def do_stack(self, x: Any) -> None:
        self.add(self.torch.stack([x, self.alike(x)]))

    def do_clone(self, x: Any) -> None:
        self.add(x.clone().contiguous())

    def do_write(self, x: Any) -> None:
        y, c = self.alike(x), self.random.uniform(-1, 1)
        write = WRITES[self.random.choice(list(WRITES))]
        if self.random.random() < 0.4:
            with self.torch.no_grad():
                write(self.torch, x, y, c)
        else:
            write(self.torch, x, y, c)

    def do_read(self, x: Any) -> None:
        self.log.append(float(x.sum().item()))

    def do_backward(self, x: Any) -> None:
        x = self.pick(lambda tensor: tensor.requires_grad)
        retain, square = self.random.random() < 0.5, self.random.random() < 0.5
        if x is not None:
            (x * x if square else x).sum().backward(retain_graph=retain)

    def do_grad(self, x: Any) -> None:
        x = self.pick(lambda tensor: tensor.requires_grad)
        wanted = [t for t in self.tensors if t.requires_grad and not hasattr(t, "is_hooked")]
        self.random.shuffle(wanted)
        create = self.random.random() < 0.4
        if x is None:
            return
        found = self.torch.autograd.grad((x * x * x).sum(), wanted[:2], create_graph=create, allow_unused=True)
        for gradient in found:
            if gradient is None:
                self.log.append(None)
            else:
                self.add((gradient * 1.0).contiguous())

    def do_hook(self, x: Any) -> None:
        y = x * 1.5
        y.register_hook(lambda gradient: gradient * 0.5)
        y.is_hooked = True  # PyTorch's own gradient of such a tensor depends on what else is asked for
        self.add(y)

    def do_retain(self, x: Any) -> None:
        y = (x * 0.5).contiguous()
        y.retain_grad()
        self.add(y)

    def do_numpy(self, x: Any) -> None:
        self.arrays.append(x.detach().numpy())

    def do_numpy_write(self, x: Any) -> None:
        c = self.random.uniform(-1, 1)
        if self.arrays:
            array = self.random.choice(self.arrays)
            array[...] = array + c

    def do_from_numpy(self, x: Any) -> None:
        array = np.array([[round(self.random.uniform(-1, 1), 2) for _ in range(3)] for _ in range(2)])
        self.arrays.append(array)
        self.add(self.torch.from_numpy(array))

    def do_detach_(self, x: Any) -> None:
        x.detach_()


def run(torch: Any, seed: int) -> list[Any]:
    """The log of program `seed`: of each statement "ok" or the class of its error, and the state at the end."""
    program = Run(torch, seed)
    random = program.random
    for _ in range(3):
        program.add(program.fresh(random.choice(SHAPES[:5]), random.random() < 0.6))
    for _ in range(random.randint(6, 30)):
        if len(program.tensors) > MOST_TENSORS:
            del program.tensors[random.randrange(len(program.tensors))]
        try:
            program.statement()
        except (RuntimeError, IndexError) as error:
            program.log.append("RuntimeError" if isinstance(error, RuntimeError) else "IndexError")
            if "backward" in str(error) or "gradient" in str(error):
                return program.log  # PyTorch may have added some of the gradients before it noticed
        else:
            program.log.append("ok")
    for tensor in program.tensors:
        gradient = tensor.grad
        program.log.append(
            [
                list(tensor.shape), tensor.requires_grad, tensor.is_leaf, tensor._version, _rounded(tensor.tolist()),
                None if gradient is None else _rounded(gradient.tolist()),
            ]
        )  # fmt: skip
    program.log.extend(_rounded(array.tolist()) for array in program.arrays)
    return program.log


def _rounded(value: Any) -> Any:
    """Nested lists of numbers with six digits; nan as None."""
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return None if value != value else float(f"{value:.6g}")

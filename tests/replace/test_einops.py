"""A library that is built on torch's Python surface: einops, whose results on tensors are those on numpy arrays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import einops, numpy as np, torch
from einops import asnumpy, pack, parse_shape, rearrange, reduce, repeat, unpack
from einops.layers.torch import EinMix, Rearrange, Reduce

array = np.random.default_rng(0).integers(-4, 5, (2, 3, 4)).astype("float32")  # whose sums are exact
tensor = torch.from_numpy(array)

def same(function, *arguments, **options):
    on_array, on_tensor = function(array, *arguments, **options), function(tensor, *arguments, **options)
    assert isinstance(on_tensor, torch.Tensor)
    np.testing.assert_allclose(asnumpy(on_tensor), on_array, rtol=1e-7)

same(rearrange, "b c h -> b (c h)")
same(rearrange, "b (c k) h -> (b k) c h", k=3)
same(rearrange, "b ... -> ... b")
for name in ("max", "min", "sum", "mean", "prod"):
    same(reduce, "b c (h k) -> b k", name, k=2)
    same(reduce, "b c h -> b 1 h", name)
same(repeat, "b c h -> b (c r) h", r=2)
same(lambda x: einops.einsum(x, x, "b c h, b d h -> b c d"))
same(lambda x: rearrange([x, x + 1], "n b c h -> b n c h"))
same(lambda x: pack([x, x[:, 0]], "b * h")[0])
same(lambda x: unpack(x, [[1], [2]], "b * h")[1])
assert parse_shape(tensor, "b c _") == {"b": 2, "c": 3}

leaf = tensor.clone().requires_grad_()
reduce(leaf, "b c h -> b c", "max").sum().backward()
assert leaf.grad.sum().item() == 6

torch.manual_seed(0)
network = torch.nn.Sequential(
    Rearrange("b c h -> b (c h)"), torch.nn.Linear(12, 8), Rearrange("b (c h) -> b c h", h=4), Reduce("b c h -> b h", "mean"),
    EinMix("b h -> b k", weight_shape="h k", bias_shape="k", h=4, k=5),
)
before = network(tensor).pow(2).mean()
before.backward()
assert all(parameter.grad is not None for parameter in network.parameters())
torch.optim.SGD(network.parameters(), lr=0.001).step()
assert network(tensor).pow(2).mean() < before

try:
    rearrange(tensor, "b c -> c b")
except einops.EinopsError as error:
    print(type(error).__name__)
"""


def test_einops(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "diptych", "run", "program.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("EinopsError\n", "")

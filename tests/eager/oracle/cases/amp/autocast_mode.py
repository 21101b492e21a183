"""Mixed precision."""

from __future__ import annotations

CASES = """
torch.is_autocast_enabled("cpu")
torch.is_autocast_cpu_enabled()
torch.get_autocast_dtype("cpu")
torch.get_autocast_cpu_dtype()
torch.get_autocast_gpu_dtype()
torch.is_autocast_cache_enabled()
torch.amp.is_autocast_available("cpu")
torch.amp.is_autocast_available("odd")
torch.autocast("odd")
torch.autocast(3)
torch.amp.autocast("cpu")(3)
torch.amp.GradScaler("cpu").state_dict()
torch.amp.GradScaler("cpu", enabled=False).state_dict()
torch.amp.GradScaler("cpu", enabled=False).get_scale()
torch.amp.GradScaler("cpu", growth_factor=1.0)
torch.amp.GradScaler("cpu", backoff_factor=1.0)
torch.amp.GradScaler("cpu", init_scale=4.0).get_scale()
torch.amp.GradScaler("cpu", init_scale=4.0).scale(leaf(2))
torch.amp.GradScaler("cpu", init_scale=4.0).scale([leaf(2), leaf(2)])
torch.amp.GradScaler("cpu").scale(3)
torch.amp.GradScaler("cpu").update()
torch.amp.GradScaler("cpu").load_state_dict({})
torch.amp.GradScaler("cpu").unscale_(optim.SGD([leaf(2)], 0.1))
"""

_LISTED = {
    "mm": lambda torch, q: torch.mm(q(3, 3), q(3, 3)),
    "matmul": lambda torch, q: q(2, 3) @ q(3, 2),
    "vectors": lambda torch, q: q(3) @ q(3),
    "bmm": lambda torch, q: torch.bmm(q(2, 3, 3), q(2, 3, 3)),
    "mv": lambda torch, q: torch.mv(q(3, 3), q(3)),
    "dot": lambda torch, q: torch.dot(q(3), q(3)),
    "einsum": lambda torch, q: torch.einsum("ij,jk->ik", q(3, 3), q(3, 3)),
    "linear": lambda torch, q: torch.nn.functional.linear(q(2, 3), q(4, 3), q(4)),
    "conv1d": lambda torch, q: torch.nn.functional.conv1d(q(1, 2, 5), q(3, 2, 2), q(3)),
    "conv2d": lambda torch, q: torch.nn.functional.conv2d(q(1, 2, 5, 5), q(3, 2, 2, 2)),
    "conv_transpose2d": lambda torch, q: torch.nn.functional.conv_transpose2d(q(1, 2, 3, 3), q(2, 3, 2, 2)),
    "prelu": lambda torch, q: torch.nn.functional.prelu(q(3), q(1)),
    "softmax": lambda torch, q: q(3, 3).softmax(1),
    "exp": lambda torch, q: q(3).exp(),
    "layer_norm": lambda torch, q: torch.nn.functional.layer_norm(q(3, 3), (3,)),
    "prod": lambda torch, q: q(3).prod(),
    "sum": lambda torch, q: q(3).sum(),
    "mse_loss": lambda torch, q: torch.nn.functional.mse_loss(q(3), q(3)),
    "cross_entropy": lambda torch, q: torch.nn.functional.cross_entropy(q(3, 3), torch.tensor([0, 1, 2])),
    "avg_pool2d": lambda torch, q: torch.nn.functional.avg_pool2d(q(1, 1, 4, 4), 2),
    "avg_pool3d": lambda torch, q: torch.nn.functional.avg_pool3d(q(1, 1, 4, 4, 4), 2),
    "max_pool3d": lambda torch, q: torch.nn.functional.max_pool3d(q(1, 1, 4, 4, 4), 2),
    "reflect": lambda torch, q: torch.nn.functional.pad(q(1, 1, 4), (1, 1), "reflect"),
    "replicate": lambda torch, q: torch.nn.functional.pad(q(1, 1, 4), (1, 1), "replicate"),
    "circular": lambda torch, q: torch.nn.functional.pad(q(1, 1, 4), (1, 1), "circular"),
    "grid_sample": lambda torch, q: torch.nn.functional.grid_sample(q(1, 1, 3, 3), q(1, 2, 2, 2), align_corners=False),
}


def types_of_results(torch, floats):
    makers = {
        "float32": lambda *shape: floats(*shape),
        "bfloat16": lambda *shape: floats(*shape, dtype="bfloat16"),
    }
    found = {}
    for name, function in _LISTED.items():
        for kind, make in makers.items():
            with torch.autocast("cpu"):
                found[f"{name} of {kind}"] = repr(function(torch, make).dtype)
    return found


def mixed_types(torch, floats, doubles):
    low = floats(3, dtype="bfloat16")
    with torch.autocast("cpu"):
        joined, stacked = torch.cat([low, floats(2)]), torch.stack([low, floats(3)])
        same, wide = torch.cat([low, low]), torch.mm(doubles(2, 2), doubles(2, 2))
    return [repr(each.dtype) for each in (joined, stacked, same, wide)]


def in_another_type(torch, floats):
    with torch.autocast("cpu", dtype=torch.float16):
        return torch.mm(floats(2, 2), floats(2, 2)).dtype, torch.get_autocast_dtype("cpu")


def blocks_within_blocks(torch, floats):
    found = []
    with torch.autocast("cpu"):
        found.append((torch.is_autocast_enabled("cpu"), torch.mm(floats(2, 2), floats(2, 2)).dtype))
        with torch.autocast("cpu", enabled=False):
            found.append((torch.is_autocast_enabled("cpu"), torch.mm(floats(2, 2), floats(2, 2)).dtype))
        found.append(torch.is_autocast_enabled("cpu"))
    return found, torch.is_autocast_enabled("cpu")


def as_a_decorator(torch, floats):
    @torch.autocast("cpu")
    def product(x, y):
        """Multiplies."""
        return x @ y

    return product(floats(2, 2), floats(2, 2)).dtype, product.__name__, product.__doc__


def a_type_that_is_not_there(torch):
    import warnings

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with torch.autocast("cpu", dtype=torch.float32):
            found = torch.is_autocast_enabled("cpu")
        with torch.autocast("cuda"):
            pass
        torch.amp.GradScaler()
    return found, [str(each.message) for each in seen]


def a_layer_and_its_gradient(torch, nn, floats):
    layer = nn.Linear(3, 2)
    with torch.no_grad():
        layer.weight.copy_(floats(2, 3))
        layer.bias.copy_(floats(2))
    x = floats(4, 3)
    with torch.autocast("cpu"):
        made = layer(x)
        loss = nn.functional.mse_loss(made, floats(4, 2))
    loss.backward()
    return made.dtype, loss.dtype, layer.weight.grad.dtype, (made.float() * 4).round(), (loss * 10).round()


def functions_with_a_cast_of_their_own(torch, floats):
    seen = []

    class Doubled(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
        def forward(ctx, x):
            seen.append((x.dtype, torch.is_autocast_enabled("cpu")))
            return x * 2

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, gradient):
            seen.append(torch.is_autocast_enabled("cpu"))
            return gradient * 2

    with torch.autocast("cpu"):
        made = Doubled.apply(floats(2, dtype="bfloat16").requires_grad_())
    made.sum().backward()
    return seen


def scaled_steps(torch, optim, leaf):
    found = []
    parameter = leaf(2).detach().float().requires_grad_()
    optimizer = optim.SGD([parameter], 0.5)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
    for factor in (1.0, 2.0, float("inf"), 1.0):
        optimizer.zero_grad()
        scaler.scale((parameter * parameter * factor).sum()).backward()
        found.append(parameter.grad.clone())
        scaler.unscale_(optimizer)
        found.append(parameter.grad.clone())
        scaler.step(optimizer)
        scaler.update()
        found.append((scaler.get_scale(), parameter.detach().clone(), scaler.state_dict()))
    return found


def steps_in_the_wrong_order(torch, optim, leaf):
    parameter = leaf(2).detach().requires_grad_()
    optimizer = optim.SGD([parameter], 0.5)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    scaler.scale(parameter.sum()).backward()
    scaler.unscale_(optimizer)
    found = []
    for action in (
        lambda: scaler.unscale_(optimizer), lambda: scaler.step(optimizer), lambda: scaler.step(optimizer),
        lambda: scaler.unscale_(optimizer), lambda: scaler.step(optimizer, closure=lambda: 1),
        lambda: scaler.update(2.0), lambda: scaler.update(),
    ):  # fmt: skip
        try:
            found.append(action())
        except (RuntimeError, AssertionError) as error:
            found.append(str(error))
    return found, scaler.get_scale()


def a_scaler_that_is_loaded(torch):
    first, second = torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=7), torch.amp.GradScaler("cpu")
    second.load_state_dict(first.state_dict())
    second.set_growth_factor(3.0)
    second.set_backoff_factor(0.25)
    second.set_growth_interval(9)
    return second.state_dict(), second.get_growth_factor(), second.get_backoff_factor(), second.get_growth_interval()


def switched_by_hand(torch, floats):
    torch.set_autocast_enabled("cpu", True)
    torch.set_autocast_dtype("cpu", torch.float16)
    torch.set_autocast_cache_enabled(False)
    found = torch.mm(floats(2, 2), floats(2, 2)).dtype, torch.is_autocast_cache_enabled()
    torch.clear_autocast_cache()
    torch.set_autocast_cache_enabled(True)
    torch.set_autocast_dtype("cpu", torch.bfloat16)
    torch.set_autocast_enabled("cpu", False)
    return found, torch.mm(floats(2, 2), floats(2, 2)).dtype

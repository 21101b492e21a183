"""Functions of functions."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
torch.func.grad(torch.sin)(doubles(1)[0])
torch.func.grad(lambda x, y: (x * y).sum(), argnums=1)(doubles(3), doubles(3))
torch.func.grad(lambda x, y: (x * y ** 2).sum(), argnums=(0, 1))(doubles(3), doubles(3))
torch.func.grad(lambda p: (p["a"] * p["b"][0]).sum())({"a": doubles(2), "b": [doubles(2)]})
torch.func.grad(lambda x: ((x ** 2).sum(), x * 2), has_aux=True)(doubles(2))
torch.func.grad(torch.func.grad(lambda x: x ** 3))(doubles(1)[0])
torch.func.grad(lambda x: torch.func.grad(lambda y: x * y ** 2)(x * 2))(doubles(1)[0])
torch.func.grad(lambda x: x)(doubles(2))
torch.func.grad(lambda x: 3.0)(doubles(2))
torch.func.grad(lambda x: x.sum(), argnums=2)(doubles(2))
torch.func.grad(lambda x: x.sum(), argnums=())(doubles(2))
torch.func.grad(lambda x: x.sum(), argnums=(0, 0))(doubles(2))
torch.func.grad(lambda x: x.sum(), argnums=1.5)(doubles(2))
torch.func.grad(lambda x: x.sum(), has_aux=True)(doubles(2))
torch.func.grad(lambda x: (x * x.detach()).sum())(doubles(2))
torch.func.grad(lambda x, y: x.sum(), argnums=1)(doubles(2), doubles(2))
torch.func.grad_and_value(lambda x: (x ** 2).sum())(doubles(2))
torch.func.grad_and_value(lambda x: ((x ** 2).sum(), x), has_aux=True)(doubles(2))
torch.func.vjp(torch.sin, doubles(3))[0]
torch.func.vjp(torch.sin, doubles(3))[1](doubles(3))
torch.func.vjp(lambda x, y: (x * y, x + y), doubles(2), doubles(2))[1]((doubles(2), doubles(2)))
torch.func.vjp(lambda x: {"a": x * 2}, doubles(2))[1]({"a": doubles(2)})
torch.func.vjp(lambda x: (x * 2, x * 3), doubles(2), has_aux=True)[2]
torch.func.vjp(lambda x: x > 0, doubles(2))
torch.func.jvp(torch.sin, (doubles(3),), (doubles(3),))
torch.func.jvp(lambda x, y: x * y, (doubles(2), doubles(2)), (doubles(2), doubles(2)))
torch.func.jvp(lambda x: (x * 2, x * 3), (doubles(2),), (doubles(2),), has_aux=True)
torch.func.jvp(torch.sin, doubles(3), doubles(3))
torch.func.jacrev(torch.sin)(doubles(3))
torch.func.jacrev(lambda x, y: (x * y.sum(), y ** 2), argnums=(0, 1))(doubles(2), doubles(3))
torch.func.jacrev(lambda x: (x * 2, x), has_aux=True)(doubles(2))
torch.func.jacrev(torch.sin, chunk_size=0)
torch.func.jacfwd(torch.sin)(doubles(3))
torch.func.jacfwd(lambda x: x.exp().sum(1))(doubles(2, 3))
torch.func.jacfwd(lambda x, y: (x * y.sum(), y ** 2), argnums=(0, 1))(doubles(2), doubles(3))
torch.func.hessian(lambda x: (x ** 3).sum())(doubles(2))
torch.func.hessian(lambda x, y: (x * y ** 2).sum(), argnums=(0, 1))(doubles(2), doubles(2))
torch.func.jacfwd(torch.func.jacrev(lambda x: (x ** 3).sum()))(doubles(2))
torch.vmap(torch.dot)(doubles(3, 2), doubles(3, 2))
torch.vmap(torch.dot, in_dims=(0, None))(doubles(3, 2), doubles(2))
torch.vmap(torch.dot, in_dims=(1, 0))(doubles(2, 3), doubles(3, 2))
torch.vmap(lambda x: x * 2, out_dims=1)(doubles(3, 2))
torch.vmap(lambda x: (x.sum(), x * 2), out_dims=(0, 1))(doubles(3, 2))
torch.vmap(lambda d: {"y": d["x"] * 2})({"x": doubles(3)})
torch.vmap(torch.func.grad(lambda x: (x ** 2).sum()))(doubles(3, 2))
torch.func.jacrev(lambda x: torch.vmap(torch.sin)(x))(doubles(2))
torch.vmap(torch.sin)(leaf(3))
torch.vmap(torch.dot)(doubles(3, 2), doubles(2, 2))
torch.vmap(torch.sin)(3.0)
torch.vmap(torch.sin)()
torch.vmap(torch.sin, in_dims=None)(doubles(2))
torch.vmap(torch.sin, in_dims=2)(doubles(2))
torch.vmap(lambda x: 3.0)(doubles(2))
torch.vmap(torch.sin, randomness="odd")
torch.vmap(torch.vmap(lambda x, y: x * y, in_dims=(None, 0)), in_dims=(0, None))(doubles(2), doubles(3))
"""


def modules_as_functions(torch, nn, floats):
    layer = nn.Linear(3, 2)
    parameters = {"weight": floats(2, 3), "bias": floats(2)}
    made = torch.func.functional_call(layer, parameters, (floats(4, 3),))
    kept = torch.func.functional_call(layer, {"weight": floats(2, 3)}, floats(4, 3)).shape
    return made, kept, layer.weight is dict(layer.named_parameters())["weight"]


def gradients_of_parameters(torch, nn, doubles):
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    parameters = {name: doubles(*each.shape) for name, each in net.named_parameters()}
    x, y = doubles(4, 2), doubles(4, 1)

    def loss(parameters, x, y):
        return ((torch.func.functional_call(net, parameters, (x,)) - y) ** 2).mean()

    return torch.func.grad(loss)(parameters, x, y), torch.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(
        parameters, x, y
    )


def unknown_names(torch, nn, floats):
    torch.func.functional_call(nn.Linear(2, 2), {"odd": floats(2)}, floats(2))


def names_given_twice(torch, nn, floats):
    torch.func.functional_call(nn.Linear(2, 2), ({"bias": floats(2)}, {"bias": floats(2)}), floats(2))


def ensembles(torch, nn, floats):
    models = [nn.Linear(2, 2) for _ in range(3)]
    parameters, buffers = torch.func.stack_module_state(models)
    shapes = {name: each.shape for name, each in parameters.items()}
    x = floats(2)
    made = torch.vmap(lambda p, b: torch.func.functional_call(models[0], (p, b), (x,)))(parameters, buffers)
    return shapes, bool((made[1] - models[1](x)).abs().max() < 1e-6), buffers, parameters["weight"].is_leaf


def history_outside_goes_on(torch, leaf):
    w = leaf(2)
    found = torch.func.grad(lambda x: (x**2 * w).sum())(torch.ones(2, dtype=torch.float64))
    return found, found.requires_grad


def without_gradients_outside(torch, doubles):
    with torch.no_grad():
        found = torch.func.grad(lambda x: (x**2).sum())(doubles(2))
    return found, found.requires_grad


def linear_parts(torch, doubles):
    x = doubles(3)
    value, change = torch.func.linearize(torch.sin, x)
    return value, change(doubles(3))


def batches_and_draws(torch, floats):
    x = floats(2, 3)
    same = torch.vmap(lambda a: a * 0 + torch.rand(3), randomness="same")(x)
    different = torch.vmap(lambda a: a * 0 + torch.rand(3), randomness="different")(x)
    functions = lambda a: a + torch.rand(3), torch.nn.functional.dropout, torch.randn_like
    found = [refused(torch.vmap(function), x) for function in functions]
    return torch.equal(*same), torch.equal(*different), found, torch.rand(1).shape


def batches_of_none(torch, floats):
    function = torch.vmap(lambda a, b: (a.sum(), a * b), (0, None), (0, 1))
    return function(torch.ones(0, 3), floats(3))


def keywords_are_no_batches(torch, floats):
    return torch.vmap(lambda a, b=None: a + b)(floats(2, 3), b=floats(2, 3))


def batches_that_do_not_fit(torch, floats):
    x = floats(2, 3)
    return [
        refused(call)
        for call in (
            lambda: torch.vmap(lambda a, b: a, (0,))(x, x), lambda: torch.vmap(lambda a: (a, a), out_dims=(0, 0, 0))(x),
            lambda: torch.vmap(lambda a: a, out_dims="a")(x), lambda: torch.vmap(lambda a: a, ({"a": 0},))([x]),
        )
    ]  # fmt: skip

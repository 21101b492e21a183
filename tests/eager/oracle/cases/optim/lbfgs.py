"""L-BFGS."""

from __future__ import annotations

from tests.eager.oracle.answers import refused as _refused

CASES = """
optim.LBFGS([leaf(2)], lr=-1.0)
optim.LBFGS([{"params": [leaf(1)]}, {"params": [leaf(1)]}])
optim.LBFGS([leaf(2)]).defaults
optim.LBFGS([leaf(2)], max_iter=3, max_eval=7).defaults
optim.LBFGS([leaf(2)]).state_dict()
optim.LBFGS([leaf(2)]).step()
"""


def _steps(torch, x, value, count=3, **options):
    optimizer = torch.optim.LBFGS([x], **options)

    def closure():
        optimizer.zero_grad()
        loss = value(x)
        loss.backward()
        return loss

    found = [(float(optimizer.step(closure)), x.detach().clone()) for _ in range(count)]
    state = optimizer.state_dict()["state"][0]
    return found, state["func_evals"], state["n_iter"], len(state["old_dirs"])


def _bowl(x):
    return ((x - 0.5) ** 2).sum() + (x**4).sum() * 0.1


def _valley(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def a_bowl(torch, doubles):
    return _steps(torch, doubles(3).requires_grad_(), _bowl)


def few_iterations(torch, doubles):
    return _steps(torch, doubles(3).requires_grad_(), _bowl, lr=0.5, max_iter=2)


def few_evaluations(torch, doubles):
    return _steps(torch, doubles(3).requires_grad_(), _bowl, lr=0.5, max_iter=10, max_eval=3)


def a_short_history(torch, doubles):
    return _steps(torch, doubles(4).requires_grad_(), _bowl, lr=0.3, max_iter=6, history_size=2)


def a_line_search(torch, doubles):
    return _steps(torch, doubles(3).requires_grad_(), _bowl, line_search_fn="strong_wolfe")


def a_valley(torch, doubles):
    return _steps(torch, doubles(2).requires_grad_(), _valley, count=4, line_search_fn="strong_wolfe", max_iter=5)


def a_valley_by_long_steps(torch, doubles):
    return _steps(torch, doubles(2).requires_grad_(), _valley, count=4, lr=4, line_search_fn="strong_wolfe", max_iter=4)


def another_search(torch, doubles):
    return _refused(_steps, torch, doubles(2).requires_grad_(), _bowl, line_search_fn="armijo")


def several_parameters(torch, doubles):
    x, y, z = doubles(2).requires_grad_(), doubles(2, 2).requires_grad_(), doubles(1).requires_grad_()
    optimizer = torch.optim.LBFGS([x, y, z], lr=0.5, max_iter=4)

    def closure():
        optimizer.zero_grad()
        loss = x.square().sum() + (y - 1).square().sum()
        loss.backward()
        return loss

    return [float(optimizer.step(closure)) for _ in range(2)], x, y, z


def its_state(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.LBFGS([x], lr=torch.tensor([0.5], dtype=torch.float64), max_iter=3, history_size=4)

    def closure():
        optimizer.zero_grad()
        loss = _bowl(x)
        loss.backward()
        return loss

    optimizer.step(closure)
    state = optimizer.state_dict()["state"][0]
    return {name: state[name] for name in sorted(state)}


def complex_parameters(torch, complexes):
    return _steps(torch, complexes(2).requires_grad_(), lambda x: _bowl(x.abs()), lr=0.3, max_iter=3)

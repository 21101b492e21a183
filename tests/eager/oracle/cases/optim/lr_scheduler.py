"""Schedulers: the rates and momenta that they set, their states, what they refuse and what they warn of."""

from __future__ import annotations

import warnings

from tests.eager.oracle.answers import refused as _refused

CASES = """
optim.lr_scheduler.StepLR(3, 2)
optim.lr_scheduler.StepLR(optim.SGD([leaf(1)], lr=1.0), 2, last_epoch=3)
optim.lr_scheduler.LambdaLR(optim.SGD([leaf(1)], lr=1.0), [lambda epoch: 1.0, lambda epoch: 2.0])
optim.lr_scheduler.MultiplicativeLR(optim.SGD([leaf(1)], lr=1.0), 3)
optim.lr_scheduler.ConstantLR(optim.SGD([leaf(1)], lr=1.0), factor=2.0)
optim.lr_scheduler.LinearLR(optim.SGD([leaf(1)], lr=1.0), start_factor=0)
optim.lr_scheduler.LinearLR(optim.SGD([leaf(1)], lr=1.0), end_factor=1.5)
optim.lr_scheduler.SequentialLR(optim.SGD([leaf(1)], lr=1.0), [], [])
optim.lr_scheduler.SequentialLR(optim.SGD([leaf(1)], lr=1.0), [3], [])
optim.lr_scheduler.ChainedScheduler([])
optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf(1)], lr=1.0))])
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf(1)], lr=1.0), factor=1.0)
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf(1)], lr=1.0), mode="middle")
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf(1)], lr=1.0), threshold_mode="other")
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([leaf(1)], lr=1.0), min_lr=[0.1, 0.2])
optim.lr_scheduler.ReduceLROnPlateau([leaf(1)])
optim.lr_scheduler.CyclicLR(optim.SGD([leaf(1)], lr=1.0), 0.1, 1.0, mode="other")
optim.lr_scheduler.CyclicLR(optim.Adagrad([leaf(1)], lr=1.0), 0.1, 1.0)
optim.lr_scheduler.CyclicLR(optim.SGD([leaf(1)], lr=1.0), [0.1, 0.2], 1.0)
optim.lr_scheduler.CosineAnnealingWarmRestarts(optim.SGD([leaf(1)], lr=1.0), 0)
optim.lr_scheduler.CosineAnnealingWarmRestarts(optim.SGD([leaf(1)], lr=1.0), 2, T_mult=0)
optim.lr_scheduler.CosineAnnealingWarmRestarts(optim.SGD([leaf(1)], lr=1.0), 2).step(-1)
optim.lr_scheduler.OneCycleLR(optim.SGD([leaf(1)], lr=1.0), 1.0)
optim.lr_scheduler.OneCycleLR(optim.SGD([leaf(1)], lr=1.0), 1.0, total_steps=0)
optim.lr_scheduler.OneCycleLR(optim.SGD([leaf(1)], lr=1.0), 1.0, epochs=2, steps_per_epoch=0)
optim.lr_scheduler.OneCycleLR(optim.SGD([leaf(1)], lr=1.0), 1.0, total_steps=9, pct_start=2)
optim.lr_scheduler.OneCycleLR(optim.SGD([leaf(1)], lr=1.0), 1.0, total_steps=9, anneal_strategy="steep")
optim.lr_scheduler.OneCycleLR(optim.Adagrad([leaf(1)], lr=1.0), 1.0, total_steps=9)
issubclass(optim.lr_scheduler._LRScheduler, optim.lr_scheduler.LRScheduler)
"""


def _optimizer(torch, leaf, kind="SGD", **options):
    if kind == "SGD":
        options.setdefault("momentum", 0.7)
    return getattr(torch.optim, kind)([{"params": [leaf(1)]}, {"params": [leaf(1)], "lr": 0.5}], lr=0.1, **options)


def _shown(optimizer):
    names = ("lr", "momentum", "betas")
    return [[group[name] for name in names if name in group] for group in optimizer.param_groups]


def _walk(scheduler, count=12, argument=None):
    optimizer = scheduler.optimizer
    found = [_shown(optimizer)]
    for number in range(count):
        optimizer.step()
        scheduler.step() if argument is None else scheduler.step(argument(number))
        found.append(_shown(optimizer))
    state = {
        name: value
        for name, value in scheduler.state_dict().items()
        if isinstance(value, (int, float, str, list)) and name not in ("_schedulers", "_schedule_phases")
    }
    return found, scheduler.get_last_lr(), sorted(scheduler.state_dict()), sorted(state.items())


def _walked(torch, leaf, name, *arguments, kind="SGD", **options):
    return _walk(getattr(torch.optim.lr_scheduler, name)(_optimizer(torch, leaf, kind), *arguments, **options))


def lambdas(torch, leaf):
    return _walked(torch, leaf, "LambdaLR", lambda epoch: 0.9**epoch)


def lambdas_for_each_group(torch, leaf):
    return _walked(torch, leaf, "LambdaLR", [lambda epoch: 0.9**epoch, lambda epoch: epoch + 1])


def multiplicative(torch, leaf):
    return _walked(torch, leaf, "MultiplicativeLR", lambda epoch: 0.95)


def steps(torch, leaf):
    return _walked(torch, leaf, "StepLR", 3, gamma=0.5)


def milestones(torch, leaf):
    return _walked(torch, leaf, "MultiStepLR", [2, 5, 5, 9], gamma=0.5)


def constant(torch, leaf):
    return _walked(torch, leaf, "ConstantLR", factor=0.5, total_iters=4)


def linear(torch, leaf):
    return _walked(torch, leaf, "LinearLR", start_factor=0.25, end_factor=0.75, total_iters=4)


def exponential(torch, leaf):
    return _walked(torch, leaf, "ExponentialLR", 0.9)


def polynomial(torch, leaf):
    return _walked(torch, leaf, "PolynomialLR", total_iters=6, power=2.0)


def cosine(torch, leaf):
    return _walked(torch, leaf, "CosineAnnealingLR", 4, eta_min=0.01)


def warm_restarts(torch, leaf):
    return _walked(torch, leaf, "CosineAnnealingWarmRestarts", 3)


def longer_restarts(torch, leaf):
    return _walked(torch, leaf, "CosineAnnealingWarmRestarts", 2, T_mult=2, eta_min=0.01)


def restarts_at_fractions(torch, leaf):
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(_optimizer(torch, leaf), 2, T_mult=2)
    return _walk(scheduler, argument=lambda number: number * 0.75)


def triangles(torch, leaf):
    return _walked(torch, leaf, "CyclicLR", 0.1, 1.0, step_size_up=3, step_size_down=2)


def lower_triangles(torch, leaf):
    return _walked(torch, leaf, "CyclicLR", [0.1, 0.2], [1.0, 2.0], 2, mode="triangular2", kind="Adam")


def exponential_triangles(torch, leaf):
    return _walked(torch, leaf, "CyclicLR", 0.1, 1.0, 2, mode="exp_range", gamma=0.9, cycle_momentum=False)


def scaled_triangles(torch, leaf):
    return _walked(torch, leaf, "CyclicLR", 0.1, 1.0, 2, scale_fn=lambda x: 1 / (x + 1), scale_mode="iterations")


def one_cycle(torch, leaf):
    return _walked(torch, leaf, "OneCycleLR", 1.0, total_steps=13)


def one_cycle_in_three_phases(torch, leaf):
    return _walked(
        torch, leaf, "OneCycleLR", [1.0, 2.0], epochs=4, steps_per_epoch=4, three_phase=True, anneal_strategy="linear",
        kind="Adam",
    )  # fmt: skip


def more_steps_than_one_cycle_has(torch, leaf):
    return _refused(_walked, torch, leaf, "OneCycleLR", 1.0, total_steps=5, cycle_momentum=False)


def plateaus(torch, leaf):
    measures = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    found = []
    for options in (
        {"patience": 1}, {"patience": 1, "mode": "max", "factor": 0.5}, {"patience": 0, "cooldown": 2},
        {"patience": 1, "threshold": 0.3, "threshold_mode": "abs", "min_lr": [0.01, 0.2]},
        {"patience": 0, "mode": "max", "threshold_mode": "abs", "eps": 0.2},
    ):  # fmt: skip
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(_optimizer(torch, leaf), **options)
        found.append(_walk(scheduler, argument=measures.__getitem__))
    return found


def one_after_another(torch, leaf):
    optimizer, schedulers = _optimizer(torch, leaf), torch.optim.lr_scheduler
    parts = [schedulers.ConstantLR(optimizer, 0.1, 2), schedulers.ExponentialLR(optimizer, 0.9)]
    return _walk(schedulers.SequentialLR(optimizer, parts, [4]))


def warming_up_first(torch, leaf):
    optimizer, schedulers = _optimizer(torch, leaf), torch.optim.lr_scheduler
    parts = [schedulers.LinearLR(optimizer, 0.1, total_iters=3), schedulers.CosineAnnealingLR(optimizer, 8)]
    return _walk(schedulers.SequentialLR(optimizer, parts, [3]))


def chained(torch, leaf):
    optimizer, schedulers = _optimizer(torch, leaf), torch.optim.lr_scheduler
    return _walk(
        schedulers.ChainedScheduler(
            [schedulers.ConstantLR(optimizer, 0.1, 2), schedulers.ExponentialLR(optimizer, 0.9)]
        )
    )


def schedulers_of_different_optimizers(torch, leaf):
    schedulers = torch.optim.lr_scheduler
    parts = [schedulers.ExponentialLR(torch.optim.SGD([leaf(1)], lr=1.0), 0.9) for _ in range(2)]
    told = _refused(schedulers.ChainedScheduler, parts)
    return told, _refused(schedulers.SequentialLR, parts[0].optimizer, parts[:1], [3])


def rates_that_are_tensors(torch, leaf):
    rate = torch.tensor(0.5)
    optimizer = torch.optim.SGD([leaf(1)], lr=rate)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    found = []
    for _ in range(3):
        optimizer.step()
        scheduler.step()
        found.append((float(rate), optimizer.param_groups[0]["lr"] is rate, scheduler.get_last_lr()))
    return found


def states_go_on(torch, leaf):
    def walk(scheduler, count):
        for _ in range(count):
            scheduler.optimizer.step()
            scheduler.step()
        return scheduler

    found = []
    for name, options in (("StepLR", {"step_size": 2}), ("OneCycleLR", {"max_lr": 1.0, "total_steps": 12}),
                          ("CosineAnnealingLR", {"T_max": 5})):  # fmt: skip
        make = getattr(torch.optim.lr_scheduler, name)
        before = walk(make(_optimizer(torch, leaf), **options), 4)
        after = make(_optimizer(torch, leaf), **options)
        after.load_state_dict(before.state_dict())
        after.optimizer.load_state_dict(before.optimizer.state_dict())
        found.append((_shown(walk(after, 3).optimizer), after.last_epoch, _shown(walk(before, 3).optimizer)))
    return found


def states_of_functions(torch, leaf):
    class Factor:
        def __init__(self, base):
            self.base = base

        def __call__(self, epoch):
            return self.base**epoch

    scheduler = torch.optim.lr_scheduler.LambdaLR(_optimizer(torch, leaf), [lambda epoch: 1.0, Factor(0.5)])
    state = scheduler.state_dict()
    other = torch.optim.lr_scheduler.LambdaLR(_optimizer(torch, leaf), [lambda epoch: 2.0, Factor(0.9)])
    other.load_state_dict(state)
    return state["lr_lambdas"], other.lr_lambdas[1].base, sorted(state)


def epochs_that_are_told(torch, leaf):
    found = []
    for name, options in (("StepLR", {"step_size": 2}), ("ExponentialLR", {"gamma": 0.5}),
                          ("MultiStepLR", {"milestones": [1, 3]}), ("LinearLR", {}), ("PolynomialLR", {})):  # fmt: skip
        scheduler = getattr(torch.optim.lr_scheduler, name)(_optimizer(torch, leaf), **options)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            scheduler.optimizer.step()
            scheduler.step(3)
        found.append((scheduler.get_last_lr(), [str(each.message) for each in told]))
    return found


def warnings_of_order(torch, leaf):
    found = []
    for makes_step in (True, False):
        scheduler = torch.optim.lr_scheduler.StepLR(_optimizer(torch, leaf), 2)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            if makes_step:
                scheduler.optimizer.step()
            scheduler.step()
            scheduler.step()
            scheduler.get_lr()
        found.append([str(each.message) for each in told])
    return found


def groups_that_come_later(torch, leaf):
    optimizer = torch.optim.SGD([leaf(1)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=0.05)
    optimizer.add_param_group({"params": [leaf(1)], "lr": 0.3})
    for _ in range(3):
        scheduler.step(1.0)
    listed = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.0, 0.0])
    optimizer.add_param_group({"params": [leaf(1)]})
    listed.step(1.0)
    return [group["lr"] for group in optimizer.param_groups], _refused(listed.step, 2.0)

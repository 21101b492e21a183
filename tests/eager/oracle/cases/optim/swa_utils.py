"""Averages of weights."""

from __future__ import annotations

CASES = """
optim.swa_utils.get_ema_avg_fn(1.5)
optim.swa_utils.get_ema_multi_avg_fn(-0.5)
optim.swa_utils.SWALR(optim.SGD([leaf(1)], lr=1.0), 0.5, anneal_strategy="steep")
optim.swa_utils.SWALR(optim.SGD([leaf(1)], lr=1.0), 0.5, anneal_epochs=-1)
optim.swa_utils.SWALR(optim.SGD([leaf(1)], lr=1.0), [0.5, 0.1])
sorted(optim.swa_utils.AveragedModel(nn.BatchNorm1d(2)).state_dict())
repr(optim.swa_utils.AveragedModel(nn.Linear(1, 2)))
"""


def _averaged(torch, doubles, **options):
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2)).double()
    averages = torch.optim.swa_utils.AveragedModel(model, **options)
    with torch.no_grad():
        for number in range(3):
            for value in (*model.parameters(), *model.buffers()):
                value.copy_(doubles(*value.shape) if value.dtype is torch.float64 else torch.tensor(number))
            averages.update_parameters(model)
    return averages.state_dict(), averages.n_averaged


def equal_weights(torch, doubles):
    return _averaged(torch, doubles)


def decaying_weights(torch, doubles):
    utils = torch.optim.swa_utils
    return (
        _averaged(torch, doubles, avg_fn=utils.get_ema_avg_fn(0.5)),
        _averaged(torch, doubles, multi_avg_fn=utils.get_ema_multi_avg_fn(0.9), use_buffers=True),
        _averaged(torch, doubles, multi_avg_fn=utils.get_swa_multi_avg_fn()),
        _averaged(torch, doubles, avg_fn=utils.get_swa_avg_fn(), use_buffers=True),
    )


def a_function_of_ones_own(torch, doubles):
    return _averaged(torch, doubles, avg_fn=lambda mean, value, count: mean * 0.1 + value * count)


def statistics_anew(torch, doubles):
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.BatchNorm1d(2, momentum=None)).double().eval()
    batches = [doubles(4, 2), (doubles(3, 2), 7), [doubles(5, 2)]]
    torch.optim.swa_utils.update_bn(batches, model)
    norms = [(norm.running_mean, norm.running_var, norm.num_batches_tracked, norm.momentum) for norm in model]
    torch.optim.swa_utils.update_bn(batches, torch.nn.Linear(2, 2))
    return norms, model.training


def rates(torch, leaf):
    found = []
    for options in ({"anneal_epochs": 4}, {"anneal_epochs": 4, "anneal_strategy": "linear"}, {"anneal_epochs": 0}):
        optimizer = torch.optim.SGD([leaf(1)], lr=1.0)
        scheduler = torch.optim.swa_utils.SWALR(optimizer, 0.05, **options)
        walked = []
        for _ in range(6):
            optimizer.step()
            scheduler.step()
            walked.extend(scheduler.get_last_lr())
        found.append((walked, sorted(scheduler.state_dict())))
    return found

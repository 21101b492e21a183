"""Objects in files and back."""

from __future__ import annotations

import io

CASES = """
torch.save(1, 3)
torch.load(3)
"""


def _back(torch, value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    file.seek(0)
    return torch.load(file)


def values(torch, floats):
    x = floats(3, 4)
    value = {
        "x": x,
        "row": x[1],
        "columns": x.t(),
        "steps": x[:, 1::2],
        "again": x,
        "rest": [1, 2.5, None, "ö", (True,)],
    }
    found = _back(torch, value)
    found["x"][1, 1] = 7
    return found, _back(torch, value, _use_new_zipfile_serialization=False)


def strides_and_flags(torch, floats):
    parameter = torch.nn.Parameter(floats(2))
    leaf = floats(2).requires_grad_()
    values = [floats(2, 3).t(), floats(1, 3).expand(2, 3), parameter, leaf, (leaf * 2).detach(), floats(2, 3)[:, 0]]
    return [(each, each.stride(), each.requires_grad, each.is_leaf) for each in _back(torch, values)]


def states(torch, doubles):
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)).double()
    with torch.no_grad():
        for value in model.parameters():
            value.copy_(doubles(*value.shape))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    x = doubles(4, 2)
    found = []
    for step in range(4):
        if step == 2:
            model.load_state_dict(_back(torch, model.state_dict()))
            optimizer.load_state_dict(_back(torch, optimizer.state_dict()))
        optimizer.zero_grad()
        model(x).square().sum().backward()
        optimizer.step()
        found.append([value.detach().clone() for value in model.parameters()])
    return found

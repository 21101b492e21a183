"""Tables whose gradients are sparse, on a mesh: the gradients stay whole."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import diptych
import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager import nn, optim

pytest.importorskip("jax")


def trained(make: Any, mesh: Any) -> list[Any]:
    table = nn.Embedding(4, 2, sparse=True, _weight=torch.arange(8.0).reshape(4, 2))
    optimizer = make(table.parameters(), lr=0.1)
    with mesh:
        for places in ([0, 1], [1, 3]):
            optimizer.zero_grad()
            table(torch.tensor(places)).square().sum().backward()
            optimizer.step()
        return table.weight.tolist()


@pytest.mark.parametrize("make", [optim.SparseAdam, optim.SGD, optim.Adagrad])
def test_tables_with_sparse_gradients_are_trained_on_a_mesh(make: Any) -> None:
    diptych.configure(backend="jax")
    split = diptych.mesh({"weight": ("model", None)}, zero=True, data=1, model=1)
    np.testing.assert_allclose(trained(make, split), trained(make, nullcontext()), rtol=1e-6)

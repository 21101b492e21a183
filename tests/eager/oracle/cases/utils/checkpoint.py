"""Parts of a model that may be computed again."""

from __future__ import annotations


def results_and_gradients(torch, nn, leaf):
    import importlib

    checkpoint = importlib.import_module(f"{torch.__name__}.utils.checkpoint").checkpoint
    x = leaf(3)
    return checkpoint(lambda a, b: torch.sin(a) * b, x, x * 2, use_reentrant=False)


def keywords(torch, leaf):
    import importlib

    checkpoint = importlib.import_module(f"{torch.__name__}.utils.checkpoint").checkpoint
    return checkpoint(lambda a, factor: torch.sin(a) * factor, leaf(2), use_reentrant=False, factor=3)


def keywords_with_the_older_way(torch, leaf):
    import importlib

    checkpoint = importlib.import_module(f"{torch.__name__}.utils.checkpoint").checkpoint
    return checkpoint(lambda a, factor: torch.sin(a) * factor, leaf(2), use_reentrant=True, factor=3)


def in_sequence(torch, nn, leaf):
    import importlib

    module = importlib.import_module(f"{torch.__name__}.utils.checkpoint")
    return module.checkpoint_sequential(
        nn.Sequential(nn.Tanh(), nn.Sigmoid(), nn.Tanh()), 2, leaf(3), use_reentrant=False
    )

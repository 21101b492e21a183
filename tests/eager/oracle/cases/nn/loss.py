"""Losses as modules."""

from __future__ import annotations

CASES = """
nn.CrossEntropyLoss()(leaf(4, 3), ints(4, low=0, high=3))
nn.CrossEntropyLoss(doubles(3, low=0.5))(leaf(4, 3), ints(4, low=0, high=3))
nn.CrossEntropyLoss(weight=doubles(3, low=0.5), reduction="sum")(leaf(4, 3), ints(4, low=0, high=3))
nn.CrossEntropyLoss(ignore_index=1)(leaf(4, 3), tensor([0, 2, 1, 1], "int64"))
nn.CrossEntropyLoss(reduction="none", label_smoothing=0.1)(leaf(4, 3), ints(4, low=0, high=3))
nn.CrossEntropyLoss()(leaf(4, 3), doubles(4, 3, low=0, high=1))
nn.CrossEntropyLoss(reduction="avg")(floats(4, 3), ints(4, low=0, high=3))
list(nn.CrossEntropyLoss(floats(3)).state_dict())
list(nn.CrossEntropyLoss().state_dict())
nn.CrossEntropyLoss().reduction
nn.CrossEntropyLoss().ignore_index
nn.CrossEntropyLoss(floats(3)).weight
nn.NLLLoss()(leaf(4, 3), ints(4, low=0, high=3))
nn.NLLLoss(doubles(3, low=0.5))(leaf(4, 3), ints(4, low=0, high=3))
nn.NLLLoss(ignore_index=1, reduction="sum")(leaf(4, 3), tensor([0, 2, 1, 1], "int64"))
nn.MSELoss()(leaf(2, 3), leaf(2, 3))
nn.MSELoss(reduction="sum")(leaf(2, 3), leaf(2, 3))
nn.MSELoss(reduction="none")(leaf(2, 3), leaf(2, 3))
nn.L1Loss()(leaf(2, 3), leaf(2, 3))
nn.L1Loss(reduction="sum")(leaf(2, 3), leaf(2, 3))
nn.SmoothL1Loss()(leaf(2, 3), leaf(2, 3))
nn.SmoothL1Loss(beta=0.5)(leaf(2, 3), leaf(2, 3))
nn.SmoothL1Loss(reduction="none", beta=2.0)(leaf(2, 3), leaf(2, 3))
nn.BCELoss()(leaf(2, 3, low=0.1, high=0.9), doubles(2, 3, low=0, high=1))
nn.BCELoss(doubles(3, low=0.5), reduction="sum")(leaf(2, 3, low=0.1, high=0.9), doubles(2, 3, low=0, high=1))
nn.BCEWithLogitsLoss()(leaf(2, 3), doubles(2, 3, low=0, high=1))
nn.BCEWithLogitsLoss(doubles(3, low=0.5))(leaf(2, 3), doubles(2, 3, low=0, high=1))
nn.BCEWithLogitsLoss(pos_weight=doubles(3, low=0.5))(leaf(2, 3), doubles(2, 3, low=0, high=1))
list(nn.BCEWithLogitsLoss(pos_weight=doubles(3)).state_dict())
repr(nn.CrossEntropyLoss())
repr(nn.MSELoss(reduction="sum"))
repr(nn.BCEWithLogitsLoss(pos_weight=floats(2)))
nn.MSELoss()(floats(2))
nn.HuberLoss(delta=0.5)(leaf(2, 3), leaf(2, 3))
nn.HuberLoss(delta="1")
repr(nn.HuberLoss())
"""


def older_flags_choose_the_reduction(torch, nn, F, floats):
    """And warn."""
    import warnings

    found = []
    for size_average, reduce in ((True, None), (False, None), (None, False), (None, True), (False, False)):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            loss = nn.MSELoss(size_average, reduce)
        found.append((loss.reduction, [str(each.message) for each in told]))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            value = F.l1_loss(floats(3), floats(3), size_average, reduce)
        found.append((value, [str(each.message) for each in told]))
    return found


def sizes_that_differ_are_warned_of(torch, nn, F, floats):
    import warnings

    found = []
    for loss in (F.mse_loss, F.l1_loss, F.smooth_l1_loss):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found.append(loss(floats(3, 1), floats(3)))
        found.append([str(each.message) for each in told])
    return found


def an_older_name_is_warned_of(torch, nn):
    import warnings

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        loss = nn.NLLLoss2d(ignore_index=1)
    return [loss.ignore_index, [str(each.message) for each in told]]

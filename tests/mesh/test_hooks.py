"""Hooks that share gradients between processes."""

from __future__ import annotations

import pytest

from tests.mesh.test_processes import launched


def test_hooks_share_gradients() -> None:
    found = launched(2, "hooks.py")
    tolerances = {"mean": 1e-6, "compiled": 1e-6, "float16": 2e-3, "wrapped": 2e-3, "bfloat16": 2e-2}
    tolerances["wrapped twice"] = 2e-2
    for rank, each in enumerate(found):
        for name, tolerance in tolerances.items():
            assert each[name]["state"] == found[0][name]["state"]  # to the bit
            assert each[name]["state"] == pytest.approx(each["none"]["state"], rel=tolerance, abs=tolerance), name
            assert each[name]["programs"][2:] == each["none"]["programs"][2:] == [1, 1], name
        first, second = [[4, 3], [4]], [[4], [4, 3]]
        assert each["buckets"] == [
            [[0, True, [32], [*second, *second]]],
            [[0, False, [16], second], [1, True, [16], second]],
            [[0, False, [4], [[4]]], [1, False, [12], [[4, 3]]], [2, False, [4], [[4]]], [3, True, [12], [[4, 3]]]],
            [[0, False, [16], first], [1, True, [16], first]],
        ]
        own = each["noop"]
        assert own == each["by name"] and own[2] != found[1 - rank]["noop"][2]
        doubled = [[2 * value for value in gradient] for gradient in own]
        assert each["changed"] == [*doubled[:3], [0.0] * 4]
        both = [
            [one + other for one, other in zip(*pair, strict=True)]
            for pair in zip(found[0]["noop"], found[1]["noop"], strict=True)
        ]
        gradients, sums = each["summed"]
        for gradient, wanted in zip(gradients, both, strict=True):  # of two calls
            assert gradient == pytest.approx([2 * value + 1 for value in wanted])
        assert sums == pytest.approx([sum(map(sum, gradients))])
        assert each["unused by one"] == found[0]["unused by one"]
        assert each["unused by one"][2] == pytest.approx([value / 2 for value in found[1]["noop"][2]])
        assert each["unused by all"][2:] == [None, None] and each["unused by all"][1] == [2.0] * 4
        assert each["refused"] == [
            "TypeError: Communication hook must be callable.",
            "RuntimeError: register_comm_hook or register_builtin_comm_hook can only be called once.",
            "RuntimeError: DDP communication hook's callback must return a torch.futures.Future object, but got "
            "builtins.int",
            "RuntimeError: Got the following error when running the callback: ZeroDivisionError: division by zero",
            "RuntimeError: Unable to cast 5 to Tensor",
            "RuntimeError: register_comm_hook: the result of the hook is of 5 numbers but must be of 32, those of the "
            "bucket's buffer",
            "ValueError: Communication hook: bucket annotation should be dist.GradBucket.",
            "ValueError: Communication hook: return annotation should be torch.futures.Future[torch.Tensor].",
        ]

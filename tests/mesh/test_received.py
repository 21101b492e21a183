"""Tensors and objects that one process sends another, which may not know of whom they come."""

from __future__ import annotations

from tests.mesh.test_processes import launched


def test_what_comes_of_any_process() -> None:
    found, _, _ = launched(3, "received.py")
    assert sorted(found["any"]) == [[1, 1.0, 0.0], [1, 1.0, 1.0], [2, 2.0, 0.0], [2, 2.0, 1.0]]
    assert [row[2] for row in found["any"] if row[0] == 1] == [0.0, 1.0]  # each in its order
    assert found["later"] == [[False, -1], 1, [5.0, 6.0], True]
    assert found["work"] == ["result() not implemented.", "Work::getFuture not implemented."]
    assert found["named"] == [2, [9.0, 10.0], 1, [7.0, 8.0]]
    assert found["some"] == [2, [11.0, 12.0]]
    assert found["objects"] == [1, [{"a": [1, None]}, "text"]]
    assert found["objects of any"] == [2, [[2], None]]
    assert found["in a group"] == [2, [1.0, 1.0]]
    assert found["fewer"] == "recv_object_list: 2 objects came but the list is of 1"
    itself = "Invalid {0} rank: {0} rank should not be the same as the rank of the current process."
    assert found["refused"][:4] == [
        "Must specify global_rank or group_rank",
        "Must specify global_rank or group_rank",
        itself.format("destination"),
        itself.format("source"),
    ]
    assert found["refused"][4].startswith("torch.distributed: what other processes are given: ")

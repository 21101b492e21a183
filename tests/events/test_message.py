"""Messages: fields that are set and not, bytes and back, and bytes that are none."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from diptych.events import Event, SessionLog, Summary, SummaryMetadata, TensorProto, message
from diptych.events.errors import DamagedData
from diptych.events.message import MAX_DEPTH, Field, Message
from diptych.events.wire import DOUBLE, INT32, STRING


class Tree(Message):
    """A message of its own kind."""

    FIELDS = (
        Field(1, "name", STRING),
        Field(3, "weights", DOUBLE, repeated=True),
        Field(4, "counts", INT32, repeated=True),
    )


Tree.FIELDS = (*Tree.FIELDS, Field(2, "branch", Tree), Field(5, "branches", Tree, repeated=True))
Tree.__init_subclass__()


def test_fields_that_are_not_set() -> None:
    value = Summary.Value()
    assert (value.tag, value.simple_value, value.image.height, value.histo.bucket) == ("", 0.0, 0, [])
    assert not value.HasField("simple_value") and not value.HasField("image")
    assert value.WhichOneof("value") is None
    assert value.SerializeToString() == b""
    with pytest.raises(AttributeError, match="^'Value' object has no attribute 'colour'$"):
        _ = value.colour


def test_zeros_are_left_out_but_in_groups() -> None:
    assert Event(step=0, wall_time=0.0).SerializeToString() == b""
    assert Event(wall_time=-0.0).SerializeToString() == bytes.fromhex("090000000000000080")
    assert Summary.Value(simple_value=0.0).SerializeToString() == bytes.fromhex("1500000000")
    assert Summary.Value(image=Summary.Image()).SerializeToString() == bytes.fromhex("2200")


def test_what_is_put_into_a_message_that_was_read_counts() -> None:
    value = Summary.Value(tag="a")
    value.image.height = 3
    assert value.WhichOneof("value") == "image"
    assert Summary.Value.FromString(value.SerializeToString()) == Summary.Value(tag="a", image=Summary.Image(height=3))
    counted = Summary.Value()
    counted.histo.bucket.append(2)
    assert counted.HasField("histo") and counted.SerializeToString().hex() == "2a0a3a080000000000000040"


def test_of_a_group_the_last_stays() -> None:
    value = Summary.Value(simple_value=1.0)
    value.image = Summary.Image(height=2)
    assert value.WhichOneof("value") == "image" and not value.HasField("simple_value")
    value.simple_value = 3.0
    assert value.WhichOneof("value") == "simple_value" and value.image.height == 0
    both = Summary.Value(image=Summary.Image(height=2)).SerializeToString() + value.SerializeToString()
    assert Summary.Value.FromString(both) == value
    value.ClearField("simple_value")
    assert value.WhichOneof("value") is None


def test_lists_add_messages() -> None:
    summary = Summary()
    summary.value.add(tag="a", simple_value=1.0)
    summary.value.add().tag = "b"
    assert [each.tag for each in Summary.FromString(summary.SerializeToString()).value] == ["a", "b"]
    with pytest.raises(TypeError, match="^add: the field holds float values but must hold messages$"):
        TensorProto().float_val.add()


def test_copies_share_nothing() -> None:
    first = Summary(value=[Summary.Value(tag="a")])
    second = Summary()
    second.CopyFrom(first)
    second.value[0].tag = "b"
    assert first.value[0].tag == "a" and first != second
    assert first != Event() and (first == 3) is False
    with pytest.raises(TypeError, match="^CopyFrom: other is of Event but must be of Summary$"):
        second.CopyFrom(Event())


def test_python_copies_and_pickles_them() -> None:
    first = Summary(value=[Summary.Value(tag="a", simple_value=1.0)])
    for second in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert second == first
        second.value.add(tag="b")
        assert len(first.value) == 1


def test_arrays_become_lists_of_numbers() -> None:
    found = TensorProto(float_val=np.ones(2), bool_val=np.array([True])).SerializeToString()
    assert found == TensorProto(float_val=[1.0, 1.0], bool_val=[True]).SerializeToString()
    assert type(TensorProto(int_val=np.arange(2)).int_val[0]) is int


def test_looks() -> None:
    log = SessionLog(status=SessionLog.START, msg="x" * 300)
    assert (
        repr(Event(step=2, session_log=log)) == f"Event(step=2, session_log=SessionLog(status=1, msg='{'x' * 199}...))"
    )
    value = Summary.Value(tag="a")
    _ = value.image
    assert repr(value) == "Value(tag='a')"


@pytest.mark.parametrize(
    "call, problem, text",
    [
        (lambda: Event(stop=1), AttributeError, "Event has no field 'stop'"),
        (lambda: Event(summary=3), TypeError, "Event: summary is of int but must be of Summary"),
        (lambda: Event(wall_time="now").SerializeToString(), TypeError, "wall_time is 'now' but must be of double"),
        (lambda: Event().HasField("stop"), ValueError, "Event: 'stop' is no field that can be set or not"),
        (lambda: Summary().HasField("value"), ValueError, "Summary: 'value' is no field that can be set or not"),
        (lambda: Event().WhichOneof("value"), ValueError, "Event: 'value' is no group of fields"),
    ],
)
def test_misuse(call: Any, problem: type[Exception], text: str) -> None:
    with pytest.raises(problem) as error:
        call()
    assert str(error.value) == text


def test_parts_of_a_message_are_merged_and_others_passed_over() -> None:
    halves = [Tree(branch=Tree(name="a", counts=[1])), Tree(branch=Tree(branch=Tree(name="b"), counts=[2]))]
    unknown = bytes.fromhex("f83f01f93f0000000000000000fa3f0161fd3f000000000801")
    data = b"".join(half.SerializeToString() for half in halves) + unknown
    assert Tree.FromString(data) == Tree(branch=Tree(name="a", branch=Tree(name="b"), counts=[1, 2]))


def test_lists_are_read_with_keys_between_too() -> None:
    assert Tree.FromString(bytes.fromhex("20ff012002220103")).counts == [255, 2, 3]
    assert Tree.FromString(bytes.fromhex("19000000000000f83f")).weights == [1.5]


@pytest.mark.parametrize(
    "text, problem",
    [
        ("0a", "message, byte 1: a varint is cut"),
        ("0a0561", "Tree, byte 0: field 1 is 4 bytes longer than its message"),
        ("1900", "Tree, byte 0: field 3 is 7 bytes longer than its message"),
        ("0b", "Tree, byte 0: a field's form is 3 but must be 0, 1, 2 or 5"),
        ("02", "Tree, byte 0: a field's number is 0 but must be from 1 to 536870911"),
        ("0a01ff", "Tree, byte 0: name is no UTF-8 text"),
        ("12020a05", "Tree, byte 2: field 1 is 5 bytes longer than its message"),
        ("1a0100", "message, byte 2: packed values are 1 bytes but must be a multiple of 8"),
    ],
)
def test_bytes_that_are_no_message(text: str, problem: str) -> None:
    with pytest.raises(DamagedData) as error:
        Tree.FromString(bytes.fromhex(text))
    assert str(error.value) == problem


def test_depth_is_limited() -> None:
    data = b""
    for _ in range(MAX_DEPTH):
        data = Tree(branch=Tree()).SerializeToString()[:1] + bytes([len(data)]) + data
    assert Tree.FromString(data)
    with pytest.raises(DamagedData) as error:
        Tree.FromString(b"\x12" + bytes([len(data)]) + data)
    assert str(error.value) == f"Tree, byte {len(data) + 2}: messages are nested more than 32 deep"


def test_the_number_of_messages_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "MAX_VALUES", 10)
    assert len(Tree.FromString(b"\x2a\x00" * 10).branches) == 10
    with pytest.raises(DamagedData) as error:
        Tree.FromString(b"\x2a\x00" * 11)
    assert str(error.value) == "Tree, byte 22: there are more than 10 values in lists"


def test_names_of_metadata() -> None:
    data = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
    assert data.SerializeToString() == bytes.fromhex("0a090a07") + b"scalars"

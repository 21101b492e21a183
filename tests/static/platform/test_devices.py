"""Devices, as programs ask for them."""

from diptych.static.platform.devices import list_local_devices


def test_there_is_a_processor():
    assert [(each.name, each.device_type) for each in list_local_devices()] == [("/device:CPU:0", "CPU")]

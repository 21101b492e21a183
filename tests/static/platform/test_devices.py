"""Devices, as programs ask for them."""

from __future__ import annotations

from collections.abc import Iterator

import diptych.static as tf
import pytest
from diptych.backends import accelerators
from diptych.backends.settings import configure
from diptych.static.platform.devices import list_local_devices


@pytest.fixture
def accelerator(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Programs run on jax, whose CPU counts as an accelerator."""
    from diptych.backends.jax import placement

    with monkeypatch.context() as patch:
        patch.setattr(placement, "is_accelerator", lambda device: True)
        configure(backend="jax")
        accelerators.forget()
        yield
    configure(backend="numpy")
    accelerators.forget()


def named(*names):
    from contextlib import ExitStack

    with ExitStack() as blocks:
        for name in names:
            blocks.enter_context(tf.device(name))
        return tf.no_op().device


def test_there_is_a_processor():
    assert [(each.name, each.device_type) for each in list_local_devices()] == [("/device:CPU:0", "CPU")]
    assert tf.config.experimental.list_physical_devices() == [("/physical_device:CPU:0", "CPU")]
    assert tf.config.experimental.list_physical_devices("GPU") == []
    assert tf.config.experimental.list_logical_devices("CPU") == [("/device:CPU:0", "CPU")]
    with tf.Session() as session:
        (found,) = session.list_devices()
    assert repr(found) == "_DeviceAttributes(/job:localhost/replica:0/task:0/device:CPU:0, CPU, 268435456, 1)"
    (processor,) = tf.config.experimental.get_visible_devices()
    with pytest.raises(ValueError, match=r"^Cannot set memory growth on non-GPU and non-Pluggable devices$"):
        tf.config.experimental.set_memory_growth(processor, True)


def test_there_is_an_accelerator(accelerator):
    assert tf.test.is_gpu_available() and tf.test.is_built_with_cuda()
    assert not tf.test.is_gpu_available(min_cuda_compute_capability=(3, 0))  # of a processor nobody knows
    assert tf.test.gpu_device_name() == "/device:GPU:0"
    (found,) = tf.config.experimental.list_physical_devices("GPU")
    tf.config.experimental.set_memory_growth(found, True)
    assert found == ("/physical_device:GPU:0", "GPU")
    with tf.device("/gpu:0"):
        x = tf.constant([1.0, 2.0]) * 2
    with tf.Session() as session:
        assert [each.name[-6:] for each in session.list_devices()] == [":CPU:0", ":GPU:0"]
        assert session.run(x).tolist() == [2, 4]
    assert list_local_devices()[1].physical_device_desc == "device: 0, name: cpu"


@pytest.mark.parametrize(
    ("names", "device"),
    [
        (("/gpu:0",), "/device:GPU:0"),
        (("/device:gpu:0",), "/device:GPU:0"),
        (("cpu:0",), "/device:CPU:0"),
        (("/gpu:*",), "/device:GPU:*"),
        (("/job:ps/task:1", "/gpu:1"), "/job:ps/task:1/device:GPU:1"),
        (("/gpu:1", ""), "/device:GPU:1"),
        (("/gpu:0", None), ""),
        ((lambda operation: "/gpu:0",), "/gpu:0"),
        (("/gpu:0", lambda operation: f"/job:{operation.name.lower()}"), "/job:noop/device:GPU:0"),
    ],
)
def test_names_of_operations_within_blocks(names, device):
    assert named(*names) == device


@pytest.mark.parametrize("name", ["nonsense", "/gpu:0:1", "/task:a"])
def test_what_names_no_device(name):
    with pytest.raises(ValueError, match=rf"^(Unknown attribute .* the device spec: '{name}'.|invalid literal .*)$"):
        named(name)
    with pytest.raises(TypeError, match=r"^Expected binary or unicode string, got None$"):
        named(lambda operation: None)
    assert tf.no_op().device == ""


def test_operations_put_where_nothing_is_run_all_the_same():
    """A program runs whole on one device: TensorFlow would refuse this without allow_soft_placement."""
    with tf.device("/gpu:7"):
        x = tf.constant(2.0) * 3
    with tf.Session() as session:
        assert session.run(x) == 6

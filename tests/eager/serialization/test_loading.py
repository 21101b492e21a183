"""Files that PyTorch wrote, read; and what `load` refuses."""

from __future__ import annotations

import collections
import io
import os
import pathlib
import pickle
import sys
import types
import zipfile

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager import nn, serialization
from diptych.ir import Unsupported

FILES = pathlib.Path(__file__).parent / "files"


@pytest.mark.parametrize("name", ["archive.pt", "stream.pt", "protocol4.pt"])
def test_all_that_pytorch_saves(name):
    found = torch.load(FILES / name)
    assert (found["epoch"], found["note"], found["rate"], found["large"]) == (7, "ö", 0.5, 1 << 40)
    assert found["size"] == torch.Size([3, 4]) and type(found["size"]) is torch.Size
    assert found["dtype"] is torch.float16 and found["device"] == torch.device("cpu") and found["bytes"] == b"\x00\xff"
    assert found["counter"] == collections.Counter("aab") and found["set"] == {1, 2} and found["complex"] == 1 + 2j
    assert found["ordered"] == collections.OrderedDict(b=1, a=(2, None)) and found["list"] == [True, -1, 300, 70000]
    base = np.arange(12.0).reshape(3, 4)
    for key, wanted in {"base": base, "row": base[1], "columns": base.T, "steps": base[:, 1::2], "empty": base[:0],
                        "expanded": np.ones((2, 3)), "scalar": 3, "flags": [True, False]}.items():  # fmt: skip
        assert np.array_equal(found[key].numpy(), wanted), key
    for kind, ones in found["dtypes"].items():
        assert str(ones.dtype) == kind and ones.tolist() == [1, 1]
    assert type(found["parameter"]) is nn.Parameter and found["parameter"].requires_grad
    assert found["leaf"].requires_grad and found["leaf"].is_leaf and not found["base"].requires_grad


@pytest.mark.parametrize("name", ["archive.pt", "stream.pt"])
def test_memory_is_shared_as_it_was(name):
    found = torch.load(FILES / name)
    found["base"][1, 1] = 50
    assert found["row"][1] == found["columns"][1, 1] == found["steps"][1, 0] == found["again"][1, 1] == 50
    found["row"][3] = 60
    assert found["base"][1, 3] == 60
    found["dtypes"]["torch.float32"][0] = 9
    assert found["dtypes"]["torch.float64"][0] == 1


def test_states_of_modules_and_optimizers():
    found = torch.load(FILES / "archive.pt")
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters())
    model.load_state_dict(found["model"])
    optimizer.load_state_dict(found["optimizer"])
    assert model[1].num_batches_tracked == 1 and optimizer.param_groups[0]["lr"] == 0.1
    assert optimizer.state[model[0].weight]["step"] == 1
    model(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    assert optimizer.state[model[0].weight]["step"] == 2


def test_dtypes_without_storages_of_their_own():
    assert torch.load(FILES / "words.pt")["words"].dtype is torch.uint16


def test_files_that_are_open():
    content = (FILES / "archive.pt").read_bytes()
    assert torch.load(io.BytesIO(content))["epoch"] == 7
    with (FILES / "stream.pt").open("rb") as file:
        assert torch.load(file)["epoch"] == 7
    with pytest.raises(AttributeError, match=r"^'object' object has no attribute 'seek'\. You can only torch\.load"):
        torch.load(object())


def test_a_module_is_read_where_it_may_be():
    with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL torch\.nn\.modules\.linear\.Linear was not an allowed"):
        torch.load(FILES / "module.pt")
    with serialization.safe_globals([nn.Linear]):
        trusted = torch.load(FILES / "module.pt")
    assert serialization.get_safe_globals() == []
    found = torch.load(FILES / "module.pt", weights_only=False)
    for module in (trusted, found):
        assert type(module) is nn.Linear and module(torch.ones(1, 2)).shape == (1, 1)
        assert module.weight.requires_grad


def test_names_that_are_declared():
    class Box:
        pass

    Box.__module__, Box.__qualname__ = "somewhere", "Box"
    data = b"\x80\x02csomewhere\nBox\n)\x81}X\x01\x00\x00\x00aK\x05sb."
    file = _archive(data)
    with pytest.raises(pickle.UnpicklingError, match=r"add_safe_globals\(\[somewhere\.Box\]\)"):
        torch.load(file)
    for each in (Box, (Box, "somewhere.Box")):
        serialization.add_safe_globals([each])
        file.seek(0)
        assert torch.load(file).a == 5
        serialization.clear_safe_globals()
    with pytest.raises(ValueError, match=r"^Expected tuple of length 2 \(global, str of callable full path\), but got"):
        serialization.add_safe_globals([(Box, "x", "y")])
    with pytest.raises(
        TypeError, match=r"^Expected second item in tuple to be str of callable full path, but got: <class"
    ):
        serialization.add_safe_globals([(Box, 3)])


def _archive(pickled, storages=(), extra=(), compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/version", "3\n")
        for number, content in enumerate(storages):
            archive.writestr(f"archive/data/{number}", content)
        for name, content in extra:
            archive.writestr(f"archive/{name}", content)
    file.seek(0)
    return file


def _tensor(storage="FloatStorage", key="0", count=4, offset=0, sizes=(4,), strides=(1,), location="cpu", grad=False):
    """The pickle of one tensor."""

    class Named:
        pass

    names = {"rebuild": ("torch._utils", "_rebuild_tensor_v2"), "kind": ("torch", storage)}

    class Pickler(pickle._Pickler):
        dispatch = dict(pickle._Pickler.dispatch)  # noqa: RUF012

        def persistent_id(self, obj):
            return obj.identity if isinstance(obj, Reference) else None

        def save_name(self, obj):
            module, name = names[obj.name]
            self.write(f"c{module}\n{name}\n".encode())

        def reducer_override(self, obj):
            if isinstance(obj, Built):
                return obj.function, obj.arguments
            return NotImplemented

        dispatch[Named] = save_name

    class Reference:
        def __init__(self, identity):
            self.identity = identity

    class Built:
        def __init__(self, function, arguments):
            self.function, self.arguments = function, arguments

    def named(name):
        made = Named()
        made.name = name
        return made

    Named.__call__ = lambda self: None
    identity = ("storage", named("kind"), key, location, count)
    arguments = (Reference(identity), offset, sizes, strides, grad, collections.OrderedDict())
    written = io.BytesIO()
    Pickler(written, 2).dump(Built(named("rebuild"), arguments))
    return written.getvalue()


FOUR = np.arange(4, dtype=np.float32).tobytes()


def test_the_pickle_of_one_tensor():
    assert torch.load(_archive(_tensor(), [FOUR])).tolist() == [0, 1, 2, 3]
    assert torch.load(_archive(_tensor(sizes=(2, 2), strides=(0, 2)), [FOUR])).tolist() == [[0, 2], [0, 2]]
    assert torch.load(_archive(_tensor(sizes=(3, 2), strides=(1, 1)), [FOUR])).tolist() == [[0, 1], [1, 2], [2, 3]]
    big = np.arange(4, dtype=">f4").tobytes()
    assert torch.load(_archive(_tensor(), [big], [("byteorder", "big")])).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"sizes": (5,)}, "a tensor of sizes [5] reaches beyond its storage"),
        ({"offset": 1}, "a tensor of sizes [4] reaches beyond its storage"),
        ({"offset": -1}, "a tensor has a negative size, stride or offset"),
        ({"strides": (-1,)}, "a tensor has a negative size, stride or offset"),
        ({"sizes": (2, 2)}, "a tensor has 2 sizes and 1 strides"),
        ({"sizes": "ab"}, "a tensor has no sizes"),
        ({"sizes": (1 << 40,), "strides": (0,)}, "repeats the elements of its storage too often"),
        ({"sizes": (1,) * 65, "strides": (1,) * 65}, "a tensor has 65 sizes and 65 strides"),
        ({"sizes": (2, 2, 2, 2, 2, 2, 2), "strides": (0, 1, 1, 1, 0, 0, 0)}, None),
        ({"count": 5}, "storage 0 has not as many bytes as it should"),
        ({"storage": "DoubleStorage"}, "storage 0 has not as many bytes as it should"),
        ({"storage": "LongStorage", "count": 2, "sizes": (2,), "grad": True}, "a tensor of torch.int64 requires grad"),
        ({"key": 0}, "it refers to what is no storage"),
        ({"location": 7}, "a storage has no place"),
    ],
)  # fmt: skip
def test_tensors_that_do_not_fit_are_refused(options, text):
    file = _archive(_tensor(**options), [FOUR])
    if text is None:
        assert torch.load(file).shape == options["sizes"]
        return
    with pytest.raises(pickle.UnpicklingError) as caught:
        torch.load(file)
    assert text in str(caught.value) and str(caught.value).startswith("Weights only load failed.")


def test_storages_of_other_devices():
    file = _archive(_tensor(location="cuda:0"), [FOUR])
    with pytest.raises(RuntimeError, match=r"^Attempting to deserialize object on a CUDA device but"):
        torch.load(file)
    for place in ("cpu", torch.device("cpu"), {"cuda:0": "cpu"}, lambda storage, location: storage):
        file.seek(0)
        assert torch.load(file, map_location=place).tolist() == [0, 1, 2, 3]
    with pytest.raises(RuntimeError, match=r"\(tagged with mars\)$"):
        torch.load(_archive(_tensor(location="mars"), [FOUR]))
    with pytest.raises(RuntimeError, match="Expected one of cpu, cuda"):
        torch.load(file, map_location="mars")


class Opened:
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Opened(os.system, "true"), "system"),
        (Opened(eval, "1"), "eval"),
        (Opened(getattr, "a", "upper"), "getattr"),
        (Opened(bytearray, 1 << 40), "bytes of a length without contents"),
    ],
    ids=["system", "eval", "getattr", "bytearray"],
)
def test_no_code_is_run(value, text, weights_only):
    with pytest.raises(pickle.UnpicklingError, match=text):
        torch.load(_archive(pickle.dumps(value, 2)), weights_only=weights_only)


def test_functions_are_held_but_not_called(monkeypatch):
    module = types.ModuleType("users_own")
    ran = []
    module.shout = lambda: ran.append(1)
    module.shout.__module__, module.shout.__qualname__ = "users_own", "shout"
    monkeypatch.setitem(sys.modules, "users_own", module)
    named = b"\x80\x02cusers_own\nshout\n"
    assert torch.load(_archive(named + b"."), weights_only=False) is module.shout
    with pytest.raises(pickle.UnpicklingError, match="no code is run for a file"):
        torch.load(_archive(named + b")R."), weights_only=False)
    with pytest.raises(pickle.UnpicklingError, match="which this program has not imported"):
        torch.load(_archive(b"\x80\x02cnever_imported\nshout\n."), weights_only=False)
    assert not ran


def test_arrays_and_objects_where_they_are_trusted():
    import argparse

    settings = argparse.Namespace(rate=0.5, sizes=[1, 2])
    by_list = collections.defaultdict(list, {"a": [1]})
    value = {"array": np.arange(3.0), "number": np.float32(2), "settings": settings, "lists": by_list}
    for protocol in (2, 4):
        file = _archive(pickle.dumps(value, protocol))
        found = torch.load(file, weights_only=False)
        assert found["array"].tolist() == [0, 1, 2] and found["number"] == 2 and found["settings"] == settings
        assert found["lists"]["a"] == [1] and found["lists"]["b"] == []
        file.seek(0)
        with pytest.raises(pickle.UnpicklingError, match="was not an allowed global by default"):
            torch.load(file)


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (b"", EOFError, "Ran out of input"),
        (b"PK\x03\x04 no archive", RuntimeError, "PytorchStreamReader failed reading zip archive: File is not a zip file"),
        (pickle.dumps(5, 2), RuntimeError, "Invalid magic number; corrupt file?"),
        (pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(7, 2), RuntimeError, "Invalid protocol version: 7"),
        (b"x" * 257 + b"ustar", RuntimeError, "torch.load: this file is in the tar format of PyTorch 0.1, which is not"),
        (_archive(b"\x80\x02N").getvalue(), pickle.UnpicklingError, "it is cut short"),
        (_archive(b"\x80\x02N.", compression=zipfile.ZIP_DEFLATED).getvalue(), RuntimeError, "it is compressed"),
        (_archive(b"N.", extra=[("constants.pkl", b"")]).getvalue(), Unsupported, "torch.load: the file is a TorchScript"),
        (_archive(_tensor(key="7")).getvalue(), RuntimeError, "failed locating file data/7: file not found"),
    ],
)  # fmt: skip
def test_what_is_no_saved_file(content, kind, text):
    with pytest.raises(kind) as caught:
        torch.load(io.BytesIO(content))
    assert text in str(caught.value)


def test_damage_is_found():
    content = bytearray((FILES / "archive.pt").read_bytes())
    place = content.index(np.arange(12, dtype=np.float32).tobytes())
    content[place] ^= 1
    with pytest.raises(RuntimeError, match=r"^PytorchStreamReader failed reading file data/\d+: Bad CRC-32"):
        torch.load(io.BytesIO(bytes(content)))


def test_sparse_tensors():
    found = torch.load(FILES / "sparse.pt")["sparse"]
    assert found.is_coalesced() and found.layout is torch.sparse_coo
    assert found.to_dense().tolist() == [[1, 0], [0, 1]]


def test_settings_that_exclude_each_other(monkeypatch):
    with pytest.raises(RuntimeError, match="^Can not safely load weights when explicit pickle_module is specified$"):
        torch.load(FILES / "archive.pt", pickle_module=pickle, weights_only=True)
    with pytest.warns(UserWarning, match="pickle_load_args only works if"):
        torch.load(FILES / "archive.pt", weights_only=True, encoding="utf-8")
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    assert isinstance(torch.load(FILES / "module.pt"), nn.Linear)
    monkeypatch.setenv("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "1")
    with pytest.raises(RuntimeError, match="^Only one of `TORCH_FORCE_WEIGHTS_ONLY_LOAD` or"):
        torch.load(FILES / "archive.pt")

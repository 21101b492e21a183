"""The memory behind tensors."""

from __future__ import annotations

CASES = """
floats(2, 3).untyped_storage().nbytes()
floats(2, 3).untyped_storage().size()
tensor([1.0, -2.0], "float32").untyped_storage().tolist()
tensor([1.0, -2.0], "float32").untyped_storage()[3]
len(floats(2, 3)[1].untyped_storage())
floats(2, 3).untyped_storage().is_cuda
str(floats(2, 3).untyped_storage().device)
repr(tensor([1, 2], "uint8").untyped_storage())
floats(2).untyped_storage()[20]
floats(2).untyped_storage()["a"]
floats(2, 3)[1].data_ptr() % 4
floats(0).data_ptr()
torch.is_storage(floats(2).untyped_storage())
torch.is_storage(floats(2))
isinstance(floats(2).untyped_storage(), torch.UntypedStorage)
repr(torch.FloatStorage([1, 2]))
repr(torch.FloatStorage())
torch.FloatStorage(3).size()
torch.FloatStorage(np.int64(3)).nbytes()
torch.FloatStorage(range(3)).tolist()
torch.FloatStorage(floats(2))
torch.FloatStorage(3, 4)
torch.FloatStorage("a")
torch.FloatStorage(2.5)
torch.FloatStorage(3, device="cpu")
torch.FloatStorage(dtype=torch.int32)
torch.FloatStorage(wrap_storage=3)
torch.FloatStorage(3, wrap_storage=torch.UntypedStorage(8))
torch.FloatStorage(wrap_storage=torch.UntypedStorage([0, 0, 128, 63, 1])).tolist()
torch.FloatStorage.dtype
torch.FloatStorage.__name__
torch.CharStorage([300])
torch.CharStorage([1.5]).tolist()
torch.BoolStorage([1, 0, 2]).tolist()
torch.HalfStorage([1, 2]).type()
torch.ComplexFloatStorage([1, 2]).tolist()
torch.BFloat16Storage([1, 2]).tolist()
[each([1, 2]).type() for each in (torch.ByteStorage, torch.ShortStorage, torch.IntStorage, torch.LongStorage)]
[each([1, 2]).type() for each in (torch.DoubleStorage, torch.ComplexDoubleStorage, torch.BFloat16Storage)]
torch.FloatStorage([1, 2]).double().tolist()
torch.FloatStorage([1.5, 0]).bool().tolist()
torch.LongStorage([1, 2]).float().type()
torch.FloatStorage([1, 2]).fill_(4).tolist()
torch.FloatStorage([1, 2]).copy_(torch.FloatStorage([3, 4])).tolist()
torch.FloatStorage([1, 2]).copy_(torch.FloatStorage([3]))
torch.FloatStorage([1, 2])[0:1]
torch.FloatStorage([1, 2])[2]
torch.FloatStorage([1, 2]).untyped().tolist()
torch.FloatStorage([1, 2]).pickle_storage_type()
torch.FloatStorage([1, 2]).is_pinned()
torch.FloatStorage([1, 2]) == torch.FloatStorage([1, 2])
torch.FloatStorage.from_buffer(b"abcdefgh", "native").tolist()
torch.FloatStorage.from_buffer(b"abcdefgh", "big").tolist()
torch.FloatStorage.from_buffer(b"abcdefgh")
torch.FloatStorage.from_buffer(b"abcdefg", "native")
torch.FloatStorage.from_buffer(b"abcdefgh", "middle")
torch.FloatStorage.from_buffer(b"abcdefgh", "native", dtype=torch.int32)
torch.FloatStorage.from_buffer(b"abcdefgh", "native", device="cpu")
torch.FloatStorage.from_buffer(b"abcdefgh", "native", 1, 4).tolist()
torch.FloatStorage.from_buffer(b"abcdefgh", "native", 2, 4)
torch.FloatStorage.from_buffer(b"abcdefgh", "native", 1, 9)
torch.UntypedStorage.from_buffer(b"abc")
torch.UntypedStorage.from_buffer(b"abc", dtype=torch.int8).tolist()
torch.TypedStorage.from_buffer(b"abcdefgh", "native").tolist()
torch.TypedStorage.from_file("absent", True, 2)
torch.FloatStorage.from_file("/absent/file", False, 2)
torch.FloatStorage.from_file("/absent/file", True, 2)
torch.TypedStorage([3], dtype=torch.int64).type()
torch.TypedStorage(dtype=torch.float64).size()
torch.TypedStorage(3, 4)
torch.TypedStorage({1})
torch.TypedStorage(wrap_storage=torch.UntypedStorage(8), dtype=torch.float64).size()
torch.TypedStorage(wrap_storage=torch.UntypedStorage(8))
torch.TypedStorage(wrap_storage=torch.UntypedStorage(8), dtype=3)
torch.TypedStorage(wrap_storage=torch.UntypedStorage(8), dtype=torch.int8, device="cpu")
torch.TypedStorage(3, wrap_storage=torch.UntypedStorage(8), dtype=torch.int8)
torch.TypedStorage(wrap_storage=3, dtype=torch.int8)
torch.UntypedStorage([1, 2, 300]).tolist()
torch.UntypedStorage(3.5)
torch.UntypedStorage().size()
torch.UntypedStorage([1, 2, 3])[1:].tolist()
torch.UntypedStorage([1, 2, 3, 4]).float().tolist()
torch.UntypedStorage([1, 2, 3, 4]).clone().tolist()
torch.UntypedStorage([1, 2]).type()
torch.tensor(torch.FloatStorage([1, 2]))
torch.Tensor(torch.FloatStorage([1, 2]))
torch.FloatTensor(torch.FloatStorage([1, 2]))
torch.LongTensor(torch.FloatStorage([1, 2]))
torch.tensor([]).set_(torch.FloatStorage([1, 2, 3]))
torch.tensor([]).set_(torch.FloatStorage([1, 2, 3]), 1, (2,), (1,))
torch.tensor([]).set_(torch.FloatStorage([1, 2, 3]), 1, (2,))
torch.tensor([]).set_(torch.FloatStorage([1, 2, 3]).untyped())
torch.tensor([]).set_(torch.LongStorage([1, 2, 3]))
torch.tensor([1]).set_(torch.FloatStorage([1, 2, 3]))
torch.is_storage(torch.FloatStorage(2))
floats(2).storage_type().__name__
torch.cuda.FloatStorage(2)
[isinstance(torch.FloatStorage(1), each) for each in (torch.FloatStorage, torch.DoubleStorage, torch.cuda.FloatStorage)]
"""


def pickled_and_copied(torch):
    import copy
    import io
    import pickle

    x = torch.tensor([1.0, 2.0])
    held = torch.FloatStorage([1, 2])
    file = io.BytesIO()
    torch.save({"x": x, "memory": x.storage(), "bytes": torch.UntypedStorage([1, 2]), "typed": held}, file)
    file.seek(0)
    found = torch.load(file)
    found["x"][0] = 3
    copied = copy.deepcopy([held, held])
    return (
        pickle.loads(pickle.dumps(held)).tolist(), found["memory"].tolist(), found["typed"].tolist(),
        found["bytes"].tolist(),        copied[0] is copied[1], copied[0] is held, copy.copy(held).tolist(), repr(found["typed"]),
    )  # fmt: skip


def saved_as_two_types(torch):
    import io

    x = torch.tensor([1.0, 2.0])
    torch.save([x, x.untyped_storage()], io.BytesIO())


def shared_with_tensors(torch):
    held = torch.FloatStorage([1, 2, 3, 4])
    x = torch.tensor([]).set_(held, 0, (2, 2), (1, 2))
    held[1] = 7
    y = x * 2
    x[0, 1] = 8
    return x, y, held.tolist(), x.stride(), x.storage_offset()


def in_files(torch):
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "numbers")
        held = torch.IntStorage.from_file(path, True, 3)
        held[1] = 5
        x = torch.tensor([], dtype=torch.int32).set_(held)
        x[2] = 6
        again = torch.UntypedStorage.from_file(path, False, 12)
        again[0] = 9
        return held.tolist(), again.tolist(), os.path.getsize(path), held.filename == path


def swapped_bytes(torch):
    held = torch.UntypedStorage([1, 2, 3, 4])
    return held.byteswap(torch.int16), held.tolist()


def seen_by_elements(torch):
    import warnings

    x = torch.tensor([[1.5, 2.0], [3.0, 4.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = x.t().storage()
    return (
        made.tolist(),
        list(made),
        len(made),
        made[-1],
        made.dtype,
        made.type(),
        made.element_size(),
        repr(made),
        isinstance(made, torch.TypedStorage),
    )


def where_it_lies(torch):
    x = torch.zeros(4, 3)
    whole, part = x.untyped_storage(), x[1:, 1]
    return (
        part.data_ptr() - x.data_ptr(), x.t().data_ptr() == x.data_ptr(), part.untyped_storage() == whole,
        whole.data_ptr() == x.data_ptr(), x.clone().data_ptr() == x.data_ptr(), x.clone().untyped_storage() == whole,
        x.detach().data_ptr() == x.data_ptr(), hash(part.untyped_storage()) == hash(whole),
    )  # fmt: skip


def written_through(torch):
    x = torch.zeros(2, 2, dtype=torch.uint8)
    y = x[1]
    x.untyped_storage()[3] = 7
    return x, y + 1

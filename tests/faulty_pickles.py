"""Pickles with faults that keep their form: opcodes left out, doubled, moved and put in between, other numbers, other
names. Bytes turned at random seldom get as far as what a pickle calls; these do."""

from __future__ import annotations

import pickle
import pickletools
import random
import struct

from tests.mutations import mutated

_NUMBERS = (
    0, 1, -1, 2, 3, 7, 63, 64, 65, 255, 256, 65535, 1 << 20, (1 << 31) - 1, -(1 << 31), 1 << 31, 1 << 40, (1 << 62) - 1,
    (1 << 63) - 1, -(1 << 63), 1 << 64, 1 << 100,
)  # fmt: skip
_NAMES = (
    "builtins\neval", "builtins\ngetattr", "builtins\nbytearray", "builtins\nset", "builtins\ndict", "builtins\nlist",
    "builtins\ncomplex", "builtins\nobject", "builtins\ntuple", "builtins\nint", "builtins\nprint", "os\nsystem",
    "posix\nsystem", "sys\nexit", "subprocess\nPopen", "collections\nOrderedDict", "collections\nCounter",
    "collections\ndeque", "collections\ndefaultdict", "argparse\nNamespace", "copyreg\n_reconstructor",
    "copy_reg\n_reconstructor", "functools\npartial", "functools\nreduce", "operator\nitemgetter", "_codecs\nencode",
    "numpy\ndtype", "numpy\nndarray", "numpy._core.multiarray\n_reconstruct", "numpy.core.multiarray\nscalar",
    "numpy._core.numeric\n_frombuffer", "numpy\nload", "torch\nSize", "torch\ndevice", "torch\nTensor", "torch\nfloat32",
    "torch\nint64", "torch\ncomplex64", "torch\nFloatStorage", "torch\nLongStorage", "torch\nQInt8Storage",
    "torch.cuda\nFloatStorage", "torch.storage\nUntypedStorage", "torch.storage\nTypedStorage",
    "torch.storage\n_load_from_bytes", "torch.nn.parameter\nParameter", "torch._utils\n_rebuild_tensor",
    "torch._utils\n_rebuild_tensor_v2", "torch._utils\n_rebuild_tensor_v3", "torch._utils\n_rebuild_sparse_tensor",
    "torch._utils\n_rebuild_parameter", "torch._utils\n_rebuild_parameter_with_state",
    "torch._tensor\n_rebuild_from_type_v2", "torch.serialization\n_get_layout", "torch.nn.modules.linear\nLinear",
    "torch.optim.sgd\nSGD", "torch.jit\nload", "torch.hub\nload", "torch\nload", "torch\nzeros", "torch\ncompile",
    "torch.nn.modules.container\nSequential", "torch.utils.data.dataset\nTensorDataset", "types\nSimpleNamespace",
    "types\nFunctionType", "absent\nName", "a.b.c\nd", "torch.\nx", ".\n.", "é\né",
)  # fmt: skip
_TEXTS = ("", "cpu", "cuda:0", "meta", "storage", "module", "0", "1", "float32", "F", "\udc80", "x" * 300, "__class__",
          "__dict__", "__setstate__", "data", "_storage", "grad", "shape", "weight", "requires_grad")  # fmt: skip
_BARE = (
    pickle.MARK, pickle.POP, pickle.POP_MARK, pickle.DUP, pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.REDUCE,
    pickle.BUILD, pickle.NEWOBJ, pickle.NEWOBJ_EX, pickle.EMPTY_DICT, pickle.EMPTY_LIST, pickle.EMPTY_TUPLE,
    pickle.EMPTY_SET, pickle.APPEND, pickle.APPENDS, pickle.SETITEM, pickle.SETITEMS, pickle.TUPLE, pickle.TUPLE1,
    pickle.TUPLE2, pickle.TUPLE3, pickle.ADDITEMS, pickle.FROZENSET, pickle.BINPERSID, pickle.STACK_GLOBAL,
    pickle.MEMOIZE, pickle.STOP, pickle.LIST, pickle.DICT, pickle.OBJ, pickle.NEXT_BUFFER, pickle.READONLY_BUFFER,
)  # fmt: skip


def _number(value: int) -> bytes:
    if 0 <= value < 256:
        return pickle.BININT1 + bytes([value])
    if -(1 << 31) <= value < 1 << 31:
        return pickle.BININT + struct.pack("<i", value)
    size = value.bit_length() // 8 + 1
    return pickle.LONG1 + bytes([size]) + value.to_bytes(size, "little", signed=True)


def _text(value: str) -> bytes:
    content = value.encode("utf-8", "surrogatepass")
    return pickle.BINUNICODE + struct.pack("<I", len(content)) + content


def _made_up(chance: random.Random, longest: int) -> bytes:
    kind = chance.randrange(9)
    if kind < 3:
        return chance.choice(_BARE)
    if kind == 3:
        return pickle.GLOBAL + chance.choice(_NAMES).encode() + b"\n"
    if kind == 4:
        return chance.choice((pickle.BINGET, pickle.BINPUT)) + bytes([chance.randrange(min(longest, 256))])
    if kind == 5:
        return _text(chance.choice(_TEXTS))
    if kind == 6:
        return pickle.SHORT_BINBYTES + b"\x04" + chance.randbytes(4)
    if kind == 7:
        return pickle.BINFLOAT + struct.pack(">d", chance.choice((0.0, -1.5, float("nan"), float("inf"), 1e300)))
    return _number(chance.choice(_NUMBERS))


def faulty_pickle(data: bytes, chance: random.Random) -> bytes:
    """The pickle that the data begins with, with one to five such faults; what follows it stays. Bytes turned at random
    where it is none."""
    try:
        parsed = list(pickletools.genops(data))
    except ValueError:
        return mutated(data, chance)
    ends = [place for _, _, place in parsed[1:]] + [data.index(b".", parsed[-1][2]) + 1]  # type: ignore[operator]
    parts = [data[place:end] for (_, _, place), end in zip(parsed, ends, strict=True)]  # type: ignore[misc]
    rest = data[ends[-1] :]
    kinds = [code.name for code, _, _ in parsed]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        place = chance.randrange(len(parts))
        fault = chance.randrange(8)
        if fault == 0:
            parts[place] = b""
        elif fault == 1:
            parts[place] += parts[place]
        elif fault == 2:
            other = chance.randrange(len(parts))
            parts[place], parts[other] = parts[other], parts[place]
        elif fault == 3:
            parts[place] += _made_up(chance, len(parts))
        elif fault == 4:
            parts[place] = _made_up(chance, len(parts))
        else:  # one of its kind becomes another of its kind: most of what is called has such arguments
            wanted, replace = chance.choice(
                (
                    (("BININT", "BININT1", "BININT2", "LONG1"), lambda: _number(chance.choice(_NUMBERS))),
                    (("GLOBAL",), lambda: pickle.GLOBAL + chance.choice(_NAMES).encode() + b"\n"),
                    (("BINUNICODE", "SHORT_BINUNICODE"), lambda: _text(chance.choice(_TEXTS))),
                    (("BINGET", "LONG_BINGET"), lambda: pickle.BINGET + bytes([chance.randrange(256)])),
                )
            )
            places = [place for place, kind in enumerate(kinds) if kind in wanted]
            if places:
                parts[chance.choice(places)] = replace()
    return b"".join(parts) + rest

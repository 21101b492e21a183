"""What public programs count on and reimplementations get wrong: where each is held, and what is told once a program.

Most are programs of oracle/cases/traps.py, whose answers are PyTorch's.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.calling import telling

from tests.eager.oracle.cases import traps

TESTS = Path(__file__).parent.parent

# What holds a trap: a program of traps.py, or a file and what stands in it.
HELD = {
    "modules are imported in about 125 forms": ("replace/test_import_forms.py", "test_modules_can_always_be_imported"),
    "both front ends in one program": ("replace/test_replacement.py", "tensorflow"),
    "einops finds its backend": ("replace/test_einops.py", "einops"),
    ".data is read": "data_is_read",
    ".data is written: p.data.add_(p.grad, alpha=-lr)": "data_is_stepped_along_the_gradient",
    ".data is clamped": "weights_are_clamped",
    ".data is replaced": "data_is_replaced",
    "loss.data[0] is refused": "data_of_a_number_has_no_items",
    "x[:, i] = ...": "columns_are_written",
    "tokens += positions": "positions_are_added_to_tokens",
    "masked_fill_(mask, -1e9)": "attention_is_masked",
    "out += residual, ReLU(inplace=True)": "residuals_are_added_in_forward",
    "w -= lr * w.grad": "leaves_stay_themselves",
    "leaves are not written": "leaves_are_not_written",
    "aliases see optimizer.step": "steps_are_seen_through_aliases",
    "weight.data.normal_ by class names": "weights_are_initialised_in_place",
    "from_numpy shares": "arrays_are_shared",
    "replay buffers": "replay_buffers_change_under_tensors",
    "numpy() shares": "tensors_are_shared",
    "size_average": "averages_by_their_older_names",
    "Variable, volatile": "variables",
    "torch.FloatTensor, .type, torch.cuda.FloatTensor": "types_by_name",
    "LongTensor(n).random_()": "random_integers",
    "byte masks": "byte_masks",
    "softmax without an axis": "axes_that_are_not_said",
    "older names": "functions_by_their_older_names",
    "add_(alpha, other)": ("eager/test_traps.py", "test_numbers_before_tensors"),
    "versions are counted": "what_backward_needs_is_not_written",
    "a discriminator stepped before the second backward": "discriminators_step_before_the_second_backward",
    "torch.load refuses what is no plain data": ("eager/serialization/test_loading.py", "weights_only"),
    "state dicts are saved and loaded": ("eager/serialization/test_saving.py", "state"),
    "DataLoader, its samplers and workers": ("eager/utils/data", "num_workers"),
    "guards of devices, cudnn, GradScaler, torch.compile": "switches_are_set",
    "autocast": ("eager/oracle/cases/amp/autocast_mode.py", "autocast"),
    "autograd.Function": ("eager/oracle/cases/autograd/function.py", "Function"),
    "gradients of gradients": "gradients_of_gradients",
    "hooks": "hooks_see_gradients",
    "retain_graph": "a_graph_is_gone_through_twice",
    "closures": "closures_are_called_again",
    "groups edited in place": "groups_are_edited",
    "optimizers over bare tensors": "bare_tensors_are_optimized",
    "schedulers by hand": "schedules_of_ones_own",
    "values decide, .item()": "values_decide",
    "class names": "modules_are_found_by_name",
    "parameters by name": "parameters_are_filtered_by_name",
    "formats": "texts",
    "functions of numpy": "functions_of_numpy",
    "deepcopy and load_state_dict": "copies_and_states",
    "torch.tensor of a tensor": "copies_of_tensors",
}


@pytest.mark.parametrize("trap", HELD)
def test_each_trap_is_held(trap: str) -> None:
    where = HELD[trap]
    if isinstance(where, str):
        assert callable(getattr(traps, where))
        return
    place, text = TESTS / where[0], where[1]
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    assert any(text in file.read_text() for file in files)


def test_each_program_stands_in_the_table() -> None:
    programs = {name for name, each in vars(traps).items() if callable(each) and each.__module__ == traps.__name__}
    named = {where for where in HELD.values() if isinstance(where, str)}
    left = {name for name in programs if not name.startswith("_")} - named
    assert left == {"gradients_are_not_shared"}


# -- what PyTorch tells once a program ----


@pytest.fixture
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_told", set())


OLDER = {
    "torch.ones(2).add_(2, torch.ones(2))": (
        [3.0, 3.0], "add_(Number alpha, Tensor other)", "add_(Tensor other, *, Number alpha = 1)",
    ),
    "torch.sub(torch.ones(2), 2, torch.ones(2))": (
        [-1.0, -1.0], "sub(Tensor input, Number alpha, Tensor other, *, Tensor out = None)",
        "sub(Tensor input, Tensor other, *, Number alpha = 1, Tensor out = None)",
    ),
    "torch.ones(2).addcdiv_(2, torch.ones(2), torch.ones(2))": (
        [3.0, 3.0], "addcdiv_(Number value, Tensor tensor1, Tensor tensor2)",
        "addcdiv_(Tensor tensor1, Tensor tensor2, *, Number value = 1)",
    ),
    "torch.addcmul(torch.ones(2), 2, torch.ones(2), torch.ones(2))": (
        [3.0, 3.0], "addcmul(Tensor input, Number value, Tensor tensor1, Tensor tensor2, *, Tensor out = None)",
        "addcmul(Tensor input, Tensor tensor1, Tensor tensor2, *, Number value = 1, Tensor out = None)",
    ),
    "torch.ones(2).addmv_(1, 2, torch.ones(2, 2), torch.ones(2))": (
        [5.0, 5.0], "addmv_(Number beta, Number alpha, Tensor mat, Tensor vec)",
        "addmv_(Tensor mat, Tensor vec, *, Number beta = 1, Number alpha = 1)",
    ),
    "torch.ones(2).addmv(1, torch.ones(2, 2), torch.ones(2))": (
        [3.0, 3.0], "addmv(Number beta, Tensor mat, Tensor vec)",
        "addmv(Tensor mat, Tensor vec, *, Number beta = 1, Number alpha = 1)",
    ),
    "torch.addmv(1, torch.ones(2), 2, torch.ones(2, 2), torch.ones(2))": (
        [5.0, 5.0], "addmv(Number beta, Tensor input, Number alpha, Tensor mat, Tensor vec, *, Tensor out = None)",
        "addmv(Tensor input, Tensor mat, Tensor vec, *, Number beta = 1, Number alpha = 1, Tensor out = None)",
    ),
    "torch.addmm(1, torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1))": (
        [[2.0]], "addmm(Number beta, Tensor input, Tensor mat1, Tensor mat2, *, Tensor out = None)",
        "addmm(Tensor input, Tensor mat1, Tensor mat2, *, Number beta = 1, Number alpha = 1, Tensor out = None)\n\t"
        "addmm(Tensor input, Tensor mat1, Tensor mat2, torch.dtype out_dtype, *, Number beta = 1, Number alpha = 1, "
        "Tensor out = None)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", OLDER)
def test_numbers_before_tensors(call: str, nothing_told: None) -> None:
    values, old, new = OLDER[call]
    with pytest.warns(UserWarning) as seen:
        assert eval(call).tolist() == values
        assert eval(call).tolist() == values  # and is told once
    name = old.partition("(")[0]
    assert [str(each.message) for each in seen] == [
        f"This overload of {name} is deprecated:\n\t{old}\nConsider using one of the following signatures instead:\n\t"
        f"{new}"
    ]
    assert seen[0].filename == "<string>"  # the line that called


def test_other_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match=r"takes 2 positional arguments but 3 were given"):
        torch.ones(2).add_(torch.ones(2), 2)
    with pytest.raises(TypeError, match=r"takes 3 positional arguments but 5 were given"):
        torch.ones(2).addmv_(1, 2, 3, torch.ones(2))


TOLD_ONCE = {
    "torch.ones(1, 2, 3).T": (
        "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw "
        "an error in a future release. Consider `x.mT` to transpose batches of matrices or "
        "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
    ),
    "torch.qr(torch.eye(2))": (
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch release.\nThe "
        "boolean parameter 'some' has been replaced with a string parameter 'mode'.\nQ, R = torch.qr(A, some)\nshould "
        "be replaced with\nQ, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"
    ),
    "torch.cholesky(torch.eye(2))": (
        "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future PyTorch "
        "release.\nL = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\nU = "
        "torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH\nThis transform will "
        "produce equivalent results for all valid (symmetric positive definite) inputs."
    ),
    "torch.stft(torch.ones(16), 4, return_complex=True)": (
        "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. "
        "Other windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral "
        "leakage.To suppress this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, "
        "device=<device>)`."
    ),
    "torch.from_numpy(np.broadcast_to(np.zeros(1), (3,)))": (
        "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing "
        "to this tensor will result in undefined behavior. You may want to copy the array to protect its data or make "
        "it writable before converting it to a tensor. This type of warning will be suppressed for the rest of this "
        "program."
    ),
}


@pytest.mark.parametrize("call", TOLD_ONCE)
def test_is_told_once(call: str, nothing_told: None) -> None:
    with pytest.warns(UserWarning) as seen:
        eval(call, {"torch": torch, "np": np})
        eval(call, {"torch": torch, "np": np})
    assert [str(each.message) for each in seen] == [TOLD_ONCE[call]]
    assert seen[0].filename == "<string>"


def test_every_class_of_distributions_has_its_module() -> None:
    assert importlib.import_module("diptych.eager.distributions.beta").Beta is torch.distributions.Beta

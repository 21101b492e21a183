"""Storages: what they warn of."""

from __future__ import annotations

import pathlib

import diptych.eager as torch
import pytest
from diptych.eager import storage


def test_typed_ones_are_deprecated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_warned", [])
    text = (
        r"^TypedStorage is deprecated\. It will be removed in the future and UntypedStorage will be the only storage "
        r"class\. This should only matter to you if you are using storages directly\.  To access UntypedStorage "
        r"directly, use tensor\.untyped_storage\(\) instead of tensor\.storage\(\)$"
    )
    with pytest.warns(UserWarning, match=text):
        made = torch.ones(2).storage()
    again = torch.ones(3).storage()
    assert (made.tolist(), again.size()) == ([1.0, 1.0], 3)


def test_what_is_no_place_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_warned", [True])
    with pytest.raises(
        RuntimeError, match=r"^can't index a <class 'torch\.storage\.TypedStorage'> with <class 'str'>$"
    ):
        torch.ones(2).storage()["a"]


def test_files_that_are_too_short(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_warned", [True])
    path = tmp_path / "numbers"
    path.write_bytes(b"abcdefgh")
    with pytest.raises(RuntimeError, match=r"size <8> is smaller than the required mapping size <400>$"):
        torch.FloatStorage.from_file(str(path), False, 100)
    with pytest.raises(RuntimeError, match=r"^unable to mmap -4 bytes from file <.*>: Cannot allocate memory \(12\)$"):
        torch.FloatStorage.from_file(str(path), False, -1)
    assert torch.FloatStorage.from_file(str(path), False, 0).size() == 0

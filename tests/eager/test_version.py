"""The release of PyTorch, which compares as releases do."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch
import pytest

VERSION = torch.torch_version.TorchVersion("2.13.0+cpu")


@pytest.mark.parametrize(
    "smaller", [(1, 13), "2.13", "2.13.0", (2, 13, 0), "1.8.0a0", "v2.12.1", "2.13.0rc1", "2.9.post1"]
)
def test_later_than(smaller: Any) -> None:
    assert smaller < VERSION and smaller <= VERSION and smaller != VERSION
    assert not (smaller > VERSION or smaller >= VERSION or smaller == VERSION)


@pytest.mark.parametrize("larger", [(3,), "2.14.dev", "2.13.1", "abc"])
def test_earlier_than(larger: Any) -> None:
    assert larger > VERSION and larger >= VERSION and larger != VERSION
    assert not (larger < VERSION or larger <= VERSION or larger == VERSION)


def test_is_a_text() -> None:
    assert isinstance(torch.__version__, str) and torch.__version__.split(".")[0] == "2"
    assert VERSION == "2.13.0+cpu" and VERSION == "2.13+cpu" and hash(VERSION) == hash("2.13.0+cpu")
    with pytest.raises(TypeError, match="'>' not supported between instances of 'TorchVersion' and 'int'"):
        VERSION > 5  # noqa: B015

"""Every form in which public programs import the frameworks gives modules, and names or errors that say what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FORMS = (Path(__file__).parent / "import_forms.txt").read_text().splitlines()

# The real PyTorch 2.13 does not have the name any more.
GONE = {
    "from torch.hub import _download_url_to_file": "_download_url_to_file",
    "from torch.utils.model_zoo import _download_url_to_file": "_download_url_to_file",
}

TRY_ALL = """
import json, sys
import diptych.replace
diptych.replace.install()
from diptych import Unsupported
found = {}
for form in json.load(sys.stdin):
    try:
        exec(form, {})
        found[form] = "ok"
    except Unsupported as error:
        assert isinstance(error, ImportError), form
        found[form] = error.message
    except ImportError as error:
        found[form] = f"ImportError: {error}"
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    ran = subprocess.run([sys.executable, "-c", TRY_ALL], input=json.dumps(FORMS), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_works_or_says_what_is_missing(form: str, outcomes: dict[str, str]) -> None:
    outcome = outcomes[form]
    if form in GONE:
        assert outcome.startswith(f"ImportError: cannot import name '{GONE[form]}'")
        return
    assert outcome == "ok" or outcome.endswith(": is not there yet"), outcome


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith("import ")])
def test_modules_can_always_be_imported(form: str, outcomes: dict[str, str]) -> None:
    assert outcomes[form] == "ok"

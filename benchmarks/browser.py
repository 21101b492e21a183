"""Chromium without a window, where it is installed: what the inspector's pages are opened in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


def is_installed() -> bool:
    """Whether there are Chromium and its driver."""
    return shutil.which("chromium") is not None and shutil.which("chromedriver") is not None


@contextmanager
def chromium(width: int = 1500, height: int = 950) -> Generator[Any]:
    """A browser, driven by selenium, that has never been used before."""
    from selenium.webdriver import Chrome
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for each in (*OPTIONS, f"--window-size={width},{height}", f"--user-data-dir={folder}"):
            options.add_argument(each)
        browser = Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            yield browser
        finally:
            browser.quit()


def ready(browser: Any, address: str, seconds: int = 60) -> int:
    """Opens a page of the inspector, and waits until it can be used. The milliseconds that it says it took."""
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get("about:blank")
    browser.get(address)
    script = "return Number(document.body?.dataset.ready ?? 0)"
    return WebDriverWait(browser, seconds).until(lambda opened: opened.execute_script(script))

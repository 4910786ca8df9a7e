"""A real browser: Debian's Chromium without a window, steered by Playwright."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.outputs.options import DEFAULT, RenderOptions
from tests.live.conftest import missing
from tests.outputs.reports import whole
from tests.waiting import SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Protocol

    from playwright.sync_api import Browser, Page

    from policyengine.model.report import Report

    class Opens(Protocol):
        """Opens a report in a new window of the browser."""

        def __call__(
            self, report: Report, fragment: str = "", render: RenderOptions = ..., **options: Any
        ) -> AbstractContextManager[Page]: ...


DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; the test is skipped with the reason where there is none."""
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        missing("Playwright is not here: pip install -e '.[browser]'")
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("there is no chromium (Debian: chromium)")
    expect.set_options(timeout=1000 * SECONDS)
    with sync_playwright() as playwright:
        # Its own sandbox does not start as root and in containers; what it opens here is our own page.
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"], timeout=1000 * SECONDS)
        yield made
        made.close()


@pytest.fixture
def opens(browser: Browser, tmp_path: Path) -> Opens:
    """Opens reports. A page that asks for anything but itself, or that complains, fails its test."""

    @contextmanager
    def opened(report: Report, fragment: str = "", render: RenderOptions = DEFAULT, **options: Any) -> Iterator[Page]:
        file = tmp_path / "report.html"
        file.write_text(whole("html")(report, render), encoding="ascii")
        context = browser.new_context(**{"viewport": DESKTOP, "color_scheme": "light", **options})
        context.set_default_timeout(1000 * SECONDS)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(f"{file.as_uri()}{fragment}")
        yield page
        context.close()
        assert complaints == [file.as_uri()]

    return opened

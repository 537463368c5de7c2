"""The real product and a real browser: what the browser tests share."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Page, expect, sync_playwright

from portal.settings import ROOT
from tests import chromium
from tests.e2e import contact_files

TABS = ROOT / "tabs"
DEADLINE_S = 60
BROWSER_DEADLINE_MS = 15_000
ACR, SUPERVISOR = "oliver.bright", "sofia.lindqvist"


@dataclass(frozen=True)
class Product:
    """A running service, and how to speak to it as a local person."""

    address: str

    def call(
        self,
        path: str,
        *,
        person: str | None = None,
        body: bytes | None = None,
        method: str | None = None,
        kind: str = "application/octet-stream",
    ) -> Any:
        """The JSON answer of a GET, or of a POST when there is a body and no other `method`."""
        kind = "application/json" if path.startswith("/dev/") else kind
        headers = {"Content-Type": kind} if body is not None else {}
        if person:
            headers["Authorization"] = f"Bearer {self.token(person)}"
        request = urllib.request.Request(
            self.address + path, data=body, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def token(self, person: str) -> str:
        """A bearer token of a local person."""
        body = json.dumps({"person": person}).encode()
        token: str = self.call("/dev/token", body=body)["token"]
        return token

    def import_file(self, content: bytes, source: str = "amazon-connect", **query: str) -> Any:
        """Imports for the ACR's organisation; the status once it is over."""
        asked = urlencode({"source": source, "file_name": "contacts", **query})
        status = self.call(f"/api/imports?{asked}", person=ACR, body=content)
        deadline = time.monotonic() + DEADLINE_S
        while status["state"] not in ("completed", "failed") and time.monotonic() < deadline:
            status = self.call(f"/api/imports/{status['id']}", person=ACR)
        assert status["state"] == "completed", status
        return status


@contextmanager
def running(data_dir: Path) -> Iterator[Product]:
    """A service on a free port without sample contacts; ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "serve"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PORT": "0",
            "SWITCHROOM_ENV": "development",
            "SWITCHROOM_SAMPLE": "off",
            "SWITCHROOM_DATA_DIR": str(data_dir),
            "SWITCHROOM_LOG_LEVEL": "WARNING",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Switchroom is at "), line
        yield Product(line.split()[-1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE_S)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A service whose Harbour Lane has the ten contacts of one day."""
    with running(tmp_path_factory.mktemp("product") / "data") as started:
        status = started.import_file(contact_files.ten_contacts())
        assert (status["accepted"], status["rejected"]) == (10, 0), status
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium that the tab's packages carry; closed with the module, because its driver keeps
    an event loop running and the coroutine tests of other modules need one of their own."""
    found = chromium.find()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found.path, args=found.arguments)
        yield launched
        launched.close()


class Teams:
    """The local Teams page in a browser page of its own, with the tab in its frame."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page = page
        self.product = product

    def open(self, person: str = ACR, sub_page: str = contact_files.TARGET, **state: str) -> None:
        """Opens as `person`, with a deep link's sub-page."""
        query = {"person": person, **state} | ({"subPageId": sub_page} if sub_page else {})
        self.page.goto(f"{self.product.address}/?{urlencode(query)}")

    @property
    def tab(self) -> FrameLocator:
        """The tab's content."""
        return self.page.frame_locator("iframe[title='Switchroom']")

    @property
    def frame(self) -> Frame:
        """The tab's frame, for scripts."""
        return next(one for one in self.page.frames if "/tab/" in one.url)

    def tile(self, figure: str) -> Any:
        """The tile that says this to screen readers, such as `Offered: 10`."""
        said = f'.tile:has(.spoken:text("{figure}")), .tile[aria-label*="{figure}"]'
        return self.tab.locator(said).first

    def wait_for(self, figure: str) -> None:
        """Waits until a tile says it."""
        expect(self.tile(figure)).to_be_visible()

    def mark(self) -> None:
        """Leaves a mark in the frame that a reload would lose."""
        self.frame.evaluate("window.unreloaded = true")

    def is_unreloaded(self) -> bool:
        """Whether the mark is still there."""
        return bool(self.frame.evaluate("window.unreloaded === true"))

    def overflow(self) -> tuple[int, int]:
        """By how many pixels page and tab are wider than their windows."""
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(width)), int(self.frame.evaluate(width))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own browser session; a script error in it fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
        timezone_id="Asia/Tokyo",
        reduced_motion="reduce",
    )
    context.set_default_timeout(BROWSER_DEADLINE_MS)
    expect.set_options(timeout=BROWSER_DEADLINE_MS)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def teams(page: Page, product: Product) -> Teams:
    """The local Teams page, not opened yet."""
    return Teams(page, product)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Product]:
    """A service of the test's own with the ten contacts, for tests that import more."""
    with running(tmp_path / "data") as started:
        started.import_file(contact_files.ten_contacts())
        yield started

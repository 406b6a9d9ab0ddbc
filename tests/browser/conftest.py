"""The real stack for browser tests: web, worker and beat as in production, a database of their own, a real Chromium."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import own_database

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENS = ROOT / "var" / "test" / "screens"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PROCESSES = ("web", "worker", "beat")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = ["--disable-gpu", "--disable-background-networking", "--no-first-run"]
START_SECONDS = 60
STOP_SECONDS = 30
# What the console says about an answer that is an error on purpose (404, 403); everything else is a fault.
EXPECTED_CONSOLE = "Failed to load resource"


@dataclass
class Stack:
    """The running application."""

    url: str
    mail_dir: Path
    directory: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    scripts: int = 0

    def manage(self, *arguments: str) -> str:
        """Runs manage.py beside the application; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def make(self, script: str) -> dict:
        """Runs a script that makes rows with the factories and prints JSON; no other script uses their numbers."""
        self.scripts += 1
        numbers = (
            f"from itertools import count; from tests import factories; factories._numbers = count({self.scripts}000)"
        )
        return json.loads(self.manage("shell", "-v", "0", "-c", f"{numbers}\n{script}").splitlines()[-1])

    def log(self, process: str) -> str:
        """Everything that one of the processes printed."""
        return (self.directory / f"{process}.log").read_text()

    def start(self, process: str) -> None:
        """Starts a line of script/process."""
        with (self.directory / f"{process}.log").open("ab") as log:
            self.processes[process] = subprocess.Popen(
                ["script/process", process],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, process: str) -> None:
        """Ends a process in good order, or by force when it does not go."""
        running = self.processes.pop(process)
        running.terminate()
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()

    def wait_until_healthy(self) -> None:
        """Returns when /healthz/ is green; fails with the web log when it does not become so."""
        deadline = time.monotonic() + START_SECONDS
        check = [sys.executable, "script/healthz.py"]
        while subprocess.run(check, cwd=ROOT, env=self.environment, check=False).returncode:
            ended = self.processes["web"].poll() is not None
            assert not ended, f"the web process ended:\n{self.log('web')}"
            assert time.monotonic() < deadline, f"/healthz/ is not green:\n{self.log('web')}"
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def stack(template_database, worker_id, test_run, tmp_path_factory) -> Iterator[Stack]:
    """The application on a database of its own with the pact and nothing else."""
    name = f"{template_database}_browser_{worker_id}"
    own_database.renew(name)
    directory = tmp_path_factory.mktemp("stack")
    static = Path(os.environ.get("PIK_VAR") or ROOT / "var") / "static"
    (directory / "static").symlink_to(static.resolve())
    port = str(_free_port())
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "DATABASE_URL": own_database.app_url(name),
        "DATABASE_OWNER_URL": own_database.owner_url(name),
        "REDIS_URL": own_database.in_database(os.environ["REDIS_URL"], "1"),
        "PIK_QUEUE_PREFIX": f"{test_run}-{worker_id}-browser-",
        "PIK_LOCAL": "1",
        "PIK_VAR": str(directory),
        "PORT": port,
        "SITE_URL": url,
    }
    running = Stack(url, directory / "mail", directory, environment)
    try:
        for process in PROCESSES:
            running.start(process)
        running.wait_until_healthy()
        yield running
    finally:
        for process in list(running.processes):
            running.stop(process)
        own_database.drop(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it; without one the tests are skipped in the open, in CI they fail."""
    found = os.environ.get("PIK_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not found:
        message = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    flags = CHROMIUM_FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, headless=True, args=flags)
        yield chromium
        chromium.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture
def page(stack: Stack, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a fresh session; errors in the console fail the test, a failed test leaves a picture."""
    context = browser.new_context(
        base_url=stack.url,
        locale="de-DE",
        timezone_id="Europe/Berlin",
        viewport={"width": 1280, "height": 900},
    )
    faults: list[str] = []
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield opened
    if request.node.stash.get(FAILED, True):
        SCREENS.mkdir(parents=True, exist_ok=True)
        opened.screenshot(path=SCREENS / f"{request.node.name}.png", full_page=True)
    context.close()
    assert [fault for fault in faults if not fault.startswith(EXPECTED_CONSOLE)] == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[dict]]:
    """Examines the page as it is now: one entry for each rule of WCAG 2.1 A and AA that is broken, with its places."""
    source = AXE.read_text()

    def examine(page: Page) -> list[dict]:
        # Through the debugger, as the content security policy lets no script tag in.
        page.evaluate(source)
        found = page.evaluate("rules => axe.run({runOnly: rules})", AXE_RULES)
        return [
            {"rule": broken["id"], "help": broken["help"], "places": [node["html"] for node in broken["nodes"]]}
            for broken in found["violations"]
        ]

    return examine

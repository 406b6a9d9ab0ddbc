"""The application as it is measured: its own servers, the demo state, a real web process."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import psutil
from healthz import healthy
from servers import ROOT, alone, free_port, running, stop_child

# A directory of its own; script/bench names it.
VAR = Path(os.environ["PIK_VAR"]).resolve()
STATE = VAR / "state.json"
# Tells a web process that a killed run left behind.
MARK = "PIK_BENCH"
HEALTHY_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True)
class Loaded:
    """How the load of the demo state went, kept with the state itself."""

    fingerprint: str
    seconds: float
    peak_memory: int


@contextlib.contextmanager
def application() -> Iterator[Loaded | None]:
    """Servers with the demo state of this month; yields how its load went, None for a foreign database's state.

    The environment of this process leads to the servers as long as the block runs.
    """
    with alone(VAR) as mine:
        if not mine:
            sys.exit(f"script/bench already runs in this checkout (process {(VAR / 'lock').read_text()}).")
        _stop_orphans()
        port = str(free_port())
        os.environ.update({"PIK_LOCAL": "1", "PORT": port, "SITE_URL": f"http://localhost:{port}"})
        embedded = "DATABASE_URL" not in os.environ
        if embedded:
            _remove_old_state()
        with running(VAR) as found:
            os.environ.update(found)
            _run("script/process", "migrate")
            _run("script/process", "load-pact")
            yield _load_state(embedded)


@contextlib.contextmanager
def web(database: str | None = None) -> Iterator[str]:
    """The web process that production runs, with timing switched on; yields its address.

    `database` is the address of another one than that of the demo state.
    """
    port = str(free_port()) if database else os.environ["PORT"]
    other = {"DATABASE_URL": database, "PORT": port, "SITE_URL": f"http://localhost:{port}"} if database else {}
    environment = os.environ | {"PIK_TIMING": "1", MARK: str(VAR)} | other
    process = subprocess.Popen(["script/process", "web"], cwd=ROOT, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not healthy(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("bench: the web process is not well; the reason stands above.")
            time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        stop_child(process, signal.SIGTERM, signal.SIGKILL)


def _load_state(embedded: bool) -> Loaded | None:
    if embedded and STATE.exists():
        return Loaded(**json.loads(STATE.read_text()))
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "manage.py", "demo", "--if-empty"], cwd=ROOT)
    # Of this child only: the servers are children, too.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("bench: the demo state cannot be loaded; the reason stands above.")
    if not embedded:
        return None
    # Linux counts the peak in KiB.
    loaded = Loaded(_fingerprint(), time.monotonic() - begun, used.ru_maxrss * 1024)
    STATE.write_text(json.dumps(asdict(loaded)))
    return loaded


def _stop_orphans() -> None:
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(VAR):
                orphans.append(process)
    for process in orphans:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(orphans, timeout=STOP_SECONDS)


def _remove_old_state() -> None:
    """A state that other code made, that is of another month or was never finished gives way to a new one."""
    if STATE.exists() and json.loads(STATE.read_text())["fingerprint"] == _fingerprint():
        return
    STATE.unlink(missing_ok=True)
    shutil.rmtree(VAR / "postgres", ignore_errors=True)


def _fingerprint() -> str:
    made_by = [*(ROOT / "funding" / "demo").glob("*.py"), *ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/data/*.csv")]
    digest = hashlib.sha256(f"{date.today():%Y-%m}".encode())  # noqa: DTZ011 - any clock tells the month
    for path in sorted(made_by):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"bench: {' '.join(command)} failed; the reason stands above.")

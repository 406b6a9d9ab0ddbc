"""Runs the application locally: servers, migrations, pact, demo state, then web, worker and beat until told to stop."""

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import honcho.manager
import honcho.printer
import psutil
from healthz import healthy
from honcho.environ import parse_procfile
from orphans import MARK, end, stop_orphans
from servers import ROOT, ServerError, alone, running

VAR = Path(os.environ["PIK_VAR"])
# Taken out of this process's environment: the servers have their own way back after a crash.
MARKED_AS = os.environ.pop(MARK)
HEALTHY_SECONDS = 60
# Celery ends the task at hand before it goes.
honcho.manager.KILL_WAIT = 15
LOGINS = ("manager", "coordinator", "ministry", "ministry2", "auditor")
DEMO_PASSWORD = "pik-demo-2026"


def local_environment() -> dict[str, str]:
    """What every local process is told, servers apart; the caller's own settings win."""
    port = os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT is {port!r}: choose a number between 1 and 65535, e.g. PORT=8001 script/server")
    local = {"PIK_LOCAL": "1", "PORT": port, "PYTHONUNBUFFERED": "1", MARK: MARKED_AS}
    return {"SITE_URL": f"http://localhost:{port}"} | dict(os.environ) | local


class Printer(honcho.printer.Printer):
    """Prints while somebody reads; a closed terminal or pipe is a wish to stop, not an error."""

    def write(self, message: honcho.printer.Message) -> None:
        try:
            super().write(message)
        except OSError:
            self.output = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
            sys.stdout = self.output
            os.kill(os.getpid(), signal.SIGTERM)


def insist_on_free_port(port: int, host: str) -> None:
    """Stops with advice when somebody else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            sys.exit(
                f"Port {port} cannot be used ({problem.strerror}). Choose another one: PORT={port + 1} script/server"
            )


def step(what: str, *command: str, environment: dict[str, str]) -> None:
    """Runs one command to its end; stops everything when it fails."""
    print(f"server: {what} ...", flush=True)
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        sys.exit(f"server: {what} failed; the reason stands above.")


@contextlib.contextmanager
def noted(environment: dict[str, str]) -> Iterator[None]:
    """Keeps the variables that lead to the servers in a private file, for script/manage."""
    note = VAR / "environment"
    note.unlink(missing_ok=True)
    note.touch(mode=0o600)
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PIK_LOCAL", "PIK_VAR", "PORT", "SITE_URL")
    note.write_text("".join(f"{name}='{environment[name]}'\n" for name in names if name in environment))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def announce(environment: dict[str, str]) -> None:
    """Waits until the web process is well, then prints address and logins; stops everything when it stays ill."""
    deadline = time.monotonic() + HEALTHY_SECONDS
    while not healthy(environment["PORT"]):
        if time.monotonic() > deadline:
            print(f"server: /healthz/ is not green after {HEALTHY_SECONDS} seconds, stopping.", flush=True)
            os.kill(os.getpid(), signal.SIGUSR1)
            return
        time.sleep(0.2)
    logins = "\n".join(f"    {name}@pik.example" for name in LOGINS)
    print(
        f"\nPIK is ready: {environment['SITE_URL']}\n  Demo logins, password {DEMO_PASSWORD}:\n{logins}\n"
        "  Ctrl-C stops everything.\n",
        flush=True,
    )


def run_processes(environment: dict[str, str]) -> int:
    """Runs the lines of the Procfile until one ends or a signal comes; 0 only for an orderly stop."""
    manager = honcho.manager.Manager(Printer(sys.stdout))
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, f"exec {command}", env=environment, cwd=ROOT)

    def give_up(_signal: int, _frame: object) -> None:
        manager.returncode = 1
        manager.terminate()

    signal.signal(signal.SIGUSR1, give_up)
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    threading.Thread(target=announce, args=(environment,), daemon=True).start()
    try:
        manager.loop()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        # Nothing is left here unless the loop broke off; its helpers end with the processes they watch.
        for helper in multiprocessing.active_children():
            with contextlib.suppress(psutil.Error):
                end(psutil.Process(helper.pid).children(recursive=True))
    if manager.returncode in (130, 143):
        return 0
    print("server: a process ended unexpectedly, so everything was stopped; its last lines stand above.", flush=True)
    return 1


def serve(environment: dict[str, str]) -> int:
    """Everything from the first server to the last process."""
    with running(VAR) as servers:
        environment |= servers
        with noted(environment):
            step("migrating", "script/process", "migrate", environment=environment)
            step("loading the pact", "script/process", "load-pact", environment=environment)
            step("demo state", sys.executable, "manage.py", "demo", "--if-empty", environment=environment)
            return run_processes(environment)


def main() -> int:
    # Until the processes run, every wish to stop is a Ctrl-C: the blocks below are left in good order.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    environment = local_environment()
    with alone(VAR) as mine:
        if not mine:
            holder = (VAR / "lock").read_text()
            sys.exit(f"script/server already runs in this checkout (process {holder}). Stop it first: kill {holder}")
        stop_orphans(MARKED_AS)
        insist_on_free_port(int(environment["PORT"]), environment.get("WEB_HOST", "127.0.0.1"))
        try:
            return serve(environment)
        except ServerError as problem:
            sys.exit(f"server: {problem}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

"""Everything that has to hold before a change is accepted; says at the end what failed and what was skipped."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from orphans import MARK, stop_orphans
from servers import ROOT, ServerError, alone, running, stop_leftovers

HOME = ROOT / "var" / "test"
BIN = Path(sys.executable).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LINTERS = {
    "ruff check": ["ruff", "check", "--quiet", "."],
    "ruff format": ["ruff", "format", "--quiet", "--check", "."],
    "djlint": ["djlint", "--lint", "--quiet", "templates"],
    "import contracts": ["lint-imports"],
    "docker-compose.yml": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
    "Dockerfile": ["hadolint", "Dockerfile"],
    "catalogue": [ROOT / "script" / "messages", "check"],
}
OK, FAILED, SKIPPED = "ok", "FAILED", "SKIPPED"


def run(command: list[str | Path], environment: dict[str, str]) -> int:
    """Runs one check; a wish to stop reaches it too and is waited for, so that nothing is left behind."""
    child = subprocess.Popen(command, cwd=ROOT, env=environment)

    def pass_on(_number: int, _frame: object) -> None:
        child.send_signal(signal.SIGINT)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        return child.wait()
    except KeyboardInterrupt:
        # The terminal has told the child as well: it is clearing up.
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def run_directory() -> Iterator[Path]:
    """A directory for this run alone; clears those of runs that were killed."""
    HOME.mkdir(parents=True, exist_ok=True)
    for old in HOME.glob("run-*"):
        with alone(old) as abandoned:
            if abandoned:
                stop_orphans(str(old))
                stop_leftovers("postgres", old / "postgres" / "data")
                stop_leftovers("redis-server", old / "redis")
                shutil.rmtree(old, ignore_errors=True)
    own = HOME / f"run-{os.getpid()}"
    with alone(own):
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)


def find_chromium() -> str | None:
    """The browser of this machine; installs Debian's where that is allowed."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found or os.geteuid() or not shutil.which("apt-get"):
        return found
    print("test: installing Debian's chromium ...", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False, **quiet)
    return shutil.which("chromium")


def lint(environment: dict[str, str]) -> dict[str, str]:
    """Every linter, each to its end."""
    results = {}
    for name, (program, *arguments) in LINTERS.items():
        print(f"test: {name} ...", flush=True)
        failed = run([BIN / program, *arguments], environment)
        results[name] = FAILED if failed else OK
    return results


def browser_tests(environment: dict[str, str]) -> str:
    """The browser tests; without a browser they are skipped in the open, in CI they fail."""
    chromium = find_chromium()
    if not chromium:
        print("test: no Chromium here and no right to install one (apt-get install chromium).", flush=True)
        return FAILED if environment.get("CI") == "true" else f"{SKIPPED} (no Chromium on this machine)"
    environment = environment | {"PIK_CHROMIUM": chromium}
    return FAILED if run([BIN / "pytest", "tests/browser"], environment) else OK


def check_everything(environment: dict[str, str]) -> int:
    """All checks, then one line for each."""
    results = lint(environment)
    print("test: tests ...", flush=True)
    parallel = ["-n", "2", "--dist", "loadfile", "--ignore", "tests/browser"]
    results["tests"] = FAILED if run([BIN / "pytest", *parallel], environment) else OK
    print("test: browser tests ...", flush=True)
    results["browser tests"] = browser_tests(environment)
    print("\n" + "\n".join(f"  {name:20} {verdict}" for name, verdict in results.items()))
    failed = [name for name, verdict in results.items() if verdict == FAILED]
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'All checks passed.'}", flush=True)
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    # A second wish to stop must not interrupt the stopping of the servers; the first one is enough.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with run_directory() as directory:
        try:
            with running(directory, durable=False) as servers:
                environment = os.environ | servers | {"PIK_LOCAL": "1", MARK: str(directory)}
                environment["PIK_TEST_RUN"] = secrets.token_hex(8)
                if arguments:
                    return run([BIN / "pytest", *arguments], environment)
                return check_everything(environment)
        except ServerError as problem:
            sys.exit(f"test: {problem}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

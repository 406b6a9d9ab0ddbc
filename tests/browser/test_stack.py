"""The stack itself: it answers, keeps to its policy, and its health checks tell the truth."""

import subprocess

import pytest

from tests.browser.conftest import ROOT


def test_login_page_is_accessible_and_keeps_to_the_policy(stack, page, axe):
    page.goto("/")

    assert page.url == f"{stack.url}/accounts/login/?next=/"
    assert page.locator("html").get_attribute("lang") == "de"
    assert axe(page) == []


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_health_check_is_green_while_the_process_runs_and_red_afterwards(stack, process):
    def check() -> bool:
        command = ["script/process", f"check-{process}"]
        return (
            subprocess.run(command, cwd=ROOT, env=stack.environment, check=False, capture_output=True).returncode == 0
        )

    while_it_runs = check()
    stack.stop(process)
    afterwards = check()
    stack.start(process)
    stack.wait_until_healthy()

    assert (while_it_runs, afterwards) == (True, False)

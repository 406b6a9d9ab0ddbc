"""Asks the web process on this machine whether it is well: exit code 0 when /healthz/ answers 200."""

import os
import sys
import urllib.error
import urllib.request


def healthy(port: str, timeout: float = 3) -> bool:
    """True when /healthz/ answers 200; asks under the first allowed host, as the web server refuses others."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz/", headers={"Host": host})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(os.environ.get("PORT", "8000")) else 1)

"""Pictures are kept under a fingerprint of what they show, so equal figures are drawn once."""

import json
from collections import OrderedDict
from collections.abc import Callable
from functools import cache as once
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.core.cache import cache

from pik.charts.shapes import DISTRICTS, MUNICIPALITIES

# A day: changed figures have a new key anyway, and old pictures leave Redis by themselves.
SECONDS_KEPT = 24 * 3600
# About 2 MB a process. Without Redis this alone keeps a busy page from drawing again and again.
KEPT_IN_PROCESS = 64

_recent: OrderedDict[str, str] = OrderedDict()
# The renderer works on one picture at a time, so one lock for all keys costs nothing and stops stampedes.
_drawing = Lock()
_reading = Lock()


def cached_svg(*, key_parts: tuple, build: Callable[[], str]) -> str:
    """Return the picture for these inputs; `build` runs only if neither this process nor the shared cache has it.

    `key_parts` must hold everything the picture depends on, the language included.
    """
    key = _key(key_parts)
    if svg := _remembered(key):
        return svg
    if svg := cache.get(key):
        return _remember(key, svg)
    with _drawing:
        # Another request may have drawn it while this one waited.
        if svg := _remembered(key):
            return svg
        svg = build()
        cache.set(key, svg, SECONDS_KEPT)
        return _remember(key, svg)


def _key(key_parts: tuple) -> str:
    inputs = json.dumps(key_parts, default=lambda part: f"{type(part).__name__}:{part}", sort_keys=True)
    return f"svg:{sha256((_renderer_version() + inputs).encode()).hexdigest()}"


@once
def _renderer_version() -> str:
    """Return a fingerprint of all that shapes a picture besides its inputs: renderer, code, borders and wording."""
    digest = sha256(version("vl-convert-python").encode())
    catalogues = [path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/django.mo")]
    borders = [DISTRICTS, *sorted(MUNICIPALITIES.iterdir())]
    for path in [*sorted(Path(__file__).parent.glob("*.py")), *borders, *sorted(catalogues)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _remembered(key: str) -> str | None:
    with _reading:
        if key in _recent:
            _recent.move_to_end(key)
        return _recent.get(key)


def _remember(key: str, svg: str) -> str:
    with _reading:
        _recent[key] = svg
        _recent.move_to_end(key)
        while len(_recent) > KEPT_IN_PROCESS:
            _recent.popitem(last=False)
    return svg

"""The WSGI entry point that granian serves."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pik.settings")


class Request(WSGIRequest):
    """A request whose content type nobody can read is refused like one in an unknown charset."""

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        try:
            super()._set_content_type_params(meta)
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {"charset": "unknown"}


application = get_wsgi_application()
application.request_class = Request

"""The Celery application: `celery -A pik worker` and `celery -A pik beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pik.settings")

app = Celery("pik")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

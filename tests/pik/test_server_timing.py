import re

import pytest
from django.http import HttpResponse

from pik.middleware import server_timing
from pik.models import Measure


@pytest.mark.django_db
def test_server_timing_counts_the_queries_of_the_answer(rf):
    def handle(request):
        return HttpResponse(str(len(list(Measure.objects.all())) + Measure.objects.count()))

    response = server_timing(handle)(rf.get("/"))

    assert re.fullmatch(r'app;dur=\d+\.\d\d, db;desc="2"', response["Server-Timing"])


def test_server_timing_is_off_unless_asked_for(settings):
    assert "pik.middleware.server_timing" not in settings.MIDDLEWARE

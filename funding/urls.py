from django.urls import path

from funding.views import ledger, overview

app_name = "funding"
urlpatterns = [
    path("state/", overview.state, name="state"),
    path("state/map.svg", overview.state_map, name="state_map"),
    path("state/curve.svg", overview.state_curve, name="state_curve"),
    path("state/districts.csv", overview.state_districts_csv, name="state_districts_csv"),
    path("state/months.csv", overview.state_months_csv, name="state_months_csv"),
    path("districts/<district:ags>/", overview.district, name="district"),
    path("districts/<district:ags>/map.svg", overview.district_map, name="district_map"),
    path("districts/<district:ags>/curve.svg", overview.district_curve, name="district_curve"),
    path("districts/<district:ags>/places.csv", overview.district_places_csv, name="district_places_csv"),
    path("districts/<district:ags>/months.csv", overview.district_months_csv, name="district_months_csv"),
    path("organisation/", overview.organisation, name="organisation"),
    path("organisation/map.svg", overview.organisation_map, name="organisation_map"),
    path("organisation/curve.svg", overview.organisation_curve, name="organisation_curve"),
    path("organisation/places.csv", overview.organisation_places_csv, name="organisation_places_csv"),
    path("organisation/months.csv", overview.organisation_months_csv, name="organisation_months_csv"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.ledger_export, name="ledger_export"),
]

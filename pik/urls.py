"""Every address of the application; allauth's views are listed one by one, so that none is open by accident."""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path, register_converter
from django.views.i18n import set_language

from pik import draft_views, review_views, views
from pik.converters import DistrictConverter

# Before the rooms, whose addresses use it.
register_converter(DistrictConverter, "district")

handler404 = "pik.draft_views.not_found"
urlpatterns = [
    path("", views.start, name="start"),
    path("healthz/", views.healthz, name="healthz"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("session/", draft_views.session_state, name="session_state"),
    path("drafts/", draft_views.draft_keep, name="draft_keep"),
    path("drafts/discard/", draft_views.draft_discard, name="draft_discard"),
    path("membership/", views.membership_switch, name="membership_switch"),
    path("access-log/", views.access_log, name="access_log"),
    path("access-review/", review_views.access_review, name="access_review"),
    path("access-review/confirm/", review_views.access_confirm_others, name="access_confirm_others"),
    path("access-review/<int:pk>/confirm/", review_views.access_confirm, name="access_confirm"),
    path("access-review/<int:pk>/end/", review_views.access_end, name="access_end"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("casework/", include("casework.urls")),
    path("funding/", include("funding.urls")),
]

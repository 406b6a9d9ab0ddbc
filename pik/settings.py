"""The rule book of the installation.

The environment overrides; every variable is explained in `.env.example`. A secret that is missing outside
the local mode stops the start. Domain thresholds are named at the end, with their source.
"""

from datetime import date, timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Mode -------------------------------------------------------------------------------------------
# Local mode: demo data and known passwords are allowed, mail goes to files, cookies travel without TLS.
LOCAL_MODE = env.bool("PIK_LOCAL", default=False)
VAR_DIR = Path(env.str("PIK_VAR", default=str(BASE_DIR / "var")))
DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="local-mode-only" if LOCAL_MODE else environ.Env.NOTSET)
# Secrets from before a change: sessions, mails and addresses made with them hold as long as they stand here.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if LOCAL_MODE else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000" if LOCAL_MODE else environ.Env.NOTSET)

# --- Parts ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "funding",
    "casework",
    "pik",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "csp",
    "pgtrigger",
]
MIDDLEWARE = [
    "pik.middleware.utf8_only",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "pik.middleware.language_by_choice",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pik.middleware.LoginRequiredKeepingEntries",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pik.middleware.acting_membership",
    "pik.middleware.no_store",
    "pik.middleware.forms_only",
]
# For script/bench: every answer says what it cost.
if env.bool("PIK_TIMING", default=False):
    MIDDLEWARE.insert(0, "pik.middleware.server_timing")
ROOT_URLCONF = "pik.urls"
WSGI_APPLICATION = "pik.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pik.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["kern"]
CRISPY_TEMPLATE_PACK = "kern"
CRISPY_FAIL_SILENTLY = False

# --- Database ---------------------------------------------------------------------------------------
# Web and worker connect as a role that owns nothing. Migrations run with DATABASE_URL set to the owner's.
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["OPTIONS"] = {
    "application_name": env.str("PIK_PROCESS", default="pik"),
    # After an outage the next request tries anew, instead of waiting for the end of a long back-off.
    **({"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8), "timeout": 5, "reconnect_timeout": 5}}
       if env.bool("PIK_POOL", default=False) else {}),
}  # fmt: skip
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Choices of a form are read in one go; a cursor of the server would cost two more round trips.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default="pik_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Queue and cache --------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "pik.cache.OptionalCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pik",
        # Without Redis the pages still answer: a missing cache costs time, never an entry.
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5},
    },
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
DJANGO_REDIS_LOGGER = "pik.cache"
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": env.str("PIK_QUEUE_PREFIX", default="pik-"),
    "socket_connect_timeout": 1,
    # A Redis that hangs holds a request no longer than this; a waiting worker hears from it every second.
    "socket_timeout": 1.5,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Berlin"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat" / "schedule")
CELERY_BEAT_SCHEDULE = {
    "refresh-figures": {"task": "casework.refresh_figures", "schedule": timedelta(minutes=1)},
    "send-invitations": {"task": "pik.send_invitations", "schedule": timedelta(minutes=1)},
    # Every night, so that a quarter whose first night was missed is made up for.
    "open-access-reviews": {"task": "pik.open_access_reviews", "schedule": crontab(hour=5, minute=0)},
    "send-review-mails": {"task": "pik.send_review_mails", "schedule": crontab(minute=20)},
    "reconcile-figures": {"task": "casework.reconcile_figures", "schedule": crontab(hour=2, minute=15)},
    "summarise-last-month": {
        "task": "casework.summarise_last_month",
        "schedule": crontab(day_of_month=1, hour=4, minute=0),
    },
    # After the figures of the night, which are then those that a deletion must leave as they are.
    "apply-retention": {"task": "casework.apply_retention", "schedule": crontab(hour=3, minute=15)},
    "prepare-partitions": {"task": "casework.prepare_partitions", "schedule": crontab(hour=1, minute=30)},
    # Monday's mail; the other days make up for a Monday on which nothing ran.
    "queue-digests": {"task": "casework.queue_digests", "schedule": crontab(hour=6, minute=0)},
    "send-digests": {"task": "casework.send_digests", "schedule": crontab(minute="5-59/20")},
    "purge-drafts": {"task": "pik.purge_outlived_drafts", "schedule": timedelta(minutes=5)},
    "clear-sessions": {"task": "pik.clear_sessions", "schedule": crontab(hour=3, minute=10)},
    "purge-leavings": {"task": "casework.purge_leavings", "schedule": crontab(hour=1, minute=45)},
    "purge-manager-lists": {"task": "casework.purge_manager_lists", "schedule": crontab(minute=10)},
}

# --- Accounts ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "pik.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "pik.accounts.ClosedAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Password links also serve as invitations: a week, because people start on Mondays.
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Mail -------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="filemail://" if LOCAL_MODE else environ.Env.NOTSET))
if EMAIL_BACKEND.endswith("filebased.EmailBackend"):  # noqa: F821 - set by the line above
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
# A mail server that hangs must not hold the worker.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="PIK <noreply@pik.example>")

# --- Security ---------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOCAL_MODE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
# Login limits count per address of the person; how many proxies in front add theirs to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if SECURE_PROXY_SSL_HEADER else 0)
# A token is renewed when somebody signs in: what another tab sends then is kept for who typed it.
CSRF_FAILURE_VIEW = "pik.draft_views.token_refused"
SECURE_HSTS_SECONDS = 0 if LOCAL_MODE else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL_MODE
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        # data: for the icons that the design system keeps in its style sheet
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- Language, time, files --------------------------------------------------------------------------
LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "pik.formats"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("kern", BASE_DIR / "node_modules" / "@kern-ux" / "native" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# A table that is read in: bytes of the file, rows below the head, columns, characters of one cell. All ~1,200
# managers of the Land would fit.
IMPORT_BYTES = 1024 * 1024
IMPORT_ROWS = 2000
IMPORT_COLUMNS = 60
IMPORT_CELL = 500
# A list of managers is checked and saved while the person waits: 50 to 75 milliseconds for each on two busy cores.
MANAGER_LIST_ROWS = 200
# It names members of staff, so it waits no longer than this for the decision.
MANAGER_LIST_KEPT = timedelta(days=1)
# A shared tuple of topics and municipalities may be long; a form is never longer than this.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Logs: to standard error, one line each, no content of forms ------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "pik.closed_reports.ClosedFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"closed": {"()": "pik.closed_reports.ClosedFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["closed"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django": {"level": "WARNING"}, "django.server": {"level": "WARNING"}},
}
# Also where somebody sends errors by mail: neither forms nor variables leave the house.
DEFAULT_EXCEPTION_REPORTER = "pik.closed_reports.ClosedReporter"

# --- Rules of the field -----------------------------------------------------------------------------
# First month of the pact; nothing can have happened before it (signed for 2017 onwards).
PACT_START = date(2017, 1, 1)
# Days that a form takes at all: certificates are older than the pact, no period reaches further.
ENTERED_DAYS = (date(1930, 1, 1), date(2099, 12, 31))
# A leaving may be entered so long after its day; an earlier one would rewrite funded time.
LEAVING_BACKDATED = timedelta(days=92)
# A leaving or a hand-over is announced at most so long before its day; who works here then is not known earlier.
DECIDED_AHEAD = timedelta(days=365)
# Posts and bookings begin at the latest with the second year from now (the Land plans two budget years at once) and
# end with the tenth: a later day is a slip of the year, and a post without an end has no last day at all.
POST_BEGINS_WITHIN_YEARS = 2
POST_ENDS_WITHIN_YEARS = 10
# 5er-Rundung of the Statistisches Landesamt: every figure on people outside the reader's own
# organisation is rounded, each on its own, to a multiple of this.
ROUNDING_BASE = 5
# A contact lasts at least one minute and at most ten hours; the database holds the same limits.
CONTACT_MINUTES = (1, 600)
# So long after its last day a month is still open for contacts; then it is part of the proof of use.
ENTRY_CLOSED_AFTER_DAYS = 92
# Smallest and largest share of a full-time post that is funded (RP Stuttgart, FAQ 2017).
POST_FTE = ("0.25", "1.00")
# Integrationsmanagement lasts at most three years; the end is announced half a year before (RP Stuttgart, rv.de).
CASE_LIMIT_MONTHS = 36
CASE_EXTENDED_MONTHS = 48
CASE_WARNING_MONTHS = 6
# Self-reliance is assessed anew, and a plan is reviewed, after so many months.
ASSESSMENT_MONTHS = 6
PLAN_REVIEW_MONTHS = 6
# The next review of a plan comes at most so long after the last.
PLAN_REVIEW_WITHIN_MONTHS = 12
# Shares of people outside the own organisation are shown from this many on.
SMALLEST_BASE = 10
# An open case without an entry for this long is shown as due.
CASE_UNSEEN = timedelta(weeks=8)
# The list of what is due looks so far ahead.
DUE_AHEAD = timedelta(weeks=4)
# So long an intake may last before a missing consent is due.
CONSENT_WITHIN_MONTHS = 3
# So long after a referral one asks whether the person arrived there; a waiting list is asked about again after it.
REFERRAL_ASK = timedelta(weeks=4)
# Months shown in curves: this month and the same month of last year on one picture.
CURVE_MONTHS = 13
# A post, or a booking on it, that ends within so many days is announced on the staffing board.
STAFFING_WARNING_DAYS = 90
# Full months before the present one on the curve of VZÄ.
STAFFING_MONTHS = 36
# Ratios of work per VZÄ are shown for no fewer people than these (minimum cell count of the Bundesagentur für Arbeit;
# what somebody does in a month is a matter of staff representation, LPVG).
SMALLEST_GROUP = 3
# Every quarter an organisation confirms or ends the access of its people. The list opens on the first day and is due
# this long after it was opened, but no later than the last day of the quarter; a reminder leaves this long before.
ACCESS_REVIEW_TIME = timedelta(weeks=4)
ACCESS_REVIEW_REMINDER = timedelta(weeks=1)
# What somebody typed and did not save waits so long for them, and is no longer than any of our forms.
DRAFT_KEPT = timedelta(days=2)
DRAFT_BYTES = 100_000
# More forms than somebody has begun at once; of more drafts in one membership the oldest go.
DRAFTS_EACH = 30
# What was sent without a login, because the session had ended, waits only as long as it takes to log in again.
LATE_ENTRY_KEPT = timedelta(minutes=10)
# What no free text may hold, drafts of it included: a validator of fields, above the room that asks for it.
FREE_TEXT_GUARD = "casework.guard.no_personal_data"
# What of a free text is stored, drafts of it included: what can be read.
FREE_TEXT_READER = "casework.words.readable"
# Gives the code of a case that a text means, or None; what is none may be words.
CODE_READER = "casework.codes.normalised"
# What a person records decides on entries of the menu: what their posts allow is read with the membership itself, and
# of who opens no case but records counts it is asked whether they have cases from before.
ALLOWED_BY_POSTS = "casework.models.recording.allowed_by_posts"
ANSWERS_FOR_CASES = "casework.models.recording.answers_for_cases"
# How far ahead the last day of an access may lie: further away it is a matter of a later review.
ACCESS_END_AHEAD = timedelta(days=365)
# So many months after its end a case loses its code: it is deleted, and only month-grained figures are left. The
# database deletes none before a year has passed, so that no month still open for entries is touched.
CASE_KEPT_MONTHS = env.int("CASE_KEPT_MONTHS", default=24)
if CASE_KEPT_MONTHS < 12:
    raise ImproperlyConfigured("CASE_KEPT_MONTHS: a closed case is kept for at least 12 months.")

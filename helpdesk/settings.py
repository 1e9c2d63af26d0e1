"""One settings file; everything that may differ between installations comes from the environment.

Names and defaults: docs/configuration.md. In production a missing or unsafe setting stops the start.
"""

import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from channels_app.mail_auth.relays import parse_trusted_relays
from core.normal_forms import normal_domain
from helpdesk import env

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_dotenv(BASE_DIR / ".env")

TESTING = "pytest" in sys.modules
DEMO = env.boolean("HELPDESK_DEMO", False)
DATA_DIR = Path(env.text("HELPDESK_DATA_DIR", str(BASE_DIR / "var"))).resolve()
BIND = env.text("HELPDESK_BIND", "127.0.0.1")
HTTP_PORT = env.number("HELPDESK_HTTP_PORT", 8000)
SMTP_PORT = env.number("HELPDESK_SMTP_PORT", 2525)
DEMO_MAILBOX_PORT = env.number("HELPDESK_DEMO_MAILBOX_PORT", 2526)
SMTP_BIND = env.text("HELPDESK_SMTP_BIND", "127.0.0.1")
SMTP_LMTP = env.boolean("HELPDESK_SMTP_LMTP", False)
SITE_URL = env.text("SITE_URL", f"http://localhost:{HTTP_PORT}").rstrip("/")
FILES_URL = env.text("FILES_URL").rstrip("/")
EMAIL_URL = env.text("EMAIL_URL")
DNS = env.text("HELPDESK_DNS")
TRUSTED_RELAYS = env.text("TRUSTED_RELAYS")
try:
    parse_trusted_relays(TRUSTED_RELAYS)
except ValueError as reason:
    raise env.BadSetting("TRUSTED_RELAYS", str(reason)) from None
TRUSTED_SEALERS = frozenset(map(normal_domain, env.words("TRUSTED_SEALERS")))
if "" in TRUSTED_SEALERS:
    raise env.BadSetting("TRUSTED_SEALERS", "must be domains, separated by commas")
PHONE_REGION = env.text("HELPDESK_PHONE_REGION", "RU")
PHONE_AREA_CODE = env.text("HELPDESK_PHONE_AREA_CODE")
WORKERS = env.number("HELPDESK_WORKERS", 2)
METRICS_TOKEN = env.text("METRICS_TOKEN")
JOURNAL_DIGEST = env.text("HELPDESK_JOURNAL_DIGEST", "")  # "mail", or a file
LOG = env.text("HELPDESK_LOG", "text")
if LOG not in {"text", "json"}:
    raise env.BadSetting("HELPDESK_LOG", f"must be text or json, not {LOG!r}")
STAFF_DOMAINS = frozenset(env.words("HELPDESK_STAFF_DOMAINS") or (["staff.example"] if DEMO else []))

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    raise env.BadSetting("SECRET_KEY", "is required: 50 or more random characters")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or (
    ["localhost", "127.0.0.1", "[::1]", "testserver"] if DEMO or TESTING else []
)
if not ALLOWED_HOSTS:
    raise env.BadSetting("ALLOWED_HOSTS", "is required: the host names under which people reach the desk")
if DEMO and BIND not in {"127.0.0.1", "::1", "localhost"}:
    raise env.BadSetting("HELPDESK_BIND", "the demo has public passwords and listens on this machine only")

INSTALLED_APPS = [
    "helpdesk",
    "web",
    "api",
    "realtime",
    "ops",
    "privacy",
    "channels_app",
    "automation",
    "tickets",
    "assurance",
    "customers",
    "sla",
    "staff",
    "users",
    "events",
    "core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
]
if find_spec("django_linear_migrations"):  # a tool of contributors, see CONTRIBUTING.md
    INSTALLED_APPS.append("django_linear_migrations")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.shared.compression.CompressPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "web.shared.middleware.SignInMiddleware",
    "web.shared.middleware.RealmMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "web.shared.middleware.UnstorableMiddleware",
    "web.shared.middleware.TooLargeMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
ASGI_APPLICATION = "helpdesk.asgi.application"
WSGI_APPLICATION = "helpdesk.wsgi.application"
LOGIN_URL = "/desk/login/"
LOGIN_REDIRECT_URL = "/desk/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.static", "django.templatetags.i18n"],
        },
    }
]

# Facts live in PostgreSQL; Redis is a doorbell and may vanish at any moment (docs/adr/0002).
DATABASES = {"default": env.database("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL")
if not REDIS_URL:
    raise env.BadSetting("REDIS_URL", "is required: redis://host:port or unix:///path/to/socket")
COUNTS_REDIS_URL = env.redis_url(REDIS_URL, 1)  # what may be lost: how fast programs ask (api/pace.py)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {
    "default": {
        # One shared subscription a process; the core layer opens a connection a socket and drops at 100.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [env.redis_url(REDIS_URL, 2)]},
    }
}

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "users.backends.LoginBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Lockout is checked before any password hash is computed: axes' backend stands first.
WRONG_CODES_A_DAY = max(1, env.number("HELPDESK_WRONG_CODES_A_DAY", 10))  # of the app; then it is closed for a day
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "web.shared.lockout.Handler"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else every try behind the shut door is one more row
AXES_LOCKOUT_CALLABLE = "web.shared.lockout.locked_out"
AXES_USERNAME_CALLABLE = "web.shared.lockout.name_of"
AXES_CLIENT_IP_CALLABLE = "web.shared.lockout.address_of"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
OTP_TOTP_THROTTLE_FACTOR = 1
OTP_TOTP_ISSUER = "Helpdesk"

_HTTPS = SITE_URL.startswith("https://")
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-session" if _HTTPS else "session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
KNOWN_COOKIE_NAME = "__Host-known" if _HTTPS else "known"  # whose password was right here (users/known_browsers.py)
CSRF_COOKIE_NAME = "__Host-csrf" if _HTTPS else "csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL] if _HTTPS else []
CSRF_FAILURE_VIEW = "web.shared.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_SSL_REDIRECT = False  # the proxy in front does it; health checks come by plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy redirects, see above
    "security.W019",  # a mail is shown in a frame of our own, itself isolated by a CSP sandbox
    "auth.W004",  # unique by a constraint over the lower-case address
]
X_FRAME_OPTIONS = "SAMEORIGIN"
_FILES = [FILES_URL] if FILES_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", *_FILES],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'", *_FILES],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86400
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("HELPDESK_TIME_ZONE", "Europe/Moscow")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Ours alone: packages bring megabytes for pages that no address here shows.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Raw mail and attachments by digest. For S3: "storages.backends.s3.S3Storage" (docs/configuration.md).
    "blobs": {"BACKEND": "core.blobs.DurableFileSystemStorage", "OPTIONS": {"location": str(DATA_DIR / "blobs")}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

CELERY = {
    "broker_url": env.broker_url(REDIS_URL),
    "task_ignore_result": True,
    "task_acks_late": True,
    "worker_prefetch_multiplier": 1,
    "worker_concurrency": WORKERS,
    "worker_hijack_root_logger": False,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_soft_shutdown_timeout": 10,
    "worker_max_tasks_per_child": 2000,
    "task_time_limit": 300,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 3,
        "socket_connect_timeout": 3,
        "health_check_interval": 10,
    },
    "timezone": "UTC",
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.programs.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["api.programs.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["api.pace.Pace"],
    "DEFAULT_RENDERER_CLASSES": ["api.moments.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "api.described.Operations",
    "EXCEPTION_HANDLER": "api.problems.answer_to",
    "UNAUTHENTICATED_USER": None,
    "NON_FIELD_ERRORS_KEY": "",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpdesk",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

MAX_MAIL_BYTES = 36 * 1024 * 1024
MAX_ATTACHMENT_BYTES = 25 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "ops.logs.TextFormatter"}, "json": {"()": "ops.logs.JsonFormatter"}},
    "filters": {"bounded": {"()": "ops.logs.Bounded"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG, "filters": ["bounded"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "celery": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
        "uvicorn": {"level": "WARNING"},
        "imapclient": {"level": "WARNING"},
    },
}

READ_FROM_ENVIRONMENT = frozenset(env.asked)  # what a backup writes down

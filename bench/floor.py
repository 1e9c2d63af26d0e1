"""The least a page of fifty tickets costs in Django here: sign-in, CSRF, one keyset query, a plain template.

Served as the desk is: uvicorn, bodies buffered, Django's WSGI handler in threads; on the desk's own database.
  /page   sign-in, fifty rows by keyset, template        /auth   the same with the rows in memory
"""

import datetime
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from django.conf import settings

from helpdesk import env

TEMPLATE = """<!doctype html><title>Tickets</title><h1>Queue</h1><form method=post>{% csrf_token %}</form><table>
{% for r in rows %}<tr class="s{{ r.status }}"><td><a href="/t/{{ r.id }}/">#{{ r.id }}</a><td>{{ r.subject }}
<td>{{ r.status }}<td>{{ r.priority }}<td>{{ r.assignee_id|default:'-' }}<td>{{ r.requester_name }}
<td>{{ r.due_at|date:'Y-m-d H:i' }}</tr>{% endfor %}</table>"""
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    AUTH_USER_MODEL="users.User",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "users"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": env.database("DATABASE_URL")},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [("django.template.loaders.locmem.Loader", {"rows.html": TEMPLATE})],
                    )
                ],
            },
        }
    ],
)
from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()
from a2wsgi import WSGIMiddleware
from django.db import connection
from django.http import HttpResponseForbidden
from django.shortcuts import render
from django.urls import path

from bench.keyset import COLUMNS, KEYSET
from helpdesk.body import BufferedBody

NOW = datetime.datetime(2026, 9, 1, 12, tzinfo=datetime.UTC)
ROWS = [
    dict(zip(COLUMNS, (i, f"Заказ {i} не доставлен, прошу помочь", "new", 2, i % 7 or None, f"Клиент {i}", NOW)))
    for i in range(50)
]


def auth(request):
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    return render(request, "rows.html", {"rows": ROWS})


def page(request):
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    with connection.cursor() as cursor:
        cursor.execute(KEYSET, (request.GET["team"],))
        rows = [dict(zip(COLUMNS, values)) for values in cursor.fetchall()]
    return render(request, "rows.html", {"rows": rows})


urlpatterns = [path("auth", auth), path("page", page)]
application = BufferedBody(WSGIMiddleware(wsgi, workers=8))

if __name__ == "__main__":
    import uvicorn

    uvicorn.run(application, port=int(sys.argv[1]), access_log=False, log_level="error", lifespan="off")

from django.conf import settings
from django.urls import include, path

from ops.views import health

urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("healthz/deep", health.deep, name="deep"),
    path("readyz", health.ready, name="ready"),
    path("", include("web.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/mailbox/", include("ops.demo.urls")))

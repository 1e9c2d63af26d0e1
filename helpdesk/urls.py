from django.conf import settings
from django.urls import include, path

from ops.views import health, metrics

urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("healthz/deep", health.deep, name="deep"),
    path("readyz", health.ready, name="ready"),
    path("metrics", metrics.show, name="metrics"),
    path("api/", include("api.urls")),
    path("", include("web.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/mailbox/", include("ops.demo.urls")))

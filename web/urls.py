from django.urls import include, path

from web.public import views as public
from web.shared import preferences

urlpatterns = [
    path("", public.start, name="start"),
    path("theme/", preferences.theme, name="theme"),
    path("keys/", preferences.keys, name="keys"),
    path("desk/", include("web.desk.urls")),
    path("setup/", include("web.setup.urls")),
]

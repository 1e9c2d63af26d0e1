from django.urls import include, path

from web.panel import sso
from web.public import confirm, look
from web.public import views as public
from web.shared import preferences

urlpatterns = [
    path("", public.start, name="start"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("theme/", preferences.theme, name="theme"),
    path("keys/", preferences.keys, name="keys"),
    path("look/<slug:accent>.css", look.colours, name="look_colours"),
    path("look/<slug:digest>.png", look.logo, name="look_logo"),
    path("desk/", include("web.desk.urls")),
    path("panel/sso/", sso.sso, name="sso"),
    path("setup/", include("web.setup.urls")),
]

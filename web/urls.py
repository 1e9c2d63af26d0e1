from django.urls import include, path

from web.public import confirm, look, request, status
from web.public import views as public
from web.shared import errors, preferences

urlpatterns = [
    path("", public.start, name="start"),
    path("request/", request.new_request, name="request"),
    path("request/challenge/", request.challenge, name="request_work"),
    path("request/sent/", request.sent, name="request_sent"),
    path("request/terms/", request.terms, name="request_terms"),
    path("request/link/<slug:token>/", request.link, name="request_link"),
    path("request/link/<slug:token>/sending/", request.sending, name="request_sending"),
    path("status/", status.ask, name="status"),
    path("status/<uuid:visit>/", status.show, name="status_visit"),
    path("status/<uuid:visit>/code/", status.code, name="status_code"),
    path("status/<uuid:visit>/answers/", status.answers, name="status_answers"),
    path("status/<uuid:visit>/files/<uuid:file>/", status.file, name="status_file"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("theme/", preferences.theme, name="theme"),
    path("too-large/", errors.too_large, name="too_large"),
    path("keys/", preferences.keys, name="keys"),
    path("look/<slug:accent>.css", look.colours, name="look_colours"),
    path("look/<slug:digest>.png", look.logo, name="look_logo"),
    path("desk/", include("web.desk.urls")),
    path("panel/", include("web.panel.urls")),
    path("setup/", include("web.setup.urls")),
]

from django.urls import path

from web.setup import overview

app_name = "setup"

urlpatterns = [
    path("", overview.overview, name="index"),
]

from django.urls import path

from web.setup import mailboxes, overview, relay

app_name = "setup"

urlpatterns = [
    path("", overview.overview, name="index"),
    path("mailboxes/", mailboxes.mailboxes, name="mailboxes"),
    path("mailboxes/new/", mailboxes.new, name="mailboxes_new"),
    path("mailboxes/<slug:slug>/", mailboxes.edit, name="mailboxes_edit"),
    path("mailboxes/<slug:slug>/check", mailboxes.check, name="mailboxes_check"),
    path("mailboxes/<slug:slug>/pause", mailboxes.pause, name="mailboxes_pause"),
    path("mailboxes/<slug:slug>/opening", mailboxes.opening, name="mailboxes_opening"),
    path("relay/", relay.relay, name="relay"),
    path("relay/check", relay.check, name="relay_check"),
    path("relay/removal", relay.removal, name="relay_removal"),
]

from django.urls import path

from web.setup import (
    importing,
    mail_health,
    mailboxes,
    overview,
    people,
    relay,
    texts,
)

app_name = "setup"

urlpatterns = [
    path("", overview.overview, name="index"),
    path("people/", people.people, name="people"),
    path("people/invitation/", people.invitation, name="people_invitation"),
    path("people/<int:staff_id>/", people.person, name="people_person"),
    path("people/<int:staff_id>/letter", people.letter, name="people_letter"),
    path("people/<int:staff_id>/blocking", people.blocking, name="people_blocking"),
    path("people/<int:staff_id>/unblocking", people.unblocking, name="people_unblocking"),
    path("people/<int:staff_id>/second-factor-reset", people.second_factor, name="people_second_factor"),
    path("import/", importing.overview, name="import"),
    path("import/files", importing.files, name="import_files"),
    path("import/<uuid:public_id>/", importing.run, name="import_run"),
    path("import/<uuid:public_id>/dialect", importing.dialect, name="import_dialect"),
    path("import/<uuid:public_id>/reading", importing.reading, name="import_reading"),
    path("import/<uuid:public_id>/application", importing.application, name="import_application"),
    path("import/<uuid:public_id>/stop", importing.stop, name="import_stop"),
    path("import/<uuid:public_id>/report.csv", importing.report, name="import_report"),
    path("mailboxes/", mailboxes.mailboxes, name="mailboxes"),
    path("mailboxes/new/", mailboxes.new, name="mailboxes_new"),
    path("mailboxes/<slug:slug>/", mailboxes.edit, name="mailboxes_edit"),
    path("mailboxes/<slug:slug>/check", mailboxes.check, name="mailboxes_check"),
    path("mailboxes/<slug:slug>/pause", mailboxes.pause, name="mailboxes_pause"),
    path("mailboxes/<slug:slug>/opening", mailboxes.opening, name="mailboxes_opening"),
    path("relay/", relay.relay, name="relay"),
    path("relay/check", relay.check, name="relay_check"),
    path("relay/removal", relay.removal, name="relay_removal"),
    path("mail/", mail_health.mail, name="mail"),
    path("mail/records", mail_health.records, name="mail_records"),
    path("texts/", texts.texts, name="texts"),
    path("texts/<slug:name>/<slug:language>/", texts.edit, name="texts_edit"),
    path("texts/<slug:name>/<slug:language>/preview", texts.preview, name="texts_preview"),
    path("texts/<slug:name>/<slug:language>/default", texts.default, name="texts_default"),
]

from django.urls import path

from web.setup import importing, overview

app_name = "setup"

urlpatterns = [
    path("", overview.overview, name="index"),
    path("import/", importing.overview, name="import"),
    path("import/files", importing.files, name="import_files"),
    path("import/<uuid:public_id>/", importing.run, name="import_run"),
    path("import/<uuid:public_id>/dialect", importing.dialect, name="import_dialect"),
    path("import/<uuid:public_id>/reading", importing.reading, name="import_reading"),
    path("import/<uuid:public_id>/application", importing.application, name="import_application"),
    path("import/<uuid:public_id>/stop", importing.stop, name="import_stop"),
    path("import/<uuid:public_id>/report.csv", importing.report, name="import_report"),
]

from django.urls import path

from web.setup import overview, people

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
]

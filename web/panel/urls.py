from django.urls import path

from web.panel import beginning, decisions, home, me, new, participants, people, sessions, sign_in, sso, ticket
from web.shared import factors

app_name = "panel"

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", sign_in.sign_in, name="login"),
    path("login/code/", sign_in.code, name="code"),
    path("login/code/question", sign_in.question, name="code_question"),
    path("beginning/<str:where>/<str:token>/", beginning.beginning, name="beginning"),
    path("sso/", sso.sso, name="sso"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("account", home.account, name="account"),
    path("call-code", home.call_code, name="call_code"),
    path("our-code", home.our_code, name="our_code"),
    path("people/", people.people, name="people"),
    path("people/adding", people.adding, name="adding"),
    path("people/<int:contact_id>/address", people.address, name="person_address"),
    path("people/<int:contact_id>/removal", people.removal, name="person_removal"),
    path("me/", me.me, name="me"),
    path("me/export", me.export, name="export"),
    path("me/erasure", me.erasure, name="erasure"),
    path("me/sessions/<int:signed_in_id>/end", sessions.one, name="session_end"),
    path("me/sessions/end", sessions.others, name="sessions_end"),
    *factors.addresses(),
    path("decisions/<uuid:action_id>/", decisions.decision, name="decision"),
    path("decisions/<uuid:action_id>/approval", decisions.approval, name="approval"),
    path("decisions/<uuid:action_id>/refusal", decisions.refusal, name="refusal"),
    path("tickets/new/", new.new, name="new"),
    path("tickets/<uuid:public_id>/", ticket.ticket, name="ticket"),
    path("tickets/<uuid:public_id>/answers", ticket.answers, name="answers"),
    path("tickets/<uuid:public_id>/closing", ticket.closing, name="closing"),
    path("tickets/<uuid:public_id>/reopening", ticket.reopening, name="reopening"),
    path("tickets/<uuid:public_id>/participants", participants.adding, name="participants"),
    path(
        "tickets/<uuid:public_id>/participants/<int:person_id>/removal",
        participants.removal,
        name="participant_removal",
    ),
    path("tickets/<uuid:public_id>/files/<uuid:file_id>/", ticket.file, name="file"),
]

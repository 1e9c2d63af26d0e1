from django.urls import path

from web.desk import actions, bulk, files, letters, mail, quarantine, queue, search, sender_lists, sign_in, ticket
from web.shared import preferences

app_name = "desk"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("login/", sign_in.sign_in, name="login"),
    path("login/code/", sign_in.code, name="code"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("language/", preferences.language, name="language"),
    path("changes/", bulk.changes, name="changes"),
    path("changes/<uuid:public_id>/undo", bulk.undo, name="undo"),
    path("mail/", mail.mail, name="mail"),
    path("search/", search.search, name="search"),
    path("lists/", sender_lists.lists, name="lists"),
    path("lists/entries", sender_lists.entries, name="list_entries"),
    path("lists/entries/<int:rule_id>/removal", sender_lists.removal, name="list_removal"),
    path("lists/entries/<int:rule_id>/return", sender_lists.back, name="list_return"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/<uuid:public_id>/release", quarantine.release, name="quarantine_release"),
    path("quarantine/<uuid:public_id>/dismissal", quarantine.dismiss, name="quarantine_dismissal"),
    path("messages/<uuid:public_id>/html/", letters.letter, name="letter"),
    path("images/<str:token>/", letters.inline_image, name="inline_image"),
    path("files/<uuid:public_id>/", files.download, name="file"),
    path("tickets/<slug:number>/", ticket.ticket, name="ticket"),
    path("tickets/<slug:number>/claim", actions.claim, name="claim"),
    path("tickets/<slug:number>/assignee", actions.assignee, name="assignee"),
    path("tickets/<slug:number>/queue", actions.queue, name="move"),
    path("tickets/<slug:number>/status", actions.status, name="status"),
    path("tickets/<slug:number>/classification", actions.classification, name="classification"),
    path("tickets/<slug:number>/account", actions.account, name="account"),
    path("tickets/<slug:number>/spam", actions.spam_mark, name="spam"),
    path("tickets/<slug:number>/block", actions.block, name="block"),
    path("tickets/<slug:number>/spam/removal", actions.spam_removal, name="spam_removal"),
    path("tickets/<slug:number>/tags", actions.tags, name="tags"),
    path("tickets/<slug:number>/tags/<int:tag_id>/removal", actions.tag_removal, name="tag_removal"),
    path("tickets/<slug:number>/replies", ticket.replies, name="replies"),
    path("tickets/<slug:number>/notes", ticket.notes, name="notes"),
    path("tickets/<slug:number>/drafts", ticket.drafts, name="drafts"),
    path("tickets/<slug:number>/files", files.uploads, name="uploads"),
    path("tickets/<slug:number>/files/<uuid:public_id>/removal", files.removal, name="upload_removal"),
    path("tickets/<slug:number>/messages/<uuid:public_id>/acceptance", actions.acceptance, name="acceptance"),
    path("tickets/<slug:number>/messages/<uuid:public_id>/withdrawal", actions.withdrawal, name="withdrawal"),
    path("tickets/<slug:number>/messages/<uuid:public_id>/refusal", actions.refusal, name="refusal"),
    path("tickets/<slug:number>/copies/<int:copy_id>/sending", actions.sending, name="sending"),
]

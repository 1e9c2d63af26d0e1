"""The automatic texts: in both languages, with what is filled in, a look before, and who changed what."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now as read_clock
from staff.queries import names_by_key
from tickets.policies.texts import LANGUAGES, RULES, SENDERS_WORDS, Problem, TextName, problem_of
from tickets.queries.texts import text_history
from tickets.services import letters
from tickets.services import texts as service
from web.setup.access import for_administrators
from web.setup.text_words import ABOUT, LANGUAGE_NAMES, PLACEHOLDERS, PROBLEMS, SAMPLE_SUBJECT
from web.shared.requests import DeskRequest

SAMPLE_NUMBER = "HD-482-913-706"
SAMPLE_DUE = timedelta(hours=4)


@require_safe
@for_administrators
def texts(request: DeskRequest) -> HttpResponse:
    in_force = service.in_force()
    rows = [
        (
            name,
            *ABOUT[name],
            [(language, LANGUAGE_NAMES[language], (name, language) in in_force.changed) for language in LANGUAGES],
        )
        for name in TextName
    ]
    return render(request, "setup/texts.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@for_administrators
def edit(request: DeskRequest, name: str, language: str) -> HttpResponse:
    which = _which(name, language)
    if request.method != "POST":
        return _page(request, which, language, service.in_force().source(which, language))
    text = request.POST.get("text", "")
    problem = service.change(which, language, text, by=request.actor, now=read_clock())
    if problem:
        return _page(request, which, language, text, problem=problem)
    messages.success(request, _("Saved. The next letter says it so."))
    return redirect("setup:texts_edit", name, language)


@require_POST
@for_administrators
def preview(request: DeskRequest, name: str, language: str) -> HttpResponse:
    """The letter as it would leave, with sample data. Nothing is saved."""
    which = _which(name, language)
    text = request.POST.get("text", "")
    problem = problem_of(which, text)
    return _page(request, which, language, text, problem=problem, is_preview=problem is None)


@require_POST
@for_administrators
def default(request: DeskRequest, name: str, language: str) -> HttpResponse:
    if service.back_to_default(_which(name, language), language, by=request.actor, now=read_clock()):
        messages.success(request, _("The default is in force again."))
    return redirect("setup:texts_edit", name, language)


def _which(name: str, language: str) -> TextName:
    if name not in set(TextName) or language not in LANGUAGES:
        raise Http404
    return TextName(name)


def _page(
    request: DeskRequest,
    name: TextName,
    language: str,
    text: str,
    *,
    problem: Problem | None = None,
    is_preview: bool = False,
) -> HttpResponse:
    title, about = ABOUT[name]
    in_force = service.in_force()
    rule, names = RULES[name], names_by_key()
    context = {
        "name": name,
        "language": language,
        "language_name": LANGUAGE_NAMES[language],
        "title": title,
        "about": about,
        "text": text,
        "placeholders": [(each, PLACEHOLDERS[each], each in rule.needed) for each in sorted(rule.allowed)],
        "is_changed": (name, language) in in_force.changed,
        "errors": {"text": _words(problem)} if problem else {},
        "history": [(change, names.get(change.actor, "")) for change in text_history(name, language)],
        "letter": _letter(in_force, name, language, text) if is_preview else None,
    }
    return render(request, "setup/text.html", context, status=422 if problem else 200)


def _words(problem: Problem) -> str:
    return str(PROBLEMS[problem.code]) % {"name": "{" + problem.what[:60] + "}"}


def _letter(in_force: service.Texts, name: TextName, language: str, text: str) -> dict[str, str]:
    asked = TextName.AUTO_REPLY if name is TextName.ASK else name  # a text inside another is shown inside it
    said = service.Texts({**in_force.changed, (name, language): text}).say(
        asked,
        language,
        number=SAMPLE_NUMBER,
        numbers=f"{SAMPLE_NUMBER}, HD-150-226-349",
        subject=SAMPLE_SUBJECT[language],
        due=read_clock() + SAMPLE_DUE,
        asks=True,
    )
    repeats = bool(RULES[asked].allowed & SENDERS_WORDS)
    return {
        "subject": f"[{SAMPLE_NUMBER}] {SAMPLE_SUBJECT[language] if repeats else letters.REGISTERED[language]}",
        "text": said,
        "html": letters.html_of(said, language),
    }

"""The mailbox of a demo: what the desk sent, and a form to write to it. Routed in a demo only."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import getaddresses

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from ops.demo.send import DESK, send
from ops.demo.zones import demo_keys
from ops.models import DemoMail

SHOWN = 200
ISOLATED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def _input() -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input"})


class LetterForm(forms.Form):
    who = forms.ChoiceField(
        label=_("From"),
        widget=forms.Select(attrs={"class": "select"}),
        choices=[("anna", "Анна Смирнова"), ("boris", "Boris Brown"), ("stranger", _("A stranger"))],
    )
    to = forms.CharField(label=_("To"), initial=DESK, max_length=320, widget=_input())
    subject = forms.CharField(label=_("Subject"), max_length=500, widget=_input())
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 6, "class": "textarea"}))
    in_reply_to = forms.CharField(required=False, max_length=998, widget=forms.HiddenInput)

    def clean_to(self) -> str:
        found = [address for _name, address in getaddresses([self.cleaned_data["to"]]) if "@" in address]
        if len(found) != 1:
            raise forms.ValidationError(_("Enter one address."))
        return found[0]

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())


@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    letters = DemoMail.objects.defer("raw").order_by("-id")[:SHOWN]
    return render(request, "demo/mailbox.html", {"letters": letters, "form": LetterForm()})


@login_not_required
@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(DemoMail, pk=pk)
    parsed = _parsed(row)
    text = parsed.get_body(("plain",))
    answer = LetterForm(
        initial={
            "who": _key_of(row.rcpt_to),
            "to": str(parsed.get("Reply-To") or parsed.get("From") or DESK),
            "subject": row.subject if row.subject.lower().startswith("re:") else f"Re: {row.subject}",
            "in_reply_to": str(parsed.get("Message-ID", "")).strip().strip("<>"),
        }
    )
    context = {
        "mail": row,
        "headers": [(name, str(value)) for name, value in parsed.items()],
        "text": text.get_content() if text else "",
        "has_html": parsed.get_body(("html",)) is not None,
        "form": answer,
    }
    return render(request, "demo/mail.html", context)


@login_not_required
@require_safe
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    body = _parsed(get_object_or_404(DemoMail, pk=pk)).get_body(("html",))
    if body is None:
        raise Http404
    return HttpResponse(body.get_content(), headers={"Content-Security-Policy": ISOLATED})


@login_not_required
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Signed as the writer's provider would sign it, and handed to the desk by SMTP."""
    form = LetterForm(request.POST)
    if form.is_valid():
        try:
            send(**form.cleaned_data, keys=demo_keys(settings.DATA_DIR), port=settings.SMTP_PORT)
        except OSError as error:  # smtplib's errors are of this kind
            form.add_error(None, str(error))
        else:
            return redirect("demo-mailbox")
    letters = DemoMail.objects.defer("raw").order_by("-id")[:SHOWN]
    return render(request, "demo/mailbox.html", {"letters": letters, "form": form}, status=422)


def _parsed(row: DemoMail) -> EmailMessage:
    return message_from_bytes(bytes(row.raw), policy=modern)


def _key_of(address: str) -> str:
    return {"anna@hosting-client.example": "anna", "boris@other-client.example": "boris"}.get(address, "stranger")

"""What customers of the demo company wrote in the last hours, so that the desk is not empty."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.trust import Fact, FactKind
from ops.demo.send import CAST, DESK
from tickets.contracts import Address, InboundMessage, Origin
from tickets.services.intake import receive


@dataclass(frozen=True, slots=True)
class Letter:
    key: str
    who: str  # a key of CAST
    minutes_ago: int
    subject: str
    text: str
    language: str
    queue: str = "hosting"


LETTERS = (
    Letter("site-502", "anna", 12, "Сайт annashop.example отвечает 502",
           "Здравствуйте!\n\nС 9:40 магазин annashop.example открывается через раз: то 502 Bad Gateway, то всё хорошо. "
           "Ничего не меняли, вчера работало. Логин annahost, договор H-100001.\n\nАнна", "ru"),
    Letter("reboot", "boris", 25, "Server does not come back after reboot",
           "Hello,\n\nI rebooted our VPS from the panel half an hour ago and it has not answered since, "
           "not even to ping. Contract H-100002.\n\nBoris Brown", "en", "servers"),
    Letter("certificate", "anna", 55, "Браузер ругается на сертификат",
           "Добрый день. Клиенты пишут, что браузер показывает «Подключение не защищено» на www.annashop.example, "
           "а без www всё в порядке. Можно ли добавить www в сертификат?", "ru"),
    Letter("invoice", "boris", 80, "Invoice for October",
           "Could you please send the October invoice again, this time with our VAT number on it? Thanks.", "en"),
    Letter("bounce", "anna", 130, "Письма из магазина попадают в спам",
           "Уведомления о заказах с annashop.example попадают у покупателей в спам. SPF и DKIM настраивала по вашей "
           "инструкции. Посмотрите, пожалуйста, что не так.", "ru"),
    Letter("before-buying", "stranger", 150, "Question before I order",
           "Hi! Does your Business plan include daily backups, and for how long are they kept?", "en"),
    Letter("transfer", "boris", 190, "Moving brownsons.example to you",
           "We would like to transfer the domain brownsons.example from our old registrar. What do you need from us, "
           "and will mail be interrupted?", "en", "domains"),
    Letter("disk", "anna", 240, "Закончилось место на диске",
           "Панель показывает 98 % занятого места, хотя файлов всего 3 ГБ. Что занимает остальное и как очистить?",
           "ru"),
    Letter("php", "anna", 330, "Перейти на PHP 8.3",
           "Здравствуйте, как переключить annashop.example на PHP 8.3 и можно ли быстро вернуться, если модуль оплаты "
           "не заработает?", "ru"),
    Letter("port", "boris", 420, "Is port 25 blocked?",
           "Our monitoring says that outgoing port 25 on the VPS is closed since yesterday. Is that you?", "en",
           "servers"),
    Letter("who-owns", "mallory", 500, "Срочно смените почту на договоре H-100001",
           "Это Анна Смирнова, пишу с другого адреса. Старый ящик не работает, срочно смените контактную почту на эту "
           "и пришлите новый пароль.", "ru"),
    Letter("thanks-dns", "anna", 610, "Запись MX для поддомена",
           "Подскажите, как завести отдельную MX-запись для shop.annashop.example, чтобы почта домена не пострадала?",
           "ru", "domains"),
)  # fmt: skip


def post(letter: Letter, *, now: datetime) -> None:
    """Through the same door as real mail; its key makes a second start find it there."""
    person = CAST[letter.who]
    at = now - timedelta(minutes=letter.minutes_ago)
    message = InboundMessage(
        sender=Address(person.email, person.name, f"{person.name} <{person.email}>"),
        to=(Address(DESK),),
        received_at=at,
        sent_at=at,
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
        message_id=f"{letter.key}.demo@{person.domain}",
        facts=_facts(person.email, person.domain, signs=person.signs),
    )
    origin = Origin(
        channel="support-mail",
        door="email",
        queue=letter.queue,
        our_address=DESK,
        raw_id=f"demo:{letter.key}",
        envelope_from=person.email,
        is_local=True,
    )
    receive(message, origin=origin, now=at)


def _facts(email: str, domain: str, *, signs: bool) -> tuple[Fact, ...]:
    """What the authentication of such a mail finds; those who do not sign have nobody to vouch for them."""
    author = Fact(FactKind.FROM_HEADER, "single", email)
    if not signs:
        return (author, Fact(FactKind.DMARC, "none", domain, detail={"author": email}))
    signature = Fact(FactKind.DKIM, "pass", domain, detail={"aligned": True})
    return (author, signature, Fact(FactKind.DMARC, "pass", domain, detail={"author": email, "aligned": True}))

import time

import pytest

from channels_app.mail.quotes import REPLY_MARKER_EN, REPLY_MARKER_RU, strip_quotes

# program: (letter, what is new)
REPLIES = {
    "gmail, english": (
        "Thanks!\n\nOn Mon, Oct 5, 2026 at 12:30 PM Support <s@example.com> wrote:\n\n> Hello\n> Bye\n",
        "Thanks!",
    ),
    "gmail, wrapped attribution": (
        "Thanks!\n\nOn Mon, Oct 5, 2026 at 12:30 PM Support of Example Company\n"
        "<support@example.com> wrote:\n\n> Hello\n",
        "Thanks!",
    ),
    "gmail, russian": (
        "Спасибо!\n\nпн, 5 окт. 2026 г. в 12:30, Поддержка <s@example.com>:\n\n> Привет\n> Пока\n",
        "Спасибо!",
    ),
    "apple mail, english": (
        "Done.\n\n> On 5 Oct 2026, at 12:30, Support <s@example.com> wrote:\n> \n> Hello\n",
        "Done.",
    ),
    "apple mail, russian": (
        "Готово.\n\n"
        "Отправлено с iPhone\n\n> 5 окт. 2026 г., в 12:30, Поддержка <s@example.com> написал(а):\n> \n> Привет\n",
        "Готово.",
    ),
    "thunderbird, english": ("Yes.\n\nOn 05.10.2026 12:30, Support wrote:\n> Is it?\n", "Yes."),
    "thunderbird, russian": ("Да.\n\n05.10.2026 12:30, Поддержка пишет:\n> Так ли?\n", "Да."),
    "thunderbird, answer below": (
        "05.10.2026 12:30, Поддержка пишет:\n> Так ли?\n\nДа, так.\n\n-- \nАнна",
        "Да, так.",
    ),
    "the bat": (
        "Здравствуйте, Иван.\n\nВы писали 5 октября 2026 г., 12:30:56:\n\n"
        "> Какой логин?\n\nannahost\n\n-- \nС уважением,\n Анна  mailto:a@x.example",
        "Здравствуйте, Иван.\n\nannahost",
    ),
    "the bat, english": ("Hello Ivan,\n\nYou wrote on Monday, October 5, 2026:\n\n> Which login?\n", "Hello Ivan,"),
    "mail.ru": (
        "Не помогло.\n\n>Понедельник, 5 октября 2026, 12:30 +03:00 от Поддержка <s@example.com>:\n>\n>Попробуйте так\n",
        "Не помогло.",
    ),
    "mail.ru, unmarked history": (
        "Не помогло.\n\nПонедельник, 5 октября 2026, 12:30 +03:00 от Поддержка <s@example.com>:\nПопробуйте так\n",
        "Не помогло.",
    ),
    "mail.ru, phone": ("Ок\n\n--\nОтправлено из мобильной Почты Mail.ru\n", "Ок"),
    "yandex": ('Ясно.\n\n05.10.2026, 12:30, "Поддержка" <s@example.com>:\n> Привет\n', "Ясно."),
    "outlook, english": (
        "Fixed.\n\nFrom: Support <s@example.com>\nSent: Monday, October 5, 2026 12:30 PM\n"
        "To: Anna\nSubject: RE: Site\n\nHello\n",
        "Fixed.",
    ),
    "outlook, russian": (
        "Работает.\n\nС уважением,\nАнна Смирнова\n\n________________________________\nОт: Поддержка <s@example.com>\n"
        "Отправлено: 5 октября 2026 г. 12:30\nКому: Анна\nТема: RE: Сайт\n\nПривет\n",
        "Работает.",
    ),
    "outlook, original message": ("See below\n\n-----Original Message-----\nFrom: Support\nHello", "See below"),
    "outlook, original message in russian": (
        "Смотрите\n\n-----Исходное сообщение-----\nОт: Поддержка\nПривет",
        "Смотрите",
    ),
    "our marker, russian": (f"Спасибо\n\n{REPLY_MARKER_RU}\n\nВаш номер 123", "Спасибо"),
    "our marker, english and quoted": (f"Thanks\n\n> {REPLY_MARKER_EN}\n>\n> Your number is 123\n", "Thanks"),
    "our marker under an attribution": (
        f"Спасибо\n\nпн, 5 окт. 2026 г. в 12:30, Поддержка <s@example.com>:\n\n> {REPLY_MARKER_RU}\n> Ваш номер\n",
        "Спасибо",
    ),
    "nothing but a quote of ours": (f"> {REPLY_MARKER_RU}\n> Ваш номер\n", ""),
    "signature, english": ("Please help.\n\nBest regards,\nKate Brown\nACME Ltd.", "Please help."),
    "signature, russian": ("Помогите.\n\nС уважением,\nАнна Смирнова\n+7 495 000-00-00", "Помогите."),
    "signature after the quote": ("Ответ\n\n> вопрос\n> ещё вопрос\n\n--\nАнна\n", "Ответ"),
    "phone, english": ("Ok\n\nSent from my iPhone", "Ok"),
    "phone, russian": ("Ок\n\nОтправлено из мобильной Почты Mail.ru", "Ок"),
}

# Whatever may be a customer's own words stays new.
KEPT = {
    "plain": "Hello\n\nmy site is down.",
    "answered point by point": "See my answers:\n> Which login?\nannahost\n> Which site?\nannashop.example",
    "attributed and answered point by point": (
        "05.10.2026 12:30, Поддержка пишет:\n"
        "> Какой логин?\nannahost, и ещё я хотела спросить про домен\n> Какой сайт?\nannashop"
    ),
    "forwarded": (
        "Please look:\n\n---------- Forwarded message ---------\nFrom: Bank\nDate: Mon\nSubject: Pay\nTo: me\n\nPay now"
    ),
    "forwarded in russian": (
        "Гляньте\n\n-------- Пересылаемое сообщение --------\nОт: Банк\nТема: Счёт\nДата: пн\n\nОплатите"
    ),
    "a colon and a time": "I tried at 12:30 and wrote:\nnothing happened",
    "a from line alone": "From: the server I get this:\nerror 500",
    "nothing but a signature": "С уважением, Анна",
    "dashes in the text": "First\n--\n" + "\n".join(f"line {n} of a long listing" for n in range(30)),
    "table": "a | b\n--------\n1 | 2",
    "quote in the middle": "The log says\n> error 500\nwhat does it mean?",
}


@pytest.mark.parametrize("name", REPLIES)
def test_new_words_are_separated_from_history(name):
    letter, new = REPLIES[name]
    assert strip_quotes(letter)[0] == new


@pytest.mark.parametrize("name", REPLIES)
def test_no_line_is_lost(name):
    letter, _ = REPLIES[name]
    new, quoted = strip_quotes(letter)
    kept = f"{new}\n{quoted}".split("\n")
    assert sorted(line.strip() for line in kept if line.strip()) == sorted(
        line.strip() for line in letter.split("\n") if line.strip()
    )


@pytest.mark.parametrize("name", KEPT)
def test_doubtful_words_stay_new(name):
    assert strip_quotes(KEPT[name]) == (KEPT[name], "")


@pytest.mark.parametrize(
    "text",
    ["On 5 Oct 2026 12:30 wrote wrote x\n" * 30_000, "> x\n" * 250_000, "x" * 1_000_000, "\n" * 1_000_000,
     ("5 Oct 2026 12:30 wrote " * 20 + ":\n") * 2_000, ("From: a\n" * 8 + "\n") * 10_000, "--\n" * 300_000],
    ids=["attributions", "quotes", "one line", "empty lines", "dates", "header blocks", "separators"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(text):
    begin = time.thread_time()
    strip_quotes(text)
    assert time.thread_time() - begin < 30

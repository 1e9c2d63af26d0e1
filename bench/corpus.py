"""Deterministic Russian/English helpdesk text. Zipf-like words + planted words.

COMMON words occur in ~30 % of messages, RARE words in ~1 of 10,000.
"""

import random

COMMON = {"ru": "оплата", "en": "invoice"}
RARE = {"ru": "кварцевание", "en": "zirconium"}

_RU = [
    "здравствуйте",
    "добрый",
    "день",
    "прошу",
    "помочь",
    "заказ",
    "номер",
    "доставка",
    "возврат",
    "деньги",
    "карта",
    "счет",
    "договор",
    "не",
    "работает",
    "личный",
    "кабинет",
    "пароль",
    "вход",
    "ошибка",
    "страница",
    "приложение",
    "телефон",
    "обновление",
    "принтер",
    "сервер",
    "почта",
    "письмо",
    "клиент",
    "менеджер",
    "ответ",
    "срок",
    "гарантия",
    "товар",
    "склад",
    "посылка",
    "курьер",
    "адрес",
    "город",
    "улица",
    "время",
    "звонок",
    "оператор",
    "проблема",
    "вопрос",
    "решение",
    "настройка",
    "доступ",
    "пользователь",
    "права",
    "отчет",
    "выгрузка",
    "данные",
    "база",
    "файл",
    "вложение",
    "скриншот",
    "версия",
    "кнопка",
    "меню",
    "список",
    "поиск",
    "фильтр",
    "скорость",
    "зависает",
    "медленно",
    "срочно",
    "пожалуйста",
    "спасибо",
    "уважением",
    "жду",
    "когда",
    "почему",
    "снова",
    "опять",
    "вчера",
    "сегодня",
    "завтра",
    "неделя",
    "месяц",
    "после",
    "перед",
    "через",
    "только",
    "уже",
    "еще",
    "нет",
    "есть",
    "был",
    "была",
    "было",
    "были",
    "можно",
    "нельзя",
    "нужно",
]
_EN = [
    "hello",
    "dear",
    "team",
    "please",
    "help",
    "order",
    "number",
    "delivery",
    "refund",
    "money",
    "card",
    "account",
    "contract",
    "does",
    "not",
    "work",
    "login",
    "password",
    "error",
    "page",
    "application",
    "phone",
    "update",
    "printer",
    "server",
    "mail",
    "letter",
    "customer",
    "manager",
    "answer",
    "term",
    "warranty",
    "goods",
    "warehouse",
    "parcel",
    "courier",
    "address",
    "city",
    "street",
    "time",
    "call",
    "operator",
    "problem",
    "question",
    "solution",
    "setting",
    "access",
    "user",
    "rights",
    "report",
    "export",
    "data",
    "base",
    "file",
    "attachment",
    "screenshot",
    "version",
    "button",
    "menu",
    "list",
    "search",
    "filter",
    "speed",
    "hangs",
    "slow",
    "urgent",
    "thanks",
    "regards",
    "waiting",
    "when",
    "why",
    "again",
    "yesterday",
    "today",
    "tomorrow",
    "week",
    "month",
    "after",
    "before",
    "through",
    "only",
    "already",
    "still",
    "there",
    "was",
    "were",
    "can",
    "cannot",
    "need",
    "would",
    "could",
    "should",
    "about",
    "from",
    "with",
    "this",
    "that",
    "which",
    "have",
    "has",
    "had",
    "been",
    "being",
]
_SYL = {
    "ru": [
        "ка",
        "ро",
        "ти",
        "ни",
        "по",
        "ва",
        "ре",
        "но",
        "ли",
        "та",
        "сто",
        "пре",
        "об",
        "при",
        "раз",
        "мо",
        "ве",
        "ды",
        "ку",
        "зи",
        "ла",
        "фо",
        "ру",
        "ме",
        "со",
        "чи",
    ],
    "en": [
        "ta",
        "ro",
        "mi",
        "ne",
        "po",
        "va",
        "re",
        "con",
        "li",
        "sta",
        "pre",
        "ob",
        "in",
        "ex",
        "mo",
        "ver",
        "di",
        "ku",
        "zi",
        "la",
        "for",
        "ru",
        "me",
        "so",
        "chi",
    ],
}


class Text:
    """Text(seed).paragraphs('ru', 80) -> about 80 words."""

    def __init__(self, seed=1, vocab=20000):
        self.r = r = random.Random(seed)
        self.words, self.cum = {}, {}
        for lang, real in (("ru", _RU), ("en", _EN)):
            rs = random.Random("vocab" + lang)  # same vocabulary for every seed
            ws = list(dict.fromkeys(real))
            seen = set(ws)
            while len(ws) < vocab:
                w = "".join(rs.choice(_SYL[lang]) for _ in range(rs.randint(2, 4)))
                if w not in seen:
                    seen.add(w)
                    ws.append(w)
            acc, cum = 0.0, []
            for i in range(len(ws)):
                acc += 1.0 / (i + 8)
                cum.append(acc)
            self.words[lang], self.cum[lang] = ws, cum

    def lang(self):
        return "ru" if self.r.random() < 0.65 else "en"

    def body_words(self, lang, n):
        r = self.r
        ws = r.choices(self.words[lang], cum_weights=self.cum[lang], k=n)
        if r.random() < 0.30:
            ws[r.randrange(n)] = COMMON[lang]
        if r.random() < 0.0001:
            ws[r.randrange(n)] = RARE[lang]
        return ws

    def line(self, lang, n):
        return " ".join(self.body_words(lang, n))

    def paragraphs(self, lang, n):
        ws = self.body_words(lang, n)
        out, i = [], 0
        while i < n:
            k = self.r.randint(6, 14)
            s = " ".join(ws[i : i + k])
            out.append(s[:1].upper() + s[1:] + ".")
            i += k
        return "\n".join("  ".join(out[j : j + 3]) for j in range(0, len(out), 3))

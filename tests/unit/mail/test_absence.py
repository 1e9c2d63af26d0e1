"""Letters of machines that carry no mark, and letters of people who only speak of machines and holidays."""

import pytest

from channels_app.mail.absence import is_automatic
from channels_app.mail.nature import Clues, judge
from tickets.contracts import Nature

MACHINES = [
    ("Автоответ: Re: [HD-123-456-789] Сайт отдаёт 502", ""),
    ("Автоответ: Re: Сайт отдаёт 502", "Здравствуйте! Ваше письмо получено."),
    ("Автоматический ответ: [HD-123-456-789] Заявка принята", "Добрый день. Буду в понедельник."),
    ("Автоматический ответ: Заявка принята", "Спасибо за письмо"),
    ("Автоответчик", "Здравствуйте! Я в отпуске до 12 августа. По срочным вопросам пишите Ольге: olga@client.example"),
    ("Автоответ", "Это автоматический ответ. Ваше письмо получено и будет прочитано в рабочее время."),
    ("В отпуске", "Добрый день! Нахожусь в отпуске с 1 по 14 июля, доступа к почте не будет."),
    ("Я в отпуске. Re: счёт", "Буду отсутствовать до 3 мая."),
    ("Вне офиса: Re: продление домена", "Нахожусь в командировке, отвечу по возвращении."),
    ("Отпуск: Re: Заявка", "..."),
    ("Out of Office: Re: [HD-123-456-789] Invoice", "I will be back on Monday."),
    ("Out of office", "I am currently out of the office and will return on 5 May. For urgent matters contact Bob."),
    ("Automatic reply: We have your request", "Thank you for your email."),
    ("Auto: Re: server is down", ""),
    ("Auto Re: server is down", "Hello"),
    ("AutoReply: Re: DNS", "I am on vacation."),
    ("OOO: Re: DNS", "On annual leave, back on the 7th"),
    ("On vacation", "Hi, I'm on vacation until June 3 with limited access to email."),
    ("Vacation reply", "This is an automated response. I am away."),
    ("Re: [HD-123-456-789] Сайт", "Здравствуйте! Я в отпуске до 20 августа. По срочным вопросам обращайтесь к Ивану."),
    ("Re: [HD-123-456-789] Site", "I am out of the office until Monday. If this is urgent, call +7 495 000-00-00."),
    ("Re: Заявка принята", "Это автоматическое сообщение. Мы получили ваше письмо и скоро ответим."),
    ("Re: Your ticket", "This message was sent automatically. Please do not reply."),
    ("RE: Счёт", "Буду отсутствовать на рабочем месте до 1 июня. Меня замещает Пётр Сидоров, petr@client.example."),
]
PEOPLE = [
    ("У меня не работает автоответ", "Настроил автоответчик в панели, письма не уходят."),
    ("Автоответ", "Не включается автоответ в почте, подскажите, что делать."),
    ("Автоответ: не работает", "Добрый день! После обновления письма с автоответом не приходят."),
    ("Автоматический ответ отправляется дважды", "Каждый отправитель получает два письма."),
    ("Настройка автоответчика", "Я буду в отпуске до 5 мая, как включить автоответ на это время?"),
    ("Re: [HD-123-456-789] Домен", "Я в отпуске до 5 мая, но домен нужно продлить сегодня."),
    ("Re: [HD-123-456-789] Домен", "Я сейчас в отпуске, по срочным вопросам пишите Ольге. Продлите домен, прошу."),
    ("Re: [HD-123-456-789] Домен", "Я в отпуске, отвечу на вопросы в понедельник."),
    ("Продление на время отпуска", "Здравствуйте. Нахожусь в отпуске, домен заканчивается завтра."),
    ("Отпуск", "Мы хотим на время отпуска приостановить сервер, как это сделать?"),
    ("Out of office does not work", "Our mailbox does not send out of office replies since Monday."),
    ("Out of memory: server died", "The server was killed by the kernel."),
    ("Auto renewal failed", "The domain was not renewed automatically."),
    ("Автоматическое продление", "Деньги списались, домен не продлился."),
    ("Auto: which insurance do you offer", "We want to insure our fleet."),
    ("Re: Счёт", "Нам пришло от вас письмо со словами «это автоматическое сообщение». Что оно значит?"),
    ("Вопрос", "Please contact me when you are back in the office."),
    ("Re: DNS", "I am on vacation next week, please contact my colleague. Can you move the zone today?"),
    ("Не работает сайт", "Срочно! По срочным вопросам никто не отвечает, телефон молчит."),
    ("", ""),
]


@pytest.mark.parametrize(("subject", "text"), MACHINES)
def test_a_machine_is_known_by_its_words(subject, text):
    assert is_automatic(subject, text)
    judged = judge(Clues({}, ("text/plain",), "", subject, "ivan@client.example", "ivan@client.example", written=text))
    assert judged.nature is Nature.AUTO_REPLY


@pytest.mark.parametrize(("subject", "text"), PEOPLE)
def test_a_person_who_speaks_of_them_stays_a_person(subject, text):
    assert not is_automatic(subject, text)
    judged = judge(Clues({}, ("text/plain",), "", subject, "ivan@client.example", "ivan@client.example", written=text))
    assert judged.nature is Nature.PERSON


def test_a_long_text_takes_no_time():
    assert not is_automatic("Re: " * 5000, "я в отпуске " * 50000 + "?")

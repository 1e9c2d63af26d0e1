"""The lists a desk begins with; administrators word them, add their own, or retire a line."""

from django.db import migrations

INCIDENT, PAPERS = ["incident"], ["question", "administrative"]
LISTS = [
    ("Сайт не открывается", "A site is down", INCIDENT, ["hosting", "server"],
     "Адрес страницы, которая не открывается\nТекст и код ошибки или снимок экрана\n"
     "С какого времени и из каких сетей не открывается\nЧто меняли незадолго до этого",
     "The address of the page that does not open\nWords and code of the error, or a screenshot\n"
     "Since when, and from which networks\nWhat was changed shortly before"),
    ("Почта не доходит", "Mail does not arrive", INCIDENT, ["hosting", "domain"],
     "Адреса отправителя и получателя\nКогда отправлено письмо: дата, время, часовой пояс\n"
     "Текст отказа, если он вернулся\nПисьмо целиком, с заголовками, если оно у вас есть [файл]",
     "Addresses of sender and recipient\nWhen it was sent: date, time, time zone\n"
     "The words of the refusal, if one came back\nThe whole mail with its headers, if you have it [file]"),
    ("Сервер отвечает медленно", "A server is slow", INCIDENT, ["server"],
     "Имя или адрес сервера\nКогда это начинается и когда проходит\nВывод команд top и df -h или снимок экрана\n"
     "Что запускали или обновляли незадолго до этого",
     "Name or address of the server\nWhen it begins and when it passes\nWhat top and df -h print, or a screenshot\n"
     "What was started or updated shortly before"),
    ("Нет связи на линии", "A line is down", INCIDENT, [],
     "Номер договора или линии\nКакие индикаторы горят на устройстве\n"
     "Подключить компьютер к устройству кабелем и перезагрузить устройство [сделать]\n"
     "Телефон и удобное время для мастера",
     "Number of the contract or the line\nWhich lights are on at the device\n"
     "Connect a computer to the device by cable and restart the device [done]\n"
     "A phone number, and when an engineer may come"),
    ("Сертификат не принимают", "A certificate is refused", INCIDENT, ["certificate"],
     "Имя сайта\nСлова предупреждения или снимок экрана\nВ каких браузерах и программах это видно",
     "The name of the site\nThe words of the warning, or a screenshot\nIn which browsers and programs it is seen"),
    ("Перенос домена", "Transfer of a domain", ["change_request", "administrative"], ["domain"],
     "Имя домена\nОт какого регистратора и к какому\nСнять запрет переноса у нынешнего регистратора [сделать]\n"
     "Проверить, что административный адрес домена доступен [сделать]",
     "The name of the domain\nFrom which registrar to which\nLift the transfer lock at the registrar of today [done]\n"
     "Check that the domain's administrative address can be read [done]"),
    ("Оплата и документы", "Payments and papers", PAPERS, [],
     "Номер счёта или договора\nДата и сумма платежа\nПлатёжное поручение или чек [файл]\n"
     "Что вам нужно: счёт, акт, возврат или пояснение",
     "Number of the invoice or the contract\nDate and amount of the payment\nThe payment order or receipt [file]\n"
     "What you need: an invoice, a statement, a refund or an explanation"),
]  # fmt: skip


def seed(apps, schema_editor):
    lists = apps.get_model("tickets", "AskList")
    lists.objects.bulk_create(
        lists(name_ru=ru, name_en=en, kinds=kinds, service_kinds=services, lines_ru=asks, lines_en=in_english, place=place)
        for place, (ru, en, kinds, services, asks, in_english) in enumerate(LISTS, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("tickets", "0037_lists_of_what_is_asked")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

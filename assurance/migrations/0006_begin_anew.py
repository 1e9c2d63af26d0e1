"""Recovery names the sign-in that begins anew; switching a second factor off waits and begins anew as well."""

from django.db import migrations, models

MOST_WORDS = 500
ADDED = {"words_ru": " Вход: {login}.", "words_en": " Sign-in: {login}."}
WORDS = {
    "recovery": (
        "Восстановить по документу доступ {login} к аккаунту «{account}»: пароль, второй фактор и резервные коды"
        " перестанут действовать, ссылка для нового входа придёт на {new_email}, этот адрес станет административным.",
        "Recover by document the access of {login} to the account “{account}”: password, second factor and recovery"
        " codes end, a link to begin anew goes to {new_email}, which becomes the administrative address.",
    ),
    "second_factor_off": (
        "Отключить второй фактор для входа {login} в аккаунте «{account}»: пароль, второй фактор и резервные коды"
        " перестанут действовать, ссылка для нового входа придёт на адрес этого человека.",
        "Switch off the second factor of {login} in the account “{account}”: password, second factor and recovery"
        " codes end, a link to begin anew goes to the address of that person.",
    ),
}
SEEDED = {
    "Восстановить доступ к аккаунту «{account}» по документу, новый административный адрес: {new_email}.",
    "Recover access to the account “{account}” by document; the new administrative address: {new_email}.",
    "Отключить второй фактор для входа {login} в аккаунте «{account}».",
    "Switch off the second factor of {login} in the account “{account}”.",
}


def word(apps, schema_editor):
    for kind in apps.get_model("assurance", "ActionKind").objects.filter(code__in=WORDS):
        for field, words in zip(("words_ru", "words_en"), WORDS[kind.code], strict=True):
            said = getattr(kind, field)
            if "{login}" not in said:
                said = said + ADDED[field]
            if getattr(kind, field) in SEEDED or len(said) > MOST_WORDS:
                said = words
            setattr(kind, field, said)
        kind.hold_hours = max(kind.hold_hours, 72)
        kind.save()


class Migration(migrations.Migration):
    dependencies = [("assurance", "0005_indexes_that_are_used")]

    operations = [
        migrations.AddField("criticalaction", "numbers_called", models.JSONField(default=list, db_default=[])),
        migrations.RunPython(word, migrations.RunPython.noop),
    ]

"""The catalogue a desk begins with; administrators word it, demand more, or retire a line."""

from django.db import migrations

KINDS = [
    ("confirm_request", 4, 0, False, "Подтвердить, что обращение ваше", "Confirm that a request is yours",
     "Обращение {number} «{subject}» от имени «{account}» написано вами или по вашему поручению. Его отправитель: {requester}.",
     "The request {number} “{subject}” about the account “{account}” was written by you or for you. Its sender: {requester}."),
    ("password_reset", 4, 0, False, "Сбросить пароль", "Reset a password",
     "Сбросить пароль для входа {login} в аккаунте «{account}».",
     "Reset the password of {login} in the account “{account}”."),
    ("disclose_access", 4, 0, False, "Сообщить данные доступа", "Disclose access data",
     "Сообщить данные доступа: {what}. Аккаунт «{account}».",
     "Disclose access data: {what}. Account “{account}”."),
    ("change_dns", 4, 0, False, "Изменить DNS", "Change DNS",
     "Изменить DNS домена {domain}: {what}. Аккаунт «{account}».",
     "Change the DNS of {domain}: {what}. Account “{account}”."),
    ("refund", 4, 0, True, "Вернуть деньги", "Refund",
     "Вернуть {amount} на {where}. Аккаунт «{account}».",
     "Refund {amount} to {where}. Account “{account}”."),
    ("change_administrative_email", 5, 0, False, "Сменить административный адрес", "Change the administrative address",
     "Сменить административный адрес аккаунта «{account}» на {new_email}. Решения об аккаунте будут подтверждаться с нового адреса.",
     "Change the administrative address of the account “{account}” to {new_email}. From then on the new address decides about the account."),
    ("change_owner", 5, 0, True, "Сменить владельца", "Change the owner",
     "Передать аккаунт «{account}» новому владельцу: {new_owner}.",
     "Hand the account “{account}” over to a new owner: {new_owner}."),
    ("transfer_domain", 5, 0, True, "Перенести домен", "Transfer a domain",
     "Перенести домен {domain} к {where}. Аккаунт «{account}».",
     "Transfer the domain {domain} to {where}. Account “{account}”."),
    ("delete_data", 5, 24, True, "Удалить данные", "Delete data",
     "Удалить безвозвратно: {what}. Аккаунт «{account}».",
     "Delete for good: {what}. Account “{account}”."),
    ("second_factor_off", 5, 0, True, "Отключить второй фактор", "Switch a second factor off",
     "Отключить второй фактор для входа {login} в аккаунте «{account}».",
     "Switch off the second factor of {login} in the account “{account}”."),
    ("recovery", 5, 72, True, "Восстановить доступ", "Recover access",
     "Восстановить доступ к аккаунту «{account}» по документу, новый административный адрес: {new_email}.",
     "Recover access to the account “{account}” by document; the new administrative address: {new_email}."),
]  # fmt: skip


def seed(apps, schema_editor):
    kinds = apps.get_model("assurance", "ActionKind")
    for code, level, hold, second, name_ru, name_en, words_ru, words_en in KINDS:
        kinds.objects.get_or_create(
            code=code,
            defaults={
                "level": level,
                "hold_hours": hold,
                "needs_second_person": second,
                "name_ru": name_ru,
                "name_en": name_en,
                "words_ru": words_ru,
                "words_en": words_en,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("assurance", "0002_critical_actions")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

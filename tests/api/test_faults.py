"""What a program is told when the fault is ours."""

import pytest
from django.db import connection

from api.problems import answer_to
from tests.api.conftest import asked, caller
from tickets.models import Ticket


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_503_and_the_same_key_is_taken_once_it_is_back(monkeypatch):
    panel = caller()
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "/nowhere")
        refused = panel.post("/tickets/", asked(), key="order-17", Accept_Language="ru")
    assert (refused.status_code, refused["Retry-After"], refused.said["code"]) == (503, "5", "away")
    assert refused["Content-Type"].startswith("application/problem+json")
    assert "Idempotency-Key" in refused.said["detail"] and "Отправьте" in refused.said["detail"]
    connection.close()
    assert panel.post("/tickets/", asked(), key="order-17").status_code == 201
    assert Ticket.objects.count() == 1


def test_a_fault_of_ours_is_a_problem_as_all_others_and_stands_in_the_log(caplog):
    answer = answer_to(ZeroDivisionError("a secret word"), {})
    assert (answer.status_code, answer.data["code"]) == (500, "broken")
    assert "a secret word" not in str(answer.data)
    assert "ZeroDivisionError" in caplog.text

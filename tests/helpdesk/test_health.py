"""`/healthz` and `/readyz` as a load balancer meets them."""

import pytest
from django.db import connections

from ops import health

pytestmark = pytest.mark.django_db


def test_alive_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_ready_tells_of_each_part(client):
    page = client.get("/readyz")
    assert page.status_code == 200
    assert page.json() == {
        "ready": True, "degraded": False, "database": True, "redis": True, "migrations": True, "outbox_lag_seconds": 0,
        "red_books": [],
    }  # fmt: skip


def test_a_desk_without_redis_stays_ready_and_says_so(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    health._redis.cache_clear()
    try:
        page = client.get("/readyz")
    finally:
        health._redis.cache_clear()
    assert page.status_code == 200
    assert page.json()["degraded"] is True


def test_unapplied_migrations_are_not_ready(client):
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ops'")
    assert client.get("/readyz").status_code == 503

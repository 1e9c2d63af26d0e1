"""What the API says of itself is true: without warnings, and under requests that nobody thought of."""

import pytest
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck, settings
from schemathesis import checks

from api.docs import openapi
from tests.api.conftest import asked, caller
from tests.web.conftest import shows


def test_the_description_has_no_warnings_and_is_openapi_3_1(tmp_path):
    out = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(out))
    assert out.read_text().startswith("openapi: 3.1.")
    assert openapi()["openapi"].startswith("3.1.")


def test_every_operation_says_which_scope_it_needs():
    for path, item in openapi()["paths"].items():
        for method, told in item.items():
            assert told.get("x-scope") or "attachments" in path, (method, path)


def test_the_page_for_people_is_made_from_it(client):
    page = client.get("/api/v1/docs/", headers={"accept-language": "ru"})
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    shows(page, "open_ticket", "claims.second_factor", "tickets:write", 'lang="ru"')
    assert "<script" not in page.content.decode().replace('<script src="/static', "")


schema = schemathesis.openapi.from_dict(openapi())
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.unsupported_method,
    checks.ignored_auth,
]


@pytest.fixture
def program(live_server):
    program = caller()
    program.post("/tickets/", asked())
    return program


@pytest.mark.django_db(transaction=True)
@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
def test_whatever_is_sent_is_answered_as_described(case, program, live_server):
    case.call_and_validate(
        base_url=live_server.url, headers={"Authorization": f"Bearer {program.secret}"}, checks=CHECKS
    )

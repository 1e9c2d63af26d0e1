"""What an operator copies says the truth about the code."""

import re
import shutil
import subprocess

import pytest

from ops.testing.tools import COMPOSE
from tests.ops.running import ROOT

COMPOSE_ONLY = {"POSTGRES_PASSWORD"}


def names_in(path):
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / path).read_text(), flags=re.MULTILINE))


def names_read_by_settings():
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "helpdesk/settings.py").read_text()))


def test_every_setting_has_a_line_in_the_example():
    assert names_in(".env.example") - COMPOSE_ONLY == names_read_by_settings()


@pytest.fixture
def compose(tmp_path):
    """`docker-compose` in a copy of the project's files, with an operator's .env."""
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text() + "\nPOSTGRES_PASSWORD=secret\n")

    def run(*arguments):
        return subprocess.run(
            [COMPOSE.find(), *arguments], cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
        )

    return run


@pytest.mark.peer("docker-compose")
def test_the_compose_file_is_valid(compose):
    done = compose("config", "--quiet")
    assert done.returncode == 0, done.stderr


@pytest.mark.peer("docker-compose")
def test_each_role_is_a_service_beside_real_servers(compose):
    from ops.roles import ROLES

    services = set(compose("config", "--services").stdout.split())
    assert services == {*ROLES, "postgres", "valkey", "migrate"}


@pytest.mark.peer("docker-compose")
def test_a_missing_database_password_stops_compose_with_its_name(compose, tmp_path):
    (tmp_path / ".env").write_text("")
    done = compose("config", "--quiet")
    assert done.returncode != 0
    assert "POSTGRES_PASSWORD" in done.stderr


def test_every_file_the_image_is_built_from_exists():
    sources = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert [name for line in sources for name in line.split() if not (ROOT / name).exists()] == []

"""The environment is made once, repaired when broken, and never by two at a time.

With empty requirements, so that nothing is fetched: what is tried here is everything around the installer.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.running import ROOT

PREFIX = "import sys; print(sys.prefix)"


@pytest.fixture
def project(tmp_path):
    """The launcher alone in a folder with a difficult name."""
    folder = tmp_path / "мой проект 1"
    (folder / "ops").mkdir(parents=True)
    for name in ("ops/__init__.py", "ops/bootstrap.py"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-installer.txt"):
        (folder / name).write_text("# nothing\n")
    return folder


def prepare(project, python=sys.executable, **env):
    command = [python, "-m", "ops.bootstrap"]
    return subprocess.Popen(
        command, cwd=project, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def done(process):
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0, text
    return text


def prefix_of(project):
    python = project / ".venv" / "bin" / "python"
    return Path(subprocess.run([python, "-c", PREFIX], capture_output=True, text=True).stdout.strip())


def test_a_second_start_installs_nothing(project):
    assert "preparing .venv" in done(prepare(project))
    assert done(prepare(project)) == ""
    assert prefix_of(project) == project / ".venv"


def test_changed_pins_are_installed_into_the_same_environment(project):
    done(prepare(project))
    (project / ".venv" / "mine").touch()
    (project / "requirements.txt").write_text("# something else\n")
    assert "preparing .venv" in done(prepare(project))
    assert (project / ".venv" / "mine").exists()


def test_two_first_starts_at_once_take_turns(project):
    texts = [done(process) for process in [prepare(project), prepare(project)]]
    assert sorted("preparing" in text for text in texts) == [False, True]


@pytest.mark.parametrize(
    "breakage",
    [
        pytest.param(lambda venv: (venv / "unfinished").touch(), id="killed while packages were written"),
        pytest.param(lambda venv: (venv / "bin" / "python").unlink(), id="interpreter gone"),
        pytest.param(lambda venv: shutil.rmtree(venv / "lib"), id="packages of another Python"),
    ],
)
def test_a_broken_environment_is_made_anew(project, breakage):
    done(prepare(project))
    (project / ".venv" / "old").touch()
    breakage(project / ".venv")
    assert "preparing .venv" in done(prepare(project))
    assert not (project / ".venv" / "old").exists()
    assert prefix_of(project) == project / ".venv"


def test_without_pip_and_uv_one_line_says_what_to_install(project, tmp_path):
    """A Python without ensurepip, as Debian splits it, is played by one whose modules are hidden."""
    hidden = tmp_path / "hidden"
    for module in ("pip", "ensurepip"):
        (hidden / module).mkdir(parents=True)
        (hidden / module / "__init__.py").write_text("raise ImportError('hidden')\n")
    process = prepare(project, PATH="/nowhere", PYTHONPATH=str(hidden))
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "neither pip nor uv" in text
    assert "Traceback" not in text

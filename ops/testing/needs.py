"""Pytest plugin: what a test needs and this machine may lack.

`@pytest.mark.browser` needs Chromium, `@pytest.mark.peer("dovecot")` a program of `tools.TOOLS`. Without it the test
is skipped and counted aloud; in CI, or with `--require-browser`, it fails: a run that proves nothing is not green.
`@pytest.mark.faults` runs only with `--faults`; `--full` is for tests that multiply (every width, theme, language).
"""

import os

import pytest

from ops.testing.tools import CHROMIUM, TOOLS, Tool


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("helpdesk")
    group.addoption("--faults", action="store_true", help="run the slow fault tests too")
    group.addoption("--full", action="store_true", help="every width, theme and language")
    group.addoption("--require-browser", action="store_true", help="a missing program is a failure, not a skip")


def pytest_configure(config: pytest.Config) -> None:
    path = CHROMIUM.find()
    if path:
        os.environ["CHROMIUM_PATH"] = path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--faults"):
        return
    slow = [item for item in items if item.get_closest_marker("faults")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = [tool for tool in _needed_by(item) if not tool.find()]
    if not missing:
        return
    tool = missing[0]
    lacks(item.config, f"{tool.name} is not installed (apt install {' '.join(tool.packages)})")


def lacks(config: pytest.Config, reason: str) -> None:
    """Skips the test aloud; where nothing may be skipped, fails it."""
    if config.getoption("--require-browser") or os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _needed_by(item: pytest.Item) -> list[Tool]:
    names = [name for marker in item.iter_markers("peer") for name in marker.args]
    return [TOOLS[name] for name in names] + ([CHROMIUM] if item.get_closest_marker("browser") else [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report.keywords for report in terminalreporter.stats.get("skipped", [])]
    browser = sum("browser" in keywords for keywords in skipped)
    peers = sum("peer" in keywords for keywords in skipped)
    terminalreporter.write_line(f"{browser} browser tests skipped, {peers} tests with other programs skipped")

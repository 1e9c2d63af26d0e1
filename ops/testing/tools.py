"""The programs that some tests need: a browser, an IMAP server, a mail relay. Found, or installed where we may."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """One program: the names it goes by, and the Debian packages that bring it."""

    name: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]

    def find(self) -> str:
        """Its path, empty when it is not here."""
        given = os.environ.get(f"{self.name.upper().replace('-', '_')}_PATH", "")
        if given:
            return given
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/usr/local/bin"])
        return next((found for program in self.programs if (found := shutil.which(program, path=path))), "")


CHROMIUM = Tool("chromium", ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"), ("chromium",))
DOVECOT = Tool("dovecot", ("dovecot",), ("dovecot-imapd", "dovecot-lmtpd"))
EXIM = Tool("exim4", ("exim4",), ("exim4-daemon-light",))
FAKETIME = Tool("faketime", ("faketime",), ("faketime",))
COMPOSE = Tool("docker-compose", ("docker-compose",), ("docker-compose",))
TOOLS = {tool.name: tool for tool in (CHROMIUM, DOVECOT, EXIM, FAKETIME, COMPOSE)}

NO_SERVICES = Path("/usr/sbin/policy-rc.d")


def install_missing(tools: Iterable[Tool]) -> list[Tool]:
    """Install what is missing, as root on Debian and its kin; returns what is missing still."""
    missing = [tool for tool in tools if not tool.find()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [package for tool in missing for package in tool.packages]
        print(f"helpdesk: installing {' '.join(packages)} for the tests", flush=True)
        _apt_get(packages)
    return [tool for tool in missing if not tool.find()]


def _apt_get(packages: list[str]) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    ours = not NO_SERVICES.exists()
    if ours:  # the tests start their own; a mail server must not appear on this machine
        NO_SERVICES.write_text("#!/bin/sh\nexit 101\n")
        NO_SERVICES.chmod(0o755)
    try:
        if subprocess.run(install, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            subprocess.run(["apt-get", "update", "-qq"], env=env)
            subprocess.run(install, env=env, stdout=subprocess.DEVNULL)
    finally:
        if ours:
            NO_SERVICES.unlink(missing_ok=True)

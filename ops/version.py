"""Which desk this is, as pyproject.toml says."""

import tomllib
from functools import cache

from ops.installation import ROOT


@cache
def version() -> str:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])

from tests.web.conftest import _desk  # noqa: F401 - every story happens at a desk

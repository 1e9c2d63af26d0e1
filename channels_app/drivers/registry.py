"""THE table of drivers."""

from channels_app.drivers.driver import Driver
from channels_app.drivers.email import EmailDriver

DRIVERS: dict[str, Driver] = {"email": EmailDriver()}

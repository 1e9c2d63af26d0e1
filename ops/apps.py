import logging

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "ops"

    def ready(self) -> None:
        logging.captureWarnings(True)  # they are lines of the log, too

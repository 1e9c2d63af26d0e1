"""The Celery application. Tasks are doorbells: each claims its work from PostgreSQL (events/tasks.py)."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined] # absent from its stubs
from django.conf import settings

from helpdesk.schedule import BEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# Running as root inside a container is the operator's choice; ten lines at every start help nobody.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("helpdesk")
app.conf.update(settings.CELERY, beat_schedule=BEAT)
app.autodiscover_tasks()

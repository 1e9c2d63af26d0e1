from celery import shared_task

from core.clock import now
from customers.services import import_work


@shared_task(name="customers.imports")
def imports() -> None:
    import_work.work(now=now())

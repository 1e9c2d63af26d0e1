from celery import shared_task

from core.clock import now
from customers.services import import_work, importing


@shared_task(name="customers.imports")
def imports() -> None:
    import_work.work(now=now())


@shared_task(name="customers.forget_imports")
def forget_imports() -> None:
    importing.forget(now=now())

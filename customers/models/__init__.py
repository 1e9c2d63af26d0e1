import customers.models.confidential  # noqa: F401  its table is one of ours; nobody gets it from here
from customers.models.customer import Account, Consent, Contact, ContactPoint, ContactRole, Contract, Service
from customers.models.importing import ImportKey, ImportLine, ImportRun, RunState

__all__ = [
    "Account",
    "Consent",
    "Contact",
    "ContactPoint",
    "ContactRole",
    "Contract",
    "ImportKey",
    "ImportLine",
    "ImportRun",
    "RunState",
    "Service",
]

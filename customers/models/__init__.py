from customers.models.customer import Account, Contact, ContactPoint, ContactRole, Contract, Service

__all__ = ["Account", "Contact", "ContactPoint", "ContactRole", "Contract", "Service"]

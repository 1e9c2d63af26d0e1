"""Critical actions of a ticket's account: asked for, proven, carried out, each with its entry.

The gate stands in `acting.execute` and asks `assurance.policies.critical` alone. There is no override.
"""

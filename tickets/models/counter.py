from django.db import models


class CounterDelta(models.Model):
    """+1 and -1 written by a trigger on tickets, append-only: no writer waits for another."""

    key = models.CharField(max_length=64)
    change = models.IntegerField()


class Counter(models.Model):
    """What the relay has folded so far. A read is this plus the open deltas."""

    key = models.CharField(max_length=64, primary_key=True)
    total = models.BigIntegerField()

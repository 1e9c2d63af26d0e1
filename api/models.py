from django.db import models


class KeptAnswer(models.Model):
    """What a creating request was answered, so that repeating it is answered the same and creates nothing."""

    token = models.ForeignKey("users.ApiToken", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)  # of address and body
    status = models.SmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(db_index=True)  # forgotten by age

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_one_answer_a_key")]

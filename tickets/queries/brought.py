"""What came into a ticket with one that was merged into it, for whoever takes no part in that one."""


def not_merged_in(ids: str, pk: str) -> str:
    """SQL: true for the whole ticket's readers; for who joined `%(since)s`, where no merge brought it here.

    `ids` is the column of `Merge` that would name it.
    """
    return f"""(%(since)s::timestamptz IS NULL OR NOT EXISTS (
        SELECT 1 FROM tickets_merge WHERE target_id = %(ticket)s AND undone_at IS NULL AND {ids} @> to_jsonb({pk})))"""  # noqa: S608 - words of ours

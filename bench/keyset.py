"""The raw page: fifty open tickets of one team from some place on, along the desk's own index."""

COLUMNS = ("id", "subject", "status", "priority", "assignee_id", "requester_name", "due_at")
KEYSET = f"""SELECT {", ".join(COLUMNS)} FROM tickets_ticket WHERE team_id = %s AND NOT is_spam AND kind <> 'restricted'
    AND NOT status IN ('resolved', 'closed') AND (due_at, id) > ('2000-01-01Z', 0) ORDER BY due_at, id LIMIT 50"""

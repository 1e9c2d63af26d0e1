"""A desk of n tickets by plain SQL: six teams, thirty queues, three hundred people; counters rebuilt, tables analysed."""

PEOPLE = """
INSERT INTO staff_team (slug, name_ru, name_en, tier)
    SELECT 'team-' || g, 'Команда ' || g, 'Team ' || g, 1 + g % 3 FROM generate_series(1, 6) g;
INSERT INTO tickets_queue (slug, name_ru, name_en, team_id)
    SELECT 'queue-' || g, 'Очередь ' || g, 'Queue ' || g, t.id
    FROM generate_series(1, 30) g JOIN staff_team t ON t.slug = 'team-' || 1 + g % 6;
INSERT INTO users_user (password, email, login, is_active, language, time_zone, created_at)
    SELECT u.password, 'bench' || g || '@staff.example', 'bench' || g, true, 'ru', '', now()
    FROM generate_series(1, 300) g, users_user u WHERE u.email = 'agent1@staff.example';
INSERT INTO staff_staffprofile (user_id, name, role, public_name)
    SELECT id, 'Сотрудник ' || login, CASE login WHEN 'bench2' THEN 'lead' ELSE 'agent' END, ''
    FROM users_user WHERE login LIKE 'bench%';
INSERT INTO staff_staffprofile_teams (staffprofile_id, team_id)
    SELECT p.id, t.id FROM staff_staffprofile p JOIN users_user u ON u.id = p.user_id
    JOIN staff_team t ON t.slug = 'team-' || 1 + substr(u.login, 6)::int % 6 WHERE u.login LIKE 'bench%';
INSERT INTO staff_staffprofile_teams (staffprofile_id, team_id)
    SELECT p.id, t.id FROM staff_staffprofile p JOIN users_user u ON u.id = p.user_id, staff_team t
    WHERE u.login = 'bench1' AND t.slug = 'team-5';
"""
# Three in five are done, as many wait without a clock as run with one; new ones are nobody's; a few are spam or
# restricted. bench1 is an agent of two teams, bench2 a lead.
TICKETS = """
WITH made AS MATERIALIZED (
    SELECT g, random() kind, random() nobody, random() due, random() spam, (ARRAY['new', 'new', 'open', 'open', 'open',
        'waiting_customer', 'waiting_customer', 'waiting_third_party', 'waiting_confirmation', 'workaround']
        || array_fill('closed'::text, ARRAY[13]) || array_fill('resolved'::text, ARRAY[2]))[1 + g %% 25] status
    FROM generate_series(1, %(n)s) g)
INSERT INTO tickets_ticket (public_id, number, version, subject, preview, door, channel, our_address, language, kind,
    status, impact, urgency, priority, queue_id, team_id, assignee_id, requester_name, requester_email, level, due_at,
    is_unread, held_count, is_spam, created_at, updated_at)
SELECT gen_random_uuid(), (500000000 + g)::text, 1, 'Заказ ' || g || ' не доставлен, прошу помочь с оплатой',
    'Здравствуйте, не могу войти в личный кабинет после обновления приложения. ' || md5(g::text), 'email',
    'support-mail', '', 'ru', CASE WHEN r.kind < 0.005 THEN 'restricted' ELSE 'incident' END, r.status, 2, 2, 2,
    q.id, q.team_id, CASE WHEN r.status <> 'new' AND r.nobody > 0.1 THEN crew.ids[1 + g / 30 %% cardinality(crew.ids)] END,
    'Клиент ' || g %% 200000, 'client' || g %% 200000 || '@customer.example', 1 + g %% 4,
    CASE WHEN r.status IN ('new', 'open') THEN now() + (r.due - 0.3) * interval '48 h' ELSE '9999-12-31Z' END,
    r.status = 'new', 0, r.spam < 0.01, now() - (%(n)s - g) * interval '20 s', now() - (%(n)s - g) * interval '20 s'
FROM made r
JOIN tickets_queue q ON q.slug = 'queue-' || 1 + (g / 25 + g %% 25 * 7) %% 30
JOIN (SELECT team_id, array_agg(staffprofile_id) ids FROM staff_staffprofile_teams GROUP BY team_id) crew
    ON crew.team_id = q.team_id;
"""


# One message of some seven hundred letters for each ticket, none of them alike.
MESSAGES = """
INSERT INTO tickets_message (public_id, ticket_id, direction, author, nature, held, level, reasons, facts, sender_email,
    sender_name, sender_literal, recipients, subject, text, quoted_text, html, remarks, message_id, "references", raw_id,
    created_at)
SELECT gen_random_uuid(), id, 'in', 'requester', 'person', '', level, '[]', '[]', requester_email, requester_name, '',
    '{"to": ["support@example.com"]}', subject, repeat(preview || ' ', 3) || md5(id::text) || md5((id + 1)::text)
    || md5((id + 2)::text) || md5((id + 3)::text), '', '', '[]', 'bench.' || id, '[]', '', created_at FROM tickets_ticket
    WHERE NOT EXISTS (SELECT 1 FROM tickets_message WHERE ticket_id = tickets_ticket.id);
"""


def load(desk, tickets):
    desk.sql(PEOPLE)
    desk.sql("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")  # a million deltas would only be thrown away
    desk.sql(TICKETS, {"n": tickets})
    desk.sql("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    desk.django("from tickets.services import counters; counters.rebuild()")
    for table in ("tickets_ticket", "tickets_counter", "tickets_queue", "staff_staffprofile", "users_user"):
        desk.sql(f"VACUUM (ANALYZE) {table}")


# Two in three messages are the customer's, half of those with HTML, every fifth with a file; the rest are answers
# that arrived. A ticket of the first agent's team, of a customer on file, with its clock, notes and events.
CONVERSATION = """
UPDATE tickets_ticket SET account_id = a.id, level = 3, kind = 'incident', status = 'open', is_spam = false
    FROM customers_account a WHERE a.login = 'annahost' AND tickets_ticket.id = %(ticket)s;
INSERT INTO tickets_participant (ticket_id, email, name, is_requester, may_reply, added_by, added_at)
    VALUES (%(ticket)s, 'anna@hosting-client.example', '', true, true, 'requester', now());
INSERT INTO tickets_clock (ticket_id, metric, target, due_at, is_open)
    VALUES (%(ticket)s, 'next_response', '2 hours', now() + interval '1 h', true);
INSERT INTO tickets_identityclaim (ticket_id, kind, value, literal) VALUES (%(ticket)s, 'email', 'anna@hosting-client.example', '');
INSERT INTO tickets_identitymatch (ticket_id, account_id, certainty, claims)
    SELECT %(ticket)s, id, 'exact', '["email"]' FROM customers_account WHERE login = 'annahost';
INSERT INTO tickets_message (public_id, ticket_id, direction, author, staff_id, nature, held, level, reasons, facts,
    sender_email, sender_name, sender_literal, recipients, subject, text, quoted_text, html, remarks, message_id,
    "references", raw_id, created_at)
SELECT gen_random_uuid(), %(ticket)s, CASE WHEN ours THEN 'out' ELSE 'in' END, CASE WHEN ours THEN 'agent' ELSE 'requester' END,
    CASE WHEN ours THEN %(staff)s END, 'person', '', CASE WHEN ours THEN NULL ELSE 3 END,
    CASE WHEN ours THEN '[]' ELSE '["contact_on_file", "reply_token_valid"]' END::jsonb, '[]',
    CASE WHEN ours THEN '' ELSE 'anna@hosting-client.example' END, 'Анна Смирнова', '', '{"to": ["support@example.com"]}',
    'Re: сайт', repeat('Здравствуйте, после обновления не могу войти в личный кабинет и оплатить счёт ' || g || '. ', 10),
    CASE WHEN g %% 3 = 1 THEN repeat('> прежнее письмо ' || g || E'\\n', 20) ELSE '' END,
    CASE WHEN NOT ours AND g %% 2 = 0 THEN repeat('<p>Здравствуйте</p>', 100) ELSE '' END, '[]',
    'bench.' || %(ticket)s || '.' || g, '[]', '', now() - (%(messages)s - g) * interval '1 h'
FROM (SELECT g, g %% 3 = 0 AS ours FROM generate_series(1, %(messages)s) g) made;
INSERT INTO tickets_attachment (public_id, message_id, filename, content_type, digest, size_bytes, content_id, is_inline,
    is_damaged, remark)
SELECT gen_random_uuid(), id, 'снимок ' || id || '.png', 'image/png', '', 54321, '', false, false, ''
    FROM tickets_message WHERE ticket_id = %(ticket)s AND id %% 5 = 0;
INSERT INTO tickets_outboundcopy (message_id, email, name, mail_id, status, code, detail)
SELECT id, 'anna@hosting-client.example', '', 'bench.' || id, 'sent', '250', ''
    FROM tickets_message WHERE ticket_id = %(ticket)s AND direction = 'out';
INSERT INTO tickets_note (public_id, ticket_id, staff_id, text, created_at)
SELECT gen_random_uuid(), %(ticket)s, %(staff)s, 'Проверил журнал сервера', now() - g * interval '3 h' FROM generate_series(1, 3) g;
WITH made AS (INSERT INTO events_event (stream, sequence, type, actor, at, payload_digest, digest)
    SELECT 'ticket:' || %(ticket)s, 1000 + g, 'StatusChanged', 'staff:1', now() - g * interval '5 h', '', ''
    FROM generate_series(1, 4) g RETURNING id)
INSERT INTO events_eventpayload (event_id, data) SELECT id, '{"before": "new", "after": "open"}' FROM made;
"""


def conversation(desk, login, messages):
    """A ticket of so many messages in the care of `login`: its number."""
    staff = desk.sql(
        "SELECT p.id FROM staff_staffprofile p JOIN users_user u ON u.id = user_id WHERE login = %s", login
    )[0][0]
    ticket, number = desk.sql(
        "SELECT id, number FROM tickets_ticket WHERE account_id IS NULL AND NOT is_spam AND team_id IN "
        "(SELECT team_id FROM staff_staffprofile_teams WHERE staffprofile_id = %s) ORDER BY id LIMIT 1",
        staff,
    )[0]
    desk.sql(CONVERSATION, {"ticket": ticket, "staff": staff, "messages": messages})
    desk.sql("ANALYZE")
    return number

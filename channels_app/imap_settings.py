"""How one mailbox is reached, as `Channel.config` keeps it. The password is sealed there."""

from dataclasses import dataclass
from typing import Any

from channels_app.policies.servers import Security
from core.sealed import Secret, seal, unseal

PROCESSED = "Processed"
INBOX = "INBOX"


@dataclass(frozen=True, slots=True)
class ImapSettings:
    host: str
    port: int
    security: Security
    user: str
    password: Secret
    folder: str = INBOX
    processed: str = PROCESSED  # "" leaves everything in its place

    @classmethod
    def of(cls, config: dict[str, Any]) -> "ImapSettings":
        """Raises `core.sealed.Unreadable`."""
        kept = config["imap"]
        return cls(
            host=kept["host"],
            port=kept["port"],
            security=Security(kept["security"]),
            user=kept["user"],
            password=unseal(kept["sealed_password"]),
            folder=kept["folder"],
            processed=kept["processed"],
        )

    def as_config(self) -> dict[str, Any]:
        return {
            "imap": {
                "host": self.host,
                "port": self.port,
                "security": str(self.security),
                "user": self.user,
                "sealed_password": seal(self.password),
                "folder": self.folder,
                "processed": self.processed,
            }
        }

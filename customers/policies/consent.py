"""What a customer agrees to before we keep what he types. A changed text is a new version beside the old ones."""

VERSION = "2026-11"

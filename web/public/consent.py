"""What a visitor agrees to. The version goes into the ticket: a changed text is a new version beside the old ones."""

VERSION = "2026-11"

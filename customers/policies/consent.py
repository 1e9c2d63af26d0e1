"""What people agree to before we keep what they type. A changed text is a new version beside the old ones."""

VERSION = "2026-11"

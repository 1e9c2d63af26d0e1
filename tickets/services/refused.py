class Refused(Exception):
    """Something the agent can put right; `code` is worded on the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

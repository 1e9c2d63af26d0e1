"""Reading mail: raw bytes in, `InboundMessage` out. No Django, no network, no clock.

`parse.parse` is the reader, `child.ParserPool` runs it in a process of its own with limits.
"""

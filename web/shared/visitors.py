"""Who asks where nobody signs in: an address to count by."""

import ipaddress

from django.http import HttpRequest


def network_of(request: HttpRequest) -> str:
    """The IPv4 address or the /64 network; "" for this machine itself, which limits by address do not concern.

    `REMOTE_ADDR` is the client's where the proxy is believed (uvicorn's FORWARDED_ALLOW_IPS, docs/operating.md).
    """
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)

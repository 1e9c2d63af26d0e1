"""The forms in which addresses and domains are stored and compared, whatever door or file they came by.

Local part in lower case without needless quotes, domain as A-labels in lower case.
"""

import re
import unicodedata

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LOCAL_BAD = re.compile(r'[\x00-\x20\x7f-\x9f"(),:;<>@\[\\\]\u2028\u2029]')
_ASCII_LABEL = re.compile(r"^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$")
_LITERAL_DOMAIN = re.compile(r"^\[(?:ipv6:)?[0-9a-f.:]{3,60}\]$")
_IDEOGRAPHIC_DOTS = re.compile("[\u3002\uff0e\uff61]")
_MAX_EMAIL = 254


def normal_form(addr_spec: str) -> str:
    """`addr_spec` in the form addresses are compared in, "" when it is none.

    `"a@victim"@evil.example` is an address at evil.example and stays quoted.
    """
    local, domain = split_address(addr_spec.strip())
    local, domain = _normal_local(local), normal_domain(domain)
    email = f"{local}@{domain}"
    return email if local and domain and len(email) <= _MAX_EMAIL else ""


def normal_domain(domain: str) -> str:
    """`domain` as lower-case A-labels (IDNA 2008, nontransitional) or an address literal; "" when it is neither."""
    domain = domain.strip().lower()
    if _LITERAL_DOMAIN.match(domain):
        return domain
    if not domain.isascii():
        domain = unicodedata.normalize("NFC", _IDEOGRAPHIC_DOTS.sub(".", domain))
        domain = unicodedata.normalize("NFKC", domain).lower()
    labels = domain.removesuffix(".").split(".")
    if len(labels) > 127:
        return ""
    normal = ".".join(_a_label(label) for label in labels)
    return normal if len(normal) <= 253 and ".." not in f".{normal}." else ""


def unicode_domain(domain: str) -> str:
    """The domain as people write it; a label that does not decode stays as it is."""
    return ".".join(_u_label(label) for label in domain.split("."))


def _a_label(label: str) -> str:
    if label.isascii():
        return label if _ASCII_LABEL.match(label) else ""
    if len(label) > 63 or not all(
        unicodedata.category(character)[0] in "LMN" or character == "-" for character in label
    ):
        return ""
    encoded = "xn--" + label.encode("punycode").decode("ascii")
    return encoded if len(encoded) <= 63 else ""


def _u_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    return decoded if _a_label(decoded) == label else label


def split_address(addr_spec: str) -> tuple[str, str]:
    """Local part, quotes kept, and domain as written."""
    quoted = _QUOTED.match(addr_spec)
    if quoted and addr_spec.startswith("@", quoted.end()):
        return quoted.group(), addr_spec[quoted.end() + 1 :]
    local, _, domain = addr_spec.partition("@")
    return local, domain


def _normal_local(local: str) -> str:
    if local.startswith('"') and local.endswith('"') and len(local) > 1:
        content = _ESCAPED.sub(r"\1", local[1:-1])
        if not content or not content.isprintable():
            return ""
        if _LOCAL_BAD.search(content):
            escaped = content.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'.lower()
        local = content
    # An encoded word here would be one address for us and another for whoever judged the domain.
    if not local or _LOCAL_BAD.search(local) or "=?" in local:
        return ""
    return local.lower() if local.isascii() else unicodedata.normalize("NFC", local).lower()

"""A passkey for tests: a key made in software that answers as an authenticator does, and Chromium's virtual one."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from playwright.sync_api import CDPSession, Page
from webauthn.helpers import bytes_to_base64url as coded

ORIGIN = "http://localhost:8000"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """Signs whatever it is asked: honest by default, and as crooked as a story needs."""

    origin: str = ORIGIN
    our_id: str = "localhost"
    counter: int = 0
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, question: dict[str, Any]) -> str:
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.public()
        told = {"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + attested}
        client = self._client("webauthn.create", question)
        return self._answer(clientDataJSON=coded(client), attestationObject=coded(cbor2.dumps(told)))

    def public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def sign(self, question: dict[str, Any]) -> str:
        client, data = self._client("webauthn.get", question), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=coded(client), authenticatorData=coded(data), signature=coded(signature))

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.our_id.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind: str, question: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": question["challenge"], "origin": self.origin}).encode()

    def _answer(self, **response: str) -> str:
        told = {"id": coded(self.id), "rawId": coded(self.id), "type": "public-key", "response": response}
        return json.dumps(told)


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Chromium's own authenticator, which touches and verifies by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, made["authenticatorId"]

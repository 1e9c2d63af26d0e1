import stat
import threading

import dkim
import pytest

from channels_app.mail_keys import fresh_private_key, public_record, stored_private_key


def test_a_fresh_key_is_one_that_the_verifier_understands(short_key):
    private = dkim.crypto.parse_pem_private_key(short_key.encode())
    p, q, n = private["prime1"], private["prime2"], private["modulus"]
    assert p * q == n
    assert n.bit_length() == 768
    assert private["publicExponent"] * private["privateExponent"] % (p - 1) == 1
    assert private["publicExponent"] * private["privateExponent"] % (q - 1) == 1
    assert private["coefficient"] * q % p == 1
    public, bits, kind, _ = dkim.evaluate_pk("desk", public_record(short_key).encode())
    assert (public["modulus"], public["publicExponent"], bits, kind) == (n, 65_537, 768, b"rsa")


def test_a_stored_key_has_2048_bits_and_stays(tmp_path):
    first = stored_private_key(tmp_path, "example.com")
    assert stored_private_key(tmp_path, "example.com") == first
    assert dkim.crypto.parse_pem_private_key(first.encode())["modulus"].bit_length() == 2048
    (path,) = (tmp_path / "dkim").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_who_ask_at_once_get_one_key(tmp_path):
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(stored_private_key(tmp_path, "example.com"))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert [path.name for path in (tmp_path / "dkim").iterdir()] == ["example.com.pem"]


@pytest.mark.parametrize("domain", ["", "../example.com", "a/b", "EXAMPLE.com", "a..b", "пример.рф"])
def test_a_key_is_kept_only_for_a_domain_in_normal_form(tmp_path, domain):
    with pytest.raises(ValueError, match="no domain"):
        stored_private_key(tmp_path, domain)


@pytest.mark.parametrize(
    "pem",
    ["", "key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"],
)
def test_what_is_no_key_has_no_record(pem):
    with pytest.raises(ValueError, match="PKCS#1"):
        public_record(pem)


def test_two_keys_differ():
    assert fresh_private_key() != fresh_private_key()

from __future__ import annotations

import paramiko
import pytest

from safeshell.ssh.client.algorithms import CIPHERS, HOST_KEYS, KEX, MACS, algorithms_of, chosen
from safeshell.ssh.client.wire import Wire
from safeshell.ssh.options import read_call
from safeshell.ssh.resolved import Resolved, resolve


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("", CIPHERS),
        ("aes256-ctr,aes128-gcm@openssh.com", ("aes256-ctr", "aes128-gcm@openssh.com")),
        ("+aes128-cbc", (*CIPHERS, "aes128-cbc")),
        ("-*-gcm@openssh.com", ("aes128-ctr", "aes192-ctr", "aes256-ctr")),
        ("^aes256-ctr", ("aes256-ctr", *(name for name in CIPHERS if name != "aes256-ctr"))),
        ("chacha20-poly1305@openssh.com", ()),
    ],
)
def test_a_persons_list_is_the_order(value: str, names: tuple[str, ...]) -> None:
    assert chosen("ciphers", value) == names


def test_the_default_of_ssh_begins_with_the_fastest() -> None:
    offered = algorithms_of(resolve(read_call(["-F", "none", "h"]), "ssh"), (), certified=False)

    assert offered.ciphers[0] == "aes128-gcm@openssh.com"
    assert offered.kex[:2] == ("mlkem768x25519-sha256", "curve25519-sha256")
    assert offered.macs[0] == "hmac-sha2-256-etm@openssh.com"
    assert offered.host_keys[0] == "ssh-ed25519"


def test_the_types_that_are_known_come_first() -> None:
    offered = algorithms_of(Resolved({}), {"ssh-rsa"}, certified=False)

    assert offered.host_keys[:2] == ("rsa-sha2-512", "rsa-sha2-256")
    assert set(offered.host_keys) == set(HOST_KEYS)


def test_certificates_are_asked_for_where_an_authority_is_known() -> None:
    offered = algorithms_of(Resolved({}), {"ssh-ed25519"}, certified=True)

    assert offered.host_keys[0] == "ssh-ed25519-cert-v01@openssh.com"


def test_paramiko_has_what_is_offered() -> None:
    assert set(CIPHERS) <= set(paramiko.Transport._cipher_info)  # type: ignore[attr-defined] # not in the stubs
    assert set(MACS) <= set(paramiko.Transport._mac_info)  # type: ignore[attr-defined] # not in the stubs
    assert set(HOST_KEYS) <= set(paramiko.Transport._key_info)  # type: ignore[attr-defined] # not in the stubs
    assert set(KEX) - {"mlkem768x25519-sha256"} <= set(Wire._kex_info)

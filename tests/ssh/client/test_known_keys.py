from __future__ import annotations

import pytest

from safeshell.ssh.client.known_keys import (
    Verdict,
    authorities,
    check,
    known_types,
    names_of,
    new_line,
    read_lines,
)

A, B, C = "QUFB", "QkJC", "Q0ND"
RAW = {A: b"AAA", B: b"BBB", C: b"CCC"}


@pytest.mark.parametrize(
    ("text", "host", "port", "key", "verdict"),
    [
        (f"web ssh-ed25519 {A}", "web", 22, A, Verdict.KNOWN),
        (f"web ssh-ed25519 {A}", "WEB", 22, A, Verdict.KNOWN),
        (f"web ssh-ed25519 {A}", "web", 22, B, Verdict.CHANGED),
        (f"web ssh-rsa {A}", "web", 22, B, Verdict.NEW),
        (f"web,10.0.0.1 ssh-ed25519 {A}", "10.0.0.1", 22, A, Verdict.KNOWN),
        (f"*.prod ssh-ed25519 {A}", "db.prod", 22, A, Verdict.KNOWN),
        (f"*.prod,!db.prod ssh-ed25519 {A}", "db.prod", 22, A, Verdict.NEW),
        (f"web? ssh-ed25519 {A}", "web1", 22, A, Verdict.KNOWN),
        (f"[web]:2222 ssh-ed25519 {A}", "web", 2222, A, Verdict.KNOWN),
        (f"[web]:2222 ssh-ed25519 {A}", "web", 2222, B, Verdict.CHANGED),
        (f"[web]:2222 ssh-ed25519 {A}", "web", 22, A, Verdict.NEW),
        (f"web ssh-ed25519 {A}", "web", 2222, A, Verdict.KNOWN),
        (f"web ssh-ed25519 {A}", "web", 2222, B, Verdict.NEW),
        (f"web ssh-ed25519 {A}\nweb ssh-ed25519 {B}", "web", 22, B, Verdict.KNOWN),
        (f"web ssh-ed25519 {A}\n@revoked * ssh-ed25519 {A}", "web", 22, A, Verdict.REVOKED),
        (f"@revoked other ssh-ed25519 {A}\nweb ssh-ed25519 {A}", "web", 22, A, Verdict.KNOWN),
        (f"@cert-authority * ssh-ed25519 {A}", "web", 22, A, Verdict.NEW),
        (f"# web\n\nnonsense\nweb ssh-ed25519 ***\nweb ssh-ed25519 {A} a comment", "web", 22, A, Verdict.KNOWN),
        ("|1|broken ssh-ed25519 QUFB", "web", 22, A, Verdict.NEW),
    ],
)  # fmt: skip
def test_a_key_is_known_new_changed_or_revoked(
    text: str, host: str, port: int, key: str, verdict: Verdict
) -> None:
    lines = read_lines({"known_hosts": text})

    assert check(lines, names_of(host, port, ""), RAW[key], "ssh-ed25519").verdict is verdict


@pytest.mark.parametrize("salt", [None, bytes(range(20))])
@pytest.mark.parametrize("port", [22, 2222])
def test_a_line_that_was_written_is_found_again(salt: bytes | None, port: int) -> None:
    names = names_of("Web.Example", port, "")
    lines = read_lines({"f": new_line(names[0], "ssh-rsa", b"AAA", salt)})

    assert check(lines, names, b"AAA", "ssh-rsa").verdict is Verdict.KNOWN
    assert known_types(lines, names) == {"ssh-rsa"}
    assert ("web" in lines[0].names) is (salt is None)


def test_a_finding_names_its_line() -> None:
    lines = read_lines({"one": "\n# x\n", "two": f"a ssh-rsa {A}\nweb ssh-rsa {B}\n"})

    found = check(lines, ("web",), b"CCC", "ssh-rsa")

    assert found.verdict is Verdict.CHANGED
    assert found.line and found.line.place == "two:2"


def test_a_revoked_authority_is_none() -> None:
    text = f"@cert-authority *.prod ssh-rsa {A}\n@cert-authority *.prod ssh-rsa {B}\n@revoked * ssh-rsa {B}\n"

    assert set(authorities(read_lines({"f": text}), ("db.prod",))) == {b"AAA"}
    assert not authorities(read_lines({"f": text}), ("db.test",))

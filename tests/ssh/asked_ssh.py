"""The system's `ssh -G` beside our own reader of its configuration: the same call, and what is not the same."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from safeshell.errors import SafeshellError
from safeshell.ssh.config_machine import ThisMachine
from safeshell.ssh.config_reader import read_config
from safeshell.ssh.options import read_call

Values = Mapping[str, tuple[str, ...]]

CHANGED_BY_DEBIAN = {"forwardx11trusted": ("yes", "no"), "ipqos": ("lowdelay throughput", "af21 cs1")}
"""Usual values in Debian's ssh, and OpenSSH's own."""
ADDED_BY_DEBIAN = {"gssapikeyexchange", "gssapitrustdns", "gssapirenewalforcesrekey", "gssapikexalgorithms"}


def differences(file: Path, options: Sequence[str] = (), host: str = "web") -> list[str]:
    """Each keyword that ssh and we read differently; a file that only one of us can read is one, too."""
    words = ["-F", str(file), *options, host]
    theirs, complaint = ask_ssh(words)
    try:
        ours: Values | None = read_config(read_call(words), ThisMachine()).resolved.values
    except SafeshellError as error:
        return [] if theirs is None else [f"only ssh reads it: {error}"]
    if theirs is None:
        return [f"only we read it: {complaint}"]
    assert ours is not None
    said = f"{file.read_bytes()!r} {options}".lower()
    return [
        f"{keyword}: ssh says {theirs.get(keyword)}, we say {ours.get(keyword)}"
        for keyword in sorted(theirs.keys() | ours.keys())
        if theirs.get(keyword) != ours.get(keyword) and not _is_explained(keyword, said, theirs, ours)
    ]


def ask_ssh(words: Sequence[str]) -> tuple[Values | None, str]:
    """What `ssh -G` says, by keywords in lower case; None and its complaint where it refuses."""
    done = subprocess.run(
        ["ssh", *words[:-1], "-G", "--", words[-1]], capture_output=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        return None, done.stderr.decode("utf-8", "replace")
    values: dict[str, tuple[str, ...]] = {}
    for row in done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        keyword, _, value = row.partition(" ")
        values[keyword.lower()] = (*values.get(keyword.lower(), ()), value)
    return values, ""


def _is_explained(keyword: str, said: str, theirs: Values, ours: Values) -> bool:
    if keyword in CHANGED_BY_DEBIAN:
        debian, openssh = CHANGED_BY_DEBIAN[keyword]
        return theirs[keyword] == (debian,) and ours[keyword] == (openssh,)
    if keyword in ADDED_BY_DEBIAN:
        return keyword not in said
    if keyword == "serveraliveinterval":
        return theirs["batchmode"] == ("yes",) and theirs[keyword] == ("300",) and ours[keyword] == ("0",)
    if keyword == "dynamicforward":
        # ssh -G tells of a forward to a socket twice, once without where it leads.
        to_sockets = {
            one.split(" ")[0] for one in ours.get("localforward", ()) if "]:" not in one.split(" ")[1]
        }
        return set(theirs.get(keyword, ())) - to_sockets == set(ours.get(keyword, ()))
    return False

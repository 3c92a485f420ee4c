"""gpg: whether it shows, checks or prints, or changes the keyring or a file.

Facts: gpg(1) 2.2.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import given_text, retaken, spec
from safeshell.shell.invocation import Invocation

_GPG: Final = spec(
    "-o --output -r --recipient -R --hidden-recipient -u --local-user --default-key --homedir --keyring"
    " --keyserver --passphrase"
    " --passphrase-fd --passphrase-file --status-fd --logger-fd --logger-file --status-file --trust-model"
    " --keyserver-options --list-options --verify-options --export-options --pinentry-mode"
    " --display-charset --compress-algo"
)
_READING: Final = (
    "--list-keys", "--list-public-keys", "-k", "--list-secret-keys", "-K", "--list-signatures", "--list-sigs",
        "--fingerprint",
    "--verify", "--show-keys", "--show-key", "--export", "--export-secret-keys", "--export-ssh-key",
        "--decrypt", "-d", "--list-packets",
    "--check-signatures", "--check-sigs", "--print-md", "--print-mds", "--list-config", "--card-status",
        "--export-ownertrust",
    "--with-fingerprint", "--search-keys", "--locate-keys", "--locate-external-keys", "--with-colons",
        "--dump-options",
)  # fmt: skip
_CHANGING: Final = (
    "--import", "--delete-keys", "--delete-key", "--delete-secret-keys", "--delete-secret-key",
    "--delete-secret-and-public-key", "--gen-key", "--generate-key", "--full-generate-key",
        "--quick-generate-key",
    "--edit-key", "--recv-keys", "--receive-keys", "--refresh-keys", "--send-keys", "--sign", "-s",
        "--clearsign",
    "--clear-sign", "-b", "--detach-sign", "-e", "--encrypt", "-c", "--symmetric", "--import-ownertrust",
        "--gen-revoke",
    "--sign-key", "--lsign-key", "--store", "--card-edit", "--change-pin", "--passwd", "--change-passphrase",
    "--quick-add-key", "--quick-revoke-uid", "--update-trustdb", "--fast-import", "--rebuild-keydb-caches",
    "--logger-file", "--status-file", "--quick-set-expire", "--quick-add-uid", "--quick-sign-key",
        "--dearmor", "--enarmor",
)  # fmt: skip


def reads(invocation: Invocation) -> bool:
    """It shows keys, checks a signature, or prints to standard output."""
    taken = retaken(invocation, _GPG)
    names = {option.name for option in taken.options}
    output = taken.value("-o", "--output")
    to_stdout = output is None or given_text(output) in ("-", "/dev/null", "/dev/stdout")
    return bool(names & set(_READING)) and not names & set(_CHANGING) and to_stdout

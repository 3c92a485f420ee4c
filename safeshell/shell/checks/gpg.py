"""gpg: whether it shows, checks or prints, or changes the keyring or a file.

Facts: gpg(1) 2.2.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import given_text, retaken, spec, words
from safeshell.shell.invocation import Invocation

_GPG: Final = spec(
    "-o --output -r --recipient -R --hidden-recipient -u --local-user --default-key --homedir --keyring"
    " --keyserver --passphrase"
    " --passphrase-fd --passphrase-file --status-fd --logger-fd --logger-file --status-file --trust-model"
    " --keyserver-options --list-options --verify-options --export-options --pinentry-mode"
    " --display-charset --compress-algo --log-file --attribute-file --attribute-fd --photo-viewer --exec-path"
    " --auto-key-locate --options --agent-program --dirmngr-program --keyboxd-program --primary-keyring"
    " --secret-keyring --trustdb-name --charset --command-fd --command-file --debug-level"
    " --list-filter --keyid-format"
)
_READING: Final = (
    "--list-keys", "--list-public-keys", "-k", "--list-secret-keys", "-K", "--list-signatures", "--list-sigs",
        "--fingerprint",
    "--verify", "--show-keys", "--show-key", "--export", "--export-secret-keys", "--export-ssh-key",
        "--decrypt", "-d", "--list-packets",
    "--check-signatures", "--check-sigs", "--print-md", "--print-mds", "--list-config", "--card-status",
        "--export-ownertrust",
    "--with-fingerprint", "--search-keys", "--with-colons",
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
    "--locate-keys", "--locate-external-keys", "--fetch-keys", "--import-options",
        "--quick-set-expire", "--quick-add-uid", "--quick-sign-key",
        "--dearmor", "--enarmor",
)  # fmt: skip

_QUIET: Final = words(
    "--armor --batch --no-tty --quiet --yes --no --verbose --no-verbose --with-subkey-fingerprint --with-keygrip"
    " --fixed-list-mode --no-default-keyring --no-auto-check-trustdb --no-options --with-secret --with-key-data"
    " --with-wkd-hash --allow-multiple-messages --ignore-time-conflict --expert --no-greeting"
    " --no-permission-warning --no-emit-version --always-trust --no-auto-key-retrieve --no-auto-key-locate"
    " --lock-never --no-symkey-cache --disable-dirmngr --textmode --no-secmem-warning --with-icao-spelling"
    " --with-key-origin --with-key-screening --no-random-seed-file --multifile --list-only --show-session-key"
    " --allow-weak-digest-algos --no-batch --no-armor --version --help --dry-run"
)
_RUNNING_OR_WRITING: Final = (
    "--logger-file", "--log-file", "--status-file", "--attribute-file", "--photo-viewer", "--show-photos",
    "--exec-path", "--agent-program", "--dirmngr-program", "--keyboxd-program", "--options",
    "--auto-key-retrieve", "--auto-key-import", "--auto-key-locate", "--command-file", "--debug-all",
)  # fmt: skip
"""What writes a log, runs a program of one's choice, or fetches keys that are missing."""


def reads(invocation: Invocation) -> bool:
    """It shows keys, checks a signature, or prints to standard output."""
    taken = retaken(invocation, _GPG)
    output = taken.value("-o", "--output")
    to_stdout = output is None or given_text(output) in ("-", "/dev/null", "/dev/stdout")
    settings = " ".join(
        option.value.text
        for option in taken.given("--keyserver-options", "--list-options", "--verify-options")
        if option.value is not None
    )
    fetches = "auto-key-retrieve" in settings.replace("no-auto-key-retrieve", "")
    shows_photos = "show-photo" in settings.replace("no-show-photo", "")
    # A long option may be cut short: one that is not written out may be any.
    known = {*_READING, *_GPG.values, *_QUIET}
    written_out = all(option.name in known for option in taken.options if option.name.startswith("--"))
    return (
        taken.has(*_READING)
        and written_out
        and not taken.has(*_CHANGING, *_RUNNING_OR_WRITING)
        and to_stdout
        and not fetches
        and not shows_photos
    )

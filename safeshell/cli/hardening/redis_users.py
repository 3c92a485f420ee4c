"""The wall at a Redis server: users that may only read, and users that may change keys but not the server. Pure.

Facts: redis.io's ACL documentation; which names a version knows is `safeshell.redis.acl`'s to say.
"""

from __future__ import annotations

import shlex
from typing import Final

from safeshell.cli.hardening.sections import Section, printed
from safeshell.config.redis_place import DEFAULT_PORT, RedisPlace
from safeshell.config.settings import Target
from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.acl import acl_rule

_READER: Final = "reader"
_OPERATOR: Final = "operator"
_OPERATED: Final = (
    "~* &* +@all -@admin -flushall -flushdb -swapdb -keys -migrate +acl|whoami +client|list"
    " +slowlog|get +slowlog|len +latency|latest +latency|history +latency|doctor"
)
_OPERATED_7: Final = " -script|flush -function|flush -function|restore"
_RANDOM: Final = "$(od -An -tx1 -N24 /dev/urandom | tr -d ' \\n')"


@frozen
class ServerKind:
    """What answers.

    Args:
        kind: `redis` or `valkey`.
        version: `7.0.15`.
    """

    kind: str
    version: str

    @property
    def has_subcommand_denials(self) -> bool:
        """Whether single subcommands may be taken away (7.0)."""
        return int(self.version.partition(".")[0]) >= 7


def parse_server(text: str) -> ServerKind:
    """`redis-7.2.4`, `valkey-8.1`, or a version alone.

    Raises:
        UsageError: it is none of that, or older than ACLs.
    """
    kind, dash, version = text.rpartition("-")
    found = ServerKind(kind if dash else "redis", version)
    if found.kind not in ("redis", "valkey"):
        raise UsageError(
            f"{visible(text, limit=40)!r} names no server",
            where="--server",
            todo="Write redis-7.2 or valkey-8.1.",
        )
    acl_rule(found.kind, found.version)
    return found


def redis_wall(target: Target | None, server: ServerKind) -> str:
    """The text for a target's server.

    Args:
        target: whose; None for a text with a host that is to be replaced.
        server: what answers there.

    Raises:
        UsageError: a name can't be a user's.
    """
    reader = (target.readonly.username if target and target.readonly else "") or _READER
    # Whoever makes the users is none of them: `reset` would lock them out halfway.
    taken = {reader, _maker(target)}
    operator = next(name for name in (_OPERATOR, "repairer", "helper") if name not in taken)
    sections = [
        _about(target, server),
        _preparing(target),
        Section(
            f"{reader}: may only read",
            (
                "Everything that reads, and nothing else: no scripts, no KEYS (its reply blocks the server), no "
                "CONFIG GET (it shows passwords). The server refuses the rest, whatever client is used."
            ),
            (_set_user(acl_rule(server.kind, server.version, reader), "reader_password"),),
        ),
        Section(
            f"{operator}: may change keys, not the server",
            (
                "For sessions that have been unlocked, and for people who repair data: no FLUSHALL, FLUSHDB, "
                "CONFIG, SHUTDOWN, DEBUG, ACL, replication or modules."
            ),
            (
                _set_user(
                    f"ACL SETUSER {operator} reset on >CHANGE-ME {_OPERATED}"
                    + (_OPERATED_7 if server.has_subcommand_denials else ""),
                    "operator_password",
                ),
            ),
        ),
        Section(
            "the passwords: into your password manager",
            "",
            (
                f'printf \'%s: %s\\n\' {reader} "$reader_password" {operator} "$operator_password"',
                "unset reader_password operator_password",
            ),
        ),
        _keeping(),
        _default_user(),
        *_in_the_config(target, reader),
        _trying(target, reader, operator),
        Section(
            "undo it", "", examples=(f"redis_cli ACL DELUSER {reader} {operator}", "and keep that as above")
        ),
    ]
    return printed(sections, "#")


def _about(target: Target | None, server: ServerKind) -> Section:
    words = (
        "Nothing of this has been applied. It is a text for a POSIX shell on a machine that reaches the server; "
        "docs/server-side.md says more.\n"
        f"Made for {server.kind} {server.version}; later versions know its names too. --server says another, and "
        f"`safeshell redis {_named(target)} --print-acl` asks the server for its own."
    )
    if target and (target.cluster or target.sentinel or (target.readonly and target.readonly.redis)):
        words += "\nACLs are not replicated: every node and every replica needs them, one after the other."
    return Section(f"a wall at the Redis server of {_named(target)}", words)


def _preparing(target: Target | None) -> Section:
    place = target.redis_place if target else None
    return Section(
        "how the server is reached",
        (
            "As a user who may change users. REDISCLI_AUTH has that user's password. Passwords go to the server as "
            "hashes, so that no history and no slow log has them."
        ),
        (
            f'redis_cli() {{ redis-cli {shlex.join(_words(target, place))} "$@"; }}',
            "hashed() { printf %s \"$1\" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1; }",
            f"reader_password={_RANDOM}",
            f"operator_password={_RANDOM}",
        ),
    )


def _maker(target: Target | None) -> str:
    """The user that the target is connected to as; "" for the default one."""
    place = target.redis_place if target else None
    return (target.username if target else "") or (place.username if place else "")


def _words(target: Target | None, place: RedisPlace | None) -> list[str]:
    """The words by which redis-cli reaches a place."""
    if target is None or place is None:
        return ["-h", "CHANGE-ME"]
    if place.unix_socket:
        words = ["-s", place.unix_socket]
    else:
        words = ["-h", place.host, "-p", str(place.port or DEFAULT_PORT)]
    user = _maker(target)
    words += ["--user", user] if user else []
    if target.tls is not None or place.url.startswith(("rediss:", "valkeys:")):
        words.append("--tls")
        tls = target.tls
        words += ["--cacert", str(tls.cacert)] if tls and tls.cacert else []
        words += ["--cert", str(tls.cert)] if tls and tls.cert else []
        words += ["--key", str(tls.key)] if tls and tls.key else []
    return words


def _set_user(rule: str, password: str) -> str:
    words = [
        f'"#$(hashed "${password}")"' if word == ">CHANGE-ME" else shlex.quote(word) for word in rule.split()
    ]
    return f"redis_cli {' '.join(words)}"


def _keeping() -> Section:
    return Section(
        "keep it over a restart: one of these",
        (
            "ACL SAVE where redis.conf names an aclfile, CONFIG REWRITE where the users stand in redis.conf itself."
        ),
        examples=("redis_cli ACL SAVE", "redis_cli CONFIG REWRITE"),
    )


def _default_user() -> Section:
    return Section(
        "and the default user",
        (
            "Who is refused can become `default` by RESET or AUTH where that has no password. Applications that log "
            "in without a user's name are this user: give them one of their own first."
        ),
        examples=("redis_cli ACL SETUSER default off",),
    )


def _in_the_config(target: Target | None, reader: str) -> list[Section]:
    if target and target.readonly and target.readonly.username:
        return []
    return [
        Section(
            "in safeshell's configuration, so that read-only sessions are held by the server",
            "",
            examples=(
                f"[targets.{visible(target.name) if target else 'CHANGE-ME'}]",
                f'readonly = {{ username = "{reader}", password_command = ["pass", "show", "redis/{reader}"] }}',
            ),
        )
    ]


def _trying(target: Target | None, reader: str, operator: str) -> Section:
    return Section(
        "try it",
        ("REDISCLI_AUTH has the user's password each time."),
        examples=(
            f"redis_cli --user {reader} DBSIZE                answers",
            f"redis_cli --user {reader} SET safeshell:try 1   NOPERM",
            f"redis_cli --user {operator} FLUSHALL            NOPERM",
            f"redis_cli ACL DRYRUN {operator} FLUSHALL        the same without trying (7.0)",
            f"safeshell doctor {_named(target)}",
        ),
    )


def _named(target: Target | None) -> str:
    return visible(target.name) if target else "TARGET"

"""The words after `safeshell redis` become what was chosen.

Parsing only: no config, no connection. The first word that is no option begins the target or the command,
and from there on nothing is an option any more, as in redis-cli.
"""

from __future__ import annotations

import argparse
from collections.abc import Container, Sequence

from safeshell.errors import UsageError
from safeshell.redis.chosen_options import Action, ConnectionOptions, RedisOptions
from safeshell.redis.option_parser import option_parser

_LEFT_TO_REDIS_CLI = (
    "--cluster",
    "--ldb",
    "--ldb-sync-mode",
    "--replica",
    "--slave",
    "--lru-test",
    "--keystats",
)


def parse_options(words: Sequence[str], *, prog: str = "safeshell redis") -> RedisOptions:
    """The options in `words`.

    Raises:
        UsageError: they do not fit; nothing was done.
        SystemExit: `--help` or `-h` alone was asked for, and has been answered.
    """
    parser = option_parser(prog)
    if asks_for_help(words):
        parser.print_help()
        raise SystemExit(0)
    for word in words:
        if word in _LEFT_TO_REDIS_CLI:
            raise UsageError(f"{word} stays redis-cli's", where=prog, todo="Use redis-cli itself for it.")
        if not word.startswith("-"):
            break
    joined = _with_joined_numbers(words)
    found = parser.parse_args(["".join(parts) for parts in joined])
    # What stands behind the options is the command's, and is sent as it was typed.
    found.words = [part for parts in joined[len(joined) - len(found.words) :] for part in parts]
    return _checked(found, prog)


def _with_joined_numbers(words: Sequence[str]) -> list[list[str]]:
    """Words that count as one: `-r -1`, where argparse takes `-1` for an option as there are `-2` and `-3`."""
    joined: list[list[str]] = []
    for word in words:
        if joined and joined[-1] in (["-r"], ["-i"]) and word.startswith("-") and word[1:].isdigit():
            joined[-1].append(word)
        else:
            joined.append([word])
    return joined


def asks_for_help(words: Sequence[str]) -> bool:
    """Whether nothing but help is asked for; `-h` with a word behind it is a host."""
    return list(words) in (["-h"], ["--help"])


def parse_with_place(words: Sequence[str], targets: Container[str]) -> RedisOptions:
    """The same, where options may also follow a target or a URL: `cache --scan`.

    Args:
        words: as for `parse_options`.
        targets: the names of the configuration's targets.

    Raises:
        UsageError, SystemExit: as `parse_options`.
    """
    options = parse_options(words)
    place, *rest = options.words or ("",)
    if not (rest and rest[0].startswith("-") and len(rest[0]) > 1):
        return options
    if options.connection.says_where or not (place in targets or "://" in place):
        return options
    before = words[: len(words) - len(options.words)]
    if list(before[-1:]) == ["--"]:
        return options
    more = parse_options(rest)
    after = len(rest) - len(more.words)
    return parse_options([*before, *rest[:after], place, *more.words])


def _checked(found: argparse.Namespace, prog: str) -> RedisOptions:
    action, file, seconds = _action(found)
    if found.last_from_stdin and found.tag_from_stdin is not None:
        raise UsageError("-x and -X both want standard input", where=prog, todo="Use one of them.")
    if bool(found.sentinels) != bool(found.sentinel_master):
        raise UsageError("--sentinel and --master belong together", where=prog, todo="Give both.")
    if found.socket and (found.host or found.cluster):
        raise UsageError("-s names a unix socket, which has no host and no cluster", where=prog)
    connection = ConnectionOptions(
        host=found.host, port=found.port, socket=found.socket, url=found.url, db=found.db, user=found.user,
        password=found.password, ask_password=found.askpass, timeout=found.timeout, family=found.family,
        tls=found.tls, sni=found.sni, cacert=found.cacert, cacertdir=found.cacertdir, cert=found.cert,
        key=found.key, insecure=found.insecure, tls_ciphers=found.tls_ciphers,
        tls_ciphersuites=found.tls_ciphersuites, protocol=found.protocol, name=found.name,
        cluster=found.cluster, sentinels=tuple(found.sentinels), sentinel_master=found.sentinel_master,
        target=found.target,
    )  # fmt: skip
    return RedisOptions(
        connection=connection,
        action=action,
        words=tuple(found.words[1:] if found.words[:1] == ["--"] else found.words),
        format=found.format,
        delimiter=_unescaped(found.delimiter),
        item_delimiter=_unescaped(found.item_delimiter),
        repeat=found.repeat,
        interval=found.interval or 0.0,
        last_from_stdin=found.last_from_stdin,
        tag_from_stdin=found.tag_from_stdin,
        quoted_input=found.quoted_input,
        errors_apart=found.errors_apart,
        show_pushes=None if found.show_pushes is None else found.show_pushes.startswith("y"),
        pattern=found.quoted_pattern or found.pattern,
        quoted_pattern=found.quoted_pattern is not None,
        count=found.count,
        samples=found.memkeys_samples,
        file=file,
        seconds=seconds,
        yes_i_mean=found.yes_i_mean,
        reason=found.reason or "",
        unlock=found.unlock,
    )


def _action(found: argparse.Namespace) -> tuple[Action, str | None, int]:
    if found.print_acl:
        return Action.PRINT_ACL, None, 0
    if found.rdb is not None:
        return Action.RDB, found.rdb, 0
    if found.functions_rdb is not None:
        return Action.FUNCTIONS_RDB, found.functions_rdb, 0
    if found.eval is not None:
        return Action.EVAL, found.eval, 0
    if found.intrinsic_latency is not None:
        return Action.INTRINSIC_LATENCY, None, found.intrinsic_latency
    if found.memkeys_samples is not None and found.action is None:
        return Action.MEMKEYS, None, 0
    action: Action = found.action or Action.COMMANDS
    return action, None, found.pipe_timeout if action is Action.PIPE else 0


def _unescaped(text: str) -> bytes:
    r"""A delimiter as typed, with `\n`, `\t`, `\0`, `\\` meant."""
    replaced = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\0": "\0", "\\\\": "\\"}
    return replaced.get(text, text).encode("utf-8", "surrogateescape")

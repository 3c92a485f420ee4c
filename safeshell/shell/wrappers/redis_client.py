"""redis-cli and its kin: the words behind its options are one command, its standard input is many.

What redis-cli does by an option alone (`--cluster`, `--bigkeys`, `--pipe`) is for the packs to judge.
Source: redis-cli --help of 7.4 and 8.0, iredis --help.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address
from safeshell.shell.inner import Inner, InnerText, InnerWords, Language, Opaque, Unwrapped
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.call import (
    PACKS_JUDGE,
    Call,
    Handler,
    hides_all,
    judged_too,
    transparent,
    unseen,
)
from safeshell.shell.wrappers.front import Walk, front, walk
from safeshell.shell.wrappers.standard_input import Origin, standard_input

_CLIENT: Final = front(
    "-2 -3 -4 -6 -c -e -x --tls --insecure --raw --no-raw --quoted-input --csv --json --quoted-json --stat --latency"
    " --latency-history --latency-dist --replica --slave --pipe --bigkeys --memkeys --keystats"
    " --hotkeys --scan --ldb"
    " --ldb-sync-mode --cluster --verbose --no-auth-warning --askpass --help --version -v --newbie --rainbow"
    " --iredisrc-off --raw-output --no-info --shell --no-shell --decode-none",
    "-h -p -t -s -a -u -r -i -n -X -d -D --user --pass --sni --cacert --cacertdir --cert --key --tls-ciphers"
    " --tls-ciphersuites --show-pushes --lru-test --rdb --functions-rdb --pipe-timeout --memkeys-samples"
    " --keystats-samples --pattern --quoted-pattern --count --cursor --top --intrinsic-latency --eval --url --dsn"
    " --client_name --prompt --iredisrc --decode --host --port --password --username",
)
_OWN_WORK: Final = frozenset(
    "--stat --latency --latency-history --latency-dist --replica --slave --rdb --functions-rdb --bigkeys --memkeys"
    " --keystats --hotkeys --scan --lru-test --intrinsic-latency --cluster --eval --help --version -v".split()
)
_DEFAULT_PORT: Final = "6379"


def _redis(call: Call) -> Unwrapped | None:
    """`redis-cli [options] [command…]`."""
    taken = walk(call.words, _CLIENT)
    if any(option.name in _OWN_WORK for option in taken.options):
        return PACKS_JUDGE
    addresses = _addresses(taken)
    inner: list[Inner] = []
    for words in taken.readings():
        if words[0].text.lower() in ("help", "?"):
            return PACKS_JUDGE
        if taken.has("-x") or taken.value("-X") is not None:
            words = _with_input(words, taken)
        span = (words[0].span[0], words[-1].span[1])
        if words[0].known:
            inner.append(InnerWords(words, Language.REDIS, span, addresses))
        else:
            inner.append(unseen(Language.REDIS, span))
    if inner:
        return transparent(*inner)
    fed = fed_redis(call, addresses)
    if fed is None:
        return PACKS_JUDGE
    return judged_too(fed) if taken.has("--pipe") else transparent(fed)


def fed_redis(call: Call, addresses: tuple[Address, ...]) -> Inner | None:
    """Commands that come in; None when a person types them."""
    came = standard_input(call.command)
    if came.origin is Origin.TERMINAL:
        return None
    if came.origin is Origin.TEXT and not hides_all(came.text):
        return InnerText(came.text, Language.REDIS, came.span, came.exact, addresses=addresses)
    what = (
        f"the commands of {came.name}" if came.origin is Origin.FILE else "commands that come out of a pipe"
    )
    return Opaque(
        "redis.file" if came.origin is Origin.FILE else "redis.unknown-text",
        f"runs {what}, which were not read",
        Severity.MEDIUM,
        "read the file first" if came.origin is Origin.FILE else "let them be printed first",
        came.span,
    )


def _with_input(words: tuple[Word, ...], taken: Walk) -> tuple[Word, ...]:
    """`-x` puts the standard input behind the words, `-X TAG` in the place of a word."""
    given = Word(UNKNOWN, words[-1].span, source="<input>", unknowns=("<input>",))
    tag = taken.value("-X")
    if tag is None:
        return (*words, given)
    return tuple(given if one.text == tag.text else one for one in words)


def _addresses(taken: Walk) -> tuple[Address, ...]:
    """The server, as a URL, `host:port/db`, or a socket's path; nothing named is this machine's own."""
    url = taken.value("-u", "--url")
    if url is not None:
        return (Address("redis", url.text),) if url.known else ()
    socket = taken.value("-s")
    if socket is not None:
        return (Address("redis", f"unix://{socket.text}"),) if socket.known else ()
    host, port, db = taken.value("-h", "--host"), taken.value("-p", "--port"), taken.value("-n")
    if any(one is not None and not one.known for one in (host, port)):
        return ()
    name = host.text if host is not None else "127.0.0.1"
    place = f"{name}:{port.text if port is not None else _DEFAULT_PORT}"
    return (Address("redis", place + (f"/{db.text}" if db is not None and db.known else "")),)


WRAPPERS: Final[dict[str, Handler]] = dict.fromkeys(
    ("redis-cli", "valkey-cli", "keydb-cli", "iredis", "redis-cli-tls"), _redis
)

"""The ACL rule of a user who may only read, for one server's kind and version (`--print-acl`).

Which commands read is the embedded table's to say; here is only how to say it so that this server understands:
one unknown name makes ACL SETUSER fail, so names come with the version that brought them.

The rule starts from nothing, adds the category @read, takes away KEYS (its reply blocks the server for as long
as it has keys), and adds by name the reads that are in no such category, and what concerns one's own connection
alone. Decisions:
- `%R~*` where it exists (7.0): keys may be read only, which also holds for commands of modules without category.
- `&*`: all channels may be listened to, none published to, as PUBLISH and SPUBLISH are not granted.
- Withheld although they read (`WITHHELD`), as they give away what leads out of read-only.
- Scripts are not granted, not even EVAL_RO: they can block the server.
- AUTH, HELLO, QUIT and RESET can't be refused to anyone: give the default user a password, or turn it off.
- Modules are unknown here: their reads in @read are granted, others not; BF.DEBUG, CF.DEBUG and CF.COMPACT say
  they are @read and are granted where such a module is loaded.
"""

from __future__ import annotations

from typing import Final

from safeshell.errors import UsageError
from safeshell.guard.text import visible

Version = tuple[int, int]

WITHHELD: Final = {
    "ACL GETUSER": "shows the hashes of passwords",
    "ACL LIST": "shows the hashes of passwords",
    "CONFIG GET": "shows requirepass and masterauth, with which one becomes another user",
}
"""Commands that read and yet are not granted, each with the reason."""

ALWAYS_PERMITTED: Final = frozenset({"AUTH", "HELLO", "QUIT", "RESET"})
"""Commands that no rule can take from a user."""

_READS: Final = """
acl|cat acl|genpass acl|help acl|users acl|whoami
client|getname client|getredir client|help client|id client|list
cluster|count-failure-reports cluster|countkeysinslot cluster|getkeysinslot cluster|help cluster|info
cluster|keyslot cluster|myid cluster|nodes cluster|replicas cluster|slaves cluster|slots
command config|help echo info lastsave
latency|doctor latency|graph latency|help latency|history latency|latest
memory|doctor memory|help memory|malloc-stats memory|stats
module|help module|list object|help ping pubsub|channels pubsub|help pubsub|numpat pubsub|numsub
role script|exists script|help slowlog|get slowlog|help slowlog|len time xgroup|help xinfo|help
"""
_OWN_CONNECTION: Final = """
asking client|caching client|reply client|setname client|tracking discard exec multi psubscribe punsubscribe
readonly readwrite select subscribe unsubscribe unwatch wait watch
"""
_SINCE_BOTH: Final[dict[Version, str]] = {
    (6, 2): "client|info client|trackinginfo",
    (
        7,
        0,
    ): "acl|dryrun cluster|links cluster|shards function|dump function|help function|list function|stats "
    "latency|histogram pubsub|shardchannels pubsub|shardnumsub ssubscribe sunsubscribe",
    (7, 2): "cluster|myshardid client|no-touch client|setinfo waitaof",
}
_SINCE_REDIS: Final[dict[Version, str]] = {
    (8, 0): "vcard vdim vemb vgetattr vinfo vlinks vrandmember vsim",
    (8, 2): "cluster|slot-stats vismember",
    (8, 4): "vrange",
    (8, 6): "hotkeys|get hotkeys|help",
    (8, 10): "backup|help backup|list backup|status",
}
_SINCE_VALKEY: Final[dict[Version, str]] = {
    (8, 0): "client|capa cluster|slot-stats script|show",
    (8, 1): "commandlog|get commandlog|help commandlog|len",
    (9, 0): "cluster|getslotmigrations",
}
_VECTOR_WRITES: Final = "-vadd -vrem -vsetattr"  # in no category, so no -@write takes them away
_OLDER_CONTAINERS: Final = (
    "memory",
    "object",
    "xinfo",
)  # before 7.0, @read held them whole, MEMORY PURGE too
_BRANCHED: Final = (7, 2)  # the last version that Redis and Valkey have in common


def acl_rule(kind: str, version: str, username: str = "reader") -> str:
    """The line that makes (or makes anew) a user who may only read.

    Args:
        kind: `redis` or `valkey`; any other is taken for what both had in common.
        version: the server's, `7.0.15`.
        username: the user's name.

    Returns:
        One `ACL SETUSER …` line for a console of this server, with `>CHANGE-ME` where the password goes.

    Raises:
        UsageError: the server is older than ACLs (6.0), the version is none, or the name can't be used.
    """
    known = _version(version)
    if known < (6, 0):
        raise UsageError(
            f"Redis {visible(version, limit=40)} has no ACLs",
            todo="They came with 6.0. Read from a replica instead, or rely on the client's proof.",
        )
    _check_name(username)
    if kind not in ("redis", "valkey"):
        known = min(known, _BRANCHED)
    keys = "%R~*" if known >= (7, 0) else "~*"
    channels = " &*" if known >= (6, 2) else ""
    words = [f"ACL SETUSER {username} reset on >CHANGE-ME {keys}{channels} -@all +@read -keys"]
    if known < (7, 0):
        words += [f"-{name}" for name in _OLDER_CONTAINERS]
        words += ["+memory|usage", "+object|encoding", "+object|freq", "+object|idletime", "+object|refcount"]
        words += ["+xinfo|consumers", "+xinfo|groups", "+xinfo|stream"]
    if kind == "redis" and known >= (8, 0):
        words.append(_VECTOR_WRITES)
    words += [f"+{name}" for name in sorted(_names(kind, known))]
    return " ".join(words)


def _names(kind: str, known: Version) -> set[str]:
    names = {*_READS.split(), *_OWN_CONNECTION.split()}
    families = [_SINCE_BOTH]
    if kind == "valkey":
        families.append(_SINCE_VALKEY)
    elif kind == "redis":
        families.append(_SINCE_REDIS)
    for family in families:
        for since, added in family.items():
            if known >= since:
                names.update(added.split())
    return names


def _version(text: str) -> Version:
    parts = text.split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts[:2]):
        raise UsageError(
            f'"{visible(text, limit=40)}" is no version of a server', todo="Write one like 7.0.15."
        )
    return int(parts[0]), int(parts[1])


def _check_name(username: str) -> None:
    if username == "default":
        raise UsageError(
            "the default user is no good reader: the rule would lock out every client without a user",
            todo="Choose another name.",
        )
    plain = username.isascii() and username.isprintable() and not set(username) & set(" \"'\\")
    if not username or not plain:
        raise UsageError(
            f'"{visible(username, limit=40)}" can\'t be the name of this user',
            todo="Use ASCII letters, digits and signs, without blanks and quotes.",
        )

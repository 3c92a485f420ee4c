"""ACL: who may do what from now on, and whom that locks out."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.text import counted
from safeshell.redis.meaning import Call, Meaning, Remark, Rules, doing, reading

_LOCKS_OUT: Final = frozenset(
    {b"off", b"reset", b"resetpass", b"resetkeys", b"resetchannels", b"nocommands", b"-@all"}
)
_OPENS: Final = frozenset({b"nopass", b"allcommands", b"+@all", b"allkeys", b"~*"})


def _setuser(call: Call) -> Meaning:
    user = call.shown(2)
    rules = {word.lower() for word in call.argv[3:]}
    default = call.argv[2:3] == [b"default"] or call.argv[2:3] == (b"default",)
    remarks = [
        Remark(
            "redis.acl",
            Severity.HIGH,
            f"changes what {user or 'a user'} may do",
            "ACL DRYRUN, to try a user's rights",
            2 if user else 0,
        )
    ]
    if default and rules & _LOCKS_OUT:
        remarks.append(
            Remark(
                "redis.acl",
                Severity.CRITICAL,
                "every client that logs in as nobody in particular is refused, this one too perhaps",
                at=2,
            )
        )
    if rules & _OPENS:
        remarks.append(Remark("redis.acl", Severity.HIGH, f"opens the server wide to {user}", at=2))
    if any(word.startswith(b">") for word in call.argv[3:]):
        remarks.append(
            Remark("redis.acl", Severity.NONE, "the password is in the line; it is kept out of the history")
        )
    extent = Extent.EVERYTHING if default else Extent.ONE
    return doing(EffectKind.GRANT, extent, f"user {user}", *remarks, reversible=True)


def _deluser(call: Call) -> Meaning:
    users = len(call.argv) - 2
    one = users == 1
    return doing(
        EffectKind.GRANT,
        Extent.ONE if one else Extent.MANY,
        f"user {call.shown(2)}" if one else counted(users, "user"),
        Remark(
            "redis.acl",
            Severity.HIGH,
            "the user is gone, and every connection of theirs is cut",
            at=2 if one else 0,
        ),
        reversible=True,
    )


def _load(_: Call) -> Meaning:
    return doing(
        EffectKind.GRANT,
        Extent.EVERYTHING,
        "all users",
        Remark(
            "redis.acl",
            Severity.CRITICAL,
            "all users are replaced by those in the server's file; who is not in it is cut off",
            "ACL SAVE first keeps today's",
        ),
    )


def _save(_: Call) -> Meaning:
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        "the server's file of users",
        Remark("redis.acl", Severity.MEDIUM, "today's users replace those in the file, which is not kept"),
    )


def _log(call: Call) -> Meaning:
    if call.word(2) != "RESET":
        return reading(call)
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        "the log of refused commands",
        Remark("redis.evidence", Severity.MEDIUM, "erases who was refused what", at=2),
    )


RULES: Final[Rules] = {
    "ACL SETUSER": _setuser,
    "ACL DELUSER": _deluser,
    "ACL LOAD": _load,
    "ACL SAVE": _save,
    "ACL LOG": _log,
}

"""Scripts and functions: what a body was found to call is what it does; what can't be read is `execute`.

Where the server itself refuses writes (EVAL_RO, FCALL_RO, `flags=no-writes`) the call is a proven read, except
for the few commands that change something without being writes for the server (SLOWLOG RESET, CLUSTER …).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.frozen import replace
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.redis.arguments import integer, upper
from safeshell.redis.keys import keys_of
from safeshell.redis.lua import Script, ScriptCall, scan
from safeshell.redis.meaning import (
    Call,
    Context,
    Meaning,
    Remark,
    Rules,
    by_class,
    doing,
    on_keys,
    reading,
)
from safeshell.redis.resolving import resolve
from safeshell.redis.table import CommandInfo, EffectClass

_UNKNOWN_WORD: Final = b"?"
_REFUSED_BY_NO_WRITES: Final = frozenset({"PUBLISH", "SPUBLISH"})
_READ_ONLY_CALL: Final = {"EVAL": "EVAL_RO", "EVALSHA": "EVALSHA_RO", "FCALL": "FCALL_RO"}


def _eval(call: Call) -> Meaning:
    if len(call.argv) < 2:
        return _opaque(call, "it has no text")
    return _script(call, call.argv[1])


def _evalsha(call: Call) -> Meaning:
    sha = upper(call.argv[1]).lower() if len(call.argv) > 1 else ""
    body = call.context.facts.scripts.get(sha)
    if body is not None:
        return _script(call, body)
    if call.info.name == "EVALSHA_RO":
        return reading(call)
    return _opaque(call, "its text is not known here")


def _fcall(call: Call) -> Meaning:
    if call.info.name == "FCALL_RO":
        return reading(call)
    name = call.argv[1].decode("utf-8", "replace").lower() if len(call.argv) > 1 else ""
    known = {function.lower(): no_writes for function, no_writes in call.context.facts.functions.items()}
    if known.get(name):
        return reading(call)
    what = "it may write" if name in known else "its text is not known here"
    return _opaque(call, what)


def _opaque(call: Call, why: str, meaning: Meaning | None = None) -> Meaning:
    known = meaning or Meaning()
    remark = Remark(
        "redis.script",
        Severity.HIGH,
        f"runs code in the server that may call any command: {why}",
        f"{_READ_ONLY_CALL.get(call.info.name, 'EVAL_RO')}, where the server itself refuses writes",
        1 if len(call.argv) > 1 else 0,
    )
    effect = Effect(EffectKind.EXECUTE, Extent.MANY, "a script")
    return Meaning((*known.effects, effect), (*known.remarks, remark))


def _script(call: Call, body: bytes) -> Meaning:
    keys, arguments = _keys_and_arguments(call.argv)
    script = scan(body, keys, arguments)
    if call.info.name.endswith("_RO") or script.no_writes:
        return _enforced(call, script)
    meanings = [_inner(made, call.context, set(keys)) for made in script.calls]
    effects = tuple(dict.fromkeys(e for m in meanings for e in _widened(m.effects, loops=script.loops)))
    remarks = tuple(dict.fromkeys(replace(r, at=1) for m in meanings for r in (*m.remarks, *m.unreadable)))
    known = Meaning(effects or reading(call).effects, remarks)
    if script.opaque or any(m.unreadable for m in meanings):
        return _opaque(call, script.opaque or "it calls a command that is not known", known)
    if not all(m.reads for m in meanings):
        return known
    offer = f"{_READ_ONLY_CALL[call.info.name]}, where the server itself refuses writes"
    only_reads = Remark("redis.script", Severity.NONE, "this script was only found to read", offer, 1)
    return Meaning(known.effects, (*remarks, only_reads))


def _enforced(call: Call, script: Script) -> Meaning:
    """The server refuses what is a write to it; what it does not count as one is left."""
    effects: list[Effect] = []
    remarks: list[Remark] = []
    reads = True
    for made in script.calls:
        info = resolve(_known_words(made), call.context.facts)
        if info is None or info.flags & {"write", "noscript"} or info.name in _REFUSED_BY_NO_WRITES:
            continue
        meaning = _inner(made, call.context, set())
        remarks += [replace(remark, at=1) for remark in meaning.remarks]
        if not meaning.reads:
            reads = False
            effects += meaning.effects
    base = reading(call)
    return Meaning((*base.effects, *effects), tuple(dict.fromkeys(remarks)), reads=reads)


def _keys_and_arguments(argv: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    number = integer(argv[2]) if len(argv) > 2 else None
    if number is None or not 0 <= number <= len(argv) - 3:
        return (), ()
    return argv[3 : 3 + number], argv[3 + number :]


def _known_words(made: ScriptCall) -> list[bytes]:
    return [_UNKNOWN_WORD if word is None else word for word in made.words]


def _inner(made: ScriptCall, context: Context, declared: set[bytes]) -> Meaning:
    """What one call of a script does, as far as its words are written in it."""
    from safeshell.redis.understanding import understand  # the rules' own user: a cycle at import time

    words = _known_words(made)
    info = resolve(words, context.facts)
    unknown = {at for at, word in enumerate(made.words) if word is None}
    if info is None or info.container or info.name.startswith(("EVAL", "FCALL")):
        return Meaning(
            unreadable=(
                Remark(
                    "redis.script",
                    Severity.HIGH,
                    "it calls a command that is not known, or may not be called",
                ),
            )
        )
    outer = replace(context, in_multi=False, queued=())
    if not unknown and not made.open_end:
        return _kept(understand(words, outer).meaning, info, words, declared)
    keys = keys_of(info, words)
    keys_known = bool(keys) and not made.open_end and not unknown & {named.at for named in keys}
    return _at_worst(Call(info, words, keys, outer), keys_known=keys_known)


def _at_worst(call: Call, *, keys_known: bool) -> Meaning:
    """What a call may do whatever the words are that the script works out."""
    from safeshell.redis.understanding import rule_for, understand

    info = call.info
    meaning = understand(call.argv, call.context).meaning
    if meaning.reads and (info.effect is EffectClass.READ or info.name == "KEYS"):
        return meaning
    rule_reads_arguments = rule_for(info) is not None and not (info.name == "SET" and len(call.argv) == 3)
    names = [named.key for named in call.keys] if keys_known else []
    match info.effect:
        case EffectClass.WRITE_KEY | EffectClass.DELETE_KEYS if not rule_reads_arguments:
            meaning = by_class(call)
            return meaning if keys_known else Meaning(tuple(_of_unknown_keys(e) for e in meaning.effects))
        case EffectClass.WRITE_KEY | EffectClass.DELETE_KEYS:
            return Meaning((on_keys(EffectKind.DELETE, names, reversible=False),))
        case _ if meaning.effects and not meaning.reads:
            return Meaning(
                (*meaning.effects, Effect(EffectKind.EXECUTE, Extent.MANY, info.name)), meaning.remarks
            )
        case _:
            return doing(EffectKind.EXECUTE, Extent.MANY, info.name)


def _of_unknown_keys(effect: Effect) -> Effect:
    return Effect(effect.kind, Extent.MANY, "keys that the script works out")


def _kept(meaning: Meaning, info: CommandInfo, words: Sequence[bytes], declared: set[bytes]) -> Meaning:
    """Undo keeps the keys that a call of EVAL declares, and no others."""
    if all(named.key in declared for named in keys_of(info, words)):
        return meaning
    return replace(meaning, effects=tuple(replace(e, reversible=False) for e in meaning.effects))


def _widened(effects: Sequence[Effect], *, loops: bool) -> list[Effect]:
    if not loops:
        return list(effects)
    return [
        replace(e, extent=Extent.MANY)
        if e.extent is Extent.ONE and e.kind not in (EffectKind.READ, EffectKind.OVERWRITE)
        else e
        for e in effects
    ]


def _script_load(_: Call) -> Meaning:
    return doing(EffectKind.WRITE, Extent.ONE, "the script cache")


def _script_flush(_: Call) -> Meaning:
    return doing(
        EffectKind.DELETE,
        Extent.MANY,
        "the script cache",
        Remark(
            "redis.script-flush",
            Severity.HIGH,
            "every client that calls scripts by EVALSHA alone fails from now on",
        ),
    )


def _kill(call: Call) -> Meaning:
    what = "function" if call.info.name.startswith("FUNCTION") else "script"
    return doing(
        EffectKind.STOP,
        Extent.ONE,
        f"the {what} that runs now",
        Remark("redis.script-kill", Severity.MEDIUM, f"another client's {what} fails"),
    )


def _script_debug(call: Call) -> Meaning:
    mode = call.word(2)
    if mode == "NO":
        return doing(EffectKind.WRITE, Extent.ONE, "this connection")
    sync = mode == "SYNC"
    return doing(
        EffectKind.STOP,
        Extent.EVERYTHING if sync else Extent.ONE,
        "the server while a script is debugged",
        Remark(
            "redis.script-debug",
            Severity.HIGH if sync else Severity.MEDIUM,
            "everybody waits while you debug, and what the script writes stays"
            if sync
            else "forks the server for a debugging session",
            "" if not sync else "SCRIPT DEBUG YES, which works in a fork",
            at=2,
        ),
        reversible=True,
    )


def _function_load(call: Call) -> Meaning:
    replaces = call.word(2) == "REPLACE"
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        "the functions",
        Remark(
            "redis.function",
            Severity.MEDIUM,
            "every client runs the new code from now on"
            if replaces
            else "adds code that every client may call",
        ),
        reversible=True,
    )


def _function_delete(call: Call) -> Meaning:
    return doing(
        EffectKind.DELETE,
        Extent.ONE,
        f"the library {call.shown(2)}",
        Remark(
            "redis.function", Severity.HIGH, "every client that calls its functions fails from now on", at=2
        ),
        reversible=True,
    )


def _function_flush(_: Call) -> Meaning:
    return doing(
        EffectKind.DELETE,
        Extent.EVERYTHING,
        "all functions",
        Remark(
            "redis.function",
            Severity.CRITICAL,
            "every client that calls a function fails from now on",
            "FUNCTION DELETE for one library; FUNCTION DUMP first",
        ),
        reversible=True,
    )


def _function_restore(call: Call) -> Meaning:
    match call.word(3):
        case "FLUSH":
            return _function_flush(call)
        case "REPLACE":
            return doing(EffectKind.OVERWRITE, Extent.MANY, "the functions", reversible=True)
        case _:
            return doing(EffectKind.CONFIGURE, Extent.MANY, "the functions", reversible=True)


RULES: Final[Rules] = {
    "EVAL": _eval,
    "EVAL_RO": _eval,
    "EVALSHA": _evalsha,
    "EVALSHA_RO": _evalsha,
    "FCALL": _fcall,
    "FCALL_RO": _fcall,
    "SCRIPT LOAD": _script_load,
    "SCRIPT FLUSH": _script_flush,
    "SCRIPT KILL": _kill,
    "SCRIPT DEBUG": _script_debug,
    "FUNCTION LOAD": _function_load,
    "FUNCTION DELETE": _function_delete,
    "FUNCTION FLUSH": _function_flush,
    "FUNCTION KILL": _kill,
    "FUNCTION RESTORE": _function_restore,
}

"""Reads Lua one-liners of the stand-alone interpreter: what they run, remove and write.

Facts: the Lua 5.4 manual. Scripts for Redis are the Redis dialect's.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.calls import Call
from safeshell.shell.languages.code_tokens import Grammar
from safeshell.shell.languages.found import Deed, Found, words
from safeshell.shell.languages.script_reading import Rule, ScriptLanguage, read_script

_REMOVE: Final = Deed("lua.remove", EffectKind.DELETE, Extent.ONE, "deletes the file {}")
_RENAME: Final = Deed("lua.rename", EffectKind.OVERWRITE, Extent.ONE, "renames {}")
_WRITE: Final = Deed("lua.write-file", EffectKind.OVERWRITE, Extent.ONE, "writes the file {}")


def _open(call: Call) -> Deed | None:
    texts = call.strings()
    return _WRITE if len(texts) > 1 and set(texts[1]) & set("wa+") else None


_RULES: Final[dict[str, Rule]] = {
    "os.remove": _REMOVE, "os.rename": _RENAME, "io.open": _open, "io.output": _WRITE, "lfs.rmdir": _REMOVE,
}  # fmt: skip
_LIBRARIES: Final = {
    "string": "format rep sub upper lower len find match gmatch gsub byte char reverse pack unpack packsize",
    "math": "floor ceil max min abs sqrt random randomseed huge pi fmod modf tointeger type exp log sin cos",
    "table": "concat insert remove sort unpack pack move",
    "os": "time date clock getenv difftime exit",
    "io": "read write lines stderr stdout stdin",
    "utf8": "char codepoint len offset codes",
}
_LUA: Final = ScriptLanguage(
    name="lua",
    grammar=Grammar(comments=r"--[^\n]*", names=r"[A-Za-z_]\w*", plain="", rich="'\"",
        long_brackets=True),
    rules=_RULES,
    shells=frozenset({"os.execute", "io.popen"}),
    programs=frozenset(),
    opaque=words("load loadstring loadfile dofile require setfenv getfenv debug _G _ENV package"),
    sql=frozenset(),
    reads=words(
        "print tostring tonumber type pairs ipairs select next assert error pcall xpcall rawget rawlen"
        " rawequal unpack _VERSION jit arg"
        " string math table os io utf8 .version .lines .read .write .close .arch"
    )
    | {f"{library}.{name}" for library, names in _LIBRARIES.items() for name in names.split()},
    members=True,
    keywords=words(
        "and break do else elseif end false for function goto if in local nil not or repeat return then"
        " true until while"),
    constants=False,
)  # fmt: skip


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a Lua text does, as far as it is written there.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    return read_script(text, _LUA)

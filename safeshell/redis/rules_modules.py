"""Arguments of the commands that modules bring: documents, search indexes, time series."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.redis.arguments import has_word
from safeshell.redis.meaning import Call, Meaning, Remark, Rules, deleting, doing, on_keys, writing

_WHOLE_DOCUMENT: Final = frozenset({b"$", b".", b""})


def _json_set(call: Call) -> Meaning:
    if len(call.argv) < 3 or call.argv[2] not in _WHOLE_DOCUMENT:
        return writing(call)
    return Meaning((on_keys(EffectKind.OVERWRITE, call.argv[1:2], reversible=False),))


def _json_del(call: Call) -> Meaning:
    if len(call.argv) > 2 and call.argv[2] not in _WHOLE_DOCUMENT:
        return deleting(call)
    return deleting(call, Remark("redis.delete", Severity.LOW, f"deletes {call.shown(1)} as a whole"))


def _replaces(call: Call) -> Meaning:
    return Meaning((on_keys(EffectKind.OVERWRITE, [k.key for k in call.keys], reversible=False),))


def _drop_index(call: Call) -> Meaning:
    old_form = call.info.name in ("FT.DROP", "FT._DROPIFX")
    documents = not has_word(call.argv, b"KEEPDOCS", 2) if old_form else has_word(call.argv, b"DD", 2)
    if not documents:
        return doing(
            EffectKind.CONFIGURE,
            Extent.ONE,
            f"index {call.shown(1)}",
            Remark("redis.index", Severity.MEDIUM, "searches over it fail until it is built again", at=1),
        )
    return doing(
        EffectKind.DELETE,
        Extent.EVERYTHING,
        f"every document of index {call.shown(1)}",
        Remark(
            "redis.flush",
            Severity.CRITICAL,
            "deletes every key that the index covers",
            "FT.DROPINDEX without DD, or FT.DROP with KEEPDOCS, which drop the index alone",
            at=1,
        ),
    )


def _index(call: Call) -> Meaning:
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        f"index {call.shown(1)}",
        Remark(
            "redis.index",
            Severity.MEDIUM,
            "the server walks all keys that fit, and everybody is slower",
            at=1,
        ),
        reversible=True,
    )


def _internal(_: Call) -> Meaning:
    return doing(
        EffectKind.EXECUTE,
        Extent.MANY,
        "the module's insides",
        Remark("redis.debug", Severity.HIGH, "some of these stop the module or block the server", at=0),
    )


RULES: Final[Rules] = {
    "JSON.SET": _json_set,
    "JSON.MSET": _replaces,
    "JSON.DEL": _json_del,
    "JSON.FORGET": _json_del,
    "CMS.MERGE": _replaces,
    "HIMPORT SET": _replaces,
    "FT.DROPINDEX": _drop_index,
    "FT._DROPINDEXIFX": _drop_index,
    "FT.DROP": _drop_index,
    "FT._DROPIFX": _drop_index,
    "FT.CREATE": _index,
    "FT._CREATEIFNX": _index,
    "FT.ALTER": _index,
    "FT._ALTERIFNX": _index,
    "_FT.DEBUG": _internal,
    "BF.DEBUG": _internal,
    "CF.DEBUG": _internal,
}

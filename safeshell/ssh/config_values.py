"""Single values of ssh_config in the spelling of `ssh -G`: times, sizes, names of levels and classes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.config_line import LineMistake

_INT_MAX: Final = 2**31 - 1
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SCALES: Final = "BKMGTPE"
_LEAST_REKEY: Final = 16
_SERVICE_CLASSES: Final = {
    **{f"af{class_}{drop}": class_ << 5 | drop << 3 for class_ in range(1, 5) for drop in range(1, 4)},
    **{f"cs{number}": number << 5 for number in range(8)},
    "ef": 0xB8,
    "le": 0x04,
    "lowdelay": 0x10,
    "throughput": 0x08,
    "reliability": 0x04,
}
_LEVELS: Final = {
    "QUIET": "SILENT",
    "SILENT": "SILENT",
    **{name: name for name in ("FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG2", "DEBUG3")},
    "DEBUG": "DEBUG",
    "DEBUG1": "DEBUG",
}


def of_table(word: str, spellings: Mapping[str, str]) -> str:
    """The usual spelling of one of some words.

    Raises:
        LineMistake: it is none of them.
    """
    found = spellings.get(word.lower())
    if found is None:
        raise LineMistake(f"{visible(word)} is none of {', '.join(spellings)}")
    return found


def number(word: str) -> str:
    """A whole number from 0 on.

    Raises:
        LineMistake: it is none.
    """
    if not re.fullmatch(r"\s*\+?[0-9]+", word) or int(word) > _INT_MAX:
        raise LineMistake(f"{visible(word)} is no number that can stand there")
    return str(int(word))


def seconds(word: str) -> int:
    """The seconds of a time: `600`, `10m`, `1h30m`.

    Raises:
        LineMistake: it is none.
    """
    parts = (
        re.findall(r"([0-9]+)([smhdw]?)", word.lower())
        if re.fullmatch(r"([0-9]+[smhdwSMHDW]?)+", word)
        else []
    )
    total = sum(int(count) * _UNITS[unit] for count, unit in parts)
    if not parts or total > _INT_MAX:
        raise LineMistake(f"{visible(word)} is no time")
    return total


def size(word: str) -> int:
    """The bytes of an amount of data: `1G`, `512K`.

    Raises:
        LineMistake: it is none, or too small to be meant.
    """
    found = re.fullmatch(r"\s*([+-]?)([0-9]*(?:\.[0-9]*)?)([BKMGTPEbkmgtpe]?)", word)
    if not found or not found[2].strip("."):
        raise LineMistake(f"{visible(word)} is no amount of data")
    scale = 1024 ** max(_SCALES.find(found[3].upper()), 0)
    amount = int(Decimal(found[2]) * scale)
    if found[1] == "-" or 0 < amount < _LEAST_REKEY:
        raise LineMistake(f"{visible(word)} is too little")
    return amount


def escape(word: str) -> str:
    """A character that begins commands of ssh itself: `~`, `^B`, or `none`.

    Raises:
        LineMistake: it is none.
    """
    if word == "none":
        return word
    if len(word) == 1:
        return _shown(ord(word))
    if len(word) == 2 and word[0] == "^" and 64 <= ord(word[1]) < 128:
        return _shown(ord(word[1]) & 31)
    raise LineMistake(f"{visible(word)} is no escape character")


def _shown(code: int) -> str:
    """A character as vis(3) writes it."""
    if code < 0x20:
        return f"\\^{chr(code + 64)}" if code not in _WHITE else _WHITE[code]
    return {0x20: "\\040", 0x5C: "\\\\", 0x7F: "\\^?"}.get(code, chr(code))


_WHITE: Final = {0x09: "\\011", 0x0A: "\\012"}


def tunnel(word: str) -> str:
    """A pair of tunnel devices: `any:any`, `0:1`.

    Raises:
        LineMistake: it is none.
    """
    local, _, remote = word.partition(":")
    found = [_device(one) for one in (local, remote or "any")]
    if ":" in word and not remote:
        raise LineMistake(f"{visible(word)} is no tunnel device")
    return ":".join(found)


def _device(word: str) -> str:
    return "any" if word.lower() == "any" else number(word)


def service_class(word: str) -> str:
    """A class of service of IP: `af21`, `lowdelay`, `none`, `0x12`.

    Raises:
        LineMistake: it is none.
    """
    name = word.lower()
    if name == "none":
        return name
    code = _SERVICE_CLASSES.get(name)
    if code is None:
        try:
            code = int(word, 8 if re.fullmatch("0[0-7]+", word) else 0)
        except ValueError:
            code = -1
    if not 0 <= code <= 255:
        raise LineMistake(f"{visible(word)} is no class of service")
    names = [one for one, its_code in _SERVICE_CLASSES.items() if its_code == code]
    return names[0] if names else f"0x{code:02x}"


def log_level(word: str) -> str:
    """A level of logging.

    Raises:
        LineMistake: it is none.
    """
    found = _LEVELS.get(word.upper())
    if found is None:
        raise LineMistake(f"{visible(word)} is none of {', '.join(_LEVELS)}")
    return found

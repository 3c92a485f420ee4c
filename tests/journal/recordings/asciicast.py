"""asciicast v3 as its specification words it, read strictly: nothing that a player may stumble over passes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

INTERVAL = re.compile(r"\d+\.\d{3}")
CODES = {"o", "r", "m", "x"}


def strictly(data: bytes) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    """The header and the events of a recording, with the moments from its beginning; comments are left out."""
    assert data.endswith(b"\n"), "the last line is cut off"
    first, *lines = data.decode("ascii").splitlines()
    header = json.loads(first)
    assert header["version"] == 3
    assert isinstance(header["term"]["cols"], int) and isinstance(header["term"]["rows"], int)
    assert all(isinstance(value, str) for value in header["env"].values())
    assert all(isinstance(tag, str) for tag in header["tags"])
    now = 0.0
    events = []
    for line in lines:
        if line.startswith("#"):
            continue
        interval, code, text = json.loads(line)
        assert INTERVAL.fullmatch(line[1:].partition(",")[0]), (
            f"an interval as other parsers may not read it: {line}"
        )
        assert code in CODES
        text.encode("utf-8")  # no lone surrogates, which strict parsers refuse
        assert code != "r" or re.fullmatch(r"[1-9]\d*x[1-9]\d*", text)
        assert code != "x" or re.fullmatch(r"\d+", text)
        now += interval
        events.append((round(now, 3), code, text))
    return header, events


def events_in(path: Path) -> list[tuple[float, str, str]]:
    return strictly(path.read_bytes())[1]


def output_in(data: bytes) -> str:
    """All output, in one text."""
    return "".join(text for _, code, text in strictly(data)[1] if code == "o")

"""Records as JSON objects: what `safeshell log --json` prints, one a line.

Every object is valid for every parser: bytes that were no text are written out as on the screen (a backslash,
x, two digits), and the exact line stands beside in base64.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC

from safeshell.journal.chain import ChainReport
from safeshell.journal.events import EventKind
from safeshell.journal.query import Fields, Record

_SURROGATE = re.compile("[\ud800-\udfff]")
_OF_SESSION = ("console", "user", "sudo_user", "host", "tty", "address", "version", "recording")
_OF_LINE = ("mode", "dialect", "line", "verdict", "severity", "challenge", "answer", "reason")


def record_json(record: Record) -> str:
    """`record` as one line of JSON in ASCII.

    A line has `"kind": "line"`, and `"outcome": null` while nothing is recorded of its end; what else happens
    in a session has `"kind": "note"`.
    """
    found: dict[str, object] = {
        "id": record.id,
        "kind": record.kind.value,
        "time": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "session": record.session,
        **_texts(record.started, _OF_SESSION),
        "pid": record.started.number("pid"),
        "target": _clean(record.target),
        "environment": _clean(record.environment),
    }
    if record.kind is EventKind.NOTE:
        found |= _texts(record.body, ("note", "text"))
    else:
        found |= _line(record)
    return json.dumps(found)


def report_json(report: ChainReport) -> str:
    """What `verify` found, as one line of JSON in ASCII."""
    return json.dumps(
        {
            "whole": report.holds,
            "events": report.events,
            "last": report.tip.seq,
            "hash": report.tip.hash,
            "removed_through": report.cut,
            "breaks": [
                {"event": found.seq, "what": _clean(found.what), "meaning": found.meaning}
                for found in report.breaks
            ],
        }
    )


def _line(record: Record) -> dict[str, object]:
    body, end = record.body, record.end or Fields()
    found: dict[str, object] = {
        **_texts(body, _OF_LINE),
        "commands": body.number("commands"),
        "effects": _clean(body.raw("effects") or []),
        "findings": _clean(body.raw("findings") or []),
        "impact": _clean(body.raw("impact")),
        "facts": _clean(body.raw("facts") or []),
        "outcome": _clean(end.text("outcome")) if record.end else None,
        "duration": end.number("duration"),
        **_texts(end, ("detail", "undo_id")),
    }
    line = body.text("line")
    if _SURROGATE.search(line):
        found["line_base64"] = base64.b64encode(_bytes(line)).decode("ascii")
    return found


def _texts(fields: Fields, names: tuple[str, ...]) -> dict[str, object]:
    return {name: _clean(fields.text(name)) for name in names}


def _clean(value: object) -> object:
    """`value` without lone surrogates, which strict parsers refuse."""
    if isinstance(value, str):
        return _SURROGATE.sub(_written_out, value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(_clean(name)): _clean(item) for name, item in value.items()}
    return value


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _bytes(line: str) -> bytes:
    try:
        return line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return line.encode("utf-8", "surrogatepass")

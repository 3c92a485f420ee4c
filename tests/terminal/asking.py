"""The program that the terminal tests drive: asks one question on its terminal and tells how that ended.

What it tells goes to the file named in its options, since the terminal may be gone by then.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import tty
from datetime import timedelta
from pathlib import Path
from typing import Any

from safeshell.guard.challenge import Answer, Question
from safeshell.guard.effects import Severity
from safeshell.guard.environment import PRODUCTION, ChallengeKind
from safeshell.guard.mode import Mode
from safeshell.guard.reading import Finding, Impact
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.theme import theme_for
from tests.guard.readings import FLUSH, reading

TARGET = "cache-prod"
COUNT = 48_211


def question(*, timeout: float = 30, reason: bool = False, facts: tuple[str, ...] = ()) -> Question:
    verdict = Verdict(
        kind=VerdictKind.CONFIRM,
        reading=reading(FLUSH),
        severity=Severity.CRITICAL,
        challenge=ChallengeKind.TARGET_IMPACT,
        reason_required=reason,
        environment=PRODUCTION,
        mode=Mode.GUARDED,
        target=TARGET,
        findings=(Finding("redis.flush", Severity.CRITICAL, "every key goes", "use :unlink PATTERN"),),
    )
    return Question(
        verdict,
        Impact(facts=facts or ("48,211 keys, 41.0 MiB",), count=COUNT, unit="keys"),
        (TARGET, str(COUNT)),
        f"Type {TARGET} and the number of keys lost to go on",
        timedelta(seconds=timeout),
    )


def main(options: dict[str, Any]) -> None:
    if options.pop("background", False):
        again = [sys.executable, "-m", "tests.terminal.asking", json.dumps(options)]
        subprocess.run(again, process_group=0, check=True)
        return
    told: dict[str, Any] = {"hook": 0, "handled": []}
    if options.get("ignore_hangup"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if options.get("own_handler"):
        signal.signal(signal.SIGTERM, lambda number, frame: told["handled"].append(number))
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    before = _settings()
    if options.get("wait_for_typeahead"):
        print("busy", flush=True)
        select.select([0], [], [], 10)

    def dropped() -> None:
        told["hook"] += 1

    asker = TerminalAsker(theme_for(os.environ, is_tty=True), discard_typeahead=dropped)
    asked = question(
        timeout=options.get("timeout", 30),
        reason=options.get("reason", False),
        facts=tuple(options.get("facts", ())),
    )
    if "rounds" in options:
        told["rounds"] = [_round(asker, asked) for _ in range(options["rounds"])]
    answer = _in_thread(asker, asked) if options.get("thread") else asker.ask(asked)
    told |= {
        "kind": answer.kind.value,
        "reason": answer.reason,
        "settings_kept": before == _settings(),
        "handlers_kept": handlers == [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP)],
        "left_over": _pending(),
    }
    Path(options["report"]).write_text(json.dumps(told))


def _round(asker: TerminalAsker, asked: Question) -> dict[str, Any]:
    """Ask, then be the console that reads on: how it was answered, and the lines that came, up to `bye`."""
    kind = asker.ask(asked).kind.value
    before = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSANOW)
    print("reading\r", flush=True)
    came = b""
    while not came.endswith(b"bye\r"):
        came += os.read(0, 4096)
    termios.tcsetattr(0, termios.TCSANOW, before)
    return {"kind": kind, "lines": came.decode().removesuffix("bye\r").split("\r")}


def _in_thread(asker: TerminalAsker, asked: Question) -> Answer:
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(asker.ask(asked)))
    thread.start()
    thread.join()
    return answers[0]


def _settings() -> Any:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _pending() -> int:
    """Bytes that the next program to read this terminal would get, complete line or not."""
    try:
        if os.tcgetpgrp(0) != os.getpgrp():
            # A background job that changed the settings would be stopped for it.
            return 0
        raw = termios.tcgetattr(0)
        raw[3] &= ~termios.ICANON
        termios.tcsetattr(0, termios.TCSANOW, raw)
        count: int = struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, b"\0" * 4))[0]
    except (OSError, termios.error):
        return 0
    return count


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

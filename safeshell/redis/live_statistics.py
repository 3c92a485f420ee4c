"""`--stat` and `--latency*`: figures that go on until ^C (or, away from a terminal, for one interval)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TextIO

from safeshell.guard.text import sized, visible
from safeshell.redis.reply import Error, Reply, string_of
from safeshell.redis.scan_keys import Caller, ScanFailed

_HEAD = (
    "------- data ------ --------------------- load -------------------- - child -\n"
    "keys       mem      clients blocked requests            connections          \n"
)
_LATENCY_SECONDS = 1.0
_HISTORY_SECONDS = 15.0
_SPECTRUM_MS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)


def info_fields(reply: Reply) -> dict[str, str]:
    """INFO's lines as a mapping.

    Raises:
        ScanFailed: the server refused INFO.
    """
    text = string_of(reply)
    if isinstance(reply, Error) or text is None:
        reason = visible(reply.data) if isinstance(reply, Error) else "no text"
        raise ScanFailed(f"the server does not answer INFO: {reason}")
    lines = (line.partition(":") for line in text.decode("utf-8", "replace").splitlines() if ":" in line)
    return {name: value for name, _, value in lines}


def rolling_statistics(caller: Caller, out: TextIO, *, interval: float, times: int) -> None:
    """A line of load figures every `interval` seconds.

    Args:
        caller: the connection.
        out: where to print.
        interval: seconds between lines; 0 means one second.
        times: how many lines; negative for ever.
    """
    before, shown = None, 0
    while times < 0 or shown < times:
        if shown:
            time.sleep(interval or 1.0)
        fields = info_fields(caller.call(b"INFO"))
        if shown % 20 == 0:
            out.write(_HEAD)
        requests = int(fields.get("total_commands_processed", "0"))
        out.write(_statistics_line(fields, requests, before) + "\n")
        out.flush()
        before, shown = requests, shown + 1


def _statistics_line(fields: Mapping[str, str], requests: int, before: int | None) -> str:
    keys = sum(
        int(value.split(",")[0].removeprefix("keys="))
        for name, value in fields.items()
        if name.startswith("db") and value.startswith("keys=")
    )
    child = [
        word
        for word, name in (("SAVE", "rdb_bgsave_in_progress"), ("AOF", "aof_rewrite_in_progress"))
        if fields.get(name) == "1"
    ]
    more = "" if before is None else f"(+{requests - before})"
    return (
        f"{keys:<11}{sized(int(fields.get('used_memory', '0'))):<9}{fields.get('connected_clients', '?'):<8}"
        f"{fields.get('blocked_clients', '?'):<8}{f'{requests} {more}':<20}"
        f"{fields.get('total_connections_received', '?'):<22}{'+'.join(child)}"
    ).rstrip()


def latency(caller: Caller, out: TextIO, *, live: bool, history: bool, interval: float) -> None:
    """Round trips of PING.

    Args:
        caller: the connection.
        out: where to print.
        live: a terminal looks: the line is renewed until ^C. Else one interval is measured and printed as
            `min max avg samples`, in milliseconds, as redis-cli's raw output has it.
        history: begin a new line every `interval` seconds (15 by default).
        interval: the length of what is measured, away from a terminal (1 second by default).
    """
    length = interval or (_HISTORY_SECONDS if history else _LATENCY_SECONDS)
    while True:
        samples: list[float] = []
        started = shown = time.monotonic()
        while True:
            samples.append(_round_trip(caller))
            now = time.monotonic()
            if live and now - shown > 0.1:
                shown = now
                out.write("\r\x1b[2K" + _latency_line(samples))
                out.flush()
            if now - started >= length and (history or not live):
                break
            time.sleep(0.01)
        if not live:
            low, high, mean = min(samples), max(samples), sum(samples) / len(samples)
            out.write(f"{low:.2f} {high:.2f} {mean:.2f} {len(samples)}\n")
            out.flush()
            if not history:
                return
            continue
        out.write(f"\r\x1b[2K{_latency_line(samples)} -- {now - started:.2f} seconds range\n")


def latency_spectrum(caller: Caller, out: TextIO, *, interval: float, times: int) -> None:
    """How round trips spread: a table per `interval` seconds (1 by default), `times` times (-1: ever)."""
    shown = 0
    while times < 0 or shown < times:
        samples = []
        end = time.monotonic() + (interval or _LATENCY_SECONDS)
        while time.monotonic() < end:
            samples.append(_round_trip(caller))
        below = 0.0
        out.write(f"--- {len(samples)} samples\n")
        for bound in (*_SPECTRUM_MS, float("inf")):
            share = sum(below <= sample < bound for sample in samples) / len(samples)
            if share:
                label = f"< {bound:g} ms" if bound != float("inf") else f">= {below:g} ms"
                out.write(f"{label:<12}{share:>7.2%} {'#' * max(1, round(share * 50))}\n")
            below = bound
        out.flush()
        shown += 1


def intrinsic_latency(out: TextIO, *, seconds: int) -> None:
    """The longest pause that this machine itself puts into a busy loop, no server involved."""
    end = time.perf_counter() + seconds
    worst, runs, before = 0.0, 0, time.perf_counter()
    while before < end:
        now = time.perf_counter()
        if now - before > worst:
            worst = now - before
            out.write(f"Max latency so far: {worst * 1e6:.0f} microseconds.\n")
            out.flush()
        before, runs = now, runs + 1
    average = seconds / max(runs, 1) * 1e6
    out.write(
        f"\n{runs} total runs (avg latency: {average:.4f} microseconds / {average * 1000:.2f} nanoseconds).\n"
    )


def _round_trip(caller: Caller) -> float:
    start = time.perf_counter()
    caller.call(b"PING")
    return (time.perf_counter() - start) * 1e3


def _latency_line(samples: list[float]) -> str:
    mean = sum(samples) / len(samples)
    return f"min: {min(samples):.2f}, max: {max(samples):.2f}, avg: {mean:.2f} ms ({len(samples)} samples)"

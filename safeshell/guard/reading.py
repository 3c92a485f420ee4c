"""What a dialect found in a line: commands, their effects, and what could not be understood.

Plain values that the policy judges. A reading holds no verdict: it does not know where the line will run.
"""

from __future__ import annotations

from typing import Protocol

from safeshell.frozen import field, frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity, severity_of

Span = tuple[int, int]
"""Start and end of a part of the line, in characters; the end is exclusive."""


@frozen
class Finding:
    """One thing to say about a line.

    Args:
        rule: the rule's id, `redis.flush`; stable, for filters and allow-lists.
        severity: how bad; raises the line's severity, never lowers it.
        reason: what happens, in a plain sentence without a full stop.
        instead: what to do instead; may be empty.
        span: the part of the line that it is about.
    """

    rule: str
    severity: Severity
    reason: str
    instead: str = ""
    span: Span = (0, 0)


@frozen
class Address:
    """A target that a line names by itself: `redis`, `redis://cache.prod:6379/0`.

    Args:
        kind: `redis`, `ssh`, `kubernetes`, `aws`, `environ`, ….
        name: the host, URL, context or profile as typed.
    """

    kind: str
    name: str


@frozen
class Load:
    """A file that a command would load, and that can be looked at before.

    Args:
        kind: what is in it: `yaml`, `json`, `toml`, `crontab`, ….
        path: as typed.
        span: the command.
    """

    kind: str
    path: str
    span: Span = (0, 0)


@frozen
class Touch:
    """Something on this machine that a command would change, so that it can be measured and kept before.

    Each dialect has its own kinds, which its own measurers and keepers know.
    """


@frozen
class Command:
    """One command of a line.

    Args:
        name: its full name as the dialect knows it, `CONFIG SET`.
        effects: what it does; empty when nothing is known of it.
        findings: what a rule says of it.
        reads: true when it is *proven* to change nothing; read-only mode runs nothing else.
        span: where it stands in the line.
        objects: the things it names (keys, files), as text made safe to show.
        within: what it runs inside of, outermost first: `sudo`, `bash`; () for a command of the line itself.
    """

    name: str
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    reads: bool = False
    span: Span = (0, 0)
    objects: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """The worst of its effects and findings."""
        return max(
            (*(severity_of(e) for e in self.effects), *(f.severity for f in self.findings)),
            default=Severity.NONE,
        )


@frozen
class Reading:
    """All that a dialect knows of one line.

    Args:
        dialect: `redis`, `shell`, `sql`.
        line: the line as submitted, secrets included; it never leaves the process.
        redacted: the line with secrets replaced, for journal, history and screen.
        commands: in the order they would run.
        unreadable: what could not be parsed or understood at all; each makes the line unproven.
        addresses: targets the line names by itself.
        loads: files that it would load.
        refused: what denies it in every mode: a limit met, a broken file that it would load.
        touches: what it would change on this machine, where the dialect was asked to tell.
    """

    dialect: str
    line: str
    redacted: str
    commands: tuple[Command, ...] = ()
    unreadable: tuple[Finding, ...] = ()
    addresses: tuple[Address, ...] = ()
    loads: tuple[Load, ...] = ()
    refused: tuple[Finding, ...] = ()
    touches: tuple[Touch, ...] = ()

    @property
    def reads(self) -> bool:
        """True when every command is proven to change nothing and nothing was unreadable."""
        return not (self.unreadable or self.refused) and all(command.reads for command in self.commands)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects of all commands, each once, in order; what can't be read is `execute`."""
        found = dict.fromkeys(effect for command in self.commands for effect in command.effects)
        if self.unreadable:
            found[Effect(EffectKind.EXECUTE, Extent.MANY, "unknown")] = None
        return tuple(found)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every command, then what was unreadable, then what denies it; each once."""
        of_commands = (f for command in self.commands for f in command.findings)
        return tuple(dict.fromkeys((*of_commands, *self.unreadable, *self.refused)))

    @property
    def severity(self) -> Severity:
        """The worst of all effects and findings."""
        return max(
            (*(severity_of(e) for e in self.effects), *(f.severity for f in self.findings)),
            default=Severity.NONE,
        )


class Dialect(Protocol):
    """A language of lines.

    Reading is pure: no I/O, no clock; what the session knows is given at construction.
    """

    @property
    def name(self) -> str:
        """`redis`, `shell`, `sql`."""

    def read(self, line: str) -> Reading:
        """What `line` would do. Never raises for any text."""


@frozen
class Impact:
    """What an effect would hit, measured live.

    Args:
        facts: sentences for a person, most important first; safe to show.
        count: how many things are lost or hit, None when not known exactly enough to ask for.
        unit: what is counted: `keys`, `clients`, `files`.
        bytes: memory or disk that goes, None when unknown.
        complete: false when the time budget ended first, or a cap was met.
        offers: what to do instead.
        way_back: true when all that the line destroys is kept before it runs.
    """

    facts: tuple[str, ...] = ()
    count: int | None = None
    unit: str = ""
    bytes: int | None = None
    complete: bool = True
    offers: tuple[str, ...] = field(default=())
    way_back: bool = False

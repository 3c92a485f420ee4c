"""What the configuration says, as frozen values: environments, targets, rules, and how the program behaves.

Only values live here, with their built-in defaults; reading files, merging and matching are other modules'.
No secret is part of a repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from safeshell.config.redis_place import RedisPlace
from safeshell.frozen import field, frozen
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.environment import BUILT_IN, PRODUCTION, Environment


@frozen
class PasswordSource:
    """Where a password is to be had; at most one is set. `config.secrets.fetch_password` goes and gets it.

    Args:
        command: a program and its arguments, run without a shell; the first line of its output counts.
        variable: the name of an environment variable.
        file: a file whose first line counts.
        value: the password itself, from a config file that nobody else can read.
    """

    command: tuple[str, ...] = ()
    variable: str = ""
    file: Path | None = None
    value: str | None = field(default=None, repr=False)

    @property
    def given(self) -> bool:
        """Whether the config names any source."""
        return bool(self.command or self.variable) or self.file is not None or self.value is not None


@frozen
class TlsSettings:
    """How to speak TLS with a target; that it is there at all turns TLS on.

    Args:
        cacert, cacertdir: authorities to trust instead of the system's.
        cert, key: the client's certificate and its key.
        sni: the server's name to ask for and to check; "" for the host.
        insecure: skip every check of the server's certificate.
        check_hostname: whether the certificate must name the host.
    """

    cacert: Path | None = None
    cacertdir: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    sni: str = ""
    insecure: bool = False
    check_hostname: bool = True


@frozen
class ReadOnlyAccess:
    """How to connect for reading only, so that the server itself refuses writes.

    Args:
        username: an ACL user that may only read; "" for the target's own.
        password: that user's password; nothing given for the target's own.
        redis: a replica to read from; None for the target's own server.
    """

    username: str = ""
    password: PasswordSource = field(default_factory=PasswordSource)
    redis: RedisPlace | None = None


@frozen
class Sentinel:
    """The Sentinels that know which server is the primary now.

    Args:
        hosts: some of them; port 26379 where none is written.
        master: the name under which they watch the primary.
        username, password: for the Sentinels themselves, when they want any.
    """

    hosts: tuple[RedisPlace, ...]
    master: str
    username: str = ""
    password: PasswordSource = field(default_factory=PasswordSource)


@frozen
class Target:
    """One thing to connect to or act on.

    Args:
        name: what it is called, and what questions ask a person to type.
        environment: the name of its environment.
        local: whether this machine itself is meant.
        redis: Redis servers: URLs, hosts, patterns of hosts.
        ssh: patterns of SSH hosts, `host`, `user@host`, `host:port`.
        kubernetes: patterns of context names.
        aws: patterns of profile names.
        named: what other tools call it, `heroku:shop`, `gcloud:prod-*`: the kind, a colon, a pattern.
        environ: environment variables (and patterns of their values) that mean this target.
        floors: fewest keys that each key pattern should have.
        username: the Redis user; "" for the URL's, else the default one.
        password: where its password is to be had.
        tls: None where only a `rediss://` URL turns TLS on.
        readonly: how to connect for reading.
        sentinel: who knows the primary's address.
        cluster: whether redirections of a Redis Cluster are to be followed.
        pins: run or replication ids of the Redis, fingerprints of SSH host keys; nothing else is this target.
    """

    name: str
    environment: str
    local: bool = False
    redis: tuple[RedisPlace, ...] = ()
    ssh: tuple[str, ...] = ()
    kubernetes: tuple[str, ...] = ()
    aws: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    floors: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    username: str = ""
    password: PasswordSource = field(default_factory=PasswordSource)
    tls: TlsSettings | None = None
    readonly: ReadOnlyAccess | None = None
    sentinel: Sentinel | None = None
    cluster: bool = False
    pins: tuple[str, ...] = ()

    @property
    def redis_place(self) -> RedisPlace | None:
        """The Redis server to connect to by this target's name: the first entry that is no pattern."""
        return next((place for place in self.redis if place.url), None)


@frozen
class Rule:
    """A rule of one's own, in the form of the built-in ones (DESIGN §5).

    Args:
        id: its name in journal and messages.
        command: the program and its leading words, as docs/packs.md describes.
        kind, extent: what the command does.
        severity: raises what follows from that; None for no more than that.
        reason, instead: what happens, and what to do instead.
        options, without, operands: what must be there besides, and what must not.
        hits, misses: lines that it must hit and must not.
    """

    id: str
    command: str
    kind: EffectKind
    extent: Extent
    severity: Severity | None
    reason: str
    instead: str = ""
    options: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    operands: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


class Colors(StrEnum):
    """How many colours to use."""

    AUTO = "auto"
    NONE = "none"
    SIXTEEN = "16"
    PALETTE = "256"
    TRUE = "true"


class Symbols(StrEnum):
    """Which signs to draw with."""

    AUTO = "auto"
    UNICODE = "unicode"
    ASCII = "ascii"


@frozen
class UndoSettings:
    """What is kept of what a line destroys.

    Args:
        max_size: bytes that one line may keep; a line that destroys more says so before it runs.
        total_size: bytes that everything kept may take together; the oldest goes first.
        keep_for: how long it is kept.
    """

    max_size: int = 32 << 20
    total_size: int = 1 << 30
    keep_for: timedelta = timedelta(days=14)


@frozen
class RecordingSettings:
    """Which sessions are recorded, and how long that is kept.

    Args:
        environments: the names of those whose sessions are; none turns it off.
        max_size: bytes that one recording may take; past them only verdicts, questions and answers are kept.
        total_size: bytes that all may take together; the oldest goes first.
        keep_for: how long one is kept.
    """

    environments: tuple[str, ...] = (PRODUCTION.name,)
    max_size: int = 100_000_000
    total_size: int = 2_000_000_000
    keep_for: timedelta = timedelta(days=30)

    def wants(self, environment: Environment) -> bool:
        """Whether sessions of `environment` are recorded."""
        return environment.name in self.environments


@frozen
class RedisSettings:
    """The Redis console's defaults; `:set` changes all but the first in a running one.

    Args:
        connect_timeout: how long connecting and the handshake may take.
        pager: whether a reply taller than the screen goes to the pager.
        hints: whether arguments that may follow are shown behind the cursor.
        pipes: whether `get k | jq .` hands the reply to a local command.
        timing: whether every command's time is shown.
    """

    connect_timeout: timedelta = timedelta(seconds=10)
    pager: bool = False
    hints: bool = True
    pipes: bool = True
    timing: bool = False


class KernelHold(StrEnum):
    """Whether the kernel holds a read-only session, besides the proof of every line."""

    AUTO = "auto"
    """Where it can; else the session says that it does not."""
    REQUIRE = "require"
    """Without it there is no session."""
    OFF = "off"


@frozen
class ShellSettings:
    """The guarded shell.

    Args:
        kernel: whether the kernel holds read-only sessions.
        watch: whether the lines of programs without a hook (psql, irb) are read from the screen.
        redis_cli: whether `redis-cli` typed at its prompt is our own console.
        ssh: whether `ssh` typed at its prompt is our own.
    """

    kernel: KernelHold = KernelHold.AUTO
    watch: bool = True
    redis_cli: bool = True
    ssh: bool = True


class TransportChoice(StrEnum):
    """What makes an SSH connection."""

    AUTO = "auto"
    """Our own client where it can honour everything that is configured for the host; else the system's ssh."""
    PARAMIKO = "paramiko"
    OPENSSH = "openssh"


@frozen
class SshSettings:
    """The SSH client.

    Args:
        transport: what makes the connection.
        plain: patterns of hosts whose shells are left as they are.
        kernel: whether a host's kernel is to hold a read-only session.
        scratch: a folder on the hosts in which may be kept what a line destroys, as `~/…` or absolute; "" for none.
    """

    transport: TransportChoice = TransportChoice.AUTO
    plain: tuple[str, ...] = ()
    kernel: KernelHold = KernelHold.AUTO
    scratch: str = ""


@frozen
class ThemeSettings:
    """The looks.

    Args:
        colors: how many; `NO_COLOR` and `--no-color` win.
        symbols: signs outside ASCII or not.
        tint: whether the whole window's background says where one is.
        tabs: whether the colour of the window's tab does, where the terminal knows a way.
    """

    colors: Colors = Colors.AUTO
    symbols: Symbols = Symbols.AUTO
    tint: bool = False
    tabs: bool = False


@frozen
class Settings:
    """Everything the configuration says.

    Args:
        environments: by name; the built-in ones are always there.
        targets: by name.
        rules: of one's own, in the order of the files.
        undo: what is kept.
        recording: which sessions are recorded.
        redis: the Redis console's defaults.
        shell: the guarded shell.
        ssh: the SSH client.
        theme: the looks.
        impact_budget: how long measuring what a line would hit may take.
        ask_timeout: how long a question waits for its answer.
        state_folder: where journal, history, undo data and recordings are; None for the usual place.
    """

    environments: Mapping[str, Environment] = field(default_factory=lambda: BUILT_IN)
    targets: Mapping[str, Target] = field(default_factory=lambda: MappingProxyType({}))
    rules: tuple[Rule, ...] = ()
    undo: UndoSettings = field(default_factory=UndoSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    shell: ShellSettings = field(default_factory=ShellSettings)
    ssh: SshSettings = field(default_factory=SshSettings)
    theme: ThemeSettings = field(default_factory=ThemeSettings)
    impact_budget: timedelta = timedelta(milliseconds=300)
    ask_timeout: timedelta = timedelta(minutes=2)
    state_folder: Path | None = None

    def environment_of(self, target: Target) -> Environment:
        """The environment that `target` belongs to; loading has made sure that there is one."""
        return self.environments[target.environment]

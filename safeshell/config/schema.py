"""The declared schema: every table and key a config may have, its kind, its default, and what it is for.

Validation, merging, `config schema` and the tests of the example all read this one table.
It decides nothing; how files are read and combined is elsewhere.
"""

from __future__ import annotations

from safeshell.config import kinds
from safeshell.config.kinds import Kind
from safeshell.config.settings import Colors, KernelHold, Symbols, TransportChoice
from safeshell.frozen import frozen
from safeshell.guard.effects import EffectKind, Extent
from safeshell.guard.environment import ChallengeKind, OutsideWindow
from safeshell.guard.mode import Mode


@frozen
class ListOf:
    """An array.

    Args:
        item: what it holds.
        or_one: whether a single item may stand for an array of it.
        appends: whether a later layer's items are added instead of replacing the earlier ones'.
    """

    item: Kind | TableOf
    or_one: bool = False
    appends: bool = False


@frozen
class MapOf:
    """A table whose keys are names of one's own.

    Args:
        value: what each holds.
        key: what a name is, for messages and the schema.
    """

    value: Kind | TableOf
    key: str


@frozen
class TableOf:
    """A table with declared keys.

    Args:
        fields: its keys.
        whole: whether a later layer replaces it as a whole instead of key by key.
        one_of: keys of which at most one may be there; a later layer's replaces the earlier one's.
        any_of: keys of which at least one must be there.
        needs: keys that can't be without another one.
    """

    fields: tuple[Field, ...]
    whole: bool = False
    one_of: frozenset[str] = frozenset()
    any_of: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> Field | None:
        """The key called `name`."""
        return next((field for field in self.fields if field.name == name), None)


Node = Kind | ListOf | MapOf | TableOf


@frozen
class Field:
    """One key of a table.

    Args:
        name: as written.
        node: what it holds.
        about: what it is for, a sentence without full stop.
        default: what holds without it, as TOML or in words.
        required: whether a table without it is a mistake.
    """

    name: str
    node: Node
    about: str
    default: str = ""
    required: bool = False


PASSWORD_KEYS = frozenset({"password_command", "password_env", "password_file", "password"})

_PASSWORD = (
    Field("password_command", kinds.ARGV, "run when connecting, without a shell; its first line of output"),
    Field("password_env", kinds.VARIABLE, "the environment variable that holds the password"),
    Field("password_file", kinds.PATH, "a file whose first line is the password"),
    Field("password", kinds.SECRET, "the password itself; only in a file that nobody else can read (0600)"),
)

_CHALLENGE = kinds.words_of(ChallengeKind)

_ENVIRONMENT = TableOf(
    (
        Field("color", kinds.COLOR, "of its name on every prompt", "magenta"),
        Field("mode", kinds.words_of(Mode), "what runs unasked", '"guarded"'),
        Field(
            "unlock",
            TableOf(
                (
                    Field("max", kinds.DURATION, "the longest that read-only may be left for", '"8h"'),
                    Field("reason", kinds.FLAG, "whether leaving it wants a reason", "false"),
                )
            ),
            "how read-only may be left for a while",
        ),
        Field(
            "challenge",
            TableOf(
                tuple(
                    Field(word, _CHALLENGE, f"the question that a line of {word} severity gets", default)
                    for word, default in zip(
                        kinds.SEVERITIES, ('"none"', '"yes"', '"target"', '"target+impact"'), strict=True
                    )
                )
            ),
            "which question each severity gets",
        ),
        Field(
            "review", ListOf(kinds.choice(*kinds.SEVERITIES)), "severities that need a second person", "[]"
        ),
        Field(
            "window",
            TableOf(
                (
                    Field("days", kinds.DAYS, "on which changes are welcome", '"mon-sun"'),
                    Field("hours", kinds.HOURS, "in which changes are welcome", '"00:00-24:00"'),
                    Field("timezone", kinds.TIMEZONE, "whose hours these are", "this machine's"),
                    Field(
                        "outside",
                        kinds.words_of(OutsideWindow),
                        "what a changing line gets at other times: the strictest question, or no",
                        '"confirm"',
                    ),
                ),
                whole=True,
            ),
            "when it may be changed",
            "always",
        ),
        Field("undo", kinds.FLAG, "whether what is destroyed is kept first", "true"),
        Field(
            "journal_required", kinds.FLAG, "whether a journal that can't be written stops the line", "false"
        ),
    )
)

_TARGET = TableOf(
    (
        Field("environment", kinds.TEXT, "the environment it belongs to", required=True),
        Field("local", kinds.FLAG, "this machine itself", "false"),
        Field("redis", ListOf(kinds.REDIS_PLACE, or_one=True), "Redis URLs, hosts, patterns of hosts", "[]"),
        Field("ssh", ListOf(kinds.GLOB, or_one=True), "patterns of SSH hosts", "[]"),
        Field("kubernetes", ListOf(kinds.GLOB, or_one=True), "patterns of Kubernetes contexts", "[]"),
        Field("aws", ListOf(kinds.GLOB, or_one=True), "patterns of AWS profiles", "[]"),
        Field(
            "named",
            ListOf(kinds.TEXT, or_one=True),
            "what other tools call it: heroku:APP, gcloud:PROJECT, azure:SUBSCRIPTION, with patterns",
            "[]",
        ),
        Field(
            "environ",
            MapOf(kinds.TEXT, "an environment variable"),
            "environment variables whose value (or pattern of it) means this target",
            "{}",
        ),
        Field(
            "floors",
            MapOf(kinds.whole(0, 2**63 - 1), "a pattern of keys"),
            "alert when fewer keys than this",
            "{}",
        ),
        Field("username", kinds.TEXT, "the Redis user to log in as"),
        *_PASSWORD,
        Field(
            "tls",
            TableOf(
                (
                    Field("cacert", kinds.PATH, "authorities to trust instead of the system's"),
                    Field("cacertdir", kinds.PATH, "a folder of them"),
                    Field("cert", kinds.PATH, "our own certificate"),
                    Field("key", kinds.PATH, "its key"),
                    Field("sni", kinds.TEXT, "the server's name to ask for and to check", "the host"),
                    Field("insecure", kinds.FLAG, "skip every check of the server's certificate", "false"),
                    Field("check_hostname", kinds.FLAG, "whether the certificate must name the host", "true"),
                ),
                whole=True,
                needs=(("key", "cert"),),
            ),
            "speak TLS; a rediss:// URL does so too",
        ),
        Field(
            "readonly",
            TableOf(
                (
                    Field("username", kinds.TEXT, "an ACL user that may only read"),
                    *_PASSWORD,
                    Field("redis", kinds.REDIS_SERVER, "a replica to read from"),
                ),
                whole=True,
                one_of=PASSWORD_KEYS,
                any_of=("username", "redis"),
            ),
            "how to connect for reading, so that the server itself refuses writes",
        ),
        Field(
            "sentinel",
            TableOf(
                (
                    Field("hosts", ListOf(kinds.SENTINEL), "some of the Sentinels", required=True),
                    Field("master", kinds.TEXT, "the name they know the primary by", required=True),
                    Field("username", kinds.TEXT, "the user for the Sentinels themselves"),
                    *_PASSWORD,
                ),
                whole=True,
                one_of=PASSWORD_KEYS,
            ),
            "ask these who the primary is",
        ),
        Field("cluster", kinds.FLAG, "follow a Redis Cluster's redirections", "false"),
        Field(
            "pin",
            ListOf(kinds.PIN, or_one=True),
            "run or replication ids, or SSH key fingerprints; no other server is this target",
            "[]",
        ),
    ),
    one_of=PASSWORD_KEYS,
)

_RULE = TableOf(
    (
        Field("id", kinds.TEXT, "its name in the journal and in messages", required=True),
        Field("command", kinds.TEXT, "the command that it is about", required=True),
        Field(
            "effect",
            TableOf(
                (
                    Field("kind", kinds.words_of(EffectKind), "what the command does", required=True),
                    Field("extent", kinds.words_of(Extent), "to how much", '"one"'),
                )
            ),
            "what the command does",
            required=True,
        ),
        Field("severity", kinds.choice(*kinds.SEVERITIES), "how bad it is at least", "by the effect"),
        Field("reason", kinds.TEXT, "what happens, in a plain sentence", required=True),
        Field("instead", kinds.TEXT, "what to do instead"),
        Field("options", ListOf(kinds.TEXT), "options that must be there, `-f|--force` for any of", "[]"),
        Field("without", ListOf(kinds.TEXT), "options that must not be there", "[]"),
        Field("operands", ListOf(kinds.TEXT), "what operands must be there, `/srv/*` or a class", "[]"),
        Field("hits", ListOf(kinds.TEXT), "lines that it must hit", "[]"),
        Field("misses", ListOf(kinds.TEXT), "lines that it must not hit", "[]"),
    )
)

SCHEMA = TableOf(
    (
        Field("version", kinds.VERSION, "of this file's format", "1"),
        Field(
            "environments",
            MapOf(_ENVIRONMENT, "an environment"),
            "what targets belong to; production, staging, development and unlabelled are built in",
        ),
        Field("targets", MapOf(_TARGET, "a target"), "what one connects to or acts on"),
        Field("rules", ListOf(_RULE, appends=True), "rules of your own, in the form of the built-in ones"),
        Field(
            "undo",
            TableOf(
                (
                    Field("max_size", kinds.SIZE, "the most that one line may keep", '"32MiB"'),
                    Field("total_size", kinds.SIZE, "the most that all may keep; the oldest goes", '"1GiB"'),
                    Field("keep_for", kinds.DURATION, "how long it is kept", '"14d"'),
                )
            ),
            "what is kept of what a line destroys",
        ),
        Field(
            "recording",
            TableOf(
                (
                    Field(
                        "environments",
                        ListOf(kinds.TEXT, or_one=True),
                        "whose sessions are recorded; [] for none",
                        '["production"]',
                    ),
                    Field(
                        "max_size", kinds.SIZE, "the most that one may take; then only verdicts", '"100MB"'
                    ),
                    Field("total_size", kinds.SIZE, "the most that all may take; the oldest goes", '"2GB"'),
                    Field("keep_for", kinds.DURATION, "how long they are kept", '"30d"'),
                )
            ),
            "what sessions looked like",
        ),
        Field(
            "impact",
            TableOf(
                (Field("budget", kinds.DURATION, "how long measuring before a question may take", '"300ms"'),)
            ),
            "what a line would hit, measured before it is asked about",
        ),
        Field(
            "ask",
            TableOf((Field("timeout", kinds.DURATION, "after this the answer is no", '"2m"'),)),
            "questions",
        ),
        Field(
            "state",
            TableOf(
                (
                    Field(
                        "folder",
                        kinds.PATH,
                        "of journal, history, undo data, recordings",
                        "by XDG_STATE_HOME",
                    ),
                )
            ),
            "what the program remembers",
        ),
        Field(
            "redis",
            TableOf(
                (
                    Field("connect_timeout", kinds.DURATION, "for connecting and the handshake", '"10s"'),
                    Field("pager", kinds.FLAG, "show replies taller than the screen in the pager", "false"),
                    Field("hints", kinds.FLAG, "show behind the cursor what may follow", "true"),
                    Field("pipes", kinds.FLAG, "allow `get k | jq .`", "true"),
                    Field("timing", kinds.FLAG, "show every command's time", "false"),
                )
            ),
            "the Redis console",
        ),
        Field(
            "shell",
            TableOf(
                (
                    Field(
                        "kernel",
                        kinds.words_of(KernelHold),
                        "whether the kernel holds read-only sessions",
                        '"auto"',
                    ),
                    Field("watch", kinds.FLAG, "read the lines of psql, irb, … from the screen", "true"),
                    Field("redis_cli", kinds.FLAG, "redis-cli typed there is our own console", "true"),
                    Field("ssh", kinds.FLAG, "ssh typed there is our own", "true"),
                )
            ),
            "the guarded shell",
        ),
        Field(
            "ssh",
            TableOf(
                (
                    Field(
                        "transport", kinds.words_of(TransportChoice), "what makes the connection", '"auto"'
                    ),
                    Field(
                        "plain",
                        ListOf(kinds.GLOB, or_one=True),
                        "patterns of hosts whose shells are left as they are",
                        "[]",
                    ),
                    Field(
                        "kernel",
                        kinds.words_of(KernelHold),
                        "whether a host's kernel holds read-only sessions on it",
                        '"auto"',
                    ),
                    Field(
                        "scratch",
                        kinds.REMOTE_FOLDER,
                        "a folder on the hosts in which may be kept what a line destroys",
                        '""',
                    ),
                )
            ),
            "the SSH client",
        ),
        Field(
            "theme",
            TableOf(
                (
                    Field("colors", kinds.words_of(Colors), "how many; NO_COLOR wins", '"auto"'),
                    Field("symbols", kinds.words_of(Symbols), "signs outside ASCII, or not", '"auto"'),
                    Field("tint", kinds.FLAG, "the window's background says where you are", "false"),
                    Field("tabs", kinds.FLAG, "so does the tab's colour, where a way is known", "false"),
                )
            ),
            "the looks",
        ),
    )
)

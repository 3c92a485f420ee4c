"""Tools that run a program named in one of their options: tar --to-command, rsync -e, vim -c, nc -e, ….

What the tool itself does is for the packs to judge; here is only what it starts.
Sources: tar(1), rsync(1), scp(1), sftp(1), sort(1), vim(1), less(1), man(1), zip(1), split(1), make(1), ncat(1),
socat(1), tcpdump(8), apt.conf(5), fzf(1), start-stop-daemon(8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, part, value_of, word
from safeshell.shell.wrappers.front import front, walk

_FZF_ACTION: Final = lazy_pattern(
    r"(?:execute|execute-silent|reload|become|transform|preview)\((.*?)\)(?=[,+]|$)", re.S
)
_EX_COMMAND: Final = lazy_pattern(
    r"^:?\s*(?:%|\d+(?:,\d+)?|'<,'>|\.|\$|silent!?\s+)*\s*(?:r(?:ead)?\s*|w(?:rite)?\s*)?!+\s*(.*)", re.S
)
_SYSTEM_CALL: Final = lazy_pattern(r"system(?:list)?\(\s*(['\"])(.*?)\1\s*\)", re.S)
_PROGRAM_CALL: Final = lazy_pattern(
    r"(?:EXEC|SYSTEM|SHELL):(?:\"([^\"]*)\"|'([^']*)'|(.*?))(?:,[a-z-]+(?:=\S+)?)*$", re.I | re.S
)
_COMPRESSORS: Final = lazy_pattern(
    r"(?:\S*/)?(?:gzip|pigz|bzip2|pbzip2|lbzip2|xz|pixz|zstd|zstdmt|lz4|lzip|plzip|lzma|lzop|compress|brotli|unzstd"
    r"|gunzip|bunzip2|unxz|cat)(?:\s+-[\w=-]+)*\s*"
)
_PACKAGE_HOOK: Final = lazy_pattern(
    r"(?:APT::Update::(?:Pre|Post)-Invoke\S*|DPkg::(?:Pre|Post)-\S+|\S*-Invoke\S*?)=(.*)", re.I | re.S
)


@frozen
class Carrier:
    """A tool whose options name what it runs.

    Args:
        options: those whose value is a text for a shell.
        values: other options that take a word.
        elsewhere: the text runs on another machine.
        single_dash: `-long` is one option.
        harmless: values that are nobody's danger.
    """

    options: tuple[str, ...]
    values: str = ""
    elsewhere: tuple[str, ...] = ()
    single_dash: bool = False
    harmless: re.Pattern[str] = _COMPRESSORS

    def __call__(self, call: Call) -> Unwrapped | None:
        """What the command line runs besides the tool."""
        if not any(self._may_carry(one.text) for one in call.words):
            return PACKS_JUDGE
        names = (*self.options, *self.elsewhere)
        table = front(
            values=" ".join((*names, self.values)), known=True, permuted=True, single_dash=self.single_dash
        )
        taken = walk(call.words, table)
        inner = [call.runs_text([one]) for one in taken.values(*self.options) if self._counts(one)]
        inner += (
            call.runs_text([one], elsewhere=True)
            for one in taken.values(*self.elsewhere)
            if self._counts(one)
        )
        return judged_too(*inner)

    def _may_carry(self, text: str) -> bool:
        return text[:1] in ("-", "+")

    def _counts(self, value: Word) -> bool:
        return bool(value.text) and self.harmless.fullmatch(value.text) is None


_NEVER: Final = lazy_pattern(r"(?!)")


def _tar(call: Call) -> Unwrapped | None:
    """`--to-command=TEXT`, `--checkpoint-action=exec=TEXT`, `-I PROGRAM`, `-F SCRIPT`, `--rsh-command=PROGRAM`."""
    inner: list[Inner] = []
    words = call.words
    for at, one in enumerate(words):
        name, equals, text = one.text.partition("=")
        following = words[at + 1] if words[at + 1 :] else None
        if name.startswith("--checkpoint-act"):
            given = value_of(one, text) if equals else following
            if given is not None and given.text.startswith("exec="):
                inner.append(call.runs_text([part(given, given.text[5:])]))
        elif name in _TAR_OPTIONS:
            given = value_of(one, text) if equals else following
            if given is not None and not _COMPRESSORS.fullmatch(given.text):
                inner.append(call.runs_text([given]))
        elif (
            re.fullmatch(r"-[a-zA-Z]*[IF]", one.text)
            and not one.text.startswith("--")
            and following is not None
            and not _COMPRESSORS.fullmatch(following.text)
        ):
            inner.append(call.runs_text([following]))
    return judged_too(*inner)


_TAR_OPTIONS: Final = frozenset(
    {
        "--to-command",
        "--use-compress-program",
        "--rsh-command",
        "--info-script",
        "--new-volume-script",
        "--rmt-command",
    }
)


def _ssh_options(call: Call) -> Iterator[Inner]:
    """`-o ProxyCommand=TEXT` of scp and sftp."""
    for at, one in enumerate(call.words):
        given = None
        if one.text == "-o" and call.words[at + 1 :]:
            given = call.words[at + 1]
        elif one.text.startswith("-o") and len(one.text) > 2:
            given = part(one, one.text[2:])
        if given is not None:
            match = re.match(
                r"\s*(?:ProxyCommand|LocalCommand|KnownHostsCommand)\s*[=\s]\s*(.+)", given.text, re.I | re.S
            )
            if match is not None and match[1].lower() != "none":
                yield call.runs_text([value_of(given, match[1])])


def _scp(call: Call) -> Unwrapped | None:
    """`scp|sftp -S PROGRAM`, `-o ProxyCommand=TEXT`, `-D` is sftp's own server; `-s` runs over there."""
    carried = Carrier(("-S",), "-c -F -i -J -l -o -P -D -X -B -b -R", harmless=_NEVER)(call)
    return judged_too(*(carried.inner if carried else ()), *_ssh_options(call))


def _editor(call: Call) -> Unwrapped | None:
    """`vim -c '!TEXT'`, `+'!TEXT'`, `--cmd`, `-S` is a file; `ex -s` takes its commands on standard input."""
    inner: list[Inner] = []
    for at, one in enumerate(call.words):
        given = None
        if one.text in ("-c", "--cmd", "-cmd") and call.words[at + 1 :]:
            given = call.words[at + 1]
        elif one.text.startswith("+") and len(one.text) > 1:
            given = part(one, one.text[1:])
        elif one.text.startswith("--cmd="):
            given = value_of(one, one.text[6:])
        if given is not None:
            inner += _ex_commands(call, given)
    return judged_too(*inner)


def _ex_commands(call: Call, given: Word) -> list[Inner]:
    inner: list[Inner] = []
    match = _EX_COMMAND.match(given.text)
    if match is not None and match[1]:
        inner.append(call.runs_text([value_of(given, match[1])]))
    inner += (call.runs_text([word(text, given)]) for _, text in _SYSTEM_CALL.findall(given.text))
    return inner


def _less(call: Call) -> Unwrapped | None:
    """`less +!TEXT`."""
    inner = []
    for one in call.words:
        match = re.match(r"\+{1,2}\S?!(.+)|\+{1,2}!(.+)", one.text, re.S)
        if match is not None:
            inner.append(call.runs_text([part(one, match[1] or match[2])]))
    return judged_too(*inner)


def _make(call: Call) -> Unwrapped | None:
    """`make SHELL=PROGRAM`, `--eval='x:; rm y'`; a makefile's targets are opaque by name."""
    inner: list[Inner] = []
    for one in call.words:
        name, equals, text = one.text.partition("=")
        if (
            equals
            and name in ("SHELL", "MAKE_SHELL", ".SHELLFLAGS")
            and not re.fullmatch(r"(?:/\S+/)?\w*sh", text)
        ):
            inner.append(call.runs_text([value_of(one, text)]))
        elif equals and name == "--eval":
            inner += (call.runs_text([word(found, one)]) for found in re.findall(r"\$\(shell (.*?)\)", text))
    return judged_too(*inner)


def _netcat(call: Call) -> Unwrapped | None:
    """`nc -e PROGRAM`, `ncat -c TEXT`: whoever connects gets it."""
    taken = walk(
        call.words,
        front(
            values="-e -c --exec --sh-exec --lua-exec -p -s -w -i -q -m -g -G -o -x -X -I -O -T -V"
            " -P --proxy --source-port",
            known=True,
            permuted=True,
        ),
    )
    return judged_too(*(call.runs_text([one]) for one in taken.values("-e", "-c", "--exec", "--sh-exec")))


def _socat(call: Call) -> Unwrapped | None:
    """`EXEC:TEXT`, `SYSTEM:TEXT`, `SHELL:TEXT` as an end."""
    inner = []
    for one in call.words:
        match = _PROGRAM_CALL.match(one.text)
        if match is not None:
            text = match[1] or match[2] or match[3] or ""
            inner.append(call.runs_text([part(one, text) if one.text.endswith(text) else word(text, one)]))
    return judged_too(*inner)


def _apt(call: Call) -> Unwrapped | None:
    """`apt-get -o APT::Update::Pre-Invoke::=TEXT`."""
    taken = walk(call.words, front(values="-o --option -c -t", known=True, permuted=True))
    inner = []
    for one in taken.values("-o", "--option"):
        match = _PACKAGE_HOOK.match(one.text)
        if match is not None and match[1]:
            inner.append(call.runs_text([value_of(one, match[1])]))
    return judged_too(*inner)


def _fzf(call: Call) -> Unwrapped | None:
    """`fzf --preview TEXT`, `--bind 'enter:execute(TEXT)'`."""
    taken = walk(
        call.words,
        front(
            values="--preview --bind -q --query --prompt --header -d --delimiter -n --nth"
            " --height --preview-window --color",
            known=True,
            permuted=True,
        ),
    )
    inner = [call.runs_text([one]) for one in taken.values("--preview")]
    for one in taken.values("--bind"):
        inner += (call.runs_text([word(text, one)]) for text in _FZF_ACTION.findall(one.text))
    return judged_too(*inner)


def _start_stop_daemon(call: Call) -> Unwrapped | None:
    """`start-stop-daemon --start --exec PROGRAM -- words…`; `--stop` is for the packs."""
    if not any(one.text in ("--start", "-S") for one in call.words):
        return PACKS_JUDGE
    values = "-x --exec -a --startas -n --name -p --pidfile -u --user -c --chuid -g --group -s --signal -r -d"
    taken = walk(
        call.words,
        front(
            "--start --background --make-pidfile --oknodo --verbose",
            values + " --chroot --chdir -N --nicelevel -k --umask -R --retry",
            known=True,
        ),
    )
    program = taken.value("-a", "--startas") or taken.value("-x", "--exec")
    return judged_too(call.runs((program, *taken.operands))) if program is not None else PACKS_JUDGE


def _on_change(call: Call) -> Unwrapped | None:
    """`nodemon --exec TEXT`, `watchexec command…`, `reflex -- command…`."""
    taken = walk(
        call.words,
        front(
            values="--exec -x -w --watch -e --ext --exts -i --ignore -d --delay -r -R -g -G -s -f"
            " --filter --signal --shell -c --cwd -C",
            known=True,
        ),
    )
    text = taken.value("--exec", "-x") if call.name == "nodemon" else None
    if text is not None:
        return judged_too(call.runs_text([text]))
    if call.name == "nodemon":
        return PACKS_JUDGE
    return judged_too(
        *(call.runs_text(words) if len(words) == 1 else call.runs(words) for words in taken.readings())
    )


def _rsync(call: Call) -> Unwrapped | None:
    """`rsync -e TEXT` here, `--rsync-path=TEXT` over there; another machine's name is for the packs."""
    # The far end of a connection starts nothing: what stands behind its -e is a word on the protocol.
    carried = None if [one.text for one in call.words[:1]] == ["--server"] else _RSYNC(call)
    if carried is None:
        return PACKS_JUDGE
    kept = [
        one for one in carried.inner if getattr(one, "text", "") not in ("ssh", "rsync", "sudo rsync", "rsh")
    ]
    return judged_too(*kept)


_RSYNC: Final = Carrier(
    ("-e", "--rsh"),
    "-f -T -B -M -O --exclude --include --filter --files-from --exclude-from --include-from --bwlimit --port"
    " --log-file --password-file --timeout --max-size --min-size --chmod --chown --temp-dir --partial-dir"
    " --compare-dest --copy-dest --link-dest --backup-dir --suffix --out-format --info --debug",
    elsewhere=("--rsync-path",),
    harmless=_NEVER,
)

WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("tar", "gtar", "bsdtar"), _tar),
    "rsync": _rsync,
    **dict.fromkeys(("scp", "sftp"), _scp),
    "sort": Carrier(("--compress-program",), "-k -t -o -S -T --key --field-separator --output"),
    "split": Carrier(("--filter",), "-a -b -C -l -n -t", harmless=_COMPRESSORS),
    **dict.fromkeys(("vim", "vi", "nvim", "view", "ex", "gvim", "rvim"), _editor),
    "less": _less,
    "more": _less,
    "man": Carrier(
        ("-P", "--pager", "-H", "--html"),
        "-C -L -m -M -S -e -l -r -E -p",
        harmless=lazy_pattern(r"(?:cat|less|more|most|bat)(?: .*)?"),
    ),
    "zip": Carrier(("-TT", "--unzip-command"), "-b -n -t -tt -i -x -ds -s -O", single_dash=True),
    **dict.fromkeys(("make", "gmake"), _make),
    **dict.fromkeys(("nc", "ncat", "netcat", "nc.traditional", "nc.openbsd"), _netcat),
    "socat": _socat,
    "tcpdump": Carrier(("-z", "--postrotate-command"), "-B -c -C -E -F -G -i -j -M -r -s -T -V -w -W -y -Q"),
    **dict.fromkeys(("apt", "apt-get", "aptitude"), _apt),
    "fzf": _fzf,
    "start-stop-daemon": _start_stop_daemon,
    **dict.fromkeys(("nodemon", "watchexec", "reflex"), _on_change),
}

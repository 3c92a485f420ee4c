"""xargs and parallel: one command for many arguments that come from somewhere else.

Where the arguments stand in the line (`echo a b | xargs rm`, `parallel rm ::: a b`), they are put behind the
command; where they don't, the command says that words are added.
Sources: xargs(1) of GNU and BSD, parallel(1).
"""

from __future__ import annotations

import shlex
from typing import Final

from safeshell.guard.reading import Address
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import NOWHERE, UNKNOWN, Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent, word
from safeshell.shell.wrappers.finding import filled, found_words
from safeshell.shell.wrappers.front import Walk, front, walk
from safeshell.shell.wrappers.shells import unread_script
from safeshell.shell.wrappers.standard_input import Origin, StandardInput, program_of_command, standard_input

_XARGS: Final = front(
    "-0 -o -p -r -t -x --null --open-tty --interactive --no-run-if-empty --verbose --exit --show-limits",
    "-a -d -E -I -J -L -n -P -R -S -s --arg-file --delimiter --max-args --max-procs --max-chars --process-slot-var",
    attached="-e -i -l --eof --replace --max-lines",
)
_PARALLEL: Final = front(
    "-0 -k -m -q -r -t -u -v -X -h --null --keep-order --bar --eta --dry-run --dryrun --group"
    " --ungroup --lb --progress"
    " --line-buffer --linebuffer --tag --pipe --pipepart --xargs --no-run-if-empty --verbose --will-cite --no-notice"
    " --bg --fg --semaphore --wait --shuf --link --plus --tty --onall --nonall --cleanup --quote --files --resume"
    " --resume-failed --latest-line --ll --version --help --citation --interactive -p --controlmaster -M --fast",
    "-a -d -I -j -L -n -N -P -S -C -s -E -J --arg-file --delimiter --jobs --max-procs --sshlogin --slf"
    " --sshloginfile --joblog --results --tmpdir --timeout --retries --delay --load --memfree"
    " --workdir --wd --colsep"
    " --env --halt --nice --tagstring --header --basefile --bf --return --transferfile --block --max-args"
    " --max-replace-args --max-chars --max-line-length --arg-sep --arg-file-sep --trim --shellquote"
    " --id --semaphorename"
    " --st --semaphoretimeout --recstart --recend --limit --filter --profile --rpl --template --tmux --sql --color",
    attached="-i -l -D --replace --max-lines --halt-on-error",
)
_MAX_LINES: Final = 16
_NOTHING_GIVEN: Final = Word(UNKNOWN, source="{}", unknowns=("{}",))


def _xargs(call: Call) -> Unwrapped | None:
    """`xargs [options] [command…]`; without a command it is `echo`."""
    taken = walk(call.words, _XARGS)
    came = StandardInput(Origin.FILE) if taken.has("-a", "--arg-file") else standard_input(call.command)
    readings = taken.readings() or [(word("echo", call.command.words[0]),)]
    placeholder = _placeholder(taken)
    inner: list[Inner] = []
    for words in readings:
        if placeholder:
            inner += (
                call.runs(filled(one, placeholder, value) for one in words)
                for value in _lines(call, came, taken)
            )
        else:
            inner.append(_with_added(call, words, came, taken))
    return transparent(*inner)


def _placeholder(taken: Walk) -> str:
    given = taken.value("-I", "-J", "-i", "--replace")
    if given is not None:
        return given.text
    return "{}" if taken.has("-i", "--replace") else ""


def _with_added(call: Call, words: tuple[Word, ...], came: StandardInput, taken: Walk) -> Inner:
    found = _found(call)
    if found:
        return call.runs((*words, *found))
    if came.origin is not Origin.TEXT or UNKNOWN in came.text:
        return call.runs(words, added=True)
    delimiter = taken.value("-d", "--delimiter")
    given = _pieces(came.text, "\0" if taken.has("-0", "--null") else delimiter.text if delimiter else "")
    return call.runs((*words, *(Word(text, came.span, text) for text in given)))


def _pieces(text: str, delimiter: str) -> list[str]:
    if delimiter:
        delimiter = {"\\n": "\n", "\\0": "\0", "\\t": "\t"}.get(delimiter, delimiter)
        return [piece for piece in text.rstrip("\n").split(delimiter) if piece]
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _found(call: Call) -> list[Word]:
    """What a find in front of the pipe finds, its places known."""
    feeds = call.command.feeds
    if len(feeds) != 1 or program_of_command(feeds[0]) not in ("find", "gfind"):
        return []
    return [one for one in found_words(feeds[0].words[1:]) if one.text != UNKNOWN]


def _lines(call: Call, came: StandardInput, taken: Walk) -> list[Word]:
    """What stands for the placeholder, one after the other."""
    found = _found(call)
    if found:
        return found
    if came.origin is not Origin.TEXT:
        return [_NOTHING_GIVEN]
    lines = [line.strip() for line in came.text.split("\0" if taken.has("-0", "--null") else "\n")]
    lines = [line for line in lines if line]
    if len(lines) > _MAX_LINES:
        return [_NOTHING_GIVEN]
    return [Word(line, came.span, line, unknowns=("{}",) * line.count(UNKNOWN)) for line in lines] or [
        _NOTHING_GIVEN
    ]


def _parallel(call: Call) -> Unwrapped | None:
    """`parallel [options] [command…] [::: argument…] [:::: file…]`: a text for a shell, once an argument."""
    taken = walk(call.words, _PARALLEL)
    if taken.has("--dry-run", "--dryrun", "--version", "--help", "--citation"):
        return PACKS_JUDGE
    hosts = taken.value("-S", "--sshlogin")
    addresses = (Address("ssh", hosts.text),) if hosts is not None and hosts.known else ()
    elsewhere = taken.has("-S", "--sshlogin", "--slf", "--sshloginfile")
    inner: list[Inner] = []
    for reading in taken.readings() or [()]:
        start = next((at for at, one in enumerate(reading) if one.text.startswith(":::")), len(reading))
        command, rest = reading[:start], reading[start:]
        given = _arguments(call, rest, taken)
        if not command:
            inner += _as_commands(call, given, elsewhere=elsewhere, addresses=addresses)
        elif taken.has("--pipe", "--pipepart"):
            inner.append(call.runs_text(command, elsewhere=elsewhere, addresses=addresses))
        else:
            inner += (
                call.runs_text(_with_argument(command, one, taken), elsewhere=elsewhere, addresses=addresses)
                for one in given
            )
    if taken.has("--results", "--joblog", "--files", "--return", "--transferfile", "--cleanup"):
        return judged_too(*inner)
    return transparent(*inner)


def _arguments(call: Call, rest: tuple[Word, ...], taken: Walk) -> list[Word]:
    values: list[Word] = []
    known = True
    for one in rest:
        if one.text.startswith(":::"):
            known = "::::" not in one.text
        elif known:
            values.append(one)
    if values and len(values) <= _MAX_LINES:
        return values
    if rest or taken.has("-a", "--arg-file"):
        return [_NOTHING_GIVEN]
    return _lines(call, standard_input(call.command), taken)


def _with_argument(command: tuple[Word, ...], given: Word, taken: Walk) -> tuple[Word, ...]:
    placeholder = _placeholder(taken) or "{}"
    marks = (placeholder, "{.}", "{/}", "{//}", "{/.}", "{1}", "{2}", "{3}", "{1.}", "{1/}", "{#}")
    if not any(mark in one.text for one in command for mark in marks):
        return (*command, given)
    for mark in marks:
        command = tuple(filled(one, mark, given) for one in command)
    return command


def _as_commands(
    call: Call, given: list[Word], *, elsewhere: bool, addresses: tuple[Address, ...]
) -> list[Inner]:
    """Without a command every argument is one."""
    if given == [_NOTHING_GIVEN]:
        came = standard_input(call.command)
        return [unread_script(came.name, came.span if came.span != NOWHERE else call.command.span)]
    return [call.runs_text([one], elsewhere=elsewhere, addresses=addresses) for one in given]


WRAPPERS: Final[dict[str, Handler]] = {
    "xargs": _xargs,
    "gxargs": _xargs,
    "parallel": _parallel,
    "sem": _parallel,
    "rush": _parallel,
    "rust-parallel": _parallel,
}

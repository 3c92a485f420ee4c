"""Interpreters with code in their words or on their input: `python -c`, `perl -e`, `ruby -e`, `node -e`, `php -r`.

A script that is a file is not read, but a script that the packs know by name (`manage.py`, `artisan`) is handed on.
Sources: python(1), perlrun(1), ruby(1), node(1), php(1), lua(1).
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Severity
from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, InnerText, Language, Opaque, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import (
    PACKS_JUDGE,
    Call,
    Handler,
    hides_all,
    judged_too,
    transparent,
    unseen,
    value_of,
    word,
)
from safeshell.shell.wrappers.launched import is_known_script, is_program, module_program
from safeshell.shell.wrappers.standard_input import Origin, standard_input, substituted


@frozen
class Interpreter:
    """How an interpreter reads its words.

    Args:
        language: what it runs.
        code: letters of options whose value is code.
        values: letters of other options that take a word or the rest of their own.
        attached: letters after which the rest of the word is a value, if there is any.
        numbers: letters after which digits are a value, if there are any.
        long_code: long options whose value is code.
        long_values: other long options that take a word.
        ends: the first code ends the options.
        changes: letters of options with which it changes files by itself, or runs what is not read here.
        loads: letters of options whose value says what is run before the code.
        harmless: a value of these that is known to change nothing.
        long_harmless: what long options begin with that change nothing; "" for all of them.
    """

    language: Language
    code: str
    values: str = ""
    attached: str = ""
    numbers: str = ""
    long_code: frozenset[str] = frozenset()
    long_values: frozenset[str] = frozenset()
    ends: bool = False
    changes: str = ""
    loads: str = ""
    harmless: re.Pattern[str] = lazy_pattern(r"(?!)")
    long_harmless: tuple[str, ...] = ("",)

    def __call__(self, call: Call) -> Unwrapped | None:
        """What the command line runs."""
        codes: list[Word] = []
        changes = False
        words = call.words
        at = 0
        while at < len(words):
            text = words[at].text
            if text == "--" or text[:1] != "-" or text == "-":
                at += text == "--"
                break
            at += 1
            if text.startswith("--"):
                name, equals, rest = text.partition("=")
                changes = changes or not name.startswith(self.long_harmless)
                if name in self.long_code and (equals or words[at:]):
                    codes.append(value_of(words[at - 1], rest) if equals else words[at])
                    at += not equals
                elif name in self.long_values and not equals:
                    at += 1
                elif name in ("--version", "--help"):
                    return PACKS_JUDGE
                continue
            place = 0
            while place + 1 < len(text):
                place += 1
                letter, rest = text[place], text[place + 1 :]
                if letter in self.numbers:
                    place += len(rest) - len(rest.lstrip("0123456789"))
                    continue
                changes = changes or letter in self.changes
                if letter in self.code:
                    if rest:
                        codes.append(value_of(words[at - 1], rest))
                    elif words[at:]:
                        codes.append(words[at])
                        at += 1
                    break
                if letter in self.values:
                    value = rest or (words[at].text if words[at:] else "")
                    changes = changes or (letter in self.loads and not self.harmless.fullmatch(value))
                    at += not rest
                    break
                if letter in self.attached:
                    changes = changes or (letter in self.loads and not self.harmless.fullmatch(rest))
                    break
            if codes and self.ends:
                break
        if codes:
            inner = self._codes(call, codes)
            return judged_too(*inner) if changes else transparent(*inner)
        return self._script(call, words[at:])

    def _codes(self, call: Call, codes: list[Word]) -> list[Inner]:
        return [call.runs_text([one], language=self.language) for one in codes]

    def _script(self, call: Call, operands: tuple[Word, ...]) -> Unwrapped | None:
        """A script in a file, on standard input, or out of a program."""
        if operands and operands[0].text not in ("-", "/dev/stdin"):
            printed = substituted(operands[0])
            if printed:
                return transparent(
                    unread_code(printed.split()[0] if printed.split() else "", operands[0].span)
                )
            if is_known_script(operands[0]):
                return transparent(call.runs(operands))
            return PACKS_JUDGE
        return fed_code(call, self.language)


def fed_code(call: Call, language: Language) -> Unwrapped | None:
    """Code that an interpreter reads from its standard input; None when a person types it or a file holds it."""
    came = standard_input(call.command)
    if came.origin is Origin.TEXT:
        if hides_all(came.text):
            return transparent(unseen(language, came.span))
        return transparent(InnerText(came.text, language, came.span, came.exact))
    return transparent(unread_code(came.name, came.span)) if came.origin is Origin.PROGRAM else PACKS_JUDGE


def unread_code(program: str, span: Span) -> Opaque:
    """Code that a program prints and an interpreter runs at once."""
    return Opaque(
        "shell.pipe-to-interpreter",
        f"runs what `{program}` prints as code, unread" if program else "runs code that nobody has read",
        Severity.HIGH,
        "save it to a file, read it, then run the file",
        span,
    )


_PYTHON: Final = Interpreter(
    Language.PYTHON, "c", "WXQ", long_values=frozenset({"--check-hash-based-pycs"}), ends=True, changes="i"
)


def _python(call: Call) -> Unwrapped | None:
    """`python -c CODE`, `python -m MODULE words…`, `python SCRIPT`."""
    words = call.words
    at = 0
    while at < len(words) and words[at].text[:1] == "-" and words[at].text not in ("-", "--"):
        text = words[at].text
        at += 1
        if text.startswith("--"):
            at += text == "--check-hash-based-pycs"
            continue
        for place in range(1, len(text)):
            if text[place] == "m":
                rest = text[place + 1 :]
                module = value_of(words[at - 1], rest) if rest else words[at] if words[at:] else None
                return _module(call, module, words[at if rest else at + 1 :])
            if text[place] in "cWXQ":
                if text[place] == "c":
                    return _PYTHON(call)
                at += place == len(text) - 1
                break
    return _PYTHON(call)


def _module(call: Call, module: Word | None, words: tuple[Word, ...]) -> Unwrapped | None:
    if module is None or not is_program(module):
        return PACKS_JUDGE
    return transparent(call.runs((module_program(module), *words)))


def _ipython(call: Call) -> Unwrapped | None:
    return Interpreter(Language.PYTHON, "c", long_values=frozenset({"--profile", "--matplotlib"}), ends=True)(
        call
    )


_PERL: Final = Interpreter(
    Language.PERL,
    "eE",
    "I",
    attached="FimMVxd",
    numbers="0lCD",
    changes="iIdx",
    loads="mM",
    harmless=lazy_pattern(
        r"-?(?:strict|warnings|utf8|feature|integer|bigint|bignum|bigrat|locale|open|constant|[5]\.\d+|v5\.\d+"
        r"|List::Util|Scalar::Util|JSON(?:::(?:PP|XS))?|Data::Dumper|Time::(?:HiRes|Local|Piece|Seconds)|POSIX"
        r"|MIME::(?:Base64|QuotedPrint)|Digest::(?:MD5|SHA)|Encode|Storable|Socket|Sys::Hostname|Config|Benchmark"
        r"|File::(?:Basename|Spec|Find|Temp|Path|Copy)|Cwd|Getopt::(?:Long|Std)|Text::(?:CSV|Wrap|ParseWords|Tabs)"
        r"|URI::Escape|Math::\w+|Unicode::\w+|HTML::Entities|YAML(?:::XS|::Tiny)?|Socket|IO::(?:File|Handle|Socket)"
        r"|Term::ANSIColor|Regexp::Common)(?:=[\w,:]*)?"
    ),
)


def _perl(call: Call) -> Unwrapped | None:
    """As others, but a file to read whose name ends in `|` is a command, and `>name` one to write."""
    found = _PERL(call)
    if found is None:
        return None
    texts = [one for one in call.words if one.text.rstrip().endswith("|") and one.text.strip("| ")]
    codes = {inner.text for inner in found.inner if isinstance(inner, InnerText)}
    operands = [one for one in call.words if one.text not in codes and one.text[:1] != "-"]
    opened = [call.runs_text([word(one.text.rstrip(" |"), one)]) for one in texts if one in operands]
    writes = any(one.text.lstrip().startswith((">", "+>", "|")) for one in operands)
    matches_by_code = any(
        "(?{" in one.text or "(??{" in one.text for one in call.words if one.text[:1] == "-"
    )
    return judged_too(*found.inner, *opened) if opened or writes or matches_by_code else found


_RUBY: Final = Interpreter(
    Language.RUBY,
    "e",
    "IrCE",
    attached="FKix",
    numbers="0TW",
    loads="Ir",
    harmless=lazy_pattern(r"[A-Za-z][\w-]*(?:/[\w-]+)*"),
    long_values=frozenset({"--encoding", "--external-encoding", "--internal-encoding"}),
    changes="i",
)
_NODE: Final = Interpreter(
    Language.NODE,
    "ep",
    "rC",
    long_code=frozenset({"--eval", "--print"}),
    long_values=frozenset(
        {
            "--require",
            "--import",
            "--loader",
            "--experimental-loader",
            "--conditions",
            "--env-file",
            "--title",
        }
    ),
    changes="ir",
    long_harmless=(
        "--eval", "--print", "--no-warnings", "--trace-", "--throw-deprecation", "--no-deprecation", "--input-type",
        "--max-old-space-size", "--max-http-header-size", "--stack-size", "--harmony", "--enable-source-maps",
        "--expose", "--conditions", "--disable-warning", "--experimental-strip-types", "--experimental-fetch",
        "--experimental-vm-modules", "--no-experimental", "--unhandled-rejections", "--use-", "--dns-result-order",
        "--tls-", "--title",
    ),
)  # fmt: skip
_PHP: Final = Interpreter(
    Language.PHP,
    "rRBE",
    "dcfFzSt",
    loads="dcz",
    harmless=lazy_pattern(
        r"(?:memory_limit|display_errors|error_reporting|max_execution_time|date\.timezone|short_open_tag|precision"
        r"|log_errors|html_errors|opcache\.enable(?:_cli)?|xdebug\.mode|default_socket_timeout|phar\.readonly)"
        r"(?:=[\w.~&|^/ -]*)?"
    ),
    long_code=frozenset({"--run", "--process-code", "--process-begin", "--process-end"}),
    long_values=frozenset(
        {"--define", "--php-ini", "--process-file", "--zend-extension", "--server", "--docroot"}
    ),
)
_LUA: Final = Interpreter(Language.LUA, "e", "l", changes="l")


def _node(call: Call) -> Unwrapped | None:
    """Node's `-pe CODE`: the letters before the last take no value then."""
    words = tuple(
        Word("-e", one.span, one.source) if one.text in ("-pe", "-ep", "-ip", "-ie", "-ipe") else one
        for one in call.words
    )
    if words[:1] and words[0].text in ("-p", "--print") and words[1:2] and words[1].text in ("-e", "--eval"):
        words = words[1:]
    return _NODE(call.over(words))


def _php(call: Call) -> Unwrapped | None:
    """`php -f FILE` runs a file, `php artisan` a script that the packs know."""
    for at, one in enumerate(call.words[:-1]):
        if one.text in ("-f", "--file"):
            script = call.words[at + 1]
            return transparent(call.runs(call.words[at + 1 :])) if is_known_script(script) else PACKS_JUDGE
        if one.text in ("-S", "-l", "-i", "-m", "-v"):
            return PACKS_JUDGE
    return _PHP(call)


def _javascript(call: Call) -> Unwrapped | None:
    """`deno eval CODE`, `deno run FILE` is a file."""
    if len(call.words) > 1 and call.words[0].text == "eval":
        codes = [one for one in call.words[1:] if not one.text.startswith("-")]
        return transparent(*(call.runs_text([one], language=Language.NODE) for one in codes[:1]))
    return PACKS_JUDGE


WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("python", "pypy", "pythonw", "py"), _python),
    **dict.fromkeys(("ipython", "bpython"), _ipython),
    "perl": _perl,
    **dict.fromkeys(("ruby", "jruby", "truffleruby"), _RUBY),
    "irb": Interpreter(Language.RUBY, "", "Ir"),
    **dict.fromkeys(("node", "nodejs"), _node),
    **dict.fromkeys(("php", "php-cli", "hhvm"), _php),
    **dict.fromkeys(("lua", "luajit"), _LUA),
    "deno": _javascript,
}

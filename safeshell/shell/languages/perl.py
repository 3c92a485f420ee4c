"""Reads Perl one-liners: what they run, delete and write, and the plain ones that only print.

Facts: perlfunc and perlop of Perl 5.38. `-i` is an option of the program and belongs to the pack.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.calls import Call
from safeshell.shell.languages.code_tokens import Grammar, tokens_of
from safeshell.shell.languages.found import Deed, Found, unproven, words
from safeshell.shell.languages.script_reading import Rule, ScriptLanguage, read_script
from safeshell.shell.word import UNKNOWN

_D, _O, _W = EffectKind.DELETE, EffectKind.OVERWRITE, EffectKind.WRITE
_ONE, _MANY = Extent.ONE, Extent.MANY

_UNLINK: Final = Deed("perl.unlink", _D, _ONE, "deletes the file {}")
_TREE: Final = Deed("perl.delete-tree", _D, _MANY, "deletes {} and all in it", "list it first")
_WRITE: Final = Deed("perl.write-file", _O, _ONE, "writes the file {}")
_EMPTY: Final = Deed("perl.truncate-file", _O, _ONE, "cuts the file {} short, or empties it", "copy it first")
_APPEND: Final = Deed("perl.append-file", _W, _ONE, "appends to the file {}")
_MOVE: Final = Deed("perl.move-file", _O, _ONE, "renames or overwrites a file")
_MODE: Final = Deed("perl.file-mode", EffectKind.CONFIGURE, _ONE, "changes who may use a file")
_OPEN_ANY: Final = Deed("perl.open-unknown", _W, _ONE, "opens what a variable names, which may be a command")
_KILL: Final = Deed("perl.kill", EffectKind.STOP, _ONE, "sends a signal to a process")
_FORK: Final = Deed(
    "perl.fork", EffectKind.STOP, _MANY, "starts more processes; in a loop until the machine stops"
)
_MAKE: Final = Deed("perl.make-file", _W, _ONE, "makes {}")
_PIPE: Final = Deed("perl.pipe", EffectKind.EXECUTE, _ONE, "starts a program whose output or input it uses")

_BY_NAME: Final = lazy_pattern(r"""(?<!&)&\s*\{\s*["'$]|(?<!&)&\$|["']\s*->\s*\(|->\s*\$\w+\s*\(""")
"""A function called by a name that is a value: `&{"rmtree"}("/srv")`."""

_UNSEEN: Final = lazy_pattern(r"\$\^I\b|\$\{\^I\}|\$INPLACE_EDIT\b|@INC\b|\blib\b")
"""What decides elsewhere: files changed in place, libraries from another place."""

_CODE_IN_TEXT: Final = lazy_pattern(r"[@$]\{|[@$]\w+(?:->)?[\[{]|\(\?\??\{")
_PLAIN_IN_TEXT: Final = lazy_pattern(r"\s*(?:\$?\^?-?[\w:]*|'[^'\\]*'|\"[\w .:/-]*\")\s*")
_OPENED_BY_NAME: Final = lazy_pattern(r"\s*(?:\+?>|\|)|\|\s*\Z")
_MAX_IN_TEXT: Final = 20
_MAX_DEPTH: Final = 3

_MODE_IN_NAME: Final = lazy_pattern(r"\s*(\+?>{1,2}|\+<|\|)")


def _open(call: Call) -> Deed | None:
    texts = call.strings()
    given = "".join(texts[:1]) if texts else ""
    if any(text.strip() in ("-|", "|-") for text in texts) or any(
        text.rstrip().endswith("|") for text in texts[:1]
    ):
        return _PIPE
    match = _MODE_IN_NAME.match(given)
    if not match:
        arguments = list(call.split())
        # With a mode of its own the name is a name; without one it may hold `|` or `>`.
        by_name = len(arguments) == 2 and not (
            len(arguments[1]) == 1
            and arguments[1][0].kind == "string"
            and UNKNOWN not in arguments[1][0].text
        )
        return _OPEN_ANY if by_name else None
    return {"|": _PIPE, ">>": _APPEND}.get(match.group(1), _WRITE)


def _kill(call: Call) -> Deed | None:
    first = next(call.split(), ())
    return None if "".join(token.text for token in first) in ("0", "ZERO") else _KILL


_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("unlink", "rmdir", ".remove", ".unlink"), _UNLINK),
    **dict.fromkeys(("rmtree", "remove_tree", ".remove_tree", ".rmtree", "Path.remove_tree", "Path.rmtree"),
        _TREE),
    **dict.fromkeys(("rename", "move", "copy", "link", "symlink", "Copy.move", "Copy.copy"), _MOVE),
    **dict.fromkeys(("chmod", "chown", "utime"), _MODE),
    "truncate": _EMPTY,
    **dict.fromkeys(("write_file", ".spew", ".spew_utf8", "sysopen"), _WRITE),
    **dict.fromkeys(("mkdir", "make_path", "mkpath"), _MAKE),
    "open": _open,
    "kill": _kill,
    "fork": _FORK,
}  # fmt: skip

_PERL: Final = ScriptLanguage(
    name="perl",
    grammar=Grammar(
        comments=r"\#[^\n]*",
        names=r"&(?![&\s=])\{?\w+(?:::\w+)*\}?|[$@%]\#?(?:\{?\^?\w+(?:::\w+)*\}?|[!?@_&`'+/\\|,;.<>()\[\]0-9$~^-])|[A-Za-z_]\w*",
        command="`", variables=r"[$@]\{?[A-Za-z_]\w*\}?|\$\d", regexes=True, letters=True,
    ),
    rules=_RULES,
    shells=words("system exec readpipe syscall CORE.system CORE.exec CORE.readpipe IPC.System.Simple.system"),
    programs=words("system exec"),
    opaque=words("eval do evalbytes"),
    sql=words(
        ".do .prepare .selectall_arrayref .selectrow_array .selectall_hashref .selectrow_hashref"
        " .selectcol_arrayref"),
    reads=words(
        "print printf say sprintf join split length substr index rindex lc uc lcfirst ucfirst chomp chop"
        " chr ord hex oct int abs sqrt sin"
        " cos atan2 exp log rand srand time localtime gmtime sleep keys values each exists delete defined"
        " scalar map grep sort reverse push"
        " pop shift unshift splice wantarray ref bless die warn exit return last next redo pos quotemeta"
        " pack unpack sprintf study"
        " lstat stat readline eof close closedir opendir readdir rewinddir binmode fileno seek tell read"
        " getc local our my use no package"
        " getpwnam getpwuid getgrnam getgrgid getpwent gethostbyname hostname getppid times caller x tr y"
        " q qq qw m s"
        " sum max min first any all none uniq sum0 shuffle reduce dumper Dumper strftime floor ceil"
        " basename dirname abs_path cwd getcwd"
        " encode_json decode_json to_json from_json encode decode md5_hex sha1_hex sha256_hex"
        " encode_base64 decode_base64 gettimeofday"
        " STDIN STDOUT STDERR ARGV ENV INC DATA POSIX strict warnings utf8 feature List Util Scalar JSON"
        " PP XS Data Time HiRes File Basename"
        " Spec Cwd MIME Base64 Digest MD5 SHA Encode Storable constant lib vars integer bigint bignum"
        " locale Config VERSION"
        " Socket Sys Hostname Piece Local Text CSV XML URI Escape uri_escape uri_unescape Getopt Long Term"
        " Tie Benchmark Math BigInt"
        " .encode .decode .pretty .new .canonical .get .is_success .content .decoded_content .epoch .ymd"
        " .strftime .fetchrow_array"
        " .fetchrow_hashref .utf8 .allow_nonref .hexdigest .b64digest .add .data .keys .print .say"
    ),
    keywords=words(
        "if unless elsif else while until for foreach and or not xor eq ne lt gt le ge cmp BEGIN END sub"
        " __FILE__ __LINE__ __END__"
                   " __PACKAGE__ qr undef given when default continue"),
    bare_arguments=True,
    sigils="$@%",
)  # fmt: skip


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a Perl text does, as far as it is written there.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    return _read(text, depth=0)


def _read(text: str, *, depth: int) -> Found:
    found = read_script(text, _PERL)
    if _CODE_IN_TEXT.search(text):
        found += Found.joined(_read(code, depth=depth + 1) for code in _codes_in_texts(text, depth))
    unseen = _BY_NAME.search(text) or _UNSEEN.search(text) or ("@ARGV" in text and _names_a_command(text))
    if unseen and all(command.reads for command in found.commands):
        return found + Found((unproven("perl", (0, len(text))),))
    return found


def _codes_in_texts(text: str, depth: int) -> list[str]:
    """The code inside of strings and patterns: `"@{[ code ]}"`, `"$list[code]"`, `/(?{ code })/`."""
    codes: list[str] = []
    for token in tokens_of(text, _PERL.grammar).tokens:
        raw = text[token.start : token.end]
        if token.kind not in ("string", "regex", "command") or raw[:1] == "'" or raw[:2] in ("q(", "qw"):
            continue
        for match in _CODE_IN_TEXT.finditer(raw):
            end = _closing(raw, match.end() - 1)
            code = raw[match.end() : end]
            if not _PLAIN_IN_TEXT.fullmatch(code):
                # What lies too deep is read as a call of nothing known: no proof.
                codes.append(
                    code.lstrip("\\") if depth < _MAX_DEPTH and len(codes) < _MAX_IN_TEXT else "unread()"
                )
    return codes[: _MAX_IN_TEXT + 1]


def _closing(text: str, at: int) -> int:
    """The place of the bracket that closes the one at `at`; the end of the text for none."""
    opened, closed = text[at], {"[": "]", "{": "}"}[text[at]]
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == opened) - (text[place] == closed)
        if not depth:
            return place
    return len(text)


def _names_a_command(text: str) -> bool:
    """Whether a string in it would be run or written to when it is opened as a file."""
    return any(
        token.kind == "string" and _OPENED_BY_NAME.search(token.text)
        for token in tokens_of(text, _PERL.grammar).tokens
    )

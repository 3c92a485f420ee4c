"""Reads Perl one-liners: what they run, delete and write, and the plain ones that only print.

Facts: perlfunc and perlop of Perl 5.38. `-i` is an option of the program and belongs to the pack.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.calls import Call
from safeshell.shell.languages.code_tokens import Grammar
from safeshell.shell.languages.found import Deed, Found, unproven, words
from safeshell.shell.languages.script_reading import Rule, ScriptLanguage, read_script

_D, _O, _W = EffectKind.DELETE, EffectKind.OVERWRITE, EffectKind.WRITE
_ONE, _MANY = Extent.ONE, Extent.MANY

_UNLINK: Final = Deed("perl.unlink", _D, _ONE, "deletes the file {}")
_TREE: Final = Deed("perl.delete-tree", _D, _MANY, "deletes {} and all in it", "list it first")
_WRITE: Final = Deed("perl.write-file", _O, _ONE, "writes the file {}")
_APPEND: Final = Deed("perl.append-file", _W, _ONE, "appends to the file {}")
_MOVE: Final = Deed("perl.move-file", _O, _ONE, "renames or overwrites a file")
_MODE: Final = Deed("perl.file-mode", EffectKind.CONFIGURE, _ONE, "changes who may use a file")
_KILL: Final = Deed("perl.kill", EffectKind.STOP, _ONE, "sends a signal to a process")
_FORK: Final = Deed(
    "perl.fork", EffectKind.STOP, _MANY, "starts more processes; in a loop until the machine stops"
)
_MAKE: Final = Deed("perl.make-file", _W, _ONE, "makes {}")
_PIPE: Final = Deed("perl.pipe", EffectKind.EXECUTE, _ONE, "starts a program whose output or input it uses")

_BY_NAME: Final = lazy_pattern(r"""(?<!&)&\s*\{\s*["'$]|(?<!&)&\$|["']\s*->\s*\(|->\s*\$\w+\s*\(""")
"""A function called by a name that is a value: `&{"rmtree"}("/srv")`."""

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
        return None
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
    **dict.fromkeys(("truncate", "write_file", ".spew", ".spew_utf8", "sysopen"), _WRITE),
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
    shells=words("system exec readpipe syscall IPC.System.Simple.system"),
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
    found = read_script(text, _PERL)
    if _BY_NAME.search(text) and all(command.reads for command in found.commands):
        return Found((*found.commands, unproven("perl", (0, len(text)))), found.unreadable, found.inner)
    return found

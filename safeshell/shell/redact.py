"""Secrets out of shell lines: what the packs found by their spans, and what looks like a secret wherever it stands.

Journal, history and screen take lines from here. A line without a secret comes back as the very same text,
    and a
redacted line stays as it is. Only shapes, and names of options,
    variables and programs count; nothing is looked up.
Facts: the token shapes that GitHub, GitLab, Slack, AWS, Google, Stripe, npm and PyPI publish; RFC 7519.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern

REDACTED: Final = "***"
"""What stands in a secret's place."""


@frozen
class _Shape:
    """What secrets of one kind look like. Compiled when a line first needs it: all of them would cost 10 ms.

    Args:
        hints: one of these is in every line that has such a secret, in lower case; () for any line.
        pattern: with the groups `keep` and `secret`; or without groups, where all of it is the secret.
        flags: of the regular expression.
    """

    hints: tuple[str, ...]
    pattern: str
    flags: int = re.IGNORECASE


# One shell word, in whatever quotes.
_VALUE: Final = r"(?:\"(?:[^\"\\]|\\.)*+\"|'[^']*+'|[^\s\"'`;|&<>(){}]++)"
_NAME: Final = (
    r"[A-Za-z0-9_.-]*?(?:PASSWORDS?|PASSWD|PASSPHRASE|PASSWRD|SECRETS?(?:[_-]?KEY)?(?:[_-]?BASE)?|(?<!\w)PASS|_PASS"
    r"|(?:API|ACCESS|PRIVATE|ENCRYPTION|MASTER|SIGNING|AUTH|ACCOUNT|LICENSE|DEPLOY|SERVICE)[_-]?KEY|TOKENS?"
    r"|CREDENTIALS?|MYSQL_PWD|_PWD|CLIENT[_-]?SECRET|REDISCLI_AUTH|_AUTH|_DSN|WEBHOOK(?:_URL)?)"
)
_OPTION: Final = (
    "password|passwd|passphrase|pass|secret|token|secret-key|api-key|apikey|access-key|auth-token|private-token"
    "|client-secret|secret-access-key|bearer|oauth2-bearer|auth-key|authkey|requirepass|masterauth|sasl-password"
    "|admin-password|root-password|db-password|master-user-password|credential|pwd"
)
_PROMPTED: Final = (
    r"sudo[ \t]+(?:-\w+[ \t]+)*-S|(?:sudo[ \t]+)?(?:chpasswd|passwd|(?:docker|podman|vault)[ \t]+login|cryptsetup"
    r"|gh[ \t]+auth|helm[ \t]+registry|smbpasswd|kinit|gpg\b[^|;&]*--passphrase-fd)"
)
_EVERYWHERE: Final = (
    _Shape(
        ("private key",),
        r"(?P<keep>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?P<secret>.*?)"
        r"(?=-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    _Shape(
        ("identified", "password"),
        r"(?P<keep>\b(?:IDENTIFIED[ \t]+(?:WITH[ \t]+\w+[ \t]+)?BY|(?:WITH[ \t]+|ENCRYPTED[ \t]+)PASSWORD"
        r"|SET[ \t]+PASSWORD[^;=\n]{0,80}=|(?:USER|ROLE)[ \t]+\S+[ \t]+PASSWORD)"
        r"[ \t]*(?:PASSWORD[ \t]*\()?[ \t]*\\?)"
        r"(?P<secret>'[^'\n]*'|\"[^\"\n]*\")",
    ),
    _Shape(
        ("echo", "printf"),
        r"(?P<keep>(?<![\w-])(?:echo|printf)[ \t]+(?:-[neE]+[ \t]+)?)"
        rf"(?P<secret>{_VALUE})(?=[ \t]*\|[ \t]*(?:{_PROMPTED}))",
    ),
    _Shape(
        ("authorization", "token", "key", "secret", "auth", "cookie"),
        r"(?P<keep>\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?"
        r"(?:(?:basic|bearer|token|digest|apikey|key|negotiate|aws4-hmac-sha256)\s+)?"
        r"|\b(?:x-[a-z-]*(?:api-?key|token|secret|auth[a-z-]*|key)|api-?key|private-token|job-token|dd-api-key"
        r"|circle-token|apikey|x-vault-token|x-consul-token|cookie|set-cookie)\s*:\s*)(?P<secret>[^\s\"'][^\"'\n]*)",
    ),
    _Shape(("://",), r"(?P<keep>[a-z][a-z0-9+.-]*://[^\s/@:\"'?#]*:)(?P<secret>[^\s@\"'/]+)(?=@)"),
    _Shape(("://",), r"(?P<keep>[a-z][a-z0-9+.-]*://[^\s/@:\"']*:)(?P<secret>[^\s\"'@]+)(?=@[\w.\[-])"),
    _Shape(
        ("?", "&"),
        r"(?P<keep>[?&](?:access_token|api_?key|token|auth|password|passwd|secret|client_secret|sig|signature"
        r"|x-amz-signature|key|code)=)(?P<secret>[^\s&\"'#]+)",
    ),
    _Shape(("=",), rf"(?<![\w./-])(?P<keep>{_NAME}\+?=)(?P<secret>{_VALUE})"),
    _Shape(
        ("-p", "-s", "-t", "-a", "-c", "-b", "-o", "-m", "-r", "-d"),
        rf"(?P<keep>(?<!\S)--?(?:[a-z0-9]+-){{0,3}}(?:{_OPTION})(?:=|[ \t]+))(?P<secret>(?!-){_VALUE})",
    ),
    _Shape(("set",), rf"(?P<keep>\bset[ \t]+[\w./:-]*?{_NAME}[ \t]+)(?P<secret>(?!-){_VALUE})"),
)
_TOKENS: Final = _Shape(
    (),
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|gl(?:pat|dt|rt|ft|soat|ptt|cbt|agent|imt)-[\w-]{16,255}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255}|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|AIza[\w-]{35}"
    r"|ya29\.[\w-]{20,500}|[sr]k_(?:live|test)_\w{16,255}|whsec_\w{16,255}|npm_[A-Za-z0-9]{30,255}|pypi-[\w-]{40,500}"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,128}|dop_v1_[a-f0-9]{40,128}|hv[sbr]\.[\w-]{20,255}|sk-(?:ant-|proj-)?[\w-]{20,255}"
    r"|eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{8,4096}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|dckr_pat_[\w-]{20,64}"
    r"|tfp_\w{30,64}|glsa_\w{32,64}|key-[a-f0-9]{32}|lin_api_\w{32,64}|rubygems_[a-f0-9]{48}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{40,70})",
    0,
)

_LOGIN: Final = r"[= \t]*['\"]?[^\s:'\"=-][^\s:'\"]*:)(?P<secret>[^\s'\"]+)"
_BEHIND_P: Final = rf"(?P<keep>(?<!\S)-p[ \t]*)(?P<secret>(?!-){_VALUE})"
# Programs whose short options carry a password, and what that looks like among their words.
_PROGRAMS: Final = (
    (
        ("mysql|mariadb|mycli|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mysqlshow|mysqlbinlog|mysqlpump|mysqlsh"
        "|mysqlslap|mariadb-dump|mariadb-admin|xtrabackup|innobackupex|mysqld_safe"),
        _Shape(("mysql", "maria", "mycli", "backup"), rf"(?P<keep>(?<!\S)-p)(?P<secret>(?![ \t]|$){_VALUE})"),
    ),
    (
        "curl|wget|http|https|xh",
        _Shape(("curl", "wget", "http", "xh"),
               rf"(?P<keep>(?<!\S)(?:-[a-zA-Z]*u|--user|--proxy-user|-U|-a|--auth){_LOGIN}", 0),
    ),
    (
        "redis-cli|valkey-cli|keydb-cli|iredis",
        _Shape(("-cli", "iredis"), rf"(?P<keep>(?<!\S)(?:-a[ \t]+|--pass[= \t]+))(?P<secret>{_VALUE})", 0),
    ),
    ("sshpass", _Shape(("sshpass",), rf"(?P<keep>(?<!\S)-p[ \t]*)(?P<secret>{_VALUE})", 0)),
    (
        "sqlcmd|bcp|isql|osql",
        _Shape(("sqlcmd", "bcp", "isql", "osql"), rf"(?P<keep>(?<!\S)-P[ \t]*)(?P<secret>{_VALUE})", 0),
    ),
    (
        "mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|mongostat|mongotop|cqlsh|rabbitmqadmin",
        _Shape(("mongo", "cqlsh", "rabbitmqadmin"), _BEHIND_P, 0),
    ),
    (
        r"(?:docker|podman|nerdctl|buildah|skopeo|helm[ \t]+registry|crane[ \t]+auth|argocd|oc|az)[ \t]+login",
        _Shape(("login",), _BEHIND_P, 0),
    ),
    (
        "ldapsearch|ldapadd|ldapmodify|ldapdelete|ldapwhoami|ldappasswd",
        _Shape(("ldap",), rf"(?P<keep>(?<!\S)-w[ \t]*)(?P<secret>(?!-){_VALUE})", 0),
    ),
    (
        "zip|7z|7za|unzip|rar|unrar",
        _Shape(
            ("zip", "7z", "rar"),
            rf"(?P<keep>(?<!\S)(?:-P[ \t]+|-p(?=\S)|-hp(?=\S)))(?P<secret>(?!-){_VALUE})", 0,
        ),
    ),
    ("openssl", _Shape(("openssl",), r"(?P<keep>\bpass:)(?P<secret>[^\s'\"]+)", 0)),
    (
        "htpasswd",
        _Shape(
            ("htpasswd",),
            rf"(?P<keep>(?<!\S)-[a-zA-Z]*b[a-zA-Z]*[ \t]+\S+[ \t]+(?:\S+[ \t]+)?)(?P<secret>{_VALUE})(?=\s*$)",
            0,
        ),
    ),
    ("chpasswd", _Shape(("chpasswd",), r"(?P<keep><<<[ \t]*['\"]?[\w.-]+:)(?P<secret>[^\s'\"]+)", 0)),
)  # fmt: skip

# A cheap first look, which says nothing by itself.
_SUSPECT: Final = lazy_pattern(
    r"[pP][aA][sS][sS]|[pP][wW][dD]|sudo|[sS][eE][cC][rR][eE][tT]|[tT][oO][kK][eE][nN]|[aA][uU][tT][hH]"
    r"|[kK][eE][yY]"
    r"|[cC][rR][eE][dD]|://|[cC]ookie|-p|-u|-a|-w|-U|-P|[dD][sS][nN]|[wW][eE][bB][hH]|gh[pousr]_|gl\w+-"
    r"|xox|xapp|A[KSBC]"
    r"|AIza|ya29|[sr]k[_-]|whsec|npm_|pypi-|SG\.|dop_|hv[sbr]\.|eyJ|shp|dckr|tfp_|lin_|rubyg"
    r"|[iI][dD][eE][nN][tT]|sig"
)
# Values that are no secret by themselves: a variable, a substitution, a placeholder, a path, what is redacted.
_NO_VALUE: Final = lazy_pattern(
    r"['\"]?(?:\\?\$.*|`.*|\*{3,}|<[^>]*>|x{3,}|true|false|yes|no|none|null|on|off|\d{1,2}"
    r"|/(?:dev/null|run/.*|etc/.*|var/.*)|\.{3}|…|@\S+|stdin|env|file:.*|fd:.*|prompt|ask|)['\"]?\Z",
    re.IGNORECASE | re.DOTALL,
)
_NO_SECRET_OPTION: Final = lazy_pattern(
    r"--?(?:no|use|ask|enable|disable|require|skip|prompt|with)-", re.IGNORECASE
)


def redact_line(line: str, secret_spans: Sequence[Span] = ()) -> str:
    """The line with every secret replaced by `***`.

    Args:
        line: as it was submitted.
        secret_spans: what is known to be secret: the values of the packs' `secrets`, in any order.

    Returns:
        The very same text when there is none. Redacting a redacted line changes nothing.
    """
    if secret_spans:
        line = _spans_redacted(line, secret_spans)
    if _SUSPECT.search(line) is None:
        return line
    lower = line.lower()
    redacted = line
    for shape in _EVERYWHERE:
        if any(hint in lower for hint in shape.hints):
            redacted = _compiled(shape.pattern, shape.flags).sub(_hidden, redacted)
    for names, shape in _PROGRAMS:
        if any(hint in lower for hint in shape.hints):
            redacted = _of_program(names, shape, redacted)
    redacted = _compiled(_TOKENS.pattern, _TOKENS.flags).sub(REDACTED, redacted)
    return line if redacted == line else redacted


@cache
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def _spans_redacted(line: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    behind = 0
    for start, end in sorted(spans):
        if start < behind and parts:
            behind = max(behind, min(end, len(line)))
        elif max(start, 0) < min(end, len(line)):
            parts += (line[behind : max(start, 0)], REDACTED)
            behind = min(end, len(line))
    return "".join((*parts, line[behind:])) if parts else line


def _hidden(match: re.Match[str]) -> str:
    keep, secret = match.group("keep"), match.group("secret")
    if _NO_VALUE.match(secret) or _NO_SECRET_OPTION.match(keep):
        return match.group()
    quote = secret[0] if len(secret) > 1 and secret[0] == secret[-1] and secret[0] in "'\"" else ""
    return f"{keep}{quote}{REDACTED}{quote}"


def _of_program(names: str, shape: _Shape, line: str) -> str:
    """The line with the passwords behind a program's short options replaced, up to the end of its command."""
    program = _compiled(rf"(?<![\w-])(?:{names})(?![\w-])[^|;&\n]*", 0)
    option = _compiled(shape.pattern, shape.flags)
    return program.sub(lambda match: option.sub(_hidden, match.group()), line)

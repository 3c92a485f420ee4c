"""curl: what its words ask of a server, and which files it writes. What a request means is in `http_request`.

Facts: the curl 8 manual.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.http_request import Request, is_harmless_file
from safeshell.shell.checks.retaken import given_text, retaken, spec
from safeshell.shell.invocation import Invocation, Option
from safeshell.shell.word import UNKNOWN, Word

_CURL: Final = spec(
    "-A -b -c -C -d -D -e -E -F -h -H -K -m -o -P -Q -r -t -T -u -U -w -x -X -y -Y -z"
    " --abstract-unix-socket --alt-svc"
    " --aws-sigv4 --cacert --capath --cert --cert-type --ciphers --config --connect-timeout --connect-to"
    " --continue-at"
    " --cookie --cookie-jar --create-file-mode --crlfile --curves --data --data-ascii --data-binary"
    " --data-raw"
    " --data-urlencode --delegation --dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers --doh-url"
    " --dump-header --ech --egd-file --engine --etag-compare --etag-save --expect100-timeout --form"
    " --form-string"
    " --ftp-account --ftp-alternative-to-user --ftp-method --ftp-port --ftp-ssl-ccc-mode"
    " --happy-eyeballs-timeout-ms"
    " --haproxy-clientip --header --help --hostpubmd5 --hostpubsha256 --hsts --interface --ip-tos"
    " --ipfs-gateway --json"
    " --keepalive-cnt --keepalive-time --key --key-type --krb --libcurl --limit-rate --local-port"
    " --login-options"
    " --mail-auth --mail-from --mail-rcpt --max-filesize --max-redirs --max-time --netrc-file --noproxy"
    " --oauth2-bearer"
    " --output --output-dir --parallel-max --pass --pinnedpubkey --preproxy --proto --proto-default"
    " --proto-redir"
    " --proxy --proxy-cacert --proxy-capath --proxy-cert --proxy-ciphers --proxy-crlfile --proxy-header"
    " --proxy-key"
    " --proxy-pass --proxy-user --proxy1.0 --pubkey --quote --random-file --range --rate --referer --request"
    " --request-target --resolve --retry --retry-delay --retry-max-time --sasl-authzid --service-name"
    " --socks4 --socks4a"
    " --socks5 --socks5-hostname --speed-limit --speed-time --stderr --telnet-option --tftp-blksize"
    " --ssl-sessions --expand-data --time-cond --tls-max"
    " --tls13-ciphers --tlsauthtype --tlspassword --tlsuser --trace --trace-ascii --trace-config"
    " --unix-socket"
    " --upload-file --url --url-query --user --user-agent --variable --vlan-priority --write-out",
    abbreviations=False,
)
_BODY: Final = ("-d", "--data", "--data-ascii", "--data-binary", "--data-raw", "--data-urlencode", "--json")
_FORM: Final = ("-F", "--form", "--form-string")
_SAVING: Final = (
    "-o", "--output", "-c", "--cookie-jar", "-D", "--dump-header", "--trace", "--trace-ascii", "--stderr",
    "--etag-save", "--libcurl", "--hsts", "--alt-svc", "--ssl-sessions",
)  # fmt: skip
_SAVING_BY_NAME: Final = (
    "-O",
    "--remote-name",
    "--remote-name-all",
    "-J",
    "--remote-header-name",
    "--output-dir",
)
_UNREAD: Final = (
    "-K",
    "--config",
    "-Q",
    "--quote",
    "-t",
    "--telnet-option",
    "--mail-from",
    "--mail-rcpt",
    "--variable",
    "--expand-data",
    "--engine",
    "--proto-default",
    "-P",
)
# Whole names that others begin with; releases before 8.14 take a long option that is cut short.
_WHOLE: Final = ("--ssl", "--proto", "--proxy")
_CUT: Final = (*_SAVING, *_SAVING_BY_NAME, *_UNREAD, *_BODY, *_FORM, "--request", "--upload-file")


def request_of(invocation: Invocation) -> Request:
    """The request that a curl command makes."""
    return _request(retaken(invocation, _CURL))


def _request(taken: Invocation) -> Request:
    methods = [_method(option.value) for option in taken.given("-X", "--request")]
    bodies = [option.value.text for option in taken.given(*_BODY) if option.value is not None]
    forms = [option.value.text for option in taken.given(*_FORM) if option.value is not None]
    if not methods:
        methods = [_usual_method(taken, sends_body=bool(bodies), sends_form=bool(forms))]
    urls = [word.text for word in taken.operands]
    urls += [option.value.text for option in taken.given("--url") if option.value is not None]
    saves = [
        option.value.text
        for option in taken.given(*_SAVING)
        if option.value is not None and not is_harmless_file(option.value.text)
    ]
    saves += [option.name for option in taken.given(*_SAVING_BY_NAME)]
    understood = (
        not taken.has(*_UNREAD)
        and not _says_more(taken)
        and not any(map(_is_cut_short, taken.options))
        and not any(
            word.text.startswith(UNKNOWN) and word.splits and word not in taken.operands[-1:]
            for word in taken.operands
        )
    )
    return Request(
        tuple(methods),
        tuple(urls),
        " ".join((*bodies, *forms)),
        tuple(saves),
        understood and _plain_urls(urls),
    )


def _is_cut_short(option: Option) -> bool:
    """Whether a long option may be one of those that matter, cut short, or its `--expand-` form."""
    name = option.name
    if name.startswith("--expand-"):
        return True
    if not name.startswith("--") or name in _CUT or name in _WHOLE:
        return False
    return any(full.startswith(name) for full in _CUT)


def _says_more(taken: Invocation) -> bool:
    """Whether `-w` writes a file (`%output{f}`), or a header turns the method into another."""
    written = taken.given("-w", "--write-out")
    headers = taken.given("-H", "--header")
    return any("%output{" in given_text(option.value) for option in written) or any(
        "method-override" in given_text(option.value).lower() for option in headers
    )


def _plain_urls(urls: list[str]) -> bool:
    """Whether the protocols only fetch: not `ftp` with commands, `telnet`, `smtp`, `dict` with words to send."""
    return not any(
        url.lower().startswith(("telnet:", "smtp:", "smtps:", "mqtt:", "gopher:", "gophers:", "dict:"))
        for url in urls
    )


def _method(word: Word | None) -> str:
    return given_text(word).upper() or UNKNOWN


def _usual_method(taken: Invocation, *, sends_body: bool, sends_form: bool) -> str:
    if taken.has("-T", "--upload-file"):
        return "PUT"
    if sends_form or (sends_body and not taken.has("-G", "--get")):
        return "POST"
    return "HEAD" if taken.has("-I", "--head") else "GET"

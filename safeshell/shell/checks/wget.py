"""wget: what its words ask of a server, and which files it writes. What a request means is in `http_request`.

Facts: the GNU wget 1.21 manual; wget2 and busybox take the same words.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.http_request import Request, is_harmless_file
from safeshell.shell.checks.retaken import given_text, retaken, spec
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_WGET: Final = spec(
    "-o -a -e -i -B -t -O -T -w -Q -P -U -l -A -R -D -I -X --output-file --append-output --execute"
    " --input-file --base"
    " --tries --output-document --timeout --dns-timeout --connect-timeout --read-timeout --wait"
    " --waitretry --quota"
    " --directory-prefix --user-agent --level --accept --reject --domains --include-directories"
    " --exclude-directories"
    " --header --post-data --post-file --method --body-data --body-file --user --password --http-user"
    " --http-password"
    " --ftp-user --ftp-password --load-cookies --save-cookies --ca-certificate --ca-directory"
    " --certificate --private-key"
    " --referer --limit-rate --max-redirect --start-pos --progress --bind-address --cut-dirs --local-encoding"
    " --secure-protocol --retry-on-http-error --use-askpass --config --default-page --warc-file"
    " --restrict-file-names"
    " --accept-regex --reject-regex --prefer-family --ciphers --pinnedpubkey --hsts-file --compression"
    " --rejected-log",
    abbreviations=True,
)
_BODY: Final = ("--post-data", "--post-file", "--body-data", "--body-file")
_UNREAD: Final = ("-i", "--input-file", "-e", "--execute", "--config", "--use-askpass")


def request_of(invocation: Invocation) -> Request:
    """The request that a wget command makes."""
    taken = retaken(invocation, _WGET)
    bodies = [option.value.text for option in taken.given(*_BODY) if option.value is not None]
    methods = [given_text(option.value).upper() or UNKNOWN for option in taken.given("--method")]
    if not methods:
        methods = ["POST" if bodies else "HEAD" if taken.has("--spider") else "GET"]
    return Request(
        tuple(methods),
        tuple(word.text for word in taken.operands),
        " ".join(bodies),
        _saved(taken),
        not taken.has(*_UNREAD),
    )


def _saved(taken: Invocation) -> tuple[str, ...]:
    """The files it writes: the document by its own name, unless it goes to standard output."""
    logs = [
        option.value.text
        for option in taken.given("-o", "--output-file", "-a", "--append-output", "--save-cookies",
            "--warc-file",
                                  "--rejected-log", "--hsts-file")
        if option.value is not None and not is_harmless_file(option.value.text)
    ]  # fmt: skip
    if taken.has("-b", "--background"):
        logs.append("wget-log")
    if taken.has("-r", "--recursive", "-m", "--mirror", "-p", "--page-requisites"):
        logs.append("--recursive")
    document = taken.value("-O", "--output-document")
    if document is None and not taken.has("--spider"):
        logs.append("the document")
    elif document is not None and not is_harmless_file(document.text):
        logs.append(document.text)
    return tuple(logs)

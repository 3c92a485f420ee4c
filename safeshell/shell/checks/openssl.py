"""openssl: which of its commands only show, check or print.

Facts: the openssl(1) manuals, 3.0.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import words
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_PRINTING: Final = words(
    "s_client x509 verify version ciphers req rsa ec pkey pkcs8 pkcs12 pkcs7 crl crl2pkcs7 dsa dh dhparam"
    " asn1parse cms smime"
    " dgst sha1 sha256 sha384 sha512 md5 base64 enc rand prime speed errstr list engine ocsp sess_id"
    " s_time storeutl ts"
    " pkeyparam ecparam info nseq spkac passwd help no-sslv2 pkeyutl rsautl kdf mac"
)
_WRITING: Final = words(
    "-out -keyout -CAcreateserial -writerand -sess_out -respout -reqout -signer_out -certsout -CAserial"
    " -newkey -new -signkey"
    " -tlsextdebugfile -keylogfile -msgfile -outdir"
    # What they name is loaded as code.
    " -engine -provider-path -provider -pre -post"
)


def reads(invocation: Invocation) -> bool:
    """It prints to standard output."""
    words = [word.text for word in invocation.words]
    if not words or words[0] not in _PRINTING:
        return False
    if any(word.text.startswith(UNKNOWN) and word.splits for word in invocation.words):
        return False
    if words[0] == "engine" and any("/" in text for text in words[1:]):
        return False
    options = {("-" + text.lstrip("-")) for text in words[1:] if text.startswith("-")}
    written = options & _WRITING
    if written <= {"-out"} and "-out" in written:
        at = next(place for place, text in enumerate(words) if text.lstrip("-") == "out")
        return words[at + 1 : at + 2] in (["-"], ["/dev/null"], ["/dev/stdout"])
    return not written

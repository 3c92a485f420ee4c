"""TLS over an open socket: the client's settings, the handshake within a deadline, and the secured stream.

Imported only for addresses that ask for TLS: Python's ssl costs more than a whole plain connection.
Every failure is one sentence that names its cause: no TLS there, certificate, host name, client certificate.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

from safeshell.guard.text import visible
from safeshell.redis.address import ServerAddress, TlsOptions
from safeshell.redis.failures import AddressInvalid, Unreachable
from safeshell.redis.transport import RECEIVE_BYTES, Deadline, Transport, wait_for

_X509_HOSTNAME_MISMATCH: Final = frozenset({62, 63, 64})  # openssl/x509_vfy.h: host name, e-mail, IP address
_X509_EXPIRED: Final = 10
_NOT_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
_WANTS_CERTIFICATE: Final = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE")


class TlsTransport(Transport):
    """A Transport whose bytes are encrypted on the way."""

    __slots__ = ("_secured", "_send_awaits_receiving")

    def __init__(self, secured: ssl.SSLSocket) -> None:
        super().__init__(secured)
        self._secured = secured
        self._send_awaits_receiving = False

    def send(self, data: memoryview) -> int:
        """Send what goes without waiting; how many bytes that were."""
        try:
            return self._secured.send(data)
        except ssl.SSLWantWriteError:
            return 0
        except ssl.SSLWantReadError:
            self._send_awaits_receiving = True
            return 0

    def receive(self) -> bytes | None:
        """What has arrived; None for nothing yet, b"" when the other side has closed."""
        try:
            return self._secured.recv(RECEIVE_BYTES)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""

    def wait(self, *, to_send: bool, timeout: float | None) -> bool:
        """Wait until something arrives, or can be sent if `to_send`; False if `timeout` seconds pass."""
        if self._secured.pending():  # decrypted already: no poll would tell
            return True
        if self._send_awaits_receiving:
            self._send_awaits_receiving = to_send = False
        return super().wait(to_send=to_send, timeout=timeout)


def client_context(options: TlsOptions) -> ssl.SSLContext:
    """What the options say, ready for a handshake.

    Raises:
        AddressInvalid: a file can't be used, or this Python can't do what was asked for.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.check_hostname = options.check_hostname
        _trust(context, options)
    if options.key and not options.cert:
        raise AddressInvalid("a client key needs its certificate", todo="Give --cert too.")
    if options.cert:
        try:
            context.load_cert_chain(options.cert, options.key, password=_no_password)
        except (OSError, ValueError) as error:
            files = f"{options.cert} and {options.key}" if options.key else str(options.cert)
            raise AddressInvalid(
                f"the client certificate can't be used: {_reason(error)}",
                where=visible(files),
                todo="It needs a certificate and its unencrypted key in PEM form.",
            ) from None
    if options.ciphers:
        try:
            context.set_ciphers(options.ciphers)
        except ssl.SSLError:
            raise AddressInvalid(f'no TLS cipher fits "{visible(options.ciphers)}"') from None
    if options.ciphersuites:
        # Python gives no hold on TLS 1.3's suites before 3.15; ignoring the wish would be a lie.
        setter = getattr(context, "set_ciphersuites", None)
        if setter is None:
            raise AddressInvalid(
                "this Python can't choose TLS 1.3 cipher suites",
                todo="Leave --tls-ciphersuites out, or set Ciphersuites in OpenSSL's own configuration.",
            )
        setter(options.ciphersuites)
    return context


def secure(
    sock: socket.socket, context: ssl.SSLContext, address: ServerAddress, deadline: Deadline
) -> TlsTransport:
    """Speak TLS on a connected socket; it is closed when that fails.

    Raises:
        Unreachable: no TLS there, a certificate that is not trusted, or no end before the deadline.
    """
    name = (address.tls.sni if address.tls else "") or address.host
    try:
        sock.setblocking(False)
        secured = context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
        sock = secured
        _shake_hands(secured, deadline)
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            raise _failure(error, address, name, deadline) from None
        if isinstance(error, ValueError):
            raise AddressInvalid(f'"{visible(name)}" can be no name of a TLS server') from None
        raise
    return TlsTransport(secured)


def lost_reason(error: OSError) -> str:
    """Why a TLS stream ended, for a person; "" when TLS has nothing to say about it."""
    if not isinstance(error, ssl.SSLError):
        return ""
    if any(word in (error.reason or "") for word in _WANTS_CERTIFICATE):
        return "the server does not accept our TLS certificate, or wants one"
    return f"TLS failed: {_reason(error)}"


def _trust(context: ssl.SSLContext, options: TlsOptions) -> None:
    if not options.cacert and not options.cacertdir:
        context.load_default_certs()
        return
    if options.cacertdir and not options.cacertdir.is_dir():
        raise AddressInvalid(
            "there is no such folder of CA certificates", where=visible(str(options.cacertdir))
        )
    try:
        context.load_verify_locations(options.cacert, options.cacertdir)
    except (OSError, ValueError) as error:
        raise AddressInvalid(
            f"the CA certificate can't be used: {_reason(error)}", where=visible(str(options.cacert))
        ) from None


def _no_password() -> str:
    # Without this OpenSSL would ask on the terminal, behind the console's back.
    return ""


def _shake_hands(secured: ssl.SSLSocket, deadline: Deadline) -> None:
    while True:
        try:
            return secured.do_handshake()
        except ssl.SSLWantReadError:
            to_send = False
        except ssl.SSLWantWriteError:
            to_send = True
        if deadline.is_past:
            raise TimeoutError
        wait_for(secured, to_receive=not to_send, to_send=to_send, timeout=deadline.left())


def _failure(error: OSError, address: ServerAddress, name: str, deadline: Deadline) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrusted(error, address, name)
    not_tls = "This may be a port without TLS: try redis:// or leave --tls out."
    if isinstance(error, TimeoutError):
        message, todo = f"the TLS handshake got no answer within {deadline.seconds:g} s", not_tls
    elif isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS:
        message, todo = "the server does not speak TLS on this port", "Use redis:// or leave --tls out."
    elif isinstance(error, ssl.SSLEOFError | ConnectionError):
        message, todo = "the server closed the connection during the TLS handshake", not_tls
    else:
        message, todo = (
            f"no TLS connection: {lost_reason(error) or _reason(error)}",
            "Check --cert, --key and --tls-ciphers.",
        )
    return Unreachable(message, where=address.place, todo=todo)


def _distrusted(error: ssl.SSLCertVerificationError, address: ServerAddress, name: str) -> Unreachable:
    if error.verify_code in _X509_HOSTNAME_MISMATCH:
        return Unreachable(
            f'the server\'s certificate is not for "{visible(name)}"',
            where=address.place,
            todo="Connect by a name that is in it, or give that name with --sni.",
        )
    if error.verify_code == _X509_EXPIRED:
        return Unreachable("the server's certificate has expired", where=address.place)
    return Unreachable(
        f"the server's certificate is not trusted: {error.verify_message}",
        where=address.place,
        todo="Name the authority that signed it with --cacert FILE.",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "unreadable").replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "unreadable"

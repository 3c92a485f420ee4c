"""Where a Redis server is and as whom to go there: one value, and how URLs and the environment write it.

Pure: nothing is looked up, opened or asked here. Strict where redis-cli and redis-py guess: a database that
is no number is an error, never silently database 0. No password appears in a repr, a description or an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from pathlib import Path
from typing import Final

from safeshell.frozen import field, frozen, replace
from safeshell.guard.text import visible
from safeshell.redis.failures import AddressInvalid

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 6379
DEFAULT_CONNECT_TIMEOUT: Final = 10.0
MAX_DB: Final = 2**31 - 1

_TLS_OF_SCHEME: Final = {"redis": False, "valkey": False, "rediss": True, "valkeys": True, "unix": False}
_HEX: Final = frozenset("0123456789abcdefABCDEF")


class Protocol(IntEnum):
    """The version of the protocol to speak."""

    RESP2 = 2
    RESP3 = 3


class Family(Enum):
    """Which addresses of a host name to use."""

    ANY = "any"
    IPV4 = "IPv4"
    IPV6 = "IPv6"


class BareUserInfo(Enum):
    """What the word of `redis://word@host` is: redis-cli's -u takes it for the password, we for the user."""

    USERNAME = "username"
    PASSWORD = "password"  # noqa: S105  # a word, not a secret


@frozen
class TlsOptions:
    """How to speak TLS; the names are redis-cli's.

    Args:
        sni: the server's name to ask for and to check; the host by default.
        cacert, cacertdir: authorities to trust instead of the system's.
        cert, key: the client's certificate and its key.
        insecure: skip every check of the server's certificate.
        check_hostname: whether the certificate must name the host (redis-cli never looks).
        ciphers: of TLS 1.2 and below, as OpenSSL writes them.
        ciphersuites: of TLS 1.3.
    """

    sni: str = ""
    cacert: Path | None = None
    cacertdir: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = False
    check_hostname: bool = True
    ciphers: str = ""
    ciphersuites: str = ""


@frozen
class ServerAddress:
    """Everything needed to make the same connection again.

    Args:
        host, port: of a TCP server.
        unix_socket: the path of a local server's socket, instead of host and port.
        db: the database to select.
        username: "" is the default user.
        password: None is none at all; "" is sent.
        tls: None for a plain connection.
        protocol: RESP version.
        family: which IP addresses of `host` will do.
        client_name: what CLIENT LIST shows; "" for none.
        connect_timeout: seconds until connecting and the handshake are given up; None waits for ever.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    unix_socket: Path | None = None
    db: int = 0
    username: str = ""
    password: str | None = field(default=None, repr=False)
    tls: TlsOptions | None = None
    protocol: Protocol = Protocol.RESP2
    family: Family = Family.ANY
    client_name: str = ""
    connect_timeout: float | None = DEFAULT_CONNECT_TIMEOUT

    @property
    def place(self) -> str:
        """`host:port`, `[::1]:6379`, or the socket's path: what an unlabelled target is called."""
        if self.unix_socket is not None:
            return visible(str(self.unix_socket))
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{visible(host)}:{self.port}"

    def describe(self) -> str:
        """The address as a URL, without the password."""
        user = f"{visible(self.username)}@" if self.username else ""
        if self.unix_socket is not None:
            return f"unix://{user}{self.place}" + (f"?db={self.db}" if self.db else "")
        return f"{'rediss' if self.tls else 'redis'}://{user}{self.place}/{self.db}"


def parse_url(text: str, *, bare_userinfo: BareUserInfo = BareUserInfo.USERNAME) -> ServerAddress:
    """Read `redis://[user[:password]@]host[:port][/db][?option=value&…]`.

    Also `rediss`, `valkey`, `valkeys`, and `unix://[user[:password]@]/path?db=…`. Options: db, protocol,
    name, sni, cacert, cacertdir, cert, key, insecure, check_hostname.

    Args:
        text: the URL; reserved characters in user, password and path are percent-encoded.
        bare_userinfo: what a word without ":" before the "@" is.

    Raises:
        AddressInvalid: it does not say where to connect, or an option is unknown or said twice.
    """
    scheme, separator, rest = text.partition("://")
    tls = _TLS_OF_SCHEME.get(scheme.lower())
    if not separator or tls is None:
        raise AddressInvalid(
            f"{scheme.lower()}:// is no kind of Redis URL"
            if separator and scheme.isalnum()
            else "this is no URL",
            todo="Write redis://, rediss:// (TLS), valkey://, valkeys:// or unix://.",
        )
    if "#" in rest:
        raise AddressInvalid("a Redis URL has no part after #", todo="In a password, write # as %23.")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    if "@" in path or "@" in query:
        raise AddressInvalid(
            "there is an @ behind the host of this URL",
            todo="In a password, write / as %2F and ? as %3F; elsewhere, write @ as %40.",
        )
    userinfo, _, place = authority.rpartition("@")
    address = _with_userinfo(ServerAddress(tls=TlsOptions() if tls else None), userinfo, bare_userinfo)
    if scheme.lower() == "unix":
        address = _with_socket(address, place, slash + path)
    else:
        address = _with_host(address, place)
        if path:
            address = replace(address, db=parse_db(path, "the path of the URL"))
    return _with_query(address, query, db_said=bool(path) and scheme.lower() != "unix")


def from_environment(environ: Mapping[str, str], base: ServerAddress) -> ServerAddress:
    """`base` with what redis-cli's and valkey-cli's variables say.

    VALKEYCLI_HOST, _PORT, _USER and _AUTH; REDISCLI_AUTH where VALKEYCLI_AUTH is not set. A variable that is
    empty says nothing. VALKEYCLI_HOST and _PORT are for a TCP `base` only.

    Args:
        environ: the process's environment.
        base: what the variables override; options go over the result.

    Raises:
        AddressInvalid: VALKEYCLI_PORT is no port.
    """
    address = base
    if password := environ.get("VALKEYCLI_AUTH") or environ.get("REDISCLI_AUTH"):
        address = replace(address, password=password)
    if username := environ.get("VALKEYCLI_USER"):
        address = replace(address, username=username)
    if address.unix_socket is None:
        if host := environ.get("VALKEYCLI_HOST"):
            address = replace(address, host=host)
        if port := environ.get("VALKEYCLI_PORT"):
            address = replace(address, port=parse_port(port, "VALKEYCLI_PORT"))
    return address


def parse_db(text: str, where: str) -> int:
    """A database number.

    Raises:
        AddressInvalid: it is none; the message names `where` it stood.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > MAX_DB:
        raise AddressInvalid(
            f'"{visible(text, limit=40)}" in {where} is no database number', todo="Write 0, 1, 2, …"
        )
    return int(text)


def parse_port(text: str, where: str) -> int:
    """A TCP port.

    Raises:
        AddressInvalid: it is none; the message names `where` it stood.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65536:
        raise AddressInvalid(
            f'"{visible(text, limit=40)}" in {where} is no port', todo="Write a number from 1 to 65535."
        )
    return int(text)


def _with_userinfo(address: ServerAddress, userinfo: str, bare: BareUserInfo) -> ServerAddress:
    if not userinfo:
        return address
    first, colon, second = userinfo.partition(":")
    if colon:
        return replace(
            address,
            username=_decoded(first, "the user of the URL"),
            password=_decoded(second, "the password of the URL"),
        )
    word = _decoded(first, "the part of the URL before @")
    if bare is BareUserInfo.PASSWORD:
        return replace(address, password=word)
    return replace(address, username=word)


def _with_host(address: ServerAddress, place: str) -> ServerAddress:
    if place.startswith("["):
        host, bracket, after = place[1:].partition("]")
        if not bracket or not host or (after and not after.startswith(":")):
            raise AddressInvalid("the brackets around the IPv6 address do not fit", todo="Write [::1]:6379.")
        port = after[1:]
        colon = after[:1]
    else:
        host, colon, port = place.partition(":")
        if ":" in port:
            raise AddressInvalid("more than one : in the host", todo="Write an IPv6 address as [::1]:6379.")
    host = _decoded(host, "the host of the URL") or DEFAULT_HOST
    if any(char <= " " or char == "\x7f" for char in host):
        raise AddressInvalid("the host of the URL holds blanks or control characters")
    if not colon:
        return replace(address, host=host)
    return replace(address, host=host, port=parse_port(port, "the URL"))


def _with_socket(address: ServerAddress, before: str, path: str) -> ServerAddress:
    if before or path in ("", "/"):
        raise AddressInvalid(
            "a unix:// URL needs the socket's whole path", todo="Write unix:///run/redis.sock."
        )
    decoded = _decoded(path, "the path of the URL")
    if "\0" in decoded:
        raise AddressInvalid("the socket's path holds a NUL character")
    return replace(address, unix_socket=Path(decoded))


def _with_query(address: ServerAddress, query: str, *, db_said: bool) -> ServerAddress:
    said: dict[str, str] = {"db": ""} if db_said else {}
    for part in query.split("&") if query else ():
        name, _, raw = part.partition("=")
        if name in said:
            raise AddressInvalid(f'the URL says "{visible(name, limit=40)}" twice')
        said[name] = value = _decoded(raw, "an option of the URL")
        address = _with_option(address, name, value)
    return address


def _with_option(address: ServerAddress, name: str, value: str) -> ServerAddress:
    where = f"the URL's option {visible(name, limit=40)}"
    if not value:
        raise AddressInvalid(f"{where} has no value")
    match name:
        case "db":
            return replace(address, db=parse_db(value, where))
        case "protocol":
            if value not in ("2", "3"):
                raise AddressInvalid(f"{where} is 2 or 3")
            return replace(address, protocol=Protocol(int(value)))
        case "name":
            return replace(address, client_name=value)
        case "sni" | "cacert" | "cacertdir" | "cert" | "key" | "insecure" | "check_hostname":
            if address.tls is None:
                raise AddressInvalid(f"{where} is for TLS", todo="Write rediss:// or valkeys://.")
            return replace(address, tls=_with_tls_option(address.tls, name, value))
    raise AddressInvalid(
        f'the URL has an unknown option "{visible(name, limit=40)}"',
        todo="Options are db, protocol, name, sni, cacert, cacertdir, cert, key, insecure, check_hostname.",
    )


def _with_tls_option(tls: TlsOptions, name: str, value: str) -> TlsOptions:
    match name:
        case "sni":
            return replace(tls, sni=value)
        case "cacert":
            return replace(tls, cacert=Path(value))
        case "cacertdir":
            return replace(tls, cacertdir=Path(value))
        case "cert":
            return replace(tls, cert=Path(value))
        case "key":
            return replace(tls, key=Path(value))
        case "insecure":
            return replace(tls, insecure=_yes_or_no(value, name))
    return replace(tls, check_hostname=_yes_or_no(value, name))


def _yes_or_no(value: str, name: str) -> bool:
    if value in ("yes", "true", "1"):
        return True
    if value in ("no", "false", "0"):
        return False
    raise AddressInvalid(f"the URL's option {name} is yes or no")


def _decoded(text: str, where: str) -> str:
    """Percent-encoding undone; bytes that are not UTF-8 survive as surrogates. Errors never quote `text`."""
    if "%" not in text:
        return text
    out = bytearray()
    rest = text
    while rest:
        plain, percent, rest = rest.partition("%")
        out += plain.encode("utf-8", "surrogateescape")
        if percent:
            if len(rest) < 2 or not _HEX.issuperset(rest[:2]):
                raise AddressInvalid(
                    f"a % in {where} is not followed by two hexadecimal digits", todo="Write % itself as %25."
                )
            out.append(int(rest[:2], 16))
            rest = rest[2:]
    return out.decode("utf-8", "surrogateescape")

"""Where a target's Redis servers are, as the config writes it: a URL, a host, or a pattern of hosts.

Pure and without the network. Only what matching needs is read; connecting reads the URL in full on its own.
No password is part of any text or message made here.
"""

from __future__ import annotations

from safeshell.frozen import field, frozen

DEFAULT_PORT = 6379

_SCHEMES = {"redis": False, "valkey": False, "rediss": True, "valkeys": True, "unix": False}
_EXAMPLES = (
    'write "redis://cache.example.com:6379/0", "rediss://…", "unix:///run/redis.sock" or "cache-*:6379"'
)


@frozen
class RedisPlace:
    """One entry of a target's `redis`.

    Args:
        text: as written, without password.
        host: in lower case and without brackets; may be a pattern (`*`, `?`, `[a-c]`); "" for a socket.
        port: None is any port of the host.
        unix_socket: a local server's socket; may be a pattern; "" for a host.
        db: the database of the URL; None when it says none. Matching ignores it: who flushes a server's
            database 1 by FLUSHALL hits database 0 as well.
        username: of the URL.
        password: of the URL; None when it says none.
        url: what to connect to, without password; "" when this is a pattern.
    """

    text: str
    host: str = ""
    port: int | None = None
    unix_socket: str = ""
    db: int | None = None
    username: str = ""
    password: str | None = field(default=None, repr=False)
    url: str = ""


def parse_place(text: str) -> RedisPlace:
    """The place written in `text`.

    Raises:
        ValueError: it is none; the message holds no password.
    """
    if not text or any(char <= " " or char == "\x7f" for char in text):
        raise ValueError(f"a Redis server's address has no blanks and is not empty; {_EXAMPLES}")
    scheme, separator, rest = text.partition("://")
    if separator:
        return _of_url(scheme, rest)
    if text.startswith("/"):
        url = "" if _is_pattern(text) else f"unix://{text}"
        return RedisPlace(text, unix_socket=text, url=url)
    if "@" in text or "/" in text:
        raise ValueError(f"this is neither a URL nor a host; {_EXAMPLES}")
    host, port = _host_and_port(text)
    url = "" if _is_pattern(host) else f"redis://{_in_url(host)}:{port or DEFAULT_PORT}"
    return RedisPlace(text, host=host, port=port, url=url)


def _of_url(scheme: str, rest: str) -> RedisPlace:
    tls = _SCHEMES.get(scheme.lower())
    if tls is None:
        raise ValueError(f"this is no kind of Redis URL; {_EXAMPLES}")
    before, question, query = rest.partition("?")
    authority, slash, path = before.partition("/")
    if "@" in path or "#" in rest:
        raise ValueError("in a URL's password, write / as %2F, ? as %3F, @ as %40 and # as %23")
    userinfo, at, place = authority.rpartition("@")
    user, colon, password = userinfo.partition(":")
    db = _db_of_query(query)
    shown = f"{scheme}://{user}{at}{place}{slash}{path}{question}{query}"
    username, secret = _decoded(user), _decoded(password) if colon else None
    if scheme.lower() == "unix":
        socket = _decoded(slash + path)
        if place or len(socket) < 2:
            raise ValueError("a unix:// URL needs the socket's whole path, like unix:///run/redis.sock")
        url = "" if _is_pattern(socket) else shown
        return RedisPlace(shown, unix_socket=socket, db=db, username=username, password=secret, url=url)
    host, port = _host_and_port(place) if place else ("127.0.0.1", None)
    if path:
        db = _db(path, "behind the host of a Redis URL stands the database's number, like /0")
    url = "" if _is_pattern(host) else shown
    return RedisPlace(
        shown,
        host=host,
        port=port if port or not url else DEFAULT_PORT,
        db=db,
        username=username,
        password=secret,
        url=url,
    )


def _db_of_query(query: str) -> int | None:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name == "db":
            return _db(value, "the URL's option db is a database's number, like ?db=0")
    return None


def _db(text: str, wrong: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise ValueError(wrong)
    return int(text)


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("[") and (":" in text.partition("]")[0] or "::" in text):
        host, bracket, after = text[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise ValueError("an IPv6 address with a port is written [::1]:6379")
        return _plain(host), _port(after[1:]) if after else None
    if text.count(":") > 1:  # a bare IPv6 address: it can't have a port
        return _plain(text), None
    host, colon, port = text.partition(":")
    return _plain(host), _port(port) if colon and port != "*" else None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65536:
        raise ValueError("a port is a number from 1 to 65535 (or * for any)")
    return int(text)


def _plain(host: str) -> str:
    plain = _decoded(host).lower().rstrip(".")
    if not plain or any(char <= " " or char == "\x7f" for char in plain):
        raise ValueError(f"there is no host in this; {_EXAMPLES}")
    return plain


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote  # costs more than reading a whole config without any

    return unquote(text, errors="surrogateescape")


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[")

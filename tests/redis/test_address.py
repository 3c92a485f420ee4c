from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis.address import (
    BareUserInfo,
    Protocol,
    ServerAddress,
    TlsOptions,
    from_environment,
    parse_url,
)
from safeshell.redis.failures import AddressInvalid

SECRET = "s3cr3t-do-not-show"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://", ServerAddress()),
        ("redis://h", ServerAddress(host="h")),
        ("REDIS://h", ServerAddress(host="h")),
        ("redis://h/", ServerAddress(host="h")),
        ("redis://h:7000/3", ServerAddress(host="h", port=7000, db=3)),
        ("valkey://h/1", ServerAddress(host="h", db=1)),
        ("redis://:pw@h", ServerAddress(host="h", password="pw")),
        ("redis://ops:pw@h", ServerAddress(host="h", username="ops", password="pw")),
        ("redis://ops@h", ServerAddress(host="h", username="ops")),
        ("redis://ops:@h", ServerAddress(host="h", username="ops", password="")),
        ("redis://o%40ps:p%2Fw%3a%25@h", ServerAddress(host="h", username="o@ps", password="p/w:%")),
        ("redis://:p@ss@h", ServerAddress(host="h", password="p@ss")),
        ("redis://:%ff@h", ServerAddress(host="h", password="\udcff")),
        ("redis://:pässwort@h", ServerAddress(host="h", password="pässwort")),
        ("redis://[::1]", ServerAddress(host="::1")),
        ("redis://[::1]:7000/2", ServerAddress(host="::1", port=7000, db=2)),
        ("redis://[fe80::1%25eth0]:7000", ServerAddress(host="fe80::1%eth0", port=7000)),
        ("redis://h?db=4&protocol=3&name=me",
         ServerAddress(host="h", db=4, protocol=Protocol.RESP3, client_name="me")),
        ("rediss://h", ServerAddress(host="h", tls=TlsOptions())),
        (
            "valkeys://h?sni=x&cacert=/a/ca.pem&cert=c&key=k&insecure=yes&check_hostname=no&cacertdir=/d",
            ServerAddress(
                host="h",
                tls=TlsOptions(
                    sni="x",
                    cacert=Path("/a/ca.pem"),
                    cacertdir=Path("/d"),
                    cert=Path("c"),
                    key=Path("k"),
                    insecure=True,
                    check_hostname=False,
                ),
            ),
        ),
        ("unix:///run/redis.sock", ServerAddress(unix_socket=Path("/run/redis.sock"))),
        ("unix://ops:pw@/a%20b/s?db=2",
         ServerAddress(unix_socket=Path("/a b/s"), username="ops", password="pw", db=2)),
    ],
)  # fmt: skip
def test_urls_say_where_to_connect(url: str, address: ServerAddress) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://h/abc", '"abc" in the path of the URL is no database number'),
        ("redis://h/-1", "is no database number"),
        ("redis://h/1/2", "is no database number"),
        ("redis://h/99999999999", "is no database number"),
        ("redis://h/²", "is no database number"),
        ("redis://h?db=x", "no database number"),
        ("redis://h/1?db=2", 'says "db" twice'),
        ("redis://h?db=1&db=1", 'says "db" twice'),
        ("redis://h:0", '"0" in the URL is no port'),
        ("redis://h:65536", "is no port"),
        ("redis://h:", "is no port"),
        ("redis://h:x", "is no port"),
        ("redis://::1/0", "more than one : in the host"),
        ("redis://[::1", "the brackets around the IPv6 address do not fit"),
        ("redis://[::1]x", "the brackets around the IPv6 address do not fit"),
        ("redis://h\x1b[2J", "blanks or control characters"),
        ("redis://a b", "blanks or control characters"),
        ("redis://:%zz@h", "a % in the password of the URL"),
        ("redis://:%4@h", "a % in the password of the URL"),
        ("redis://h#x", "no part after #"),
        ("redis://h?protocol=4", "is 2 or 3"),
        ("redis://h?ssl=1", 'unknown option "ssl"'),
        ("redis://h?cacert=/x", "is for TLS"),
        ("rediss://h?cacert=", "has no value"),
        ("rediss://h?insecure=maybe", "yes or no"),
        ("unix://h/s", "needs the socket's whole path"),
        ("unix://", "needs the socket's whole path"),
        ("unix:///%00", "NUL"),
        ("http://h", "http:// is no kind of Redis URL"),
        ("localhost:6379", "this is no URL"),
    ],
)
def test_a_url_that_is_wrong_is_an_error_and_never_a_guess(url: str, said: str) -> None:
    with pytest.raises(AddressInvalid) as raised:
        parse_url(url)

    assert said in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_redis_clis_own_url_option_takes_a_lone_word_for_the_password() -> None:
    address = parse_url("redis://word@h", bare_userinfo=BareUserInfo.PASSWORD)

    assert (address.username, address.password) == ("", "word")


@pytest.mark.parametrize(
    "url",
    [
        f"redis://u:{SECRET}@h",
        f"redis://u:{SECRET}@h/1?protocol=3",
        f"unix://u:{SECRET}@/s?db=1",
        f"rediss://:{SECRET}@[::1]:7000",
    ],
)
def test_passwords_are_neither_described_nor_in_the_repr(url: str) -> None:
    address = parse_url(url)

    assert address.password == SECRET
    assert SECRET not in repr(address) + address.describe() + address.place + str(address)


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{SECRET}/x@h",
        f"redis://:{SECRET}?x@h",
        f"redis://:{SECRET}#x@h",
        f"redis://u:{SECRET}%@h",
        f"redis://u:{SECRET}@h:x",
        f"redis://u:{SECRET}@h/x",
        f"redis://u:{SECRET}@h/1?x=y",
        f"http://u:{SECRET}@h",
        f"unix://u:{SECRET}@h",
        f"{SECRET}@h:6379",
    ],
)
def test_errors_do_not_tell_the_password(url: str) -> None:
    with pytest.raises(AddressInvalid) as raised:
        parse_url(url)

    assert SECRET not in str(raised.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_an_error_of_ours(text: str) -> None:
    for url in (text, "redis://" + text, "unix://" + text, "rediss://" + text):
        try:
            parse_url(url).describe()
        except AddressInvalid as error:
            assert error.message


def test_places_and_descriptions_can_be_told_apart() -> None:
    v6 = parse_url("rediss://ops:x@[::1]:7000/2")
    unix = parse_url("unix:///run/redis.sock?db=1")

    assert (v6.place, v6.describe()) == ("[::1]:7000", "rediss://ops@[::1]:7000/2")
    assert (unix.place, unix.describe()) == ("/run/redis.sock", "unix:///run/redis.sock?db=1")
    assert ServerAddress(host="h\x1b[2J").place == "h\\x1b[2J:6379"


def test_the_environment_says_what_redis_cli_and_valkey_cli_would_take_from_it() -> None:
    base = ServerAddress()

    assert from_environment({}, base) == base
    assert from_environment({"REDISCLI_AUTH": "a"}, base).password == "a"
    assert from_environment({"REDISCLI_AUTH": "a", "VALKEYCLI_AUTH": "b"}, base).password == "b"
    assert from_environment({"REDISCLI_AUTH": ""}, base).password is None
    said = from_environment({"VALKEYCLI_HOST": "h", "VALKEYCLI_PORT": "7000", "VALKEYCLI_USER": "u"}, base)
    assert (said.host, said.port, said.username) == ("h", 7000, "u")


def test_the_environments_host_leaves_a_unix_socket_alone() -> None:
    base = ServerAddress(unix_socket=Path("/s"))

    assert from_environment({"VALKEYCLI_HOST": "h", "VALKEYCLI_PORT": "x"}, base) == base


def test_a_port_in_the_environment_that_is_none_is_an_error() -> None:
    with pytest.raises(AddressInvalid, match='"x" in VALKEYCLI_PORT is no port'):
        from_environment({"VALKEYCLI_PORT": "x"}, ServerAddress())

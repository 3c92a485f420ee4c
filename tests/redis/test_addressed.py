from __future__ import annotations

import pytest

from safeshell.guard.reading import Address
from safeshell.redis.addressed import ANYWHERE, addresses_of
from safeshell.redis.dialect import RedisDialect


def test_a_migrate_counts_where_it_writes_to() -> None:
    (address,) = RedisDialect().read("MIGRATE cache.prod 6379 k 0 1000 COPY").addresses

    assert address == Address("redis", "cache.prod:6379")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (b"return redis.call('migrate','10.0.0.9',6379,'k',0,100)", (Address("redis", "10.0.0.9:6379"),)),
        (b"return redis.call('MIGRATE', ARGV[1], 6379, 'k', 0, 100)", (ANYWHERE,)),
        (b"local c = 'mig'..'rate' return redis.call(c, 'x', 1) -- migrate", (ANYWHERE,)),
        (b"return redis.call('get', KEYS[1])", ()),
    ],
)
def test_a_script_that_migrates_counts_too(script: bytes, expected: tuple[Address, ...]) -> None:
    assert addresses_of([(b"EVAL", script, b"0")]) == expected


def test_other_commands_address_nobody_else() -> None:
    assert addresses_of([(b"GET", b"a"), (b"DEL", b"migrate"), ()]) == ()

"""A line is judged by what the server really calls, runs and knows now, and as the strictest where it can't tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from safeshell.guard.effects import EffectKind
from safeshell.guard.reading import Reading
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.dialect import RedisDialect
from safeshell.redis.reply import string_of
from safeshell.redis.session import RedisSession
from safeshell.redis.tokens import split_line
from tests.servers import RedisServer, valkey_binary

LIBRARY = (
    "#!lua name=lib\n"
    "redis.register_function{{function_name='peek', callback=function(k) return redis.call('GET', k[1]) end, "
    "flags={{{flags}}}}}\n"
    "redis.register_function('poke', function(k) return redis.call('SET', k[1], 'x') end)"
)


def opened(server: RedisServer, protocol: Protocol = Protocol.RESP2) -> RedisSession:
    return RedisSession.open(ServerAddress(port=server.port, protocol=protocol), target="cache")


@pytest.fixture
def session(redis_server: RedisServer) -> Iterator[RedisSession]:
    with closing(opened(redis_server)) as one:
        yield one


def judged(session: RedisSession, line: str) -> Reading:
    """`line` as the console reads it: after the server was asked what must be known."""
    return RedisDialect(session.learn(split_line(line))).read(line)


def kinds(reading: Reading) -> set[EffectKind]:
    return {effect.kind for effect in reading.effects}


@pytest.fixture
def renaming_server() -> Iterator[RedisServer]:
    """FLUSHALL is `weg`, GET is `hole`, and CONFIG is switched off."""
    server = RedisServer()
    file = server.folder / "names.conf"
    file.write_text("rename-command FLUSHALL weg\nrename-command GET hole\nrename-command CONFIG ''\n")
    server.options = ("--include", str(file))
    with server:
        yield server


def test_a_renamed_command_is_judged_as_what_it_is(renaming_server: RedisServer) -> None:
    with closing(opened(renaming_server)) as session:
        assert judged(session, "weg ASYNC").effects == RedisDialect().read("FLUSHALL ASYNC").effects
        assert judged(session, "hole a").reads


def test_a_name_that_the_server_does_not_know_is_never_a_read(renaming_server: RedisServer) -> None:
    with closing(opened(renaming_server)) as session:
        assert not judged(session, "nobody-knows this").reads


def test_another_server_is_asked_anew(renaming_server: RedisServer, redis_server: RedisServer) -> None:
    with closing(opened(renaming_server)) as session:
        assert EffectKind.DELETE in kinds(judged(session, "weg"))
        session.switch(ServerAddress(port=redis_server.port))

        assert EffectKind.DELETE not in kinds(judged(session, "weg"))
        assert not judged(session, "weg").reads
        assert session.facts().renamed == {}


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_function_is_a_read_only_where_the_server_itself_refuses_its_writes(
    redis_server: RedisServer, protocol: Protocol
) -> None:
    redis_server.send("FUNCTION", "LOAD", LIBRARY.format(flags="'no-writes'"))
    with closing(opened(redis_server, protocol)) as session:
        assert judged(session, "FCALL peek 1 a").reads
        assert not judged(session, "FCALL poke 1 a").reads
        assert EffectKind.EXECUTE in kinds(judged(session, "FCALL poke 1 a"))
        assert judged(session, "FCALL_RO poke 1 a").reads
        assert not judged(session, "FCALL nobody 1 a").reads


def test_a_function_that_somebody_replaces_is_judged_as_it_is_now(
    redis_server: RedisServer, session: RedisSession
) -> None:
    redis_server.send("FUNCTION", "LOAD", LIBRARY.format(flags="'no-writes'"))
    assert judged(session, "FCALL peek 1 a").reads

    redis_server.send("FUNCTION", "LOAD", "REPLACE", LIBRARY.format(flags=""))
    assert not judged(session, "FCALL peek 1 a").reads

    redis_server.send("FUNCTION", "FLUSH")
    assert not judged(session, "FCALL peek 1 a").reads


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("return redis.call('GET', KEYS[1])", EffectKind.READ),
        ("return redis.call('DEL', KEYS[1])", EffectKind.DELETE),
        ("return redis.call('FLUSHALL')", EffectKind.DELETE),
        ("return redis.call(ARGV[1], KEYS[1])", EffectKind.EXECUTE),
    ],
)
def test_a_script_by_its_hash_is_judged_by_the_text_that_was_loaded(
    session: RedisSession, body: str, kind: EffectKind
) -> None:
    sha1 = (string_of(session.execute([b"SCRIPT", b"LOAD", body.encode()])) or b"").decode()

    by_hash, by_text = judged(session, f"EVALSHA {sha1} 1 a"), judged(session, f'EVAL "{body}" 1 a')

    assert kind in kinds(by_hash)
    assert by_hash.effects == by_text.effects
    assert judged(session, f"evalsha {sha1.upper()} 1 a").effects == by_hash.effects


def test_a_script_whose_text_the_server_keeps_to_itself_may_do_anything(
    redis_server: RedisServer, session: RedisSession
) -> None:
    sha1 = redis_server.send("SCRIPT", "LOAD", "return 1").decode()

    assert EffectKind.EXECUTE in kinds(judged(session, f"EVALSHA {sha1} 0"))
    assert judged(session, f"EVALSHA_RO {sha1} 0").reads


def test_a_script_that_was_refused_by_the_server_teaches_nothing(session: RedisSession) -> None:
    session.execute([b"SCRIPT", b"LOAD", b"this is no Lua"])

    assert session.facts().scripts == {}


def test_valkey_shows_what_others_have_loaded(valkey_server: RedisServer) -> None:
    sha1 = valkey_server.send("SCRIPT", "LOAD", "return redis.call('DEL', KEYS[1])").decode()
    with closing(opened(valkey_server)) as session:
        assert EffectKind.DELETE in kinds(judged(session, f"EVALSHA {sha1} 1 a"))


def test_who_may_not_ask_is_judged_as_the_strictest() -> None:
    with RedisServer(binary=valkey_binary()) as server:
        server.send("FUNCTION", "LOAD", LIBRARY.format(flags="'no-writes'"))
        server.send("ACL", "SETUSER", "u", "on", ">p", "~*", "+@all", "-function", "-command", "-script")
        sha1 = server.send("SCRIPT", "LOAD", "return 1").decode()
        address = ServerAddress(port=server.port, username="u", password="p")
        with closing(RedisSession.open(address, target="cache")) as session:
            for line in ("FCALL peek 1 a", f"EVALSHA {sha1} 0", "weg"):
                assert not judged(session, line).reads
            assert session.state.connected


def test_a_server_that_is_gone_teaches_nothing_and_nothing_is_called_a_read(
    redis_server: RedisServer, session: RedisSession
) -> None:
    redis_server.send("FUNCTION", "LOAD", LIBRARY.format(flags="'no-writes'"))
    redis_server.kill()

    assert not judged(session, "FCALL peek 1 a").reads

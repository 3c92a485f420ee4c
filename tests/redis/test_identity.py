"""A server is recognised by its ids under whatever name it is reached."""

from __future__ import annotations

import json
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from safeshell.guard.environment import Environment
from safeshell.journal.known_places import MAX_NAMES
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.identity import (
    Acquaintance,
    Identity,
    IdentityNote,
    IdentityStore,
    KnownName,
    check_identity,
    check_pins,
    identity_from_info,
)
from safeshell.redis.server_info import info_fields
from tests.servers import DEADLINE, RedisServer

A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
PRODUCTION = Identity(run_id=A, replid=B, role="primary", version="7.0.15", kind="redis")


@pytest.fixture
def store(tmp_path: Path) -> IdentityStore:
    return IdentityStore(tmp_path / "state" / "servers.json")


def check(
    store: IdentityStore, identity: Identity, name: str = "cache", environment: str = "production"
) -> IdentityNote:
    return check_identity(store, identity, target_name=name, environment_name=environment)


def test_first_use_remembers_and_the_second_knows(store: IdentityStore) -> None:
    assert check(store, PRODUCTION) == IdentityNote(Acquaintance.NEW, "production")
    assert check(store, PRODUCTION) == IdentityNote(Acquaintance.KNOWN, "production")


def test_a_tunnel_to_a_known_server_is_told_with_its_name_and_environment(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    note = check(store, PRODUCTION, "localhost:6379", "unlabelled")
    assert [(known.target_name, known.environment_name) for known in note.also_known_as] == [
        ("cache", "production")
    ]
    assert note.text == "this is the very server known as cache (production)"


def test_of_several_names_the_strictest_environment_holds(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    check(store, PRODUCTION, "localhost:6379", "unlabelled")
    assert check(store, PRODUCTION, "localhost:6380", "development").environment_name == "production"
    assert check(store, PRODUCTION, "cache").environment_name == "production"


def test_environments_of_ones_own_count_by_their_strictness(store: IdentityStore) -> None:
    own = {
        name: Environment(name, strictness=n) for name, n in (("bank", 200), ("lab", 5), ("production", 100))
    }
    for name in ("production", "bank", "gone"):
        check_identity(store, PRODUCTION, target_name=name, environment_name=name, environments=own)
    note = check_identity(store, PRODUCTION, target_name="x", environment_name="lab", environments=own)
    assert note.environment_name == "bank"


def test_the_tunnel_is_told_at_every_use_not_only_at_the_first(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    check(store, PRODUCTION, "localhost:6379", "unlabelled")
    note = check(store, PRODUCTION, "localhost:6379", "unlabelled")
    assert note.acquaintance is Acquaintance.KNOWN
    assert "cache (production)" in note.text


def test_a_replica_of_a_known_primary_holds_the_same_data(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    note = check(store, replace(PRODUCTION, run_id=C, role="replica"), "localhost:6380", "development")
    assert note.also_known_as[0].target_name == "cache"
    assert "same data as cache (production)" in note.text


def test_two_names_of_one_environment_are_no_news(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    note = check(store, PRODUCTION, "cache-by-ip")
    assert note.also_known_as
    assert note.text == ""


def test_a_copy_of_productions_dump_is_not_production(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    copy = replace(PRODUCTION, run_id=C, replid=D, replid2=B)
    assert check(store, copy, "localhost:6379", "development").also_known_as == ()


def test_a_restart_that_kept_the_history_is_told_as_one(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    note = check(store, replace(PRODUCTION, run_id=C, replid=D, replid2=B))
    assert note.acquaintance is Acquaintance.RESTARTED
    assert "restarted or failed over" in note.text


def test_another_server_under_the_same_name_is_told(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    note = check(store, replace(PRODUCTION, run_id=C, replid=D))
    assert note.acquaintance is Acquaintance.REPLACED
    assert note.text == "cache was restarted or replaced by another server since the last time"


def test_a_name_that_now_leads_to_a_known_server_tells_both(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    check(store, replace(PRODUCTION, run_id=C, replid=D), "localhost:6379", "development")
    note = check(store, PRODUCTION, "localhost:6379", "development")
    assert note.acquaintance is Acquaintance.REPLACED
    assert note.also_known_as[0].environment_name == "production"


def test_a_server_without_ids_is_never_anybody(store: IdentityStore) -> None:
    nobody = Identity(run_id="", replid="", role="", version="", kind="redis")
    assert check(store, nobody).acquaintance is Acquaintance.UNTOLD
    check(store, replace(nobody, run_id=A), "x")
    assert check(store, replace(nobody, run_id=C), "y").also_known_as == ()


def test_the_file_is_private_and_left_whole(store: IdentityStore) -> None:
    check(store, PRODUCTION)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [path.name for path in store.path.parent.iterdir()] == ["servers.json"]
    assert json.loads(store.path.read_text())["names"][0]["target"] == "cache"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"form":1,"names":[1]}', b'{"form":9,"names":[]}', b"[" * 100_000],
)
def test_a_damaged_file_is_said_and_begun_anew(store: IdentityStore, content: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    note = check(store, PRODUCTION)
    assert note.acquaintance is Acquaintance.NEW
    assert "damaged" in note.text
    assert check(store, PRODUCTION).text == ""


def test_a_folder_that_can_not_be_written_is_said_and_does_not_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    note = check(IdentityStore(tmp_path / "file" / "servers.json"), PRODUCTION)
    assert "can't be" in note.text


def test_the_oldest_names_are_forgotten_first(store: IdentityStore) -> None:
    names = [{"target": f"t{i}", "environment": "e", "run_id": "", "replid": ""} for i in range(MAX_NAMES)]
    store.path.parent.mkdir()
    store.path.write_text(json.dumps({"form": 1, "names": names}))
    store.remember(KnownName("new", "e", A, B))
    kept = store.load()
    assert len(kept) == MAX_NAMES
    assert "t0" not in kept
    assert "new" in kept


def test_escape_sequences_in_names_are_not_shown_as_such(store: IdentityStore) -> None:
    check(store, PRODUCTION, "evil\x1b[2J")
    assert "\x1b" not in check(store, PRODUCTION, "localhost:6379", "development").text


def test_a_pin_is_matched_by_run_or_replication_id() -> None:
    assert check_pins([], PRODUCTION) is None
    assert check_pins([A.upper()], PRODUCTION) is None
    assert check_pins([C, B], PRODUCTION) is None
    assert check_pins(["SHA256:abc"], PRODUCTION) is None  # an SSH host key's


def test_a_pin_that_does_not_match_says_what_the_server_has() -> None:
    text = check_pins([C], PRODUCTION)
    assert text == f"this is not the pinned server: it has run id {A} and replication id {B}"
    after_failover = check_pins([C], replace(PRODUCTION, replid2=C))
    assert after_failover
    assert "goes on from the pinned history" in after_failover
    assert check_pins([C], Identity("", "", "", "", "redis"))


def identity_of(server: RedisServer) -> Identity:
    with Connection.open(ServerAddress(port=server.port)) as connection:
        fields = info_fields(connection.call(b"INFO", b"server"))
        return identity_from_info(fields | info_fields(connection.call(b"INFO", b"replication")))


def test_a_real_primary_and_its_replica_are_recognised_as_one(
    store: IdentityStore, redis_server: RedisServer
) -> None:
    primary = identity_of(redis_server)
    assert (primary.role, primary.kind, primary.replid2) == ("primary", "redis", "")
    redis_server.send("CONFIG", "SET", "repl-diskless-sync-delay", "0")
    with RedisServer("--replicaof", "127.0.0.1", str(redis_server.port)) as replica:
        end = time.monotonic() + DEADLINE
        while identity_of(replica).replid != identity_of(redis_server).replid:  # new with the first replica
            assert time.monotonic() < end
            time.sleep(0.02)
        check(store, identity_of(redis_server))
        found = identity_of(replica)
    assert found.role == "replica"
    assert check(store, found, "localhost:1", "development").also_known_as[0].target_name == "cache"


@pytest.mark.parametrize("saved", [True, False])
def test_a_real_restart_is_told_as_far_as_it_can_be(store: IdentityStore, saved: bool) -> None:
    with RedisServer("--repl-diskless-sync-delay", "0") as server:
        check(store, identity_of(server))
        server.send("SET", "k", "1")
        # A primary writes its replication id into the dump only once it has a history to go on with.
        with RedisServer("--replicaof", "127.0.0.1", str(server.port)) as replica:
            end = time.monotonic() + DEADLINE
            # Until it is online, the transfer to it is under way, and SAVE would be refused.
            while b"state=online" not in server.send("INFO", "replication"):
                assert time.monotonic() < end
                time.sleep(0.02)
            check(store, identity_of(server))
            if saved:
                server.send("SAVE")
            replica.kill()
        server.kill()
        server.start()
        note = check(store, identity_of(server))
    expected = Acquaintance.RESTARTED if saved else Acquaintance.REPLACED
    assert note.acquaintance is expected


def test_valkey_tells_its_own_name(valkey_server: RedisServer) -> None:
    found = identity_of(valkey_server)
    assert found.kind == "valkey"
    assert found.version.startswith("9.")

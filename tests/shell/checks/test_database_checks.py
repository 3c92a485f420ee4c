"""Cypher, the Bacula console, and deletes that are posted: what their words do."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.shell.checks import bacula, cypher, posted_deletes
from safeshell.shell.invocation import Invocation, invoke
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import UNKNOWN, Word


def command_of(line: str) -> SimpleCommand:
    return SimpleCommand(tuple(Word(text, source=text) for text in shlex.split(line)))


def invocation_of(line: str) -> Invocation:
    fed, bar, line = line.rpartition(" | ")
    command = command_of(line)
    feeds = (command_of(fed),) if bar else ()
    return invoke(SimpleCommand(command.words, feeds=feeds))


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) RETURN count(n)",
        "match (n:User {name: 'delete me'}) return n limit 10",
        "SHOW INDEXES",
        "CALL db.labels()",
        "PROFILE MATCH (n) RETURN n // SET nothing",
        "MATCH (n) WHERE n.`set` = 1 RETURN n",
    ],
)
def test_cypher_that_only_looks_is_proven(text: str) -> None:
    assert cypher.reads(invocation_of(f"cypher-shell -u neo4j -p secret {shlex.quote(text)}"))


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (n:User)",
        "MATCH (n) SET n.a = 1",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n) CALL apoc.do.it(n) YIELD value RETURN value",
        "LOAD CSV FROM 'x' AS row RETURN row",
        "EXPLAIN MATCH (n) RETURN n; CREATE (m)",
        UNKNOWN,
        "",
    ],
)
def test_cypher_that_changes_is_never_proven(text: str) -> None:
    assert not cypher.reads(invocation_of(f"cypher-shell {shlex.quote(text)}"))


def test_a_cypher_console_is_not_proven() -> None:
    assert not cypher.reads(invocation_of("cypher-shell -a neo4j://db"))


@pytest.mark.parametrize(
    ("text", "loses"),
    [
        ("MATCH (n) DETACH DELETE n", True),
        ("drop database shop", True),
        ("MATCH (n) REMOVE n.a", True),
        (f"MATCH (n) {UNKNOWN}", True),
        ("CREATE (n {a: 'DELETE'})", False),
        ("MATCH (n) RETURN n", False),
    ],
)
def test_cypher_that_loses_something_is_told(text: str, loses: bool) -> None:
    assert cypher.loses(invocation_of(f"cypher-shell {shlex.quote(text)}")) is loses


@pytest.mark.parametrize(
    ("line", "deletes", "asks"),
    [
        ("echo 'delete jobid=1' | bconsole", True, False),
        ("printf 'list jobs\\npurge volume=v\\n' | bconsole", True, False),
        ("echo 'list jobs' | bconsole", False, True),
        ("echo 'status dir' | bconsole -c b.conf", False, True),
        ("echo 'run job=x yes' | bconsole", False, False),
        ("cat script | bconsole", False, False),
        ("bconsole", False, False),
    ],
)
def test_what_is_sent_to_the_director_is_read(line: str, deletes: bool, asks: bool) -> None:
    invocation = invocation_of(line)
    assert bacula.deletes(invocation) is deletes
    assert bacula.asks(invocation) is asks


@pytest.mark.parametrize(
    ("line", "deletes", "everything"),
    [
        (
            "curl 'http://s:8983/solr/shop/update?commit=true' -d '<delete><query>*:*</query></delete>'",
            True,
            True,
        ),
        ('curl http://s:8983/solr/shop/update -d \'{"delete":{"id":"1"}}\'', True, False),
        ("curl 'http://s/solr/shop/update?stream.body=%3Cdelete%3E%3Cquery%3E*:*'", True, True),
        ("curl 'http://s/solr/admin/cores?action=UNLOAD&core=x'", True, False),
        ("curl 'http://s/solr/shop/select?q=*:*'", False, False),
        ("curl http://s/solr/shop/update -d '<add><doc/></add>'", False, False),
    ],
)
def test_deletes_that_are_posted_to_solr_are_told(line: str, deletes: bool, everything: bool) -> None:
    assert posted_deletes.solr(invocation_of(line)) is deletes
    assert posted_deletes.solr_everything(invocation_of(line)) is everything


@pytest.mark.parametrize(
    ("line", "deletes"),
    [
        ("curl -X POST 'http://n:4151/topic/delete?topic=x'", True),
        ("curl -d '' 'http://n:4151/channel/empty?topic=x&channel=y'", True),
        ("curl 'http://n:4151/topic/delete?topic=x'", False),
        ("curl -X POST 'http://n:4151/topic/pause?topic=x'", False),
    ],
)
def test_deletes_that_are_posted_to_nsqd_are_told(line: str, deletes: bool) -> None:
    assert posted_deletes.nsq(invocation_of(line)) is deletes


@given(st.lists(st.text(), max_size=6))
def test_no_words_break_the_checks(texts: list[str]) -> None:
    words = (Word("curl"), *(Word(text, source=text) for text in texts))
    invocation = invoke(SimpleCommand(words, feeds=(SimpleCommand(words),)))
    for check in (
        cypher.reads,
        cypher.loses,
        bacula.deletes,
        bacula.asks,
        posted_deletes.solr,
        posted_deletes.solr_everything,
        posted_deletes.nsq,
    ):
        assert check(invocation) in (True, False)

"""What an HTTP request asks of a server, whichever program makes it: the questions that curl, wget and httpie share.

A program's module says how its words become a `Request`; here is what a request means. Facts: RFC 9110, the REST
references of Elasticsearch 8 and OpenSearch 2, Prometheus, Spring Boot actuator, Jenkins,
    the big CDNs' purge calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT"})


@frozen
class Request:
    """One call of an HTTP program.

    Args:
        methods: the methods it uses, upper case; `UNKNOWN` for one that only the shell knows.
        urls: where to.
        body: what it sends, "" for nothing.
        saves: the files that it writes, or options that write.
        understood: nothing in it could change what it does unseen (config files, unknown options).
    """

    methods: tuple[str, ...]
    urls: tuple[str, ...]
    body: str = ""
    saves: tuple[str, ...] = ()
    understood: bool = True

    @property
    def sends(self) -> bool:
        """Whether it may change something on the server, by its method."""
        return any(method not in READING_METHODS for method in self.methods)


_SEARCHING: Final = lazy_pattern(
    r"/_(?:search|count|msearch|mget|cat|analyze|validate|explain|field_caps|search_shards|sql|eql"
    r"|terms_enum|rank_eval"
    r"|render|termvectors|mtermvectors|knn_search|async_search|monitoring|xpack|nodes|stats"
    r"|cluster/allocation/explain)"
    r"(?:[/?]|$)|/api/v1/(?:query|query_range|series|labels|query_exemplars|format_query"
    r"|parse_query)(?:[?]|$)"
    r"|/loki/api/v1/query|/select/logsql/|/api/search|/_find(?:[?]|$)|/_all_docs"
)
_SEARCH_HOST: Final = lazy_pattern(
    r"(?::92\d\d\b|\b(?:es|elastic\w*|opensearch|search|kibana)\b|[-.]es[-.]|es\d+[.:])"
)
_ENDPOINT: Final = lazy_pattern(r"/_[a-z]")
_SEARCH_DELETING: Final = lazy_pattern(
    r"/_delete_by_query|/_close\b|/_forcemerge|/_rollover|/_shrink|/_ilm/|/_remove\b"
)
_SEARCH_SETTINGS: Final = lazy_pattern(
    r"/_cluster/(?:settings|reroute|voting)|/_settings|/_mappings?\b|/_shutdown|/_(?:index_"
    r"|component_)?template|/_ingest"
    r"|/_aliases?\b|/_reindex|/_update_by_query|/_security|/_license|/_snapshot|/_restore|/_plugins"
    r"|/_opendistro|/_ilm"
    r"|/_cache/clear|/_flush|/_freeze|/_open\b|/_nodes/[^/]*/?_"
)
_PURGING: Final = lazy_pattern(
    r"purge[_-]?(?:cache|all|everything|zone)?(?:[/?]|$)|/purge/|/invalidat(?:e|ions?)\b|/flush(?:[/?]|$"
    r"|all|_cache)|/ccu/v[23]/"
    r"|/cache/(?:clear|flush|invalidate|purge)|/clear[-_]?cache|cache[-_](?:clear|flush)",
    re.IGNORECASE,
)
_PURGES_ALL: Final = lazy_pattern(
    r"purge_?everything\W+true|purge[-_]?all|/\*(?:\W|$)|purge_everything|flushall", re.IGNORECASE
)
_STOPPING: Final = lazy_pattern(
    r"/actuator/(?:shutdown|restart|pause)|/-/quit|/quit(?:quitquit)?(?:[?]|$)|/_shutdown"
    r"|/(?:safe)?restart(?:[/?]|$)"
    r"|/(?:safe)?exit(?:[?]|$)|/(?:safe)?shutdown(?:[/?]|$)|/admin/tsdb/delete_series|/quietdown"
    r"|/healthcheck/fail"
    r"|/drain_listeners|/abortabortabort|/kill(?:[/?]|$)|/sys/(?:seal|step-down)|/manager/text/(?:stop"
    r"|undeploy|reload)"
    r"|/operator/raft/|/agent/(?:leave|maintenance|force-leave)",
    re.IGNORECASE,
)
_STOPPING_BY_GET: Final = lazy_pattern(
    r"/manager/text/(?:stop|undeploy|reload)|/quitquitquit|/abortabortabort|/healthcheck/fail"
)
_HARMLESS_FILES: Final = frozenset({"-", "/dev/null", "/dev/stdout", "/dev/stderr", "NUL", ""})


def is_harmless_file(name: str) -> bool:
    """Whether writing to the file loses nothing."""
    return name in _HARMLESS_FILES


def _path(url: str) -> str:
    """The path of a URL without its query, percent signs resolved."""
    rest = url.partition("://")[2] or url
    _, slash, path = rest.partition("/")
    return unquote(slash + path.partition("?")[0].partition("#")[0])


@frozen
class RequestChecks:
    """The checks of one HTTP program; its module names them as its functions.

    Args:
        request_of: how the program's words become a request.
    """

    request_of: Callable[[Invocation], Request]

    def reads(self, invocation: Invocation) -> bool:
        """It fetches, and keeps nothing in a file."""
        request = self.request_of(invocation)
        return request.understood and bool(request.urls) and not request.saves and not self._mutates(request)

    def saves(self, invocation: Invocation) -> bool:
        """It writes a file."""
        return bool(self.request_of(invocation).saves)

    def sends(self, invocation: Invocation) -> bool:
        """It uses a method that may change something."""
        return self.request_of(invocation).sends

    def mutates(self, invocation: Invocation) -> bool:
        """It may change something, and is no search that only happens to be a POST."""
        return self._mutates(self.request_of(invocation))

    def deletes(self, invocation: Invocation) -> bool:
        """It uses DELETE."""
        return "DELETE" in self.request_of(invocation).methods

    def search_engine_deletes(self, invocation: Invocation) -> bool:
        """It deletes indexes, documents or snapshots of a search engine, or closes an index."""
        request = self.request_of(invocation)
        return any(_deletes_in_search(request, url) for url in request.urls)

    def search_engine_everything(self, invocation: Invocation) -> bool:
        """… of every index, or of all that fit a pattern."""
        request = self.request_of(invocation)
        return any(
            _deletes_in_search(request, url) and _names_everything(_path(url), request.body)
            for url in request.urls
        )

    def search_engine_settings(self, invocation: Invocation) -> bool:
        """It changes settings, mappings, templates or aliases of a search engine."""
        request = self.request_of(invocation)
        return request.sends and any(_SEARCH_SETTINGS.search(url) for url in request.urls)

    def purges(self, invocation: Invocation) -> bool:
        """It empties a cache, in part or whole."""
        return _purges(self.request_of(invocation))

    def purges_everything(self, invocation: Invocation) -> bool:
        """It empties a whole cache."""
        request = self.request_of(invocation)
        return _purges(request) and any(_PURGES_ALL.search(text) for text in (*request.urls, request.body))

    def stops_service(self, invocation: Invocation) -> bool:
        """It tells a service to stop, restart or drop out."""
        request = self.request_of(invocation)
        if request.sends:
            return any(_STOPPING.search(_path(url)) for url in request.urls)
        return any(_STOPPING_BY_GET.search(_path(url)) for url in request.urls)

    def to_pipe_safe(self, invocation: Invocation) -> bool:
        """Nothing is written to a file here."""
        request = self.request_of(invocation)
        return request.understood and not request.saves

    def _mutates(self, request: Request) -> bool:
        if not request.sends:
            return any(_STOPPING_BY_GET.search(_path(url)) for url in request.urls)
        searches = (
            request.methods == ("POST",)
            and request.urls
            and all(_SEARCHING.search(url) or _is_query(url, request.body) for url in request.urls)
        )
        return not searches


def _is_query(url: str, body: str) -> bool:
    """A GraphQL call that only asks."""
    return (
        _path(url).rstrip("/").endswith("/graphql")
        and "query" in body
        and "mutation" not in body
        and UNKNOWN not in body
    )


def _deletes_in_search(request: Request, url: str) -> bool:
    path = _path(url)
    if request.sends and _SEARCH_DELETING.search(path):
        return True
    if "DELETE" not in request.methods:
        return False
    host = (url.partition("://")[2] or url).partition("/")[0]
    return _SEARCH_HOST.search(host) is not None or _ENDPOINT.search(path) is not None


def _names_everything(path: str, body: str) -> bool:
    if "/_delete_by_query" in path:
        first = path.lstrip("/").partition("/")[0]
        return not body or "match_all" in body or first in ("_all", "*") or UNKNOWN in body
    index = path.strip("/").partition("/")[0]
    return index in ("", "_all", "*") or "*" in index


def _purges(request: Request) -> bool:
    if {"PURGE", "BAN", "PURGEALL", "REFRESH"} & set(request.methods):
        return True
    return request.sends and any(_PURGING.search(_path(url)) for url in request.urls)

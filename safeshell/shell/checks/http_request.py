"""What an HTTP request asks of a server, whichever program makes it.

How a program's words become a `Request` is the matter of its own module (`curl`, `wget`, `httpie`), the packs ask
by `http_call`. Facts: RFC 9110, the REST references of Elasticsearch 8 and OpenSearch 2, Prometheus, Spring Boot
actuator, Jenkins, the big CDNs' purge calls.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
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

    @property
    def mutates(self) -> bool:
        """Whether it may change something, and is no search that only happens to be a POST."""
        if not self.sends:
            return any(_STOPPING_BY_GET.search(_path(url)) for url in self.urls)
        searches = (
            self.methods == ("POST",)
            and self.urls
            and all(_SEARCHING.search(url) or _is_query(url, self.body) for url in self.urls)
        )
        return not searches

    @property
    def purges(self) -> bool:
        """Whether it empties a cache, in part or whole."""
        if {"PURGE", "BAN", "PURGEALL", "REFRESH"} & set(self.methods):
            return True
        return self.sends and any(_PURGING.search(_path(url)) for url in self.urls)

    @property
    def purges_everything(self) -> bool:
        """Whether it empties a whole cache."""
        return self.purges and any(_PURGES_ALL.search(text) for text in (*self.urls, self.body))

    @property
    def stops_service(self) -> bool:
        """Whether it tells a service to stop, restart or drop out."""
        stopping = _STOPPING if self.sends else _STOPPING_BY_GET
        return any(stopping.search(_path(url)) for url in self.urls)

    @property
    def ends_something(self) -> bool:
        """Whether the last word of its path says so: `POST /jobs/1/cancel`."""
        return self.sends and any(_ENDING.search(_path(url)) for url in self.urls)

    @property
    def search_engine_deletes(self) -> bool:
        """Whether it deletes indexes, documents or snapshots of a search engine, or closes an index."""
        return any(self._deletes_in_search(url) for url in self.urls)

    @property
    def search_engine_everything(self) -> bool:
        """… of every index, or of all that fit a pattern."""
        return any(
            self._deletes_in_search(url) and _names_everything(_path(url), self.body) for url in self.urls
        )

    @property
    def search_engine_settings(self) -> bool:
        """Whether it changes settings, mappings, templates or aliases of a search engine."""
        return self.sends and any(_SEARCH_SETTINGS.search(url) for url in self.urls)

    def _deletes_in_search(self, url: str) -> bool:
        path = _path(url)
        if self.sends and _SEARCH_DELETING.search(path):
            return True
        if "DELETE" not in self.methods:
            return False
        host = (url.partition("://")[2] or url).partition("/")[0]
        return _SEARCH_HOST.search(host) is not None or _ENDPOINT.search(path) is not None


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
_ENDING: Final = lazy_pattern(
    r"/(?:do)?(?:delete|cancel|stop|terminate|abort|kill|reset|drop|destroy|wipe|gc|disable|remove)/?\Z"
    r"|/clean(?:up|_?tombstones|_?all)?/?\Z"
    r"|/job/[^/]*(?:deploy|release|rollback|prod|destroy|migrat)[^/]*/build(?:withparameters)?/?\Z",
    re.IGNORECASE,
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


def _is_query(url: str, body: str) -> bool:
    """A GraphQL call that only asks."""
    return (
        _path(url).rstrip("/").endswith("/graphql")
        and "query" in body
        and "mutation" not in body
        and UNKNOWN not in body
    )


def _names_everything(path: str, body: str) -> bool:
    if "/_delete_by_query" in path:
        first = path.lstrip("/").partition("/")[0]
        return not body or "match_all" in body or first in ("_all", "*") or UNKNOWN in body
    index = path.strip("/").partition("/")[0]
    return index in ("", "_all", "*") or "*" in index

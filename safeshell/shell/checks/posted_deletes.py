"""Requests that delete although their method does not say so: Solr's update handler, nsqd's topics and channels.

How words become a request is the matter of each program. Facts: Solr's reference guide, nsqd's HTTP API.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.checks.http_call import request_of
from safeshell.shell.invocation import Invocation

_SOLR: Final = lazy_pattern(r"/solr/[^/?]+/update\b")
_SOLR_DELETE: Final = lazy_pattern(r"<delete\b|[\"']delete[\"']\s?:", re.IGNORECASE)
_SOLR_ADMIN: Final = lazy_pattern(r"/solr/admin/(?:cores|collections)\?")
_SOLR_ADMIN_DELETE: Final = lazy_pattern(
    r"[?&]action=(?:UNLOAD|DELETE\w*|RELOAD|SPLITSHARD|RESTORE)\b", re.IGNORECASE
)
_NSQ: Final = lazy_pattern(r":\d+/(?:topic|channel)/(?:delete|empty)\b")


def solr(invocation: Invocation) -> bool:
    """Documents, a core or a collection of Solr are deleted."""
    request = request_of(invocation)
    for url in request.urls:
        if _SOLR_ADMIN.search(url) and _SOLR_ADMIN_DELETE.search(url):
            return True
        if _SOLR.search(url) and (_SOLR_DELETE.search(request.body) or _SOLR_DELETE.search(unquote(url))):
            return True
    return False


def solr_everything(invocation: Invocation) -> bool:
    """Every document of a Solr collection is deleted."""
    request = request_of(invocation)
    said = (request.body, *(unquote(url) for url in request.urls))
    return solr(invocation) and any("*:*" in text for text in said)


def nsq(invocation: Invocation) -> bool:
    """A topic or a channel of nsqd is deleted or emptied."""
    request = request_of(invocation)
    return request.sends and any(_NSQ.search(url) for url in request.urls)

"""Every way to submit a line, in every shell of another host: what may run runs, what may not comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.remote_shell import RemotePerson
from tests.e2e.shell_plugins import FORMS, Form
from tests.e2e.submitting import Way
from tests.e2e.ways_table import Sessions, allowed_runs_and_denied_comes_back, cells


@pytest.fixture(scope="module", params=["openssh", "paramiko"])
def sessions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    """The sessions of this module over each transport, each begun when it is first wanted."""
    made = Sessions(
        tmp_path_factory.mktemp("ways"),
        lambda form, home, rc: RemotePerson(form.shell, home, rc=rc, vi=form.vi, transport=request.param),
    )
    yield made
    made.close()


@pytest.mark.parametrize("form, way", cells(*FORMS))
def test_allowed_runs_and_denied_comes_back(sessions: Sessions, form: Form, way: Way) -> None:
    allowed_runs_and_denied_comes_back(sessions, form, way)

"""Every way to submit a line, in every shell, plain and with plugins: what may run runs, what may not comes back.

One session a shell and form, for all of its ways.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.guarded_shell import ShellPerson
from tests.e2e.shell_plugins import FORMS, Form
from tests.e2e.submitting import Way
from tests.e2e.ways_table import Sessions, allowed_runs_and_denied_comes_back, cells


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    """The sessions of this module, each begun when it is first wanted."""
    made = Sessions(
        tmp_path_factory.mktemp("ways"),
        lambda form, home, rc: ShellPerson(form.shell, home, rc=rc, vi=form.vi),
    )
    yield made
    made.close()


@pytest.mark.parametrize("form, way", cells(*FORMS))
def test_allowed_runs_and_denied_comes_back(sessions: Sessions, form: Form, way: Way) -> None:
    allowed_runs_and_denied_comes_back(sessions, form, way)

"""What a shell tells of its line becomes the context that the line is read in."""

from __future__ import annotations

from safeshell.shell.context import ShellContext
from safeshell.terminal.wrapped.live_context import context_of, goes_on, is_blank, needed, typed_script
from safeshell.terminal.wrapped.messages import Facts, Request, RequestKind


def request(text: str, *, options: str = "", euid: int = 1000) -> Request:
    return Request("1.1", RequestKind.LINE, 1, euid, "/srv/app", options, text)


def context(text: str, facts: Facts, **environ: str) -> ShellContext:
    return context_of(request(text), facts, shell="bash", environ=environ)


def test_the_live_shell_wins_over_what_the_session_started_with() -> None:
    facts = Facts({"DIR": "/x", "AWS_PROFILE": "prod"}, {"AWS_PROFILE": "prod"}, frozenset({"GONE"}))

    found = context("ls", facts, HOME="/home/me", AWS_PROFILE="dev", GONE="was here")

    assert (found.cwd, found.home, found.root) == ("/srv/app", "/home/me", False)
    assert found.exported == {"HOME": "/home/me", "AWS_PROFILE": "prod"}
    assert found.variables["DIR"] == "/x"
    assert "GONE" not in found.variables
    assert "GONE" in found.unset


def test_options_and_root_are_known() -> None:
    found = context_of(
        request("ls", options="himBH:noclobber:extglob", euid=0), Facts(), shell="zsh", environ={}
    )

    assert {"noclobber", "extglob"} <= found.options
    assert (found.root, found.shell) == (True, "zsh")


def test_a_line_goes_on_where_the_shell_would_wait_for_more() -> None:
    known = context("", Facts())

    assert all(
        goes_on(text, known, typed_script(text, known))
        for text in ("for i in 1 2", "echo 'a", "cat <<EOF", "ls \\", "if true; then")
    )
    assert not any(
        goes_on(text, known, typed_script(text, known))
        for text in ("ls", "for i in 1; do :; done", "cat <<E\nx\nE", "fi")
    )


def test_names_inside_of_aliases_and_functions_are_asked_for() -> None:
    facts = Facts(aliases={"wipe": "rm -rf $WHERE"}, functions={"d": "d () { wipe; deploy now; }"})

    assert needed("wipe", typed_script("wipe", context("wipe", facts)), facts) == ("rm", "WHERE")
    assert set(needed("d", typed_script("d", context("d", facts)), facts)) >= {"wipe", "deploy"} - {"wipe"}


def test_a_plain_line_needs_nothing_more() -> None:
    facts = Facts()

    assert needed("ls -l /srv", typed_script("ls -l /srv", context("ls", facts)), facts) == ()
    assert (
        needed(
            'rm -rf "$DIR"/*',
            typed_script('rm -rf "$DIR"/*', context("rm", Facts({"DIR": "/x"}))),
            Facts({"DIR": "/x"}),
        )
        == ()
    )


def test_blanks_and_comments_are_no_lines() -> None:
    assert all(is_blank(text) for text in ("", "  ", "\t\n", "# rm -rf /"))
    assert not is_blank("ls # x")

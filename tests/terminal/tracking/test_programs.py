"""Which program a process is, by its words."""

from __future__ import annotations

import shlex

import pytest

from safeshell.shell.inner import Language
from safeshell.terminal.tracking.foreground import Process, program_in
from safeshell.terminal.tracking.programs import program_by_prompt, program_named, program_of

_READ = [
    ("psql -h db.prod shop", "psql", Language.SQL),
    ("/usr/lib/postgresql/16/bin/psql", "psql", Language.SQL),
    ("sudo -u postgres psql", "psql", Language.SQL),
    ("env PGHOST=x psql", "psql", Language.SQL),
    ("mariadb shop", "mariadb", Language.SQL),
    ("/usr/bin/python3 /usr/bin/pgcli -h db", "pgcli", Language.SQL),
    ("valkey-cli -p 1", "redis-cli", Language.REDIS),
    ("mongosh mongodb://db", "mongosh", Language.MONGO),
    ("node /usr/bin/mongosh", "mongosh", Language.MONGO),
    ("python3", "python", Language.PYTHON),
    ("python3.11 -q", "python", Language.PYTHON),
    ("/opt/python3.13", "python3.13+", Language.PYTHON),
    ("python -i tool.py", "python", Language.PYTHON),
    ("python manage.py shell", "python", Language.PYTHON),
    ("python -m asyncio", "python", Language.PYTHON),
    ("python3 /usr/bin/ipython3", "ipython", Language.PYTHON),
    ("ruby /usr/bin/irb", "irb", Language.RUBY),
    ("ruby bin/rails console", "irb", Language.RUBY),
    ("rails c", "irb", Language.RUBY),
    ("php artisan tinker", "psysh", Language.PHP),
    ("php -a", "php", Language.PHP),
    ("perl -de0", "perl", Language.PERL),
    ("node", "node", Language.NODE),
    ("lua5.4", "lua", Language.LUA),
    ("-bash", "bash", Language.SHELL),
    ("busybox sh", "busybox", Language.SHELL),
    ("kubectl exec -it web-1 -- sh", "sh", Language.SHELL),
    ("kubectl exec -it db-1 -n x -- psql -U me", "psql", Language.SQL),
    ("docker exec -it db mysql -uroot", "mysql", Language.SQL),
    ("docker compose exec web python", "python", Language.PYTHON),
    ("ssh web.prod", "ssh", Language.SHELL),
    ("ssh db.prod psql", "psql", Language.SQL),
    ("su -", "su", Language.SHELL),
    ("python3 /usr/bin/poetry shell", "sh", Language.SHELL),
    ("pipenv shell", "sh", Language.SHELL),
]
_NOT_READ = [
    "vim x.sql", "less log", "python tool.py", "python -c 1", "python -m http.server", "python manage.py runserver",
    "ruby bin/rails server", "node app.js", "php x.php", "perl x.pl", "bash -c ls", "bash deploy.sh", "docker ps",
    "sudo ls", "ssh web.prod uptime", "kubectl get pods", "", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize(("line", "name", "language"), _READ)
def test_a_program_without_a_hook_is_known_by_its_words(line: str, name: str, language: Language) -> None:
    found = program_of(shlex.split(line))

    assert found is not None
    assert (found.name, found.language) == (name, language)


@pytest.mark.parametrize("line", _NOT_READ)
def test_what_has_no_prompt_of_its_own_is_not_read(line: str) -> None:
    assert program_of(shlex.split(line)) is None


def test_a_program_in_a_container_is_elsewhere_and_says_where() -> None:
    found = program_of(["docker", "exec", "-it", "db", "mysql"])

    assert found is not None
    assert found.elsewhere
    assert [address.name for address in found.addresses] == ["db"]


def test_a_program_that_renamed_itself_is_known() -> None:
    found = program_of(["mongosh mongodb://<credentials>@db:27017/"])

    assert found is not None
    assert found.name == "mongosh"


def test_the_file_that_runs_tells_what_a_short_name_hides() -> None:
    sh, python = program_of(["sh"], "/usr/bin/dash"), program_of(["python3"], "/usr/bin/python3.13")

    assert sh is not None
    assert sh.editor.canonical
    assert python is not None
    assert python.editor.name == "pyrepl"


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("shop=# ", "psql"),
        ("shop-*# ", "psql"),
        ("MariaDB [shop]> ", "mysql"),
        ("    -> ", "mysql"),
        ("sqlite> ", "sqlite3"),
        ("127.0.0.1:6379[3]> ", "redis-cli"),
        (">>> ", "python"),
        ("In [12]: ", "ipython"),
        ("irb(main):001> ", "irb"),
        ("root@web-1:/# ", "sh"),
        ("/ # ", "sh"),
        ("bash-5.2$ ", "sh"),
    ],
)
def test_inside_of_a_shell_elsewhere_the_prompt_tells_the_program(prompt: str, name: str) -> None:
    pod = program_of(["kubectl", "exec", "-it", "web-1", "--", "sh"])
    assert pod is not None

    told = program_by_prompt(prompt, pod)

    assert (told.name, told.elsewhere) == (name, True)


def test_a_frameworks_console_is_told_by_its_prompt() -> None:
    python, irb = program_named("python"), program_named("irb")
    assert python is not None
    assert irb is not None

    assert program_by_prompt("In [1]: ", python).name == "ipython"
    assert program_by_prompt("[1] pry(main)> ", irb).name == "pry"
    assert program_by_prompt("shop=# ", python).name == "python"


def test_the_innermost_program_that_reads_the_terminal_is_in_front() -> None:
    leader = Process(1, ("bash", "-c", "redis-cli; true"))
    front = program_in((leader, Process(2, ("redis-cli",)), Process(3, ("node",), at_terminal=False)))

    assert front.program is not None
    assert (front.program.name, front.busy) == ("redis-cli", False)


def test_a_pager_of_a_program_makes_it_busy() -> None:
    front = program_in((Process(1, ("psql",)), Process(2, ("less",), at_terminal=False)))

    assert front.program is not None
    assert front.busy


def test_every_language_can_be_named() -> None:
    for language in Language:
        named = program_named(language.value)
        assert named is not None, language
        assert named.language is language
    assert program_named("nonsense") is None

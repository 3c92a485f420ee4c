"""The files that a line would load, found before anything is opened."""

from __future__ import annotations

import pytest

from safeshell.guard.reading import Load
from safeshell.shell.context import ShellContext
from tests.shell.readings import read

AT_WORK = ShellContext(cwd="/srv/app", home="/home/me")


def files(line: str, context: ShellContext = AT_WORK) -> list[tuple[str, str]]:
    return [(load.kind, load.path) for load in read(line, context).loads]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kubectl apply -f a.yaml", [("yaml", "/srv/app/a.yaml")]),
        ("kubectl apply -f a.yaml -f /b.yaml", [("yaml", "/srv/app/a.yaml"), ("yaml", "/b.yaml")]),
        ("kubectl apply --filename=~/a.yaml", [("yaml", "/home/me/a.yaml")]),
        ("sudo nice kubectl create -f a.yaml", [("yaml", "/srv/app/a.yaml")]),
        ("cd /x && kubectl apply -f a.yaml", [("yaml", "/x/a.yaml")]),
        ("docker compose -f a.yml up -d", [("yaml", "/srv/app/a.yml")]),
        ("helm upgrade x y -f v.yaml", [("yaml", "/srv/app/v.yaml")]),
        ("fly deploy -c fly.toml", [("toml", "/srv/app/fly.toml")]),
        ("crontab tabs", [("crontab", "/srv/app/tabs")]),
        ("ansible-playbook site.yml", [("yaml", "/srv/app/site.yml")]),
        ("systemctl reload nginx", [("nginx", "/etc/nginx/nginx.conf")]),
        ("sudo systemctl restart nginx.service", [("nginx", "/etc/nginx/nginx.conf")]),
        ("crontab -l", []),
        ("crontab -", []),
        ("kubectl get -f a.yaml", []),
        ("kubectl apply -f -", []),
        ("kubectl apply -f https://x/a.yaml", []),
        ("kubectl apply -f $F", []),
        ("ssh web kubectl apply -f a.yaml", []),
        ("ssh web systemctl reload nginx", []),
        ("docker exec c crontab tabs", []),
        ("echo kubectl apply -f a.yaml", []),
    ],
)
def test_a_line_loads_these_files(line: str, expected: list[tuple[str, str]]) -> None:
    assert files(line) == expected


def test_a_load_points_at_its_command() -> None:
    line = "ls; sudo kubectl apply -f a.yaml"

    assert read(line, AT_WORK).loads == (Load("yaml", "/srv/app/a.yaml", (9, 32)),)


def test_where_the_directory_is_not_known_the_path_stays_relative() -> None:
    assert files("cd $X; kubectl apply -f a.yaml") == [("yaml", "a.yaml")]

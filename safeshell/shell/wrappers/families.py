"""Which family of wrappers a program belongs to: names alone, so that no family is loaded before it is met.

A test holds that every family's own table has exactly these names.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern

_NAMES: Final = {
    "privileges": "sudo dzdo please doas su runuser pkexec setpriv run0 gosu su-exec capsh sg fakeroot pfexec",
    "running": (
        "nice ionice chrt taskset nohup setsid timeout gtimeout time gtime strace ltrace stdbuf unbuffer "
        "script flock lckdo watch viddy chroot unshare faketime caffeinate entr setarch arch linux32 linux64 "
        "i386 i686 x86_64 cgexec numactl perf valgrind catchsegv gdb proxychains proxychains4 proxychains-ng "
        "torsocks torify tsocks graftcp usewithtor firejail bwrap cpulimit chpst softlimit setuidgid envdir "
        "envuidgid setlock fghack prlimit choom systemd-inhibit systemd-cat dbus-run-session dbus-launch "
        "xvfb-run ssh-agent rlwrap chronic eatmydata rtk grc colorize dumb-init catatonit tini ifne ts-retry "
        "hyperfine logsave dtach trickle isolate with-contenv s6-setuidgid s6-envdir lockrun cronic ld.so"
    ),
    "environments": (
        "doppler op aws-vault aws-okta aws-sso-util aws-sso saml2aws granted assume awsume chamber infisical "
        "teller berglas summon envchain envconsul vaultenv foreman forego honcho railway vercel netlify "
        "secrethub phase akeyless dotenvx cross-env cross-env-shell env-cmd env genv direnv sops dotenv "
        "gitlab-psql gitlab-geo-psql gitlab-redis-cli gitlab-patronictl gitlab-pg_repack supabase-psql "
        "chef-server-psql"
    ),
    "launchers": (
        "bundle bundler poetry pipenv pdm rye pixi hatch uv uvx pipx npx bunx pnpx npm yarn yarnpkg pnpm bun "
        "conda mamba micromamba nix-shell nix mise rtx asdf rbenv pyenv nodenv goenv phpenv plenv jenv rvm "
        "nvm chruby-exec fnm volta composer spring"
    ),
    "shells": (
        "sh zsh yash hush rzsh rbash tcsh ksh osh lksh ash bash posh dash mksh csh ksh93 fish pwsh powershell "
        "cmd nu elvish xonsh busybox toybox"
    ),
    "builtins": (
        "eval exec command builtin noglob nocorrect source . trap emulate mapfile readarray complete compgen "
        "bind"
    ),
    "finding": "find gfind bfs fd fdfind",
    "spreading": "xargs gxargs parallel sem rush rust-parallel",
    "scheduled": "at batch crontab daemonize",
    "remote": (
        "ssh slogin autossh mosh sshpass rsh rexec remsh dbclient et gcloud fly flyctl eb cf vagrant doctl "
        "tsh docker-machine machine minikube colima limactl lima gh dokku scalingo gigalixir kamal platform "
        "hcloud convox copilot terminus lando ddev adb"
    ),
    "fleet": (
        "pdsh clush pssh parallel-ssh orgalorg dsh mussh ansible salt salt-call salt-ssh knife bolt mco "
        "heroku aws az fab"
    ),
    "containers": (
        "docker podman nerdctl docker-compose podman-compose finch com.docker.cli crictl ctr lxc incus "
        "lxc-attach lxc-execute pct qm nsenter systemd-run systemd-nspawn machinectl ip flatpak flatpak-spawn "
        "distrobox distrobox-enter distrobox-host-exec host-spawn toolbox multipass apptainer singularity "
        "schroot arch-chroot proot buildah nomad wsl sail"
    ),
    "kubernetes": "kubectl oc rancher k3s k0s rke2 microk8s kubecolor microk8s.kubectl microk8s.helm microk8s.helm3",
    "terminals": (
        "tmux byobu screen xterm uxterm urxvt rxvt st konsole lxterminal alacritty qterminal cool-retro-term "
        "gnome-terminal xfce4-terminal mate-terminal terminator tilix x-terminal-emulator foot wezterm kitty "
        "ghostty abduco zellij xdotool i3-msg swaymsg hyprctl osascript"
    ),
    "git_commands": "git",
    "carriers": (
        "tar gtar bsdtar rsync scp sftp sort split vim vi nvim view ex gvim rvim less more man zip make gmake "
        "nc ncat netcat nc.traditional nc.openbsd socat tcpdump apt apt-get aptitude fzf start-stop-daemon "
        "nodemon watchexec reflex"
    ),
    "variables": "export declare typeset readonly local setenv",
    "interpreters": (
        "python pypy pythonw py ipython bpython perl ruby jruby truffleruby irb node nodejs php php-cli hhvm "
        "lua luajit deno"
    ),
    "redis_client": "redis-cli valkey-cli keydb-cli iredis redis-cli-tls",
    "sql_clients": (
        "psql pgcli vsql edb-psql usql gsql ysqlsh redshift-psql mysql mariadb mycli percona-mysql "
        "singlestore mysqlsh sqlite3 sqlite litecli sqlcipher sqlcmd osql mssql-cli go-sqlcmd "
        "clickhouse-client clickhouse-local clickhouse cockroach duckdb sqlplus sql sqlcl isql tsql bsqldb "
        "fisql bq snowsql snow cqlsh ccm-cqlsh presto trino presto-cli trino-cli hive beeline spark-sql "
        "impala-shell influx db2 wrangler turso patronictl pscale dolt surreal"
    ),
    "frameworks": (
        "rails manage.py django-admin django-admin.py flask artisan wp wp-cli.phar drush drush.phar console "
        "mongosh mongo mix elixir"
    ),
    "told_programs": "expect tclsh wish emacs emacsclient",
    "scripted_filters": "awk gawk mawk nawk sed gsed",
}

FAMILY_OF: Final = {name: family for family, names in _NAMES.items() for name in names.split()}
"""The module of a program that runs others, by the program's name."""

SERVICE_SCRIPTS: Final = ("/init.d/", "/rc.d/", "/usr/sbin/rc")
"""Where a service's own start scripts lie."""

_VERSION: Final = lazy_pattern(r"-?\d+(?:\.\d+)*\Z")


def without_version(name: str) -> str:
    """`python3.11` is `python`, `php8.2` is `php`, `psql-15` is `psql`."""
    return _VERSION.sub("", name)

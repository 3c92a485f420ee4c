"""A person at a shell on another host: the same person, the same home, with a real sshd between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.e2e.guarded_shell import CONFIG, ShellPerson
from tests.ssh.sshd import SshServer

REMOTE_CONFIG = (
    CONFIG
    + """
[targets.web]
environment = "production"
ssh = ["web-*"]
"""
)
_AT_HOME = {"bash": ".bash_profile", "zsh": ".zprofile", "fish": ".config/fish/conf.d/home.fish"}
_GO_HOME = "cd ~\n"


class RemotePerson(ShellPerson):
    """Sits before `safeshell ssh`, whose host has a shell with a prompt that ends in `$ `.

    Args:
        shell: the login shell there.
        home: the home folder, on both sides.
        rc: what its rc file says behind the plain prompt.
        config: safeshell's configuration.
        environment: the environment that safeshell is told to be in; "" for what the configuration says.
        vi: whether its keys are vi's.
        words: options of ssh.
        lines: further lines of the server's configuration.
        server: a server that runs already; its home is to be `home`.
        transport: what makes the connection.
        more: environment variables that are added.
    """

    transport = "openssh"
    """What makes the connection where nothing is said."""

    def __init__(
        self,
        shell: str,
        home: Path,
        *,
        rc: str = "",
        config: str = REMOTE_CONFIG,
        environment: str = "",
        vi: bool = False,
        words: Sequence[str] = (),
        lines: Sequence[str] = (),
        server: SshServer | None = None,
        transport: str = "",
        **more: str,
    ) -> None:
        self._words = ("--transport", transport or self.transport, *words)
        self._owned = server is None
        self.server = server or SshServer(
            home.parent / f"{home.name}-sshd",
            shell=f"/bin/{shell}",
            lines=lines,
            environ={"EDITOR": "true", "LC_ALL": "C.UTF-8"},
            home=home,
        )
        if self._owned:
            self.server.start()
        first = home / _AT_HOME[shell]
        first.parent.mkdir(parents=True, exist_ok=True)
        first.write_text(_GO_HOME + (". ~/.bashrc\n" if shell == "bash" else ""))
        super().__init__(shell, home, rc=rc, config=config, environment=environment, vi=vi, **more)

    def command(self, words: Sequence[str]) -> Sequence[str]:
        """What safeshell is told to connect to."""
        return ("ssh", "-F", str(self.server.client_config), *self._words, self.server.alias)

    def close(self) -> None:
        """Go away, and take the server along."""
        super().close()
        if self._owned:
            self.server.stop()

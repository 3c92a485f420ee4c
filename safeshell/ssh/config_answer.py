"""What was collected for a host becomes the answer of `ssh -G`: what was not said is filled in, tokens are put in.

The usual values are those of OpenSSH 9.2, without what distributions change in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.ssh.config_algorithms import KNOWN, assemble
from safeshell.ssh.config_collected import NOBODY, Collected, Origin, Setting
from safeshell.ssh.config_forwards import read_forward
from safeshell.ssh.config_keywords import AGENT_SOCKET, FORWARDS, REKEY_AFTER, REKEY_EACH
from safeshell.ssh.config_line import LineMistake
from safeshell.ssh.config_machine import Machine
from safeshell.ssh.config_options import STREAM
from safeshell.ssh.config_tokens import connection_hash, with_both, with_home, with_tokens

_USUAL: Final[Mapping[str, str]] = {
    "port": "22",
    "addressfamily": "any",
    "batchmode": "no",
    "canonicalizefallbacklocal": "yes",
    "canonicalizehostname": "false",
    "checkhostip": "no",
    "compression": "no",
    "controlmaster": "false",
    "enablesshkeysign": "no",
    "fingerprinthash": "SHA256",
    "forwardx11": "no",
    "forwardx11trusted": "no",
    "gatewayports": "no",
    "gssapiauthentication": "no",
    "gssapidelegatecredentials": "no",
    "hashknownhosts": "no",
    "hostbasedauthentication": "no",
    "identitiesonly": "no",
    "kbdinteractiveauthentication": "yes",
    "nohostauthenticationforlocalhost": "no",
    "passwordauthentication": "yes",
    "permitlocalcommand": "no",
    "proxyusefdpass": "no",
    "pubkeyauthentication": "true",
    "requesttty": "auto",
    "sessiontype": "default",
    "stdinnull": "no",
    "forkafterauthentication": "no",
    "streamlocalbindunlink": "no",
    "stricthostkeychecking": "ask",
    "tcpkeepalive": "yes",
    "tunnel": "false",
    "verifyhostkeydns": "false",
    "visualhostkey": "no",
    "enableescapecommandline": "no",
    "canonicalizemaxdots": "1",
    "connectionattempts": "1",
    "forwardx11timeout": "1200",
    "numberofpasswordprompts": "3",
    "serveralivecountmax": "3",
    "serveraliveinterval": "0",
    "requiredrsasize": "1024",
    "loglevel": "INFO",
    "securitykeyprovider": "internal",
    "xauthlocation": "/usr/bin/xauth",
    "addkeystoagent": "false",
    "forwardagent": "no",
    "connecttimeout": "none",
    "tunneldevice": "any:any",
    "controlpersist": "no",
    "escapechar": "~",
    "ipqos": "af21 cs1",
    "streamlocalbindmask": "0177",
    "syslogfacility": "USER",
}
_USUAL_KEYS: Final = ("rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk", "xmss", "dsa")
_USUAL_LISTS: Final[Mapping[str, str]] = {
    "canonicaldomains": "none",
    "canonicalizepermittedcnames": "none",
    "globalknownhostsfile": "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
    "logverbose": "none",
    "permitremoteopen": "any",
    "userknownhostsfile": "~/.ssh/known_hosts ~/.ssh/known_hosts2",
}
_LISTS: Final = (*_USUAL_LISTS, "channeltimeout", "obscurekeystroketiming")
"""Keywords whose words are told on one line."""
_CLEARED: Final = frozenset(
    "controlpath knownhostscommand localcommand pkcs11provider proxycommand remotecommand revokedhostkeys "
    "securitykeyprovider".split()
)
"""Keywords that say nothing when they say `none`."""
_APART: Final = frozenset((*_LISTS, *FORWARDS, REKEY_AFTER, REKEY_EACH, AGENT_SOCKET, STREAM, "identityfile"))


@frozen
class Value:
    """A value, and where it is said.

    Args:
        text: in the words of `ssh -G`.
        origin: the line; None for a usual value.
    """

    text: str
    origin: Origin | None = None


@frozen
class Destination:
    """The host at hand, once its name is known.

    Args:
        typed: as it was typed.
        hostname: where the connection goes.
    """

    typed: str
    hostname: str


class UnreadableValue(Exception):
    """A value whose tokens can't be put in.

    Args:
        origin: the line that says it.
        words: what is wrong with it.
    """

    def __init__(self, origin: Origin, words: str) -> None:
        super().__init__(words)
        self.origin = origin
        self.words = words


def answer(collected: Collected, destination: Destination, machine: Machine) -> dict[str, tuple[Value, ...]]:
    """Every value by keyword.

    Args:
        collected: what was said; it is not changed.
        destination: the host.
        machine: where it was said.

    Raises:
        UnreadableValue: a token or variable that is not known.
    """
    return _Answer(collected, destination, machine).all()


class _Answer:
    def __init__(self, collected: Collected, destination: Destination, machine: Machine) -> None:
        self._collected = collected
        self._machine = machine
        self._destination = destination
        self._values = {
            keyword: tuple(Value(one.value, _known(one.origin)) for one in settings)
            for keyword, settings in collected.everything()
            if keyword not in _APART
        }
        for keyword, value in _USUAL.items():
            self._values.setdefault(keyword, (Value(value),))
        self._values.setdefault("user", (Value(machine.user),))
        self._values["host"] = (Value(destination.typed),)
        named = collected.all("hostname")
        self._values["hostname"] = (Value(destination.hostname, named[0].origin if named else None),)
        self._tokens = self._known_tokens()

    def all(self) -> dict[str, tuple[Value, ...]]:
        values = self._values
        for keyword in KNOWN:
            said = values.get(keyword, (Value(""),))[0]
            values[keyword] = (Value(assemble(keyword, said.text), said.origin),)
        for keyword in _LISTS:
            self._list(keyword)
        self._keys()
        self._forwards()
        self._rekey_limit()
        self._update_host_keys()
        self._clear()
        self._jump()
        self._expand()
        return values

    def _one(self, keyword: str) -> str:
        found = self._values.get(keyword)
        return found[0].text if found else ""

    def _known_tokens(self) -> dict[str, str]:
        machine, hostname = self._machine, self._destination.hostname
        alias = self._values.get("hostkeyalias")
        if alias:
            # Here, and nowhere else, ssh changes what was said.
            self._values["hostkeyalias"] = (Value(alias[0].text.lower(), alias[0].origin),)
        port, user = self._one("port"), self._one("user")
        return {
            "C": connection_hash(machine.name, hostname, port, user),
            "L": machine.name.partition(".")[0],
            "d": machine.home,
            "h": hostname,
            "i": str(machine.uid),
            "j": self._one("proxyjump").replace("none", ""),
            "k": self._one("hostkeyalias") or self._destination.typed,
            "l": machine.name,
            "n": self._destination.typed,
            "p": port,
            "r": user,
            "u": machine.user,
        }

    def _list(self, keyword: str) -> None:
        said = self._collected.all(keyword)
        words = [one.value for one in said] or _USUAL_LISTS.get(keyword, "").split()
        if not words:
            return
        if keyword == "userknownhostsfile" and words[0].lower() != "none":
            words = [self._path(word, said) for word in words]
        text = " ".join(words)
        first = Value(text if text.lower() != "none" else "none", said[0].origin if said else None)
        self._values[keyword] = (first,)

    def _keys(self) -> None:
        said = self._collected.all("identityfile")
        self._values["identityfile"] = tuple(Value(one.value, one.origin) for one in said) or tuple(
            Value(f"~/.ssh/id_{name}") for name in _USUAL_KEYS
        )

    def _forwards(self) -> None:
        stream = self._collected.has(STREAM)
        for keyword in ("clearallforwardings", "exitonforwardfailure"):
            self._values.setdefault(keyword, (Value("yes" if stream else "no"),))
        if self._one("clearallforwardings") == "yes":
            self._values["tunnel"] = (Value("false"),)
            return
        for keyword in FORWARDS:
            found = tuple(
                Value(self._forward(keyword, one), one.origin) for one in self._collected.all(keyword)
            )
            if found:
                self._values[keyword] = found

    def _forward(self, keyword: str, setting: Setting) -> str:
        forms = {"dynamicforward": (True,), "localforward": (False,), "remoteforward": (False, True)}[keyword]
        mistake = LineMistake("it is no forward")
        for dynamic in forms:
            try:
                return read_forward(
                    setting.value,
                    self._machine.port_of,
                    dynamic=dynamic,
                    remote=keyword == "remoteforward",
                    path=lambda path: with_tokens(path, self._tokens),
                )
            except LineMistake as error:
                mistake = error
        raise UnreadableValue(setting.origin, str(mistake))

    def _rekey_limit(self) -> None:
        after, each = (self._collected.all(keyword) for keyword in (REKEY_AFTER, REKEY_EACH))
        text = f"{after[0].value if after else 0} {each[0].value if each else 0}"
        said = (*after, *each)
        self._values["rekeylimit"] = (Value(text, said[0].origin if said else None),)

    def _update_host_keys(self) -> None:
        files = [one.value for one in self._collected.all("userknownhostsfile")]
        said = self._values.get("updatehostkeys")
        if not said:
            own = not files or files == ["~/.ssh/known_hosts"]
            usual = "true" if own and self._one("verifyhostkeydns") == "false" else "false"
            self._values["updatehostkeys"] = (Value(usual),)
        elif said[0].text == "ask" and self._nobody_to_ask():
            self._values["updatehostkeys"] = (Value("false", said[0].origin),)

    def _nobody_to_ask(self) -> bool:
        shared = self._one("controlpersist") != "no" and self._one("controlpath").lower() not in ("", "none")
        command = self._one("remotecommand").lower() not in ("", "none")
        return shared or command or self._one("requesttty") == "false" or self._one("loglevel") in _QUIET

    def _clear(self) -> None:
        for keyword in _CLEARED:
            if self._one(keyword).lower() == "none":
                del self._values[keyword]

    def _jump(self) -> None:
        if self._one("proxyjump") == "none":
            del self._values["proxyjump"]
        elif self._one("proxyjump"):
            self._values.pop("proxycommand", None)
            self._values["proxyusefdpass"] = (Value("no"),)

    def _expand(self) -> None:
        self._change("remotecommand", lambda text: with_tokens(text, self._tokens))
        for keyword in ("controlpath", "identityagent"):
            self._change(keyword, self._path_of)
        sockets = self._collected.all(AGENT_SOCKET)
        if sockets:
            self._values["forwardagent"] = (Value(self._path(sockets[0].value, sockets), sockets[0].origin),)

    def _change(self, keyword: str, change: Callable[[str], str]) -> None:
        for one in self._values.get(keyword, ()):
            try:
                self._values[keyword] = (Value(change(one.text), one.origin),)
            except LineMistake as mistake:
                raise UnreadableValue(one.origin or NOBODY, str(mistake)) from mistake

    def _path(self, text: str, said: Sequence[Setting]) -> str:
        try:
            return self._path_of(text)
        except LineMistake as mistake:
            raise UnreadableValue(said[0].origin if said else NOBODY, str(mistake)) from mistake

    def _path_of(self, text: str) -> str:
        machine = self._machine
        return with_both(with_home(text, machine.home, machine.home_of), self._tokens, machine.environ)


def _known(origin: Origin) -> Origin | None:
    return None if origin == NOBODY else origin


_QUIET: Final = frozenset({"SILENT", "FATAL", "ERROR"})

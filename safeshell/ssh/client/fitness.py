"""What of a call this client can't honour, so that the system's ssh is used, or the person told, before connecting.

The one idea: every keyword that `ssh -G` says is either done here, or known to change nothing here, or it is named.
A keyword from an ssh newer than this list is named too: nothing of a person's configuration is dropped in silence.
`unfit` is pure; `unsupported` looks around for it. No paramiko here: it decides whether paramiko is needed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.client.algorithms import chosen
from safeshell.ssh.client.hops import hop_call, hops
from safeshell.ssh.client.surroundings import Surroundings, look_around
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved

_OPTIONS: Final = {
    "G": "prints the configuration",
    "I": "PKCS#11",
    "K": "GSSAPI",
    "M": "connection sharing",
    "O": "connection sharing",
    "Q": "asks ssh about itself",
    "V": "asks ssh about itself",
    "y": "writes to syslog",
}
_NO: Final = frozenset({"no", "false", "none", ""})

_DONE: Final = frozenset(
    """
    host hostname user port addressfamily batchmode bindaddress canonicaldomains canonicalizefallbacklocal
    canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames casignaturealgorithms certificatefile
    ciphers clearallforwardings compression connectionattempts connecttimeout dynamicforward escapechar
    exitonforwardfailure fingerprinthash forkafterauthentication forwardagent gatewayports globalknownhostsfile
    hashknownhosts hostkeyalgorithms hostkeyalias identitiesonly identityagent identityfile ipqos
    kbdinteractiveauthentication kbdinteractivedevices kexalgorithms localforward loglevel macs
    nohostauthenticationforlocalhost numberofpasswordprompts passwordauthentication preferredauthentications
    proxycommand proxyjump pubkeyacceptedalgorithms pubkeyauthentication rekeylimit remotecommand remoteforward
    requesttty requiredrsasize sendenv serveralivecountmax serveraliveinterval sessiontype setenv stdinnull
    stricthostkeychecking tag tcpkeepalive userknownhostsfile challengeresponseauthentication
    """.split()
)
_OF_NO_EFFECT: Final = frozenset(
    """
    controlpersist forwardx11timeout forwardx11trusted gssapiclientidentity
    gssapidelegatecredentials gssapikexalgorithms gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns
    hostbasedacceptedalgorithms hostbasedkeytypes ignoreunknown localcommand obscurekeystroketiming
    streamlocalbindmask streamlocalbindunlink syslogfacility tunneldevice updatehostkeys usekeychain warnweakcrypto
    xauthlocation
    """.split()
)
"""Belongs to something that is off or named itself; or (updatehostkeys, obscurekeystroketiming) is help that this
client does not give and that no session needs."""
_NAMED_UNLESS: Final[Mapping[str, frozenset[str]]] = {
    "addkeystoagent": _NO,
    "bindinterface": _NO,
    "channeltimeout": _NO,
    "checkhostip": _NO,
    "controlmaster": _NO,
    "enableescapecommandline": _NO,
    "enablesshkeysign": _NO,
    "forwardx11": _NO,
    "gssapikeyexchange": _NO,
    "hostbasedauthentication": _NO,
    "knownhostscommand": _NO,
    "logverbose": _NO,
    "permitlocalcommand": _NO,
    "permitremoteopen": frozenset({"any"}),
    "pkcs11provider": _NO,
    "proxyusefdpass": _NO,
    "refuseconnection": _NO,
    "revokedhostkeys": _NO,
    "securitykeyprovider": frozenset({"internal", "none", ""}),
    "tunnel": _NO,
    "verifyhostkeydns": _NO,
    "versionaddendum": _NO,
    "visualhostkey": _NO,
}
_LOOKED_AT: Final = frozenset({"controlpath", "gssapiauthentication"})
_LISTS: Final = ("ciphers", "macs", "kexalgorithms", "hostkeyalgorithms")


def unsupported(
    call: SshCall, resolved: Resolved, resolve_jump: Callable[[SshCall], Resolved] | None = None
) -> tuple[str, ...]:
    """What of a call can't be honoured here, each named as the person wrote it; () when everything can.

    Looks at the files that the configuration names, and at nothing else.

    Args:
        call: its words.
        resolved: its configuration.
        resolve_jump: says the configuration of a jump host, whose wants count too; None leaves them out.

    Raises:
        SafeshellError: a jump host is none, or its configuration can't be read.
    """
    named = unfit(call, resolved, look_around(resolved))
    if resolve_jump is None:
        return named
    for hop in hops(resolved):
        there = resolve_jump(hop_call(hop, call))
        missing = unfit(SshCall(), there, look_around(there))
        named += tuple(f"jump host {visible(hop)}: {one}" for one in missing)
    return named


def unfit(call: SshCall, resolved: Resolved, around: Surroundings) -> tuple[str, ...]:
    """What of a call can't be honoured here, given what is around it."""
    named = [f"-{letter} ({why})" for letter, why in _OPTIONS.items() if call.has(letter)]
    named += [_shown(keyword, value) for keyword, value in _values(resolved) if _is_named(keyword, value)]
    if resolved.one("pubkeyauthentication") == "host-bound":
        named.append("pubkeyauthentication host-bound")
    if around.shared_connection:
        named.append(_shown("controlpath", around.shared_connection))
    if around.kerberos and resolved.one("gssapiauthentication", "no") not in _NO:
        named.append("gssapiauthentication yes")
    named += [f"identityfile {visible(path)} (FIDO key)" for path in around.security_keys]
    for keyword in ("localforward", "remoteforward", "dynamicforward"):
        named += [
            f"{keyword} {visible(value)} (unix socket)" for value in resolved.all(keyword) if "/" in value
        ]
    if any("/" in value for value in call.values("W")):
        named.append("-W (unix socket)")
    for keyword in _LISTS:
        value = resolved.one(keyword)
        if value and not chosen(keyword, value):
            named.append(_shown(keyword, value))
    return tuple(dict.fromkeys(named))


def _values(resolved: Resolved) -> list[tuple[str, str]]:
    return [(keyword.lower(), value) for keyword, values in resolved.values.items() for value in values]


def _is_named(keyword: str, value: str) -> bool:
    if keyword in _DONE or keyword in _OF_NO_EFFECT or keyword in _LOOKED_AT:
        return False
    good = _NAMED_UNLESS.get(keyword)
    return value.lower() not in good if good is not None else value.lower() not in _NO


def _shown(keyword: str, value: str) -> str:
    return f"{visible(keyword)} {visible(value, limit=80)}"

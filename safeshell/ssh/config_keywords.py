"""The keywords of ssh_config: how each reads its words, and who is right when it is said twice. Pure.

The one idea is a table from a keyword to its kind. Values are kept in the spelling of `ssh -G`. What is odd here is
odd in OpenSSH 9.2, which every kind is compared with in the tests. Source: ssh_config(5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.config_forwards import read_forward, read_jump, read_port
from safeshell.ssh.config_line import LineMistake
from safeshell.ssh.config_tokens import with_variables
from safeshell.ssh.config_values import (
    escape,
    log_level,
    number,
    of_table,
    seconds,
    service_class,
    size,
    tunnel,
)
from safeshell.ssh.config_words import Into, Words
from safeshell.ssh.wildcards import matches

REKEY_AFTER, REKEY_EACH = "rekeylimit bytes", "rekeylimit seconds"
"""RekeyLimit has two values, and each is taken from whoever says it first."""
AGENT_SOCKET: Final = "forwardagent socket"
"""ForwardAgent may name a socket, which counts beside a yes or no."""
FORWARDS: Final = ("dynamicforward", "localforward", "remoteforward")


Kind = Callable[[str, Words, Into], None]
"""Reads the words of a keyword into what is collected; raises LineMistake for what can't be read."""


def _choice(spellings: Mapping[str, str]) -> Kind:
    """One of some words, and the spelling of each."""

    def read(keyword: str, words: Words, into: Into) -> None:
        into.first(keyword, of_table(words.next(), spellings))

    return read


def _string(keyword: str, words: Words, into: Into) -> None:
    into.first(keyword, words.next())


def _algorithms(keyword: str, words: Words, into: Into) -> None:
    """Names, of which only those to take away may be patterns."""
    word = words.next()
    if not word.startswith("-") and set(word) & set("*?!"):
        raise LineMistake(f"{visible(word)} has a pattern, which is known behind - only")
    into.first(keyword, word)


def _number(keyword: str, words: Words, into: Into) -> None:
    into.first(keyword, number(words.next()))


def _time(keyword: str, words: Words, into: Into) -> None:
    word = words.next()
    # "none" says nothing, so that a later line may.
    if word != "none":
        into.first(keyword, str(seconds(word)))


def _command(keyword: str, words: Words, into: Into) -> None:
    """The rest of the line as it is, comments among it."""
    into.first(keyword, words.rest.lstrip(" \t\r\n="))
    words.drop()


def _proxy_command(keyword: str, words: Words, into: Into) -> None:
    if into.collected.one("proxyjump", "none") != "none":
        words.drop()
    else:
        _command(keyword, words, into)


def _proxy_jump(keyword: str, words: Words, into: Into) -> None:
    chain = read_jump(re.split(r"[ \t\r\n]", words.rest.lstrip(" \t\r\n="))[0], into.port_of)
    if not into.collected.has("proxycommand"):
        into.first(keyword, chain)
    words.drop()


def _port(keyword: str, words: Words, into: Into) -> None:
    word = words.next()
    found = read_port(word, into.port_of)
    if not found:
        raise LineMistake(f"{visible(word)} is no port")
    into.first(keyword, str(found))


def _gathered(keyword: str, words: Words, into: Into) -> None:
    into.add_new(keyword, words.next())


def _list(keyword: str, words: Words, into: Into) -> None:
    """All words of the first line."""
    found = words.all()
    if len(found) > 1 and any(one.lower() == "none" for one in found):
        raise LineMistake("none stands alone")
    into.first(keyword, *found)


def _domains(keyword: str, words: Words, into: Into) -> None:
    found = [word.lower().removesuffix(".") for word in words.all()]
    if len(found) > 1 and "none" in found:
        raise LineMistake("none stands alone")
    for one in found:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", one) or ".." in one:
            raise LineMistake(f"{visible(one)} is no domain")
    into.first(keyword, *found)


def _cnames(keyword: str, words: Words, into: Into) -> None:
    found = []
    given = words.all()
    for word in given:
        if word.lower() == "none":
            if len(given) > 1:
                raise LineMistake("none stands alone")
            continue
        source, colon, target = word.lower().partition(":")
        if word != "*" and not target:
            raise LineMistake(f"{visible(word)} is not of the form FROM:TO")
        found.append(f"{source}{colon}{target}" if word != "*" else "*:*")
    into.first(keyword, *(found or ["none"]))


def _first_word_only(keyword: str, words: Words, into: Into) -> None:
    """LogVerbose: of several words, ssh keeps the first."""
    found = words.all()
    if len(found) > 1 and any(one.lower() == "none" for one in found):
        raise LineMistake("none stands alone")
    into.first(keyword, found[0])


def _permit_remote_open(keyword: str, words: Words, into: Into) -> None:
    found = words.all()
    if len(found) > 1 and not {"any", "none"}.isdisjoint(found):
        raise LineMistake("any and none stand alone")
    for one in found:
        place = re.fullmatch(r"(\[[^]]*]|(?!\[)[^:/]*):(.+)", one)
        port = place[2] if place else ""
        if one not in ("any", "none") and port != "*" and not read_port(port, into.port_of):
            raise LineMistake(f"{visible(one)} is not of the form HOST:PORT")
    into.first(keyword, *found)


def _send_env(keyword: str, words: Words, into: Into) -> None:
    for word in words.all():
        if "=" in word:
            raise LineMistake(f"{visible(word)} is no name of a variable")
        if not word.startswith("-"):
            into.add(keyword, word)
        elif into.active:
            into.collected.drop(keyword, partial(matches, pattern=word[1:]))


def _set_env(keyword: str, words: Words, into: Into) -> None:
    found = words.all()
    for word in found:
        if "=" not in word:
            raise LineMistake(f"{visible(word)} is not of the form NAME=VALUE")
    by_name: dict[str, str] = {}
    for word in found:
        by_name.setdefault(word.partition("=")[0], word)
    into.first(keyword, *by_name.values())


def _forward(keyword: str, words: Words, into: Into) -> None:
    first = words.next()
    second = words.maybe() if keyword != "dynamicforward" else None
    remote = keyword == "remoteforward"
    if not second and keyword == "localforward":
        raise LineMistake("where it leads is missing")
    text = f"{first}:{second}" if second else first
    dynamic = not second
    # What is kept is the text: the paths in it have tokens that are not known yet.
    expanded = with_variables(text, into.environ)
    read_forward(expanded, into.port_of, dynamic=dynamic, remote=remote)
    into.add_new(keyword, expanded)


def _rekey_limit(_: str, words: Words, into: Into) -> None:
    word = words.next()
    into.first(REKEY_AFTER, "0" if word == "default" else str(size(word)))
    each = words.maybe()
    if each is not None and each != "none":
        into.first(REKEY_EACH, str(seconds(each)))


def _forward_agent(keyword: str, words: Words, into: Into) -> None:
    word = words.next()
    if word.lower() in _FLAG:
        into.first(keyword, _FLAG[word.lower()])
        return
    _check_agent(word, into)
    into.first(keyword, "yes")
    into.first(AGENT_SOCKET, word)


def _identity_agent(keyword: str, words: Words, into: Into) -> None:
    word = words.next()
    _check_agent(word, into)
    into.first(keyword, word)


def _check_agent(word: str, into: Into) -> None:
    with_variables(word, into.environ)
    if re.match(r"\$(?!\{)", word) and not re.fullmatch(r"\$[A-Za-z0-9_]+", word):
        raise LineMistake(f"{visible(word)} is no variable's name")


def _add_keys(keyword: str, words: Words, into: Into) -> None:
    word, span = words.next(), words.maybe()
    spellings = {
        "yes": "true",
        "true": "true",
        "no": "false",
        "false": "false",
        "ask": "ask",
        "confirm": "confirm",
    }
    answer = spellings.get(word.lower())
    if answer == "confirm" and span is not None:
        lasting = seconds(span)
        into.first(keyword, f"confirm {lasting}" if lasting else "confirm")
    elif answer is None and span is None:
        lasting = seconds(word)
        into.first(keyword, str(lasting) if lasting else "true")
    elif answer is None or span is not None:
        raise LineMistake("it is yes, no, ask, confirm, or a time")
    else:
        into.first(keyword, answer)


def _control_persist(keyword: str, words: Words, into: Into) -> None:
    word = words.next()
    if word in _FLAG:
        into.first(keyword, _FLAG[word])
    else:
        lasting = seconds(word)
        into.first(keyword, str(lasting) if lasting else "yes")


def _escape_char(keyword: str, words: Words, into: Into) -> None:
    into.first(keyword, escape(words.next()))


def _tunnel_device(keyword: str, words: Words, into: Into) -> None:
    into.first(keyword, tunnel(words.next()))


def _ip_qos(keyword: str, words: Words, into: Into) -> None:
    interactive = service_class(words.next())
    bulk = words.maybe()
    into.first(keyword, f"{interactive} {interactive if bulk is None else service_class(bulk)}")


def _bind_mask(keyword: str, words: Words, into: Into) -> None:
    word = words.next()
    if not re.fullmatch(r"\+?[0-7]+", word) or int(word, 8) > 0o777:
        raise LineMistake(f"{visible(word)} is no mask in octal digits")
    # ssh takes the last one, from blocks for other hosts, too.
    into.put(keyword, f"0{int(word, 8):o}")


def _facility(keyword: str, words: Words, into: Into) -> None:
    word = words.next().upper()
    names = ("DAEMON", "USER", "AUTH", "AUTHPRIV", *(f"LOCAL{number}" for number in range(8)))
    if word not in names:
        raise LineMistake(f"{visible(word)} is none of {', '.join(names)}")
    # ssh takes the first one, from blocks for other hosts, too.
    if not into.collected.has(keyword):
        into.put(keyword, word)


def _log_level(keyword: str, words: Words, into: Into) -> None:
    into.first(keyword, log_level(words.next()))


_FLAG: Final = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_flag: Final = _choice(_FLAG)


def _same(words: str) -> dict[str, str]:
    """Words that are written as they are."""
    return {word: word for word in words.split()}


_TRUTH: Final = {"yes": "true", "true": "true", "no": "false", "false": "false"}

KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        "batchmode canonicalizefallbacklocal checkhostip clearallforwardings enableescapecommandline "
        "enablesshkeysign "
        "exitonforwardfailure forkafterauthentication forwardx11 forwardx11trusted gatewayports "
        "gssapiauthentication gssapidelegatecredentials gssapikeyexchange gssapirenewalforcesrekey gssapitrustdns "
        "hashknownhosts hostbasedauthentication identitiesonly kbdinteractiveauthentication "
        "nohostauthenticationforlocalhost passwordauthentication permitlocalcommand proxyusefdpass stdinnull "
        "streamlocalbindunlink tcpkeepalive visualhostkey".split(),
        _flag,
    ),
    **dict.fromkeys(
        "bindaddress bindinterface casignaturealgorithms controlpath gssapiclientidentity "
        "gssapikexalgorithms gssapiserveridentity hostbasedacceptedalgorithms hostkeyalgorithms hostkeyalias "
        "hostname "
        "ignoreunknown kbdinteractivedevices pkcs11provider preferredauthentications "
        "pubkeyacceptedalgorithms revokedhostkeys securitykeyprovider tag user xauthlocation".split(),
        _string,
    ),
    **dict.fromkeys(("ciphers", "kexalgorithms", "macs"), _algorithms),
    **dict.fromkeys(
        "canonicalizemaxdots connectionattempts numberofpasswordprompts requiredrsasize "
        "serveralivecountmax".split(),
        _number,
    ),
    **dict.fromkeys("connecttimeout forwardx11timeout serveraliveinterval".split(), _time),
    **dict.fromkeys("knownhostscommand localcommand remotecommand".split(), _command),
    **dict.fromkeys(("identityfile", "certificatefile"), _gathered),
    **dict.fromkeys("channeltimeout globalknownhostsfile userknownhostsfile".split(), _list),
    **dict.fromkeys(FORWARDS, _forward),
    "addkeystoagent": _add_keys,
    "addressfamily": _choice(_same("inet inet6 any")),
    "canonicaldomains": _domains,
    "canonicalizehostname": _choice(_TRUTH | _same("always")),
    "canonicalizepermittedcnames": _cnames,
    "compression": _choice(_same("yes no")),
    "controlmaster": _choice(_TRUTH | _same("auto ask autoask")),
    "controlpersist": _control_persist,
    "escapechar": _escape_char,
    "fingerprinthash": _choice({name: name.upper() for name in "md5 sha1 sha256 sha384 sha512".split()}),
    "forwardagent": _forward_agent,
    "identityagent": _identity_agent,
    "ipqos": _ip_qos,
    "loglevel": _log_level,
    "logverbose": _first_word_only,
    "obscurekeystroketiming": _list,
    "permitremoteopen": _permit_remote_open,
    "port": _port,
    "proxycommand": _proxy_command,
    "proxyjump": _proxy_jump,
    "pubkeyauthentication": _choice(_TRUTH | _same("unbound host-bound")),
    "rekeylimit": _rekey_limit,
    "requesttty": _choice(_TRUTH | _same("force auto")),
    "sendenv": _send_env,
    "sessiontype": _choice(_same("none subsystem default")),
    "setenv": _set_env,
    "streamlocalbindmask": _bind_mask,
    "stricthostkeychecking": _choice(_TRUTH | _same("ask accept-new") | {"off": "false"}),
    "syslogfacility": _facility,
    "tunnel": _choice(
        _same("ethernet point-to-point")
        | {word: said.replace("true", "point-to-point") for word, said in _TRUTH.items()}
    ),
    "tunneldevice": _tunnel_device,
    "updatehostkeys": _choice(_TRUTH | _same("ask")),
    "verifyhostkeydns": _choice(_TRUTH | _same("ask")),
}
"""How each keyword is read."""

ALIASES: Final[Mapping[str, str]] = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "dsaauthentication": "pubkeyauthentication",
    "hostbasedkeytypes": "hostbasedacceptedalgorithms",
    "identityfile2": "identityfile",
    "keepalive": "tcpkeepalive",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "skeyauthentication": "kbdinteractiveauthentication",
    "smartcarddevice": "pkcs11provider",
    "tisauthentication": "kbdinteractiveauthentication",
}
"""Other names of keywords."""

SILENT: Final = frozenset(
    "protocol cipher fallbacktorsh globalknownhostsfile2 rhostsauthentication useblacklistedkeys "
    "userknownhostsfile2 useroaming usersh useprivilegedport".split()
)
"""Keywords that once meant something, and are passed over."""

UNSUPPORTED: Final = frozenset(
    "afstokenpassing kerberosauthentication kerberostgtpassing rsaauthentication rhostsrsaauthentication "
    "compressionlevel".split()
)
"""Keywords that are passed over, which a person should know."""

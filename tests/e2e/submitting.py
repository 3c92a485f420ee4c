"""The ways to submit a line to a shell: of each, keys that run what is harmless, and keys that delete `victim`."""

from __future__ import annotations

from dataclasses import dataclass

UP = "\x1b[A"
OK = "echo ok-''1"
RM = "rm -rf victim"
COMMANDS = "<commands>"
"""Stands for leaving vi's insert mode, in keys."""


@dataclass(frozen=True)
class Way:
    """One way to submit a line.

    Args:
        name: for the test's id.
        shells: those that have it.
        allowed: keys that print `ok-1`; "" when there is nothing harmless to do this way.
        denied: keys that are asked about.
        back: what stands in the edit line behind a no; "" when it is empty.
        whole: the line can be edited by itself; False where it is the end of several.
        seeded: whether the line is put into the history before, as if it had run.
        prints: what the allowed keys print.
        vi: whether it works, or is there, in vi mode: None in both, True only there, False only elsewhere.
    """

    name: str
    shells: str
    allowed: str
    denied: str
    back: str = RM
    whole: bool = True
    seeded: bool = False
    prints: str = "ok-1"
    vi: bool | None = None


def bracketed(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


_ALL, _SH = "bash zsh fish", "bash zsh"

WAYS = (
    Way("Enter", _ALL, f"{OK}\r", f"{RM}\r"),
    Way("Control-J", _ALL, f"{OK}\n", f"{RM}\n"),
    Way("pasted in brackets", _ALL, bracketed(OK) + "\r", bracketed(RM) + "\r"),
    Way(
        "two lines pasted in brackets",
        _ALL,
        bracketed(f"true\r{OK}") + "\r",
        bracketed(f"true\r{RM}") + "\r",
        whole=False,
    ),
    Way("two lines pasted", _ALL, f"true\r{OK}\r", f"true\r{RM}\r"),
    Way(
        "completed by Tab",
        _ALL,
        "echo ok-1; ls vic\t\r",
        "rm -rf vic\t\r",
        whole=False,
        prints="ok-1\r?\nfile",
    ),
    Way("joined by a semicolon", _ALL, f"true; {OK}\r", f"true; {RM}\r", f"true; {RM}", whole=False),
    Way("joined by and", _ALL, f"true && {OK}\r", f"true && {RM}\r", f"true && {RM}", whole=False),
    Way(
        "in the background",
        _ALL,
        f"{OK} & wait\r",
        f"{RM} &\r",
        f"{RM} &",
        whole=False,
        prints="(.*\r?\n)*ok-1",
    ),
    Way("alias", _ALL, "hello\r", "zap victim\r", "zap victim"),
    Way("function", _ALL, "greet\r", "wipe victim\r", "wipe victim"),
    Way("function that calls a function", _ALL, "greet2\r", "wipe2\r", "wipe2"),
    Way("a script by its name", _ALL, "./fine.sh\r", "./deploy.sh\r", "./deploy.sh"),
    Way("a script by its shell", _ALL, "sh fine.sh\r", "sh deploy.sh\r", "sh deploy.sh"),
    Way("a sourced file", _ALL, "source fine.rc\r", "source bad.rc\r", "source bad.rc"),
    Way("a dotted file", _ALL, ". ./fine.rc\r", ". ./bad.rc\r", ". ./bad.rc"),
    Way("backslash at the end", _ALL, f"true; \\\r{OK}\r", "rm -rf \\\rvictim\r", "victim", whole=False),
    Way("a variable of an earlier line", _ALL, "$SAY ok-1\r", "rm -rf $D\r", "rm -rf $D", whole=False),
    # History
    Way("history by arrow", _SH, UP + "\r", UP + "\r", seeded=True),
    Way(
        "history by its beginning",
        "fish",
        "echo 'o" + UP + "\r",
        "rm -rf 'v" + UP + "\r",
        "rm -rf 'vic",
        whole=False,
    ),
    Way("history by search", _SH, "\x12ok-\r", "\x12rf vic\r", seeded=True, vi=False),
    Way("!!", "bash", "!!\r", "!!\r", "!!", whole=False, seeded=True),
    Way("!rm", "bash", "!echo\r", "!rm\r", "!rm", whole=False, seeded=True),
    Way("!! in zsh", "zsh", "!!\r", "!!\r", seeded=True),
    Way("!rm in zsh", "zsh", "!echo\r", "!rm\r", seeded=True),
    # Several lines
    Way("for", _SH, f"for i in 1\rdo\r{OK}\rdone\r", f"for i in 1\rdo\r{RM}\rdone\r", "done", whole=False),
    Way("if", _SH, f"if true; then\r{OK}\rfi\r", f"if true; then\r{RM}\rfi\r", "fi", whole=False),
    Way("for in fish", "fish", f"for i in 1\r{OK}\rend\r", f"for i in 1\r{RM}\rend\r", "end", whole=False),
    Way("begin", "fish", f"begin\r{OK}\rend\r", f"begin\r{RM}\rend\r", "end", whole=False),
    Way(
        "open quote",
        _ALL,
        'echo "ok\r1"\r',
        'rm -rf "victim"/"\r" victim\r',
        "victim",
        whole=False,
        prints="ok\r?\n1",
    ),
    Way("here-document", _SH, f"cat <<E\r{RM}\rE\r", f"sh <<E\r{RM}\rE\r", "E", whole=False, prints=RM),
    # bash
    Way("operate-and-get-next", "bash", f"{OK}\x0f", f"{RM}\x0f", vi=False),
    Way("edit-and-execute", "bash", f"{OK}\x18\x05\r", f"{RM}\x18\x05\r", vi=False),
    Way("fc", "bash", "fc\r", "fc\r", "", seeded=True, whole=False),
    Way("fc -s", "bash", "fc -s\r", "fc -s\r", "", seeded=True, whole=False),
    Way("a macro with a Return in it", "bash", "\x18o", "\x18r", vi=False),
    Way("a key bound past the hook", "bash", f"{OK}\x18a", f"{RM}\x18a", "", vi=False),
    # zsh
    Way("accept-and-hold", "zsh", "", f"{RM}\x1ba", vi=False),
    Way("a widget that calls .accept-line", "zsh", f"{OK}\x18a", f"{RM}\x18a", vi=False),
    Way("print -z", "zsh", f'print -z -- "{OK}"\r\r', f'print -z -- "{RM}"\r\r'),
    Way("push-line", "zsh", f"{OK}\x1bqtrue\r\r", f"{RM}\x1bqtrue\r\r", vi=False),
    Way("fc in zsh", "zsh", "fc\r", "fc\r", "", seeded=True, whole=False),
    Way("r", "zsh", "r\r", "r\r", "", seeded=True, whole=False),
    # fish
    Way("abbreviation", "fish", "ook\r", "zzap victim\r", whole=False),
    Way("a key bound to execute", "fish", f"{OK}\x18a", f"{RM}\x18a", vi=False),
    Way("a function that executes", "fish", f"{OK}\x18b", f"{RM}\x18b", vi=False),
    # vi
    Way("Enter in vi's command mode", _ALL, f"{OK}{COMMANDS}\r", f"{RM}{COMMANDS}\r", vi=True),
    Way("edited in vi's command mode", _ALL, f"{OK}2{COMMANDS}x\r", f"{RM}2{COMMANDS}x\r", vi=True),
    Way("v", "bash", f"{OK}{COMMANDS}v\r", f"{RM}{COMMANDS}v\r", vi=True),
)
"""Every way."""

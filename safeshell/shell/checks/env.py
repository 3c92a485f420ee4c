"""env, printenv, set, export, declare: whether they only print variables.

Facts: env(1) of coreutils 9, bash's builtins.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def prints(invocation: Invocation) -> bool:
    """No variable is set and no program is run."""
    words = [word.text for word in invocation.words]
    match invocation.program:
        case "printenv":
            return True
        case "env":
            return set(words) <= {"-0", "--null"}
        case "set":
            return not words or words in (["-o"], ["+o"])
        case "export" | "readonly":
            return set(words) <= {"-p"}
        case "declare" | "typeset" | "local":
            return (
                bool(words)
                and words[0] in ("-p", "-f", "-F", "-x", "-xp", "-fp")
                and "=" not in "".join(words)
            )
    return False

"""Tools of a language's packages that start one of their programs: `bundle exec rake x`, `npx prisma x`, `uv run x`.

The program's own name is what the packs know, so it is handed on as a command. Scripts that a project names
itself (`npm run x`, `make x`) stay opaque by name. What may download before it runs is judged by the packs too.
Sources: the manuals of bundler, npm, yarn, pnpm, bun, poetry, pipenv, uv, pdm, hatch, conda, nix, mise, asdf.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.inner import Language, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent, word
from safeshell.shell.wrappers.front import Front, front, walk
from safeshell.shell.wrappers.launched import is_known_script, module_program

_ANY: Final = front(known=True)
_NPX: Final = front(
    "-y -q --yes --no-install --no --prefer-offline --prefer-online --offline --quiet --silent --ignore-existing"
    " --if-present --include-workspace-root --workspaces -ws -s --verbose --bun",
    "-p -c -w -C --package --call --workspace --prefix --cache --registry --userconfig --shell -n --node-arg",
)
_UV_RUN: Final = front(
    "--all-extras --no-dev --only-dev --no-editable --exact --isolated --active --no-sync --locked --frozen --script"
    " --gui-script --all-packages --no-project --no-config --quiet -q --verbose -v --offline"
    " --no-cache -n --no-env-file"
    " --reinstall --upgrade -U --refresh --native-tls --managed-python --no-managed-python --dev --no-progress",
    "--extra --no-extra --group --no-group --only-group --env-file --with --with-editable --with-requirements"
    " --package --python -p -m --module --index --default-index --directory --project --cache-dir --config-file"
    " --color --from --reinstall-package --python-platform --resolution --prerelease",
)
_YARN_OWN: Final = frozenset(
    "add install remove upgrade up init info list why config cache publish pack version versions audit outdated"
    " link unlink global login logout owner tag team workspace workspaces create import licenses node set bin"
    " plugin policies dedupe rebuild search npm constraints patch patch-commit unplug stage test start build dev"
    " lint format check generate-lock-entry autoclean help".split()
)
_PNPM_OWN: Final = frozenset(
    "add install i remove rm uninstall un update up upgrade import dedupe link ln unlink rebuild rb prune fetch"
    " audit list ls outdated why licenses test t start build dev lint publish pack recursive r server store root"
    " bin setup init deploy doctor config c env patch patch-commit patch-remove create approve-builds cat-file"
    " cat-index find-hash self-update login logout help version view info search".split()
)
_NODE_EXEC: Final = frozenset({"exec", "dlx", "x"})


def _first_words(*subcommands: str, table: Front = _ANY, operands: int = 0) -> Handler:
    """A tool whose `SUBCOMMAND [options] [operands] command…` runs the command."""

    def handler(call: Call) -> Unwrapped | None:
        outer = walk(call.words, front(values="-C --directory --project -P --cwd -n --name", known=True))
        words = outer.operands
        if subcommands:
            if not words or words[0].text not in subcommands:
                return PACKS_JUDGE
            words = words[1:]
        taken = walk(words, table)
        readings = [_without_dashes(one[operands:]) for one in taken.readings()]
        return transparent(*(call.runs(one) for one in readings if one))

    return handler


def _without_dashes(words: tuple[Word, ...]) -> tuple[Word, ...]:
    return words[1:] if words[:1] and words[0].text == "--" else words


def _npx(call: Call) -> Unwrapped | None:
    """`npx [options] PROGRAM…`, `npx -c TEXT`; a version behind the name is cut off."""
    taken = walk(call.words, _NPX)
    text = taken.value("-c", "--call")
    if text is not None:
        return judged_too(call.runs_text([text]))
    return judged_too(*(call.runs(_bare(words)) for words in taken.readings()))


def _bare(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """`prisma@5` is `prisma`, `@angular/cli` is left as it is."""
    name, at, _ = words[0].text.rpartition("@")
    if not at or not name:
        return words
    return (word(name, words[0]), *words[1:])


def _npm(call: Call) -> Unwrapped | None:
    """`npm exec|x [--] PROGRAM…`."""
    for at, one in enumerate(call.words):
        if one.text in ("exec", "x"):
            return _npx(call.over(_without_dashes(call.words[at + 1 :])))
        if not one.text.startswith("-"):
            break
    return PACKS_JUDGE


def _node_packages(call: Call) -> Unwrapped | None:
    """`yarn PROGRAM…`, `pnpm exec PROGRAM…`, `bun x PROGRAM…`: a word that is none of the tool's own."""
    own = _PNPM_OWN if call.name == "pnpm" else _YARN_OWN
    taken = walk(call.words, front(values="--cwd -C --dir --filter -F --prefix", known=True))
    words = taken.operands
    if not words:
        return PACKS_JUDGE
    if words[0].text == "workspace" and len(words) > 2:
        return _node_packages(call.over(words[2:]))
    if words[0].text in _NODE_EXEC:
        inner = _without_dashes(walk(words[1:], _NPX).operands)
        return judged_too(call.runs(_bare(inner))) if inner else PACKS_JUDGE
    if words[0].text == "run":
        words = _without_dashes(words[1:])
    # Any other word is a script that the project names itself, unless a program of that name is known.
    if words and words[0].text not in own and is_known_script(words[0]):
        return judged_too(call.runs(words))
    return PACKS_JUDGE


def _bun(call: Call) -> Unwrapped | None:
    """`bun -e CODE`, `bun --print CODE`; all else as yarn and pnpm have it."""
    taken = walk(call.words, front(values="-e --eval -p --print", known=True))
    codes = tuple(taken.values("-e", "--eval", "-p", "--print"))
    if codes:
        return transparent(*(call.runs_text([one], language=Language.NODE) for one in codes))
    return _node_packages(call)


def _uv(call: Call) -> Unwrapped | None:
    """`uv run PROGRAM…`, `uv run -m MODULE…`, `uv tool run PROGRAM…`, `uvx PROGRAM…`, `uv pip …`."""
    words = call.words
    if call.name == "uv":
        words = walk(words, _UV_RUN).operands
        if len(words) > 1 and words[0].text == "pip":
            return transparent(call.runs(words))
        if words[:1] and words[0].text == "tool":
            words = words[1:]
        if not words or words[0].text != "run":
            return PACKS_JUDGE
        words = words[1:]
    taken = walk(words, _UV_RUN)
    module = taken.value("-m", "--module")
    if module is not None:
        return judged_too(call.runs((module_program(module), *taken.operands)))
    readings = taken.readings()
    if readings and readings[0][0].text.endswith(".py"):
        return judged_too(call.runs((word("python", readings[0][0]), *readings[0])))
    return judged_too(*(call.runs(_bare(one)) for one in readings))


def _hatch(call: Call) -> Unwrapped | None:
    """`hatch run [ENVIRONMENT:]PROGRAM…`."""
    if len(call.words) < 2 or call.words[0].text != "run":
        return PACKS_JUDGE
    first = call.words[1]
    name = first.text.rpartition(":")[2]
    return transparent(call.runs((word(name, first), *call.words[2:])))


def _nix(call: Call) -> Unwrapped | None:
    """`nix-shell --run TEXT`, `nix develop -c …`, `nix run nixpkgs#PROGRAM -- …`."""
    table = front(
        values="-p --packages -I --arg --argstr -A --attr -E --expr -f --file --run --command -i --keep"
        " --inputs-from"
        " --override-input",
        known=True,
        permuted=True,
    )
    if call.name == "nix-shell":
        taken = walk(call.words, table)
        texts = list(taken.values("--run", "--command"))
        return judged_too(*(call.runs_text([one]) for one in texts))
    subcommand = call.words[0].text if call.words else ""
    if subcommand in ("shell", "develop", "env"):
        for at, one in enumerate(call.words):
            if one.text in ("-c", "--command") and call.words[at + 1 :]:
                return judged_too(call.runs(call.words[at + 1 :]))
    if subcommand == "run" and len(call.words) > 1:
        program = next((one for one in call.words[1:] if not one.text.startswith("-")), None)
        rest = next((call.words[at + 1 :] for at, one in enumerate(call.words) if one.text == "--"), ())
        if program is not None and "#" in program.text:
            return judged_too(call.runs((word(program.text.rpartition("#")[2], program), *rest)))
    return PACKS_JUDGE


def _tool_versions(call: Call) -> Unwrapped | None:
    """`mise exec [TOOL@VERSION…] -- command…`, or `-c TEXT`."""
    if not call.words or call.words[0].text not in ("exec", "x"):
        return PACKS_JUDGE
    for at, one in enumerate(call.words):
        if one.text in ("-c", "--command") and call.words[at + 1 :]:
            return transparent(call.runs_text(call.words[at + 1 : at + 2]))
        if one.text == "--":
            return transparent(call.runs(call.words[at + 1 :])) if call.words[at + 1 :] else PACKS_JUDGE
    rest = tuple(one for one in call.words[1:] if "@" not in one.text and not one.text.startswith("-"))
    return transparent(call.runs(rest)) if rest else PACKS_JUDGE


def _fnm(call: Call) -> Unwrapped | None:
    """`fnm exec --using=20 -- command…`, `volta run --node 20 command…`."""
    if not call.words or call.words[0].text not in ("exec", "run"):
        return PACKS_JUDGE
    taken = walk(
        call.words[1:], front("--using-file --bundled-npm --no-yarn", "--using --node --npm --yarn --env")
    )
    return transparent(*(call.runs(words) for words in taken.readings()))


def _rvm(call: Call) -> Unwrapped | None:
    """`rvm VERSION do command…`."""
    for at, one in enumerate(call.words):
        if one.text == "do" and call.words[at + 1 :]:
            return transparent(call.runs(call.words[at + 1 :]))
    return PACKS_JUDGE


def _spring(call: Call) -> Unwrapped | None:
    """`spring rake x` is `rake x`, already warm."""
    if not call.words or call.words[0].text not in ("rails", "rake", "rspec", "testunit"):
        return PACKS_JUDGE
    return transparent(call.runs(call.words))


WRAPPERS: Final[dict[str, Handler]] = {
    "bundle": _first_words("exec", "e", table=front("--keep-file-descriptors --verbose", "--gemfile")),
    "bundler": _first_words("exec", "e", table=front("--keep-file-descriptors --verbose", "--gemfile")),
    "poetry": _first_words("run"),
    "pipenv": _first_words("run"),
    "pdm": _first_words("run", table=front("-s --site-packages", "-p --project --venv -L --lockfile")),
    "rye": _first_words("run"),
    "pixi": _first_words("run", table=front("--frozen --locked", "-e --environment --manifest-path")),
    "hatch": _hatch,
    "uv": _uv,
    "uvx": _uv,
    "pipx": _first_words(
        "run",
        table=front("--no-cache --pypackages --verbose -v", "--spec --python --pip-args --index-url -i"),
    ),
    "npx": _npx,
    "bunx": _npx,
    "pnpx": _npx,
    "npm": _npm,
    "yarn": _node_packages,
    "yarnpkg": _node_packages,
    "pnpm": _node_packages,
    "bun": _bun,
    **dict.fromkeys(
        ("conda", "mamba", "micromamba"),
        _first_words(
            "run",
            table=front(
                "--no-capture-output --live-stream -v --verbose --debug-wrapper-scripts",
                "-n -p --name --prefix --cwd -r --root-prefix -e --env -a --attach",
            ),
        ),
    ),
    "nix-shell": _nix,
    "nix": _nix,
    "mise": _tool_versions,
    "rtx": _tool_versions,
    **dict.fromkeys(
        ("asdf", "rbenv", "pyenv", "nodenv", "goenv", "phpenv", "plenv", "jenv"), _first_words("exec")
    ),
    "rvm": _rvm,
    "nvm": _first_words("exec", operands=1),
    "chruby-exec": _first_words(operands=1),
    "fnm": _fnm,
    "volta": _fnm,
    "composer": _first_words("exec", table=front(known=True)),
    "spring": _spring,
}

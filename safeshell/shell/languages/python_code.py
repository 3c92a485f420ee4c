"""Reads Python by its own syntax tree: what it deletes, runs, writes, sends, and whether it only looks.

Names are followed through imports and simple assignments; methods on unknown things count by their names. What
builds names or code at run time is unreadable. The tables are in `python_tables`.
"""

from __future__ import annotations

import ast
import sys
import warnings
from typing import Final

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Command, Finding, Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner
from safeshell.shell.languages import python_tables as tables
from safeshell.shell.languages.found import (
    MAX_CHARACTERS,
    Deed,
    Found,
    program,
    reading,
    shell_text,
    unproven,
    unreadable,
)
from safeshell.shell.languages.python_names import PLACEHOLDER, Names
from safeshell.shell.word import UNKNOWN

_MAX_NODES: Final = 50_000
_MAX_DEEDS: Final = 200
_MAX_DEPTH: Final = 3
_NARROWING: Final = frozenset(
    {"filter", "exclude", "get", "first", "last", "where", "filter_by", "limit", "earliest", "latest"}
)
_DUNDERS: Final = lazy_pattern(
    r"__(?:subclasses|globals|builtins|bases|mro|code|reduce|reduce_ex|getattribute|dict|import|loader)__"
)
_LIBRARIES: Final = lazy_pattern(r"[a-zA-Z_]\w*")


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a Python text does.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    whole = (0, len(text))
    if len(text) > MAX_CHARACTERS:
        return unreadable("python.too-long", Severity.HIGH, "the Python code is too long to be read", whole)
    if text.strip() == UNKNOWN:
        return unreadable(
            "python.unknown",
            Severity.MEDIUM,
            "only the running shell knows what this Python code is",
            whole,
            "write it out",
        )
    tree = _parsed(text)
    if tree is None:
        return unreadable(
            "python.syntax", Severity.MEDIUM, "this is no Python that can be read", whole, "check it by hand"
        )
    return _Reader(text, tree).found()


def _parsed(text: str) -> ast.Module | None:
    """The tree of the text; of a text with unknown parts, with a name in their places. None for no Python."""
    for code in dict.fromkeys((text, text.replace(UNKNOWN, PLACEHOLDER))):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


class _Reader:
    """One walk over a tree."""

    def __init__(self, text: str, tree: ast.Module, depth: int = 0) -> None:
        self.text = text
        self.depth = depth
        self.tree = tree
        self.names = Names()
        self.commands: dict[Command, None] = {}
        self.unreadable: list[Finding] = []
        self.inner: list[Inner] = []
        self.proven = True
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        self.starts = starts

    def found(self) -> Found:
        nodes = list(ast.walk(self.tree))
        if len(nodes) > _MAX_NODES:
            return unreadable(
                "python.too-long",
                Severity.HIGH,
                "the Python code is too long to be read",
                (0, len(self.text)),
            )
        for node in nodes:
            self.names.learn(node)
        whole = (0, len(self.text))
        for node in nodes:
            self._look(node)
            if len(self.commands) + len(self.inner) + len(self.unreadable) > _MAX_DEEDS:
                reason = "the Python code does more than can be read"
                self.unreadable.append(
                    Finding("python.too-long", Severity.HIGH, reason, "run it from a reviewed file", whole)
                )
                break
        commands = tuple(self.commands)
        if not self.proven:
            commands = (*commands, unproven("python", whole))
        elif not commands and not self.unreadable:
            commands = (reading("python", whole),)
        return Found(commands, tuple(self.unreadable), tuple(self.inner))

    def _look(self, node: ast.AST) -> None:
        match node:
            case ast.Call():
                self._call(node)
            case ast.Import(names=names):
                if any(not _is_module(alias.name) for alias in names):
                    self.proven = False
            case ast.ImportFrom(module=module, level=level):
                if level or not _is_module(module or ""):
                    self.proven = False
            case ast.Attribute(attr=attr):
                if _DUNDERS.fullmatch(attr):
                    self._opaque(node, attr)
                elif attr == "modules" and self.names.path(node) == "sys.modules":
                    self.proven = False
            case ast.Name(id=name):
                if name == PLACEHOLDER:
                    self.proven = False
                elif name in ("__builtins__", "__loader__"):
                    self._opaque(node, name)

    def _span(self, node: ast.expr) -> Span:
        """Where a node stands; all of the text when that can't be said exactly."""
        if not self.text.isascii():
            return (0, len(self.text))
        start = self.starts[min(node.lineno, len(self.starts)) - 1] + node.col_offset
        end_line = node.end_lineno or node.lineno
        end = self.starts[min(end_line, len(self.starts)) - 1] + (node.end_col_offset or 0)
        return (start, max(end, start))

    def _does(self, deed: Deed, node: ast.Call, path: str, thing: str = "") -> None:
        self.commands[deed.command(path[-60:], thing or self._first_text(node), self._span(node))] = None

    def _opaque(self, node: ast.expr, name: str) -> None:
        self.unreadable.append(
            Finding(
                "python.evaluates", Severity.MEDIUM, f"{name[:60]} may run code that is not written here",
                "write the code out", self._span(node),
            )
        )  # fmt: skip

    def _call(self, node: ast.Call) -> None:
        path = self.names.path(node.func)
        short = _by_its_own_name(path.removeprefix("builtins."))
        method = path.rpartition(".")[2] if isinstance(node.func, ast.Attribute) else ""
        self._hands_on(node)
        if (
            short in ("__import__", "importlib.import_module")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            if not _is_module(str(node.args[0].value)):
                self.proven = False
        elif short == "getattr":
            self._getattr(node)
        elif short in ("eval", "exec", "compile", "timeit.timeit", "timeit.repeat"):
            self._evaluates(node, short)
        elif short in tables.OPAQUE:
            if not (short in ("globals", "locals", "vars") and not node.args):
                self._opaque(node, short)
        elif short == PLACEHOLDER:
            self._opaque(node, "what only the running shell knows")
        elif short in tables.SHELLS:
            self._runs_shell(node)
        elif short in tables.PROGRAMS:
            self._runs_program(node)
        elif short in tables.EXECS:
            self._executes(node)
        elif short in tables.OPENS:
            self._open(node, 1)
        elif short in tables.FUNCTIONS:
            self._does(tables.FUNCTIONS[short], node, short)
        elif short == "logging.basicConfig":
            self.proven = self.proven and not any(
                one.arg in ("filename", "handlers", None) for one in node.keywords
            )
        elif short == "operator.methodcaller" or _runs_what_it_loads(short, node):
            self.proven = False
        elif short == "urllib.request.urlopen" or short == "urllib.request.Request":
            self._urlopen(node, short)
        elif method and isinstance(node.func, ast.Attribute):
            self._method(node, node.func, method, path)
        elif not (short in tables.BUILTINS or short in self.names.local or _is_pure(short)):
            self.proven = False

    def _getattr(self, node: ast.Call) -> None:
        name = node.args[1] if len(node.args) > 1 else None
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            self._opaque(node, "getattr")
        elif _DUNDERS.fullmatch(name.value):
            self._opaque(node, name.value)
        else:
            owner = self.names.path(node.args[0])
            target = f"{owner}.{name.value}"
            if (
                target in tables.FUNCTIONS
                or target in tables.SHELLS
                or target in tables.PROGRAMS
                or target in tables.OPAQUE
            ):
                self._opaque(node, target)
            self.proven = False

    def _urlopen(self, node: ast.Call, short: str) -> None:
        keywords = {one.arg: one.value for one in node.keywords}
        method = keywords.get("method")
        verb = method.value if isinstance(method, ast.Constant) and isinstance(method.value, str) else "GET"
        if verb.upper() == "DELETE":
            self._does(tables.SEND_DELETE, node, short)
        elif "data" in keywords or len(node.args) > 1 or verb.upper() not in ("GET", "HEAD"):
            self._does(tables.SEND, node, short)

    def _method(self, node: ast.Call, func: ast.Attribute, method: str, path: str) -> None:
        owner = path.rpartition(".")[0]
        if method in tables.SQL_METHODS and node.args and self.names.text(node.args[0]):
            self._sql(node)
        elif method == "open" and ("Path" in owner or owner.startswith("?")):
            self._open(node, 0)
        elif method in (
            "unlink",
            "rename",
            "replace",
            "touch",
            "mkdir",
            "chmod",
            "symlink_to",
            "hardlink_to",
            "rename_to",
        ):
            self._path_method(node, method, path)
        elif method in ("delete", "update", "clear", "remove", "save", "create", "drop", "commit"):
            self._ambiguous(node, method, owner, path)
        elif method in tables.METHODS:
            self._does(tables.METHODS[method], node, path)
        elif method.startswith(tables.CLOUD_PREFIXES):
            deed = tables.QUERY_ALL if method == "delete_many" and _is_empty(node) else tables.CLOUD
            self._does(
                tables.RECORD if method == "delete_many" and not _is_empty(node) else deed, node, path, method
            )
        elif method in tables.CLOUD_STOPS:
            self._does(tables.KILL, node, path, method)
        elif method in ("update_many", "put", "post", "patch"):
            everything = method == "update_many" and _is_empty(node)
            deed = (
                tables.UPDATE_ALL
                if everything
                else tables.UPDATE_SOME
                if method == "update_many"
                else tables.SEND
            )
            self._does(deed, node, path)
        elif method in ("extractall", "extract", "writestr"):
            self._does(tables.WRITE, node, path, "files of the archive")
        elif method in ("system", "popen"):
            self._runs_shell(node)
        elif method in ("write", "writelines", "writerow", "writerows"):
            # Where to was judged when the file was opened.
            self.proven = self.proven and (
                "std" in owner or owner in self.names.given.values() or bool(self.commands)
            )
        elif not (
            method in tables.PURE_METHODS
            or _is_pure(path)
            or owner in self.names.local
            or (isinstance(func.value, ast.Constant) and method in ("replace",))
        ):
            self.proven = False

    def _path_method(self, node: ast.Call, method: str, path: str) -> None:
        if method == "replace" and (len(node.args) > 1 or path.startswith("?.")):
            # A text's `replace(a, b)`.
            return
        deed = {
            "unlink": tables.REMOVE, "rename": tables.MOVE, "replace": tables.MOVE, "touch": tables.MAKE,
                "mkdir": tables.MAKE,
            "chmod": tables.MODE,
        }.get(method, tables.WRITE)  # fmt: skip
        self._does(deed, node, path)

    def _ambiguous(self, node: ast.Call, method: str, owner: str, path: str) -> None:
        """Methods that are harmless on lists and dicts, and are not on rows, caches and buckets."""
        of_rows = "objects" in owner.split(".") or ".query" in owner or "session" in owner.lower()
        narrowed = any(f".{name}()" in owner for name in _NARROWING)
        model = owner.partition(".objects")[0].rpartition(".")[2]
        match method:
            case "delete":
                deed = (tables.QUERY_SOME if narrowed else tables.QUERY_ALL) if of_rows else tables.RECORD
                if of_rows and any(f".{name}()" in owner for name in ("get", "first", "last")):
                    deed = tables.RECORD
                self._does(deed, node, path, model if of_rows else "")
            case "update" if of_rows:
                self._does(tables.UPDATE_SOME if narrowed else tables.UPDATE_ALL, node, path, model)
            case "clear" if "cache" in owner.lower():
                self._does(tables.CLEAR_CACHE, node, path)
            case "remove" if node.args and isinstance(node.args[0], ast.Dict):
                self._does(tables.QUERY_ALL if _is_empty(node) else tables.RECORD, node, path)
            case "drop":
                self._does(tables.DROP, node, path)
            case "save" | "create" | "commit":
                self._does(tables.SAVE, node, path, " ")
            case _:
                return

    def _open(self, node: ast.Call, at: int) -> None:
        if any(isinstance(one, ast.Starred) for one in node.args) or any(
            one.arg is None for one in node.keywords
        ):
            self.proven = False
            return
        mode = next((one.value for one in node.keywords if one.arg == "mode"), None)
        mode = mode or (node.args[at] if len(node.args) > at else None)
        if mode is None:
            return
        text = self.names.text(mode)
        if not text or UNKNOWN in text:
            self.proven = False
        elif set(text) & set("wx+"):
            self._does(tables.WRITE, node, "open")
        elif "a" in text:
            self._does(tables.APPEND, node, "open")

    def _first_text(self, node: ast.Call) -> str:
        if node.args:
            return self.names.text(node.args[0])
        func = node.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call) and func.value.args:
            return self.names.text(func.value.args[0])
        return ""

    def _runs_shell(self, node: ast.Call) -> None:
        text = self.names.text(node.args[0]) if node.args else ""
        self.inner.append(shell_text(text or UNKNOWN, self._span(node)))

    def _runs_program(self, node: ast.Call) -> None:
        first = (
            node.args[0]
            if node.args
            else next((one.value for one in node.keywords if one.arg == "args"), None)
        )
        shell = any(
            one.arg == "shell" and not (isinstance(one.value, ast.Constant) and not one.value.value)
            for one in node.keywords
        )
        span = self._span(node)
        if isinstance(first, ast.List | ast.Tuple):
            texts = [self.names.text(one) or UNKNOWN for one in first.elts]
            if shell and texts:
                self.inner.append(shell_text(texts[0], span))
            else:
                self.inner.append(program(texts or [UNKNOWN], span))
            return
        if isinstance(first, ast.Call) and self.names.path(first.func) == "shlex.split" and first.args:
            self.inner.append(shell_text(self.names.text(first.args[0]) or UNKNOWN, span))
            return
        text = self.names.text(first) if first is not None else ""
        if shell or not text:
            self.inner.append(shell_text(text or UNKNOWN, span))
        else:
            words = (
                [self.names.text(one) or UNKNOWN for one in node.args] if first in node.args[:1] else [text]
            )
            self.inner.append(program(words[:1] if not _is_exec(self.names.path(node.func)) else words, span))

    def _executes(self, node: ast.Call) -> None:
        """`os.execv(path, [name, …])`, `os.execl(path, name, …)`: the program is named twice, its words follow."""
        rest = node.args[1:]
        words = rest[0].elts if rest and isinstance(rest[0], ast.List | ast.Tuple) else rest
        texts = [self.names.text(one) or UNKNOWN for one in (*node.args[:1], *words[1:])]
        self.inner.append(program(texts or [UNKNOWN], self._span(node)))

    def _sql(self, node: ast.Call) -> None:
        from safeshell.shell.languages import sql

        self._take(sql.read(self.names.text(node.args[0])).told_at(self._span(node)))

    def _evaluates(self, node: ast.Call, short: str) -> None:
        """`exec("…")`: a text that is written there is read as well."""
        text = self.names.text(node.args[0]) if node.args else ""
        if not text or UNKNOWN in text or self.depth >= _MAX_DEPTH:
            self._opaque(node, short)
            return
        tree = _parsed(text)
        if tree is None:
            self._opaque(node, short)
        else:
            self._take(_Reader(text, tree, self.depth + 1).found().told_at(self._span(node)))

    def _take(self, found: Found) -> None:
        """What a text inside of this one does."""
        self.commands.update(dict.fromkeys(found.commands))
        self.unreadable += found.unreadable
        self.inner += found.inner

    def _hands_on(self, node: ast.Call) -> None:
        """Functions given as values: `map(os.remove, names)`."""
        for argument in (*node.args, *(one.value for one in node.keywords)):
            if isinstance(argument, ast.Name | ast.Attribute):
                path = self.names.path(argument).removeprefix("builtins.")
                if path in tables.FUNCTIONS:
                    self._does(tables.FUNCTIONS[path], node, path, " ")
                elif path in tables.SHELLS or path in tables.PROGRAMS or path in tables.EXECS:
                    self._opaque(node, path)


def _is_empty(node: ast.Call) -> bool:
    return not node.args or (isinstance(node.args[0], ast.Dict) and not node.args[0].keys)


def _is_exec(path: str) -> bool:
    return path.startswith("asyncio.")


def _is_module(name: str) -> bool:
    """Whether importing it is taken to change nothing: the standard library and others known by name."""
    top = name.partition(".")[0]
    if "models" in name.split(".")[1:]:
        # The project's own, as Django's shell has them loaded already.
        return True
    return _LIBRARIES.match(name) is not None and (
        (top in sys.stdlib_module_names and top not in tables.ACTING_MODULES) or top in tables.LIBRARIES
    )


def _by_its_own_name(path: str) -> str:
    """`glob.os.remove` is `os.remove`: a module that another one has imported."""
    parts = path.split(".")
    for at in range(len(parts) - 2, 0, -1):
        if (
            parts[at] in ("os", "shutil", "subprocess", "builtins", "importlib")
            and parts[0] in sys.stdlib_module_names
        ):
            return ".".join(parts[at:]).removeprefix("builtins.")
    return path


def _runs_what_it_loads(short: str, node: ast.Call) -> bool:
    """Whether a loader makes whatever the data ask for: `yaml.load(f, Loader=yaml.Loader)`, `joblib.load`."""
    if short in ("yaml.load", "yaml.load_all"):
        given = [*node.args[1:], *(one.value for one in node.keywords if one.arg == "Loader")]
        return not given or ast.unparse(given[0]).rpartition(".")[2] not in (
            "SafeLoader",
            "CSafeLoader",
            "BaseLoader",
        )
    return short in tables.LOADERS


def _is_pure(path: str) -> bool:
    """Whether a function is known to change nothing but this process."""
    if path in tables.PURE_FUNCTIONS:
        return True
    module, _, _ = path.rpartition(".")
    while module:
        if module in tables.PURE_MODULES:
            return True
        module = module.rpartition(".")[0]
    return False

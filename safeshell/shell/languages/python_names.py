"""What names and expressions of a Python text stand for: imports followed, assignments followed once, texts folded.

What calling them does is not known here.
"""

from __future__ import annotations

import ast
import re
from typing import Final

from safeshell.shell.word import UNKNOWN

PLACEHOLDER: Final = "_unknown_to_safeshell_"
"""Stands in the code for a part that only the running shell knows."""
_MAX_PATH: Final = 500


class Names:
    """The names of one text."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.local: set[str] = set()

    def learn(self, node: ast.AST) -> None:
        """Take in what an import, a definition or an assignment says."""
        match node:
            case ast.Import(names=names):
                for alias in names:
                    self.given[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            case ast.ImportFrom(module=module, names=names):
                for alias in names:
                    self.given[alias.asname or alias.name] = f"{module or '.'}.{alias.name}"
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self.local.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, value)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self._assign(name, value)
            case ast.withitem(context_expr=value, optional_vars=ast.Name(id=name)):
                self._assign(name, value)

    def _assign(self, name: str, value: ast.expr) -> None:
        path = self.path(value.func if isinstance(value, ast.Call) else value)
        if path and isinstance(value, ast.Call):
            self.given.setdefault(name, f"{path}()")
        elif path:
            self.given.setdefault(name, path)

    def path(self, node: ast.expr) -> str:
        """The dotted name of an expression, imports resolved; `()` stands for a call's result; "" for none."""
        match node:
            case ast.Name(id=name):
                return self.given.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                owner = self.path(value)
                return f"{owner}.{attr}" if owner and len(owner) < _MAX_PATH else f"?.{attr}"
            case ast.Call(func=ast.Name(id="__import__"), args=[ast.Constant(value=str(module)), *_]):
                return module
            case ast.Call(func=func, args=args):
                called = self.path(func)
                if called == "importlib.import_module" and args and isinstance(args[0], ast.Constant):
                    return str(args[0].value)
                return f"{called}()" if called else "?"
            case ast.Subscript(value=value):
                return f"{self.path(value)}[]"
        return "?"

    def text(self, node: ast.expr) -> str:
        """The text of an expression as far as it is written there; "" for what is no text at all."""
        match node:
            case ast.Constant(value=str(text)):
                return text.replace(PLACEHOLDER, UNKNOWN)
            case ast.Constant(value=bytes(data)):
                return data.decode("utf-8", "replace")
            case ast.JoinedStr(values=values):
                return "".join(self.text(one) or UNKNOWN for one in values)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self.text(left), self.text(right)
                return (first or UNKNOWN) + (second or UNKNOWN) if first or second else ""
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
                return re.sub(r"%[sdrf]", UNKNOWN, text)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                return re.sub(r"\{[^{}]*\}", UNKNOWN, text)
            case ast.Call(func=func, args=[first_argument, *_]) if self.path(func) in (
                "sqlalchemy.text",
                "text",
            ):
                return self.text(first_argument)
        return ""

"""From the tree to simple commands in the order in which they would run, each with what it stands in.

The walk follows what the shell would do, as far as that can be known: a branch may run, a loop may run again.
Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from safeshell.frozen import replace
from safeshell.shell.assigned_names import EVERYTHING, assigned_names
from safeshell.shell.command_walk import CommandWalk, ParseBody
from safeshell.shell.context import ShellContext
from safeshell.shell.script import Assignment, Place, SimpleCommand
from safeshell.shell.tampering import changes_meaning
from safeshell.shell.tree import (
    AndOr,
    Background,
    Case,
    Evaluated,
    For,
    Function,
    If,
    Node,
    Pipeline,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    While,
)
from safeshell.shell.variables import Value, unknown, value_of
from safeshell.shell.word import Word

_MAX_TURNS: Final = 8
"""A loop over at most so many known values is followed turn by turn."""
_MAX_ALL_TURNS: Final = 64


class Execution(CommandWalk):
    """One walk.

    Args:
        context, parse_body, words: as for simple commands.
    """

    def __init__(self, context: ShellContext, parse_body: ParseBody, words: int) -> None:
        super().__init__(context, parse_body, words)
        self._last_stays = context.shell in ("zsh", "fish")
        self._turns_left = _MAX_ALL_TURNS
        self._visit: dict[type, Callable[[Any], None]] = {
            Simple: self.simple,
            Sequence: self._sequence,
            AndOr: self._and_or,
            Pipeline: self._pipeline,
            Background: self._background,
            Redirected: self._redirected,
            Subshell: self._subshell,
            If: self._if,
            While: self._while,
            For: self._for,
            Case: self._case,
            Function: self.function,
            Evaluated: self._evaluated,
        }

    def commands(self, root: Sequence) -> tuple[SimpleCommand, ...]:
        """All commands of a text.

        Raises:
            LimitMet: expansions make too many.
        """
        self._sequence(root)
        return self.walked()

    def walk(self, node: Node) -> None:
        """Walk any node."""
        self._visit[type(node)](node)

    def _sequence(self, node: Sequence) -> None:
        for item in node.items:
            self._visit[type(item)](item)

    # Lists

    def _and_or(self, node: AndOr) -> None:
        self.walk(node.first)
        self.variables.open()
        for operator, item in node.rest:
            if operator == "||":
                self.variables.close_branch()
                self.variables.open()
                self.walk(item)
                self.variables.close_branch()
                self.variables.open()
            else:
                self.walk(item)
        self.variables.close_branch()

    def _pipeline(self, node: Pipeline) -> None:
        feeds = self.frame.feeds
        for index, part in enumerate(node.parts):
            stays = self._last_stays and index == len(node.parts) - 1
            shell = self.frame.shell if stays else self.new_shell()
            start = self.reached
            self.variables.open()
            self.within(replace(self.frame, feeds=feeds, shell=shell, forks=True), part)
            if stays:
                self.variables.close_branch()
            else:
                self.variables.close_subshell()
            feeds = self.direct(start)

    def _background(self, node: Background) -> None:
        frame = replace(self.frame.at(Place.BACKGROUND), shell=self.new_shell(), forks=True)
        self.in_subshell(frame, node.body)

    def _subshell(self, node: Subshell) -> None:
        self.in_subshell(replace(self.frame, shell=self.new_shell()), node.body)

    def _redirected(self, node: Redirected) -> None:
        redirects = tuple(self.redirect(one) for one in node.redirects)
        start = self.reached
        self.within(replace(self.frame, redirects=(*redirects, *self.frame.redirects)), node.body)
        if not self.direct(start) and redirects:
            span = (redirects[0].span[0], redirects[-1].span[1])
            self.emit((), (), redirects, span)
        self.finish_writers(start)

    # Branches and loops

    def _branch(self, node: Node) -> None:
        self.variables.open()
        self.walk(node)
        self.variables.close_branch()

    def _if(self, node: If) -> None:
        self.variables.open()
        for condition, body in node.branches:
            self.within(self.frame.at(Place.CONDITION), condition)
            self._branch(body)
        self.variables.close_branch()
        self._branch(node.otherwise)

    def _while(self, node: While) -> None:
        self._lose_assigned(Sequence((node.condition, node.body)))
        loop = self.frame.at(Place.LOOP)
        self.variables.open()
        self.within(loop.at(Place.CONDITION), node.condition)
        self.within(loop, node.body)
        self.variables.close_branch()

    def _lose_assigned(self, body: Node) -> None:
        names = assigned_names(body, self.functions)
        if EVERYTHING in names:
            self.variables.lose_all()
        self.variables.lose(names)

    def _for(self, node: For) -> None:
        values = self._loop_values(node)
        for assigned in (Assignment(name, Word(name)) for name in node.names):
            if changes_meaning(assigned):
                # `for PATH in …` gives the variable to every command behind it.
                self.emit((), (assigned,), (), node.values[0].span if node.values else (0, 0))
        self._lose_assigned(node.body)
        loop = self.frame.at(Place.LOOP)
        turns = 1
        if len(node.names) == 1 and values and len(values) <= min(_MAX_TURNS, self._turns_left):
            turns = len(values)
        else:
            values = None
        if turns > 1:
            self._turns_left -= turns
        for turn in range(turns):
            self.variables.open()
            for name in node.names:
                self.variables.set(name, values[turn] if values else unknown(f"${name}"))
            self.within(loop, node.body)
            self.variables.close_branch()

    def _loop_values(self, node: For) -> tuple[Value, ...] | None:
        """What the loop's variable becomes, turn by turn; None when that is not known."""
        if node.values is None:
            return self.variables.positional
        words = [word for raw in node.values for word in self.folder.words(raw)]
        if any(word.splits for word in words):
            return None
        return tuple(value_of(word) for word in words)

    def _case(self, node: Case) -> None:
        self.folder.one(node.subject)
        for patterns, body in node.branches:
            for pattern in patterns:
                self.folder.one(pattern)
            self._branch(body)

    def _evaluated(self, node: Evaluated) -> None:
        if node.parts:
            self.evaluated((self.folder.text(node.parts).text,))
        self.variables.lose(node.sets)

"""A machine's config files in a temporary folder, and loading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from safeshell.config.diagnostics import ConfigMistakes, Diagnostic
from safeshell.config.loading import Loaded, load


@dataclass
class Machine:
    """Config files of all layers, under one folder."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def etc(self) -> Path:
        return self.root / "etc" / "safeshell" / "config.toml"

    @property
    def user(self) -> Path:
        return self.root / "home" / ".config" / "safeshell" / "config.toml"

    @property
    def project(self) -> Path:
        return self.root / "work" / ".safeshell.toml"

    @property
    def cwd(self) -> Path:
        return self.root / "work" / "deep" / "er"

    def write(self, path: Path, text: str, mode: int = 0o600) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        path.chmod(mode)
        return path

    def load(
        self,
        user: str | None = None,
        *,
        etc: str | None = None,
        project: str | None = None,
        config_file: Path | None = None,
    ) -> Loaded:
        for path, text in ((self.etc, etc), (self.user, user), (self.project, project)):
            if text is not None:
                self.write(path, text)
        self.cwd.mkdir(parents=True, exist_ok=True)
        environ = {"HOME": str(self.root / "home"), **self.environ}
        return load(config_file=config_file, environ=environ, cwd=self.cwd, etc=self.etc)

    def mistakes(
        self, user: str | None = None, *, etc: str | None = None, project: str | None = None
    ) -> tuple[Diagnostic, ...]:
        with pytest.raises(ConfigMistakes) as raised:
            self.load(user, etc=etc, project=project)
        assert raised.value.status == 78
        return raised.value.diagnostics

    def mistake(
        self, user: str | None = None, *, etc: str | None = None, project: str | None = None
    ) -> Diagnostic:
        (only,) = self.mistakes(user, etc=etc, project=project)
        return only


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)

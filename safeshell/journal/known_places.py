"""What was behind each name when it was seen last: a small file, so that a name that deceives is noticed.

Knows nothing of servers or hosts: a name has an environment, and texts by which what is behind it is recognised.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from safeshell.guard.text import visible

MAX_NAMES: Final = 1000
"""How many names are remembered; the ones that were not seen for longest go first."""

_FORM: Final = 1


class KnownPlaces:
    """A JSON file of mode 0600.

    Two sessions that start at the same moment may forget one of their two names; it is learnt again next time.

    Args:
        path: the file, in the state folder; folder and file are made when something is remembered first.
        keys: what is kept of each name, all of it text; `environment` is among it, and never empty.
        what: what is behind the names, for sentences: `server`.
    """

    def __init__(self, path: Path, *, keys: Sequence[str], what: str) -> None:
        self.path = path
        self.complaint = ""
        """Why what was known is lost or could not be kept, for a person; "" when all is well."""
        self._keys = tuple(keys)
        self._what = what

    def load(self) -> dict[str, dict[str, str]]:
        """Every name, the last seen at the end; none of a file that can't be read (`complaint` says why)."""
        self.complaint = ""
        try:
            return self._known(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.complaint = (
                f"{visible(str(self.path))} can't be read ({error.strerror}), so a {self._what} behind a new name "
                "would not be recognised"
            )
        except (ValueError, RecursionError):
            self.complaint = (
                f"{visible(str(self.path))} is damaged and is begun anew: "
                f"which {self._what} was behind which name is lost"
            )
        return {}

    def remember(self, name: str, place: Mapping[str, str]) -> None:
        """Put `place` where what `name` had before was. What fails is in `complaint`."""
        names = self.load()
        complaint = self.complaint
        names.pop(name, None)
        names[name] = dict(place)
        kept = [{"target": one, **record} for one, record in list(names.items())[-MAX_NAMES:]]
        try:
            self._replace(json.dumps({"form": _FORM, "names": kept}, indent=1))
        except OSError as error:
            complaint = (
                f"which {self._what} is behind {visible(name, limit=80)} can't be remembered in "
                f"{visible(str(self.path))} ({error.strerror})"
            )
        self.complaint = complaint

    def _replace(self, text: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        import tempfile  # brings much along, and what is known already needs no writing

        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        fresh = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise

    def _known(self, form: object) -> dict[str, dict[str, str]]:
        """The names of a file's content.

        Raises:
            ValueError: it is not of our form.
        """
        records = form.get("names") if isinstance(form, dict) and form.get("form") == _FORM else None
        if not isinstance(records, list):
            raise ValueError("not our form")
        names: dict[str, dict[str, str]] = {}
        for record in records:
            if not isinstance(record, dict):
                raise ValueError("not our form")
            words = {key: record.get(key) for key in ("target", *self._keys)}
            place = {key: word if isinstance(word, str) else "" for key, word in words.items()}
            name = place.pop("target")
            if not name or not place.get("environment"):
                raise ValueError("not our form")
            names[name] = place
        return names

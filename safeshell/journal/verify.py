"""Reads the journal and its head and asks `chain` whether they are whole."""

from __future__ import annotations

from safeshell.journal.chain import Break, ChainReport, follow
from safeshell.journal.events import BEFORE_THE_FIRST, Tip
from safeshell.journal.failures import JournalDamaged
from safeshell.journal.reader import JournalReader


def verify(reader: JournalReader) -> ChainReport:
    """Whether the journal is whole; a damaged or foreign file is one that is not.

    Raises:
        GuardFailure: the files can't be read at all.
    """
    try:
        damage = reader.damage() if reader.exists() else ""
        if not damage:
            return _followed(reader)
    except JournalDamaged as error:
        damage = error.message
    found = Break(0, damage, "The file itself is damaged, or something else has taken its place.")
    return ChainReport(0, Tip(0, BEFORE_THE_FIRST), 0, (found,))


def _followed(reader: JournalReader) -> ChainReport:
    head = reader.head()  # first: what is appended meanwhile is no fault
    while True:
        report = follow(reader.events() if reader.exists() else (), head)
        before, head = head, reader.head()
        # A head that has just been made may have been read before anything stood in it.
        if report.holds or before == head:
            return report

from __future__ import annotations

import os
import pty
import struct
import termios

from safeshell.ssh.client.tty_modes import encoded


def _pairs(modes: bytes) -> dict[int, int]:
    assert modes[-1] == 0 and (len(modes) - 1) % 5 == 0
    return dict(struct.iter_unpack(">BI", modes[:-1]))


def test_settings_are_encoded_by_the_numbers_of_the_protocol() -> None:
    leader, follower = pty.openpty()
    try:
        attributes = termios.tcgetattr(follower)
        attributes[0] = (attributes[0] | 0x4000 | termios.ICRNL) & ~termios.IXON
        attributes[3] = (attributes[3] | termios.ISIG) & ~termios.ECHO
        attributes[6][termios.VINTR] = b"\x07"
        attributes[6][termios.VEOL] = b"\0"
        found = _pairs(encoded(attributes))
    finally:
        os.close(leader)
        os.close(follower)

    assert (found[42], found[36], found[38]) == (1, 1, 0)  # IUTF8, ICRNL, IXON
    assert (found[50], found[53]) == (1, 0)  # ISIG, ECHO
    assert (found[1], found[6]) == (7, 255)  # VINTR, VEOL: none
    assert (found[90], found[91]) == (0, 1)  # CS7, CS8
    assert found[128] == found[129] == 38400


def test_without_a_terminal_nothing_is_asked_for() -> None:
    assert encoded(None) == b"\0"

"""The addresses of this machine's network interfaces, asked of the C library: Python has no call for that."""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_UP: Final = 1
_IPV4_AT, _IPV6_AT = 4, 8
"""Where the address stands behind the beginning of a sockaddr_in and a sockaddr_in6."""


class _Interface(ctypes.Structure):
    """The beginning of getifaddrs(3)'s `struct ifaddrs`."""


_Interface._fields_ = [
    ("next", ctypes.POINTER(_Interface)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
]


def local_addresses() -> tuple[Address, ...]:
    """Those of every interface that is up; () where they can't be had."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "getifaddrs"):
        return ()
    first = ctypes.POINTER(_Interface)()
    if library.getifaddrs(ctypes.byref(first)) != 0:
        return ()
    try:
        return tuple(_addresses(first))
    finally:
        library.freeifaddrs(first)


def _addresses(first: ctypes._Pointer[_Interface]) -> Iterator[Address]:
    one = first
    while one:
        interface = one.contents
        if interface.address and interface.flags & _UP:
            family = _family(interface.address)
            if family == socket.AF_INET:
                yield ipaddress.IPv4Address(ctypes.string_at(interface.address + _IPV4_AT, 4))
            elif family == socket.AF_INET6:
                yield ipaddress.IPv6Address(ctypes.string_at(interface.address + _IPV6_AT, 16))
        one = interface.next


def _family(address: int) -> int:
    first, second = ctypes.string_at(address, 2)
    # On Linux the family has both bytes; on BSD and macOS the first one is a length.
    return first | second << 8 if sys.platform == "linux" else second

"""System calls that Python has no function for, by number: bound before a fork, called behind it.

The one idea: `Kernel()` does what takes time or memory of its own (ctypes is imported, functions are looked up);
its methods do one system call each. Knows no numbers of its own. Linux, 64 bit.
"""

from __future__ import annotations

import os


class Memory:
    """Bytes at an address that does not move while the value lives.

    Args:
        data: what is there.
    """

    __slots__ = ("_buffer", "address", "size")

    def __init__(self, data: bytes) -> None:
        import ctypes

        self._buffer = ctypes.create_string_buffer(data, len(data))
        self.address = ctypes.addressof(self._buffer)
        self.size = len(data)

    @property
    def data(self) -> bytes:
        """What is there now."""
        return self._buffer.raw

    def write(self, data: bytes) -> None:
        """Put something else of the same size there."""
        self._buffer.raw = data


class Kernel:
    """`syscall(2)` and `prctl(2)`, ready for use in a child.

    Raises:
        OSError: there is no C library to be had them from.
    """

    __slots__ = ("_errno", "_long", "_prctl", "_syscall")

    def __init__(self) -> None:
        try:
            import ctypes
        except ImportError as error:
            raise OSError(f"this Python has no ctypes ({error})") from error
        library = ctypes.CDLL(None, use_errno=True)
        self._long = ctypes.c_long
        self._errno = ctypes.get_errno
        self._syscall = library.syscall
        self._syscall.restype = ctypes.c_long
        self._prctl = library.prctl
        self._prctl.restype = ctypes.c_int

    def syscall(self, number: int, *arguments: int) -> int:
        """What the call returns.

        Args:
            number: of the system call, on this machine.
            arguments: numbers and addresses.

        Raises:
            OSError: the call failed.
        """
        returned: int = self._syscall(*map(self._long, (number, *arguments)))
        if returned < 0:
            number = self._errno()
            raise OSError(number, os.strerror(number))
        return returned

    def prctl(self, option: int, *arguments: int) -> int:
        """What `prctl` returns.

        Raises:
            OSError: it failed.
        """
        padded = (option, *arguments, 0, 0, 0, 0)[:5]
        returned: int = self._prctl(*map(self._long, padded))
        if returned < 0:
            number = self._errno()
            raise OSError(number, os.strerror(number))
        return returned

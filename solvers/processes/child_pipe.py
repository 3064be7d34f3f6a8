"""A pipe for records from a child process, whose standard streams any library may print on."""

from __future__ import annotations

import os
from typing import IO, Self


class ChildPipe:
    """A pipe of which the child process writes one end; both ends are closed when the block ends.

    Attributes
    ----------
    child_end : int
        Descriptor to name to the child, and to leave open in it (``pass_fds``).
    path : str
        The same as a file that the child can open for writing.
    """

    def __enter__(self) -> Self:
        self._read, self.child_end = os.pipe()
        self._ends = {self._read, self.child_end}
        self._reader: IO[bytes] | None = None
        return self

    def __exit__(self, *_: object) -> None:
        while self._ends:
            os.close(self._ends.pop())
        if self._reader is not None:
            self._reader.close()

    @property
    def path(self) -> str:
        return f"/dev/fd/{self.child_end}"

    def reader(self) -> IO[bytes]:
        """Return what the child writes until it closes its end; call it once the child has started."""
        os.close(self.child_end)
        self._ends.clear()
        self._reader = os.fdopen(self._read, "rb")
        return self._reader

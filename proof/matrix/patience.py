"""Waiting for conditions, with a bound that only a failure reaches."""

import asyncio
import socket
import time

LONGEST = 60.0


async def eventually(what, look, longest=LONGEST):
    """What `look` answers as soon as it is neither None nor false; fails with what it said last."""
    deadline = time.monotonic() + longest
    while True:
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {longest:.0f} s: {what}")
        await asyncio.sleep(0.02)


def free_port():
    """A port that stays free while its server is down: below those that the system hands out by itself."""
    for port in range(12_000 + time.monotonic_ns() % 15_000, 32_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def tail(path, lines=40):
    """The last words of a process."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])

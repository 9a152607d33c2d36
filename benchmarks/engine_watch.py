"""A command of a benchmark, and what it took: wall, CPU and memory, children included."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took. rss_mb: the most that it and its children held at once.  stdout, stderr: what it said."""

    status: int
    seconds: float
    cpu_seconds: float
    rss_mb: float
    stdout: str
    stderr: str


def run(command: Sequence[str], *, seconds: float = 600, environment: Mapping[str, str] | None = None) -> Spent:
    """Run a command to its end. seconds: after so long it is killed, with its children."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=None if environment is None else {**os.environ, **environment},
    )
    memory = _Memory(process.pid)
    said: dict[str, str] = {}
    readers = [
        threading.Thread(target=lambda name=name, pipe=pipe: said.__setitem__(name, pipe.read()), daemon=True)
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr))
        if pipe is not None
    ]
    for reader in readers:
        reader.start()
    late = threading.Timer(seconds, _kill_group, [process.pid])
    late.start()
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = memory.stop()
    _kill_group(process.pid)  # what it left behind
    for reader in readers:
        reader.join(5)
    cpu = usage.ru_utime + usage.ru_stime
    return Spent(process.returncode, took, cpu, peak, said.get("stdout", ""), said.get("stderr", ""))


def cpu_seconds_of(pid: int) -> float:
    """Give the CPU seconds that a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Memory:
    """Watches how much a process and its children hold."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak = pid, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Give the most it was, in MB."""
        self._over.set()
        self._thread.join()
        return self._peak / 1024

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            family = _family(self._pid)
            together = sum(_kilobytes(pid, "VmRSS") for pid in family)
            self._peak = max(self._peak, together, _kilobytes(self._pid, "VmHWM"))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(each for child in children for each in _family(int(child)))]


def _kilobytes(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field + ":")), 0)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, 9)
    except (ProcessLookupError, PermissionError):
        return

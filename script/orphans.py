"""Finds and ends the processes that a killed supervisor left behind."""

import contextlib
import os

import psutil

# A variable of their environment says to which directory processes belong.
MARK = "PIK_SUPERVISED"
PATIENCE = 15


def end(processes: list[psutil.Process]) -> None:
    """Asks processes to end, then insists."""
    for step in (psutil.Process.terminate, psutil.Process.kill):
        for process in processes:
            with contextlib.suppress(psutil.Error):
                step(process)
        _, processes = psutil.wait_procs(processes, timeout=PATIENCE)


def stop_orphans(mark: str) -> None:
    """Ends the marked processes of an earlier supervisor; the caller holds the directory, so none can be in use."""
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                orphans.append(process)
    end(orphans)

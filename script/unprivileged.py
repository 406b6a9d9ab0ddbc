"""PostgreSQL refuses to run as root: this starts it as `nobody` in place, without touching users or permissions.

A checkout of root's is often out of reach for other users (/root, a mktemp directory). Instead of opening those
directories to everybody, the server keeps one capability of root's, reaching files; where even that is not
allowed, it still runs in any directory that other users may enter.
"""

import ctypes
import os
import pwd
import struct

PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 28, 47, 2
# Keep capabilities over the change of user, and let access(2) honour them.
SECUREBITS = (1 << 4) | (1 << 2)
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def server_user() -> "pwd.struct_passwd | None":
    """The user that has to run PostgreSQL here; None when it is the present one."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def give_up_root() -> None:
    """Turns this process from root into `nobody`; to be called between fork and exec."""
    user = server_user()
    libc = ctypes.CDLL(None)
    linux = hasattr(libc, "prctl") and hasattr(libc, "capset")
    if linux:
        libc.prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if linux:
        mask = 1 << CAP_DAC_OVERRIDE
        libc.capset(struct.pack("Ii", CAPABILITY_VERSION_3, 0), struct.pack("6I", mask, mask, mask, 0, 0, 0))
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)

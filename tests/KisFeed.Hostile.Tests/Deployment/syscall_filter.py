"""Runs a program under the system call filter of a systemd unit: syscall_filter.py UNIT PROGRAM [ARGUMENT…]

Does what systemd does with SystemCallFilter= and SystemCallErrorNumber=EPERM, by libseccomp, so that neither systemd as the init
process nor root is needed.
"""

import ctypes
import os
import subprocess
import sys

ALLOW, EPERM = 0x7FFF0000, 0x00050001


def expand(name):
    """The system calls of a set such as @system-service."""
    if not name.startswith("@"):
        return {name}
    lines = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    return {call for line in map(str.strip, lines) if line and not line.startswith("#") for call in expand(line)}


def allowed_by(unit):
    allowed = expand("@default")
    with open(unit, encoding="utf-8") as file:
        for value in (line.partition("=")[2].strip() for line in file if line.startswith("SystemCallFilter=")):
            calls = {call for name in value.removeprefix("~").split() for call in expand(name)}
            allowed = allowed - calls if value.startswith("~") else allowed | calls
    return allowed


seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
context = seccomp.seccomp_init(EPERM)
for call in sorted(allowed_by(sys.argv[1])):
    number = seccomp.seccomp_syscall_resolve_name(call.encode())
    if number >= 0 and seccomp.seccomp_rule_add(context, ALLOW, number, 0) != 0:  # Some belong to other processors.
        sys.exit(f"libseccomp refuses {call}")
if seccomp.seccomp_load(context) != 0:
    sys.exit("the filter cannot be loaded")
os.execvp(sys.argv[2], sys.argv[2:])

"""Runs a command on a pseudo terminal: pseudo_terminal.py COLUMNS ROWS COMMAND…

The command's output goes to standard output. Standard input takes one instruction per line: "size COLUMNS ROWS" resizes the
terminal, and standard output gets the escape sequence of a resized window between what was drawn before and after; "type TEXT" types
a text and Enter; "interrupt" is Ctrl-C. The end of standard input ends the command. The exit code is the command's.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios


UNFINISHED = re.compile(rb"\x1b(\[[0-?]*)?$")
shown = b""


def show(data):
    global shown
    os.write(1, data)
    shown = (shown + data)[-32:]


def resize(terminal, columns, rows):
    # Sends SIGWINCH as well.
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(line, child, terminal):
    words = line.split()
    if words[0] == "size":
        columns, rows = int(words[1]), int(words[2])
        try:
            # A read may end within an escape sequence, whose rest follows.
            while UNFINISHED.search(shown) or select.select([terminal], [], [], 0)[0]:
                show(os.read(terminal, 65536))
        except OSError:  # The end of the child, which the main loop handles.
            return
        resize(terminal, columns, rows)
        show(f"\x1b[8;{rows};{columns}t".encode())
    elif words[0] == "type":
        os.write(terminal, line.removeprefix("type ").encode() + b"\r")
    elif words[0] == "interrupt":
        os.kill(child, signal.SIGINT)


def main():
    columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    child, terminal = pty.fork()
    if child == 0:
        resize(0, columns, rows)
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)

    pending = b""
    sources = [terminal, 0]
    while True:
        for source in select.select(sources, [], [])[0]:
            try:
                data = os.read(source, 65536)
            except OSError:  # On Linux this is the end of the child.
                data = b""
            if source == terminal:
                if not data:
                    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                show(data)
            elif not data:
                os.kill(child, signal.SIGKILL)
                sources.remove(0)
            else:
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    obey(line.decode(), child, terminal)


main()

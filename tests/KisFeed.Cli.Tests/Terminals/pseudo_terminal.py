"""Runs a command on a pseudo terminal: pseudo_terminal.py COLUMNS ROWS COMMAND…

What the command draws goes to standard output. Standard input takes a line an instruction: "size COLUMNS ROWS" resizes the terminal, "interrupt" is
Ctrl-C. The end of standard input ends the command. The exit code is the command's.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, rows):
    # Sends SIGWINCH as well.
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(line, child, terminal):
    words = line.split()
    if words[0] == "size":
        resize(terminal, int(words[1]), int(words[2]))
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
                os.write(1, data)
            elif not data:
                os.kill(child, signal.SIGKILL)
                sources.remove(0)
            else:
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    obey(line.decode(), child, terminal)


main()

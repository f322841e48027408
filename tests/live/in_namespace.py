"""Run as the first process of a pid namespace: the program under test traces one of its
processes, by the number that it has there.

    python3 -c THIS BINARY DISK

Writes the blocks that were shown, as JSON.
"""

import contextlib
import json
import mmap
import os
import signal
import subprocess
import sys
import time

BLOCK = 4096
SECTOR = 512
HOOKS = 5


def read(disk, number):
    subprocess.run(["dd", f"if={disk}", "of=/dev/null", f"bs={BLOCK}", "count=1", f"skip={number}",
                    "iflag=direct", "status=none"], check=True)


def read_here(disk, number):
    """By this process itself."""
    fd = os.open(disk, os.O_RDONLY | os.O_DIRECT)
    os.preadv(fd, [mmap.mmap(-1, BLOCK)], number * BLOCK)
    os.close(fd)


def hooks(pid):
    found = 0
    for entry in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found += os.readlink(f"/proc/{pid}/fd/{entry}") == "anon_inode:bpf_link"
    return found


def blocks(binary, disk, *options):
    """Those that are shown of a process that reads one, and forks what reads another."""
    go = os.pipe()
    wanted = os.fork()
    if wanted == 0:
        os.read(go[0], 1)
        read_here(disk, 7)
        read(disk, 5)
        os._exit(0)
    with subprocess.Popen([binary, "-p", str(wanted), "-f", "json", "-o", "sector", *options],
                          stdout=subprocess.PIPE, text=True) as traced:
        while hooks(traced.pid) < HOOKS + len(options):
            if traced.poll() is not None:
                sys.exit(f"it ended with {traced.returncode}")
            time.sleep(0.01)
        time.sleep(0.5)
        read(disk, 1)
        os.write(go[1], b"x")
        os.waitpid(wanted, 0)
        traced.send_signal(signal.SIGINT)
        rows = [json.loads(line) for line in traced.stdout]
    return sorted(row["sector"] * SECTOR // BLOCK for row in rows)


def main():
    binary, disk = sys.argv[1:]
    json.dump({"wanted": blocks(binary, disk),
               "with children": blocks(binary, disk, "--children")}, sys.stdout)


if __name__ == "__main__":
    main()

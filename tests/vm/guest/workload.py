"""Disk work of every kind that the original knows a letter for."""

import subprocess


def run(command):
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.strip()[-300:]}")


def mixed(disk, requests):
    """About `requests` reads and writes by fio, and some by dd and sync."""
    run(["fio", "--name=mixed", f"--filename={disk}", "--direct=1", "--rw=randrw",
         "--bsrange=512-64k", "--size=24m", f"--number_ios={requests}", "--fsync=40",
         "--ioengine=psync", "--thread", "--minimal"])
    run(["dd", "if=/dev/zero", f"of={disk}", "bs=16k", "count=40", "oflag=dsync"])
    run(["dd", f"if={disk}", "of=/dev/null", "bs=4k", "count=40", "iflag=direct"])
    run(["dd", "if=/dev/zero", f"of={disk}", "bs=64k", "count=40"])
    run(["sync", disk])

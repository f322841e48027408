"""Disk work of every kind that the original knows a letter for."""

import json
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


def fio_job(disk, *options):
    """What fio says of its job."""
    done = subprocess.run(["fio", "--name=job", f"--filename={disk}", "--direct=1", "--thread",
                           "--output-format=json", *options], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"fio: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]


def queued(disk, requests):
    """Reads and writes, several at a time; how many of each."""
    job = fio_job(disk, "--rw=randrw", "--bsrange=512-64k", "--ioengine=libaio", "--iodepth=8",
                  f"--number_ios={requests}")
    return job["read"]["total_ios"], job["write"]["total_ios"]

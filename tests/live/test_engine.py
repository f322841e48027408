"""Which engine is taken is told, and what the user must know of it."""

import os

import tracer

EVERY_COLUMN = ("time,clock,type,op,bytes,latency,queue,disk,partition,sector,pid,comm,cgroup,"
                "file,pattern,error")


def has_typed_reads():
    """Whether the kernel lets a program say what a pointer leads to (6.2 and later)."""
    try:
        with open("/sys/kernel/btf/vmlinux", "rb") as types:
            return b"\0bpf_rdonly_cast\0" in types.read()
    except FileNotFoundError:
        return False


class Engine(tracer.Check):
    def test_the_engine_that_the_kernel_decides_on(self):
        done = tracer.run("-D", "0")
        self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")
        self.assertRegex(done.stderr.decode(), r"(?m)^disksnoop: (engine tracepoint, as disksnoop\.py "
                         r"could not trace here: .+|warning: \w+ runs after the kernel has cleared the "
                         r"size: .+)$")

    def test_nothing_is_told_of_an_engine_that_was_asked_for(self):
        done = tracer.run("--engine=tracepoint", "-D", "0")
        self.assertNotIn("engine", done.stderr.decode())

    def test_every_program_reads_by_plain_loads_where_the_kernel_can(self):
        """Else they cost more, and nobody would notice."""
        wanted = ["reads by plain loads (bpf_rdonly_cast)"] if has_typed_reads() else []
        own = str(os.getpid())
        disk = next(name for name in os.listdir("/sys/block")
                    if os.path.exists(f"/sys/block/{name}/mq"))
        for options in ([], ["-o", EVERY_COLUMN], ["-d", disk, "--op", "read"],
                        ["-p", own, "--children"], ["--comm", "dd"], ["--errors", "-m", "1"],
                        ["--layer=bio", "-o", EVERY_COLUMN], ["--layer=bio", "-s"],
                        ["-o", EVERY_COLUMN, "-p", own, "--comm", "dd", "-m", "1"]):
            with self.subTest(options=options):
                done = tracer.run("--engine=tracepoint", "-v", "-D", "0", *options)
                self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")
                told = [line.removeprefix("disksnoop: ") for line in done.stderr.decode().splitlines()
                        if "plain loads" in line]
                self.same(told, wanted, f"ways to read, with {done.stderr!r} on stderr")

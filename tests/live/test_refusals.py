"""One line that says what is in the way."""

import contextlib
import ctypes
import errno
import os
import platform
import re
import resource
import struct
import unittest

import tracer
from loop import MIB


@contextlib.contextmanager
def memory_cgroup(limit):
    """A command that runs what follows it with so many bytes of memory."""
    for top, file in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                      ("/sys/fs/cgroup", "memory.max")):
        directory = f"{top}/disksnoop-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            os.mkdir(directory)
            if os.path.exists(f"{directory}/{file}"):
                break
            os.rmdir(directory)
    else:
        raise unittest.SkipTest("no memory cgroup can be made here")
    try:
        with open(f"{directory}/{file}", "w", encoding="ascii") as limit_file:
            limit_file.write(str(limit))
        yield ["sh", "-c", f'echo $$ > {directory}/cgroup.procs && exec "$@"', "sh"]
    finally:
        os.rmdir(directory)


def refuse_maps():
    """From here on bpf(BPF_MAP_CREATE) gives EPERM, as kernels before 5.11 do where
    too little memory may be locked (a filter of seccomp(2))."""
    bpf = {"x86_64": 321, "aarch64": 280}[platform.machine()]
    load_word, equal, give = 0x20, 0x15, 0x06
    number, first_argument = 0, 16  # places in struct seccomp_data
    filter_ = b"".join(struct.pack("<HBBI", *instruction) for instruction in (
        (load_word, 0, 0, number), (equal, 0, 3, bpf),
        (load_word, 0, 0, first_argument), (equal, 0, 1, 0),
        (give, 0, 0, 0x00050000 | errno.EPERM), (give, 0, 0, 0x7fff0000)))
    text = ctypes.create_string_buffer(filter_)
    program = struct.pack("@HP", len(filter_) // 8, ctypes.addressof(text))
    if ctypes.CDLL(None, use_errno=True).prctl(22, 2, program) != 0:  # PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "no filter")


def damaged_btf():
    """A file: the kernel's BTF, but for arrays whose elements are of a type that it does not have."""
    def damage(array):
        return array[0][:12] + b"\xff\xff\xff\x7f" if array.start() % 4 == 0 else array[0]

    with open("/sys/kernel/btf/vmlinux", "rb") as file:
        types = file.read()
    # No name, kind 3 and nothing else, no size; then the type of the elements.
    damaged = re.sub(rb"\0{7}\x03\0{4}....", damage, types, flags=re.DOTALL)
    path = os.path.join(tracer.place.path, "damaged.btf")
    with open(path, "wb") as file:
        file.write(damaged)
    return path


class Refusals(tracer.Check):
    def test_damaged_btf(self):
        if not os.path.exists("/sys/kernel/btf/vmlinux"):
            self.skipTest("the kernel has no BTF")
        done = tracer.run("--engine=tracepoint", "--headers=btf", "-D", "0", before=[
            "unshare", "--mount", "sh", "-c",
            f'mount --bind {damaged_btf()} /sys/kernel/btf/vmlinux && exec "$@"', "sh"])
        self.assert_error(done, 1, "the BTF in /sys/kernel/btf/vmlinux")

    def test_no_capability(self):
        done = tracer.run(user=tracer.as_nobody())
        self.assert_error(done, 1, "CAP_BPF and CAP_PERFMON missing")

    def test_bpf_only(self):
        done = tracer.run(user=tracer.as_nobody("bpf"))
        self.assert_error(done, 1, "CAP_PERFMON missing")

    def test_perfmon_only(self):
        done = tracer.run(user=tracer.as_nobody("perfmon"))
        self.assert_error(done, 1, "CAP_BPF missing")

    def test_tmpdir_of_another_user(self):
        directory = os.path.join(tracer.place.path, "of-root")
        os.mkdir(directory, mode=0o755)
        done = tracer.run("--engine=tracepoint", user=tracer.NOBODY,
                          env={**os.environ, "TMPDIR": directory})
        os.rmdir(directory)
        self.assert_error(done, 1, "TMPDIR", directory, "Permission denied")

    def test_tmpdir_that_is_not_there(self):
        done = tracer.run("--engine=tracepoint", env={**os.environ, "TMPDIR": "/not-there"})
        self.assert_error(done, 1, "TMPDIR", "/not-there", "No such file or directory")

    def test_original_without_tracefs(self):
        without = ["unshare", "--mount", "sh", "-c",
                   'umount --all --types tracefs; umount --all --types debugfs; exec "$@"', "sh"]
        done = tracer.run("--engine=original", before=without)
        self.assert_error(done, 1, "mount -t tracefs")

    def test_a_buffer_larger_than_the_memory_it_may_have(self):
        with memory_cgroup(64 * MIB) as join:
            done = tracer.run("--engine=tracepoint", "--buffer=512M", before=join)
            self.assert_error(done, 1, "Cannot allocate memory", "--buffer")
            done = tracer.run("--engine=tracepoint", "--buffer=16M", "-D", "0", before=join)
            self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")

    def test_little_memory_that_may_be_locked(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (64 * 1024, 64 * 1024))
            refuse_maps()
        done = tracer.run("--engine=tracepoint", user=tracer.NOBODY, preexec_fn=limit)
        self.assert_error(done, 1, "only 64 KiB of memory may be locked", "ulimit -l unlimited")

    @unittest.skipIf(os.path.exists("/sys/bus/event_source/devices/kprobe"),
                     "this kernel has kprobes")
    def test_no_kprobes(self):
        mounted = ["unshare", "--mount", "sh", "-c",
                   'mount -t tracefs tracefs /sys/kernel/tracing; exec "$@"', "sh"]
        done = tracer.run("--engine=original", before=mounted)
        self.assert_error(done, 1, "this kernel has none (CONFIG_KPROBES)")

    def test_unknown_disk(self):
        done = tracer.run("--engine=tracepoint", "-d", "not-there")
        self.assert_error(done, 1, "not-there")

    def test_disk_with_the_original_engine(self):
        done = tracer.run("--engine=original", "-d", "loop0")
        self.assert_error(done, 2, "--disk", "--engine=original")


class CommandLine(tracer.Check):
    def setUp(self):
        """What needs no kernel that can be traced."""

    def test_buffer_size(self):
        for size in ("", "0", "-1", "1X", "2G", "all"):
            done = tracer.run("--engine=tracepoint", f"--buffer={size}")
            with self.subTest(size=size):
                self.assert_error(done, 2, "--buffer")

"""--check says what then happens."""

import ctypes
import errno
import json
import os
import platform
import struct

import tracer

KPROBES = "/sys/bus/event_source/devices/kprobe"


def refuse_bpf():
    """From here on bpf(2) gives EPERM (a filter of seccomp(2))."""
    bpf = {"x86_64": 321, "aarch64": 280}[platform.machine()]
    load_word, equal, give = 0x20, 0x15, 0x06
    filter_ = b"".join(struct.pack("<HBBI", *instruction) for instruction in (
        (load_word, 0, 0, 0), (equal, 0, 1, bpf),
        (give, 0, 0, 0x00050000 | errno.EPERM), (give, 0, 0, 0x7fff0000)))
    text = ctypes.create_string_buffer(filter_)
    program = struct.pack("@HP", len(filter_) // 8, ctypes.addressof(text))
    if ctypes.CDLL(None, use_errno=True).prctl(22, 2, program) != 0:  # PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "no filter")


def in_namespace(script):
    """A command that runs what follows it in a mount namespace, after this script."""
    return ["unshare", "--mount", "sh", "-c", script + ' && exec "$@"', "sh"]


class CheckOption(tracer.Check):
    def look(self, **options):
        """The object of --check, whose status and error are those of a run."""
        told = tracer.run("--check", "-f", "json", **options)
        done = tracer.run("-D", "0", **options)
        found = json.loads(told.stdout)
        self.same(told.returncode, done.returncode, f"status, with {done.stderr!r} on stderr")
        self.same(found["works"], done.returncode == 0, "works")
        if done.returncode != 0:
            # Which engine was chosen, a run may say before.
            self.same(told.stderr.splitlines(), done.stderr.splitlines()[-1:], "error")
        self.run_stderr = done.stderr.decode()
        self.by_subject = {one["subject"]: one for one in found["findings"]}
        return found

    def mark(self, subject):
        return self.by_subject[subject]["mark"]

    def test_as_root(self):
        found = self.look()
        self.assertTrue(found["works"], self.by_subject)
        self.same(found["command"], "disksnoop", "command")
        said = "engine tracepoint" in self.run_stderr
        self.same(found["engine"], "tracepoint" if said else "original", "engine")

    def test_without_capabilities(self):
        found = self.look(user=tracer.as_nobody())
        self.assertFalse(found["works"])
        self.same(self.mark("bpf(2)"), "missing", "mark")
        self.assertIsNone(self.mark("buffer"))

    def test_with_one_capability(self):
        for one in ("bpf", "perfmon"):
            with self.subTest(capability=one):
                self.assertFalse(self.look(user=tracer.as_nobody(one))["works"])

    def test_with_both_capabilities(self):
        found = self.look(user=tracer.NOBODY)
        self.assertTrue(found["works"])
        self.same(found["engine"], "tracepoint", "engine")

    def test_without_btf(self):
        empty = os.path.join(tracer.place.path, "empty")
        with open(empty, "wb"):
            pass
        found = self.look(before=in_namespace(f"mount --bind {empty} /sys/kernel/btf/vmlinux"))
        self.same(self.mark("BTF"), "missing", "mark")
        missing = {one["name"] for one in found["columns"] if one["missing"]}
        self.assertLessEqual({"disk", "pid", "comm", "cgroup", "file", "error"}, missing)
        self.assertEqual(missing & {"time", "type", "bytes", "latency"}, set())

    def test_without_proc(self):
        found = self.look(before=in_namespace("umount -l /proc"))
        self.assertFalse(found["works"])
        self.same(self.mark("layouts of structs"), "missing", "mark")

    def test_where_a_filter_refuses_bpf(self):
        found = self.look(preexec_fn=refuse_bpf)
        self.assertFalse(found["works"])
        self.same(self.mark("seccomp"), "missing", "mark")
        self.assertIsNone(found["command"])

    def test_columns_that_are_not_missing_have_no_warning(self):
        found = self.look()
        names = [one["name"] for one in found["columns"]]
        done = tracer.run("-D", "0", "-o", ",".join(names))
        self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")
        for one in found["columns"]:
            self.same(f"the column {one['name']} is -" in done.stderr.decode(),
                      one["missing"] is not None, one["name"])

    def test_tracefs(self):
        found = self.look(before=in_namespace("mount -t tracefs tracefs /sys/kernel/tracing"))
        self.same(self.mark("tracefs"), "ok", "mark")
        if not os.path.exists(KPROBES):
            self.same((self.mark("kprobes"), found["engine"]), ("missing", "tracepoint"), "kprobes")
        self.look(before=in_namespace(
            "umount --all --types tracefs; umount --all --types debugfs; true"))
        self.same(self.mark("tracefs"), "missing", "mark")
        self.assertIn("mount -t tracefs", self.by_subject["tracefs"]["way_out"])

    def test_it_leaves_nothing(self):
        def left():
            return sorted(os.listdir("/tmp") + os.listdir("/dev/shm"))
        before = left()
        tracer.run("--check")
        self.same(left(), before, "files")

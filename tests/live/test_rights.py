"""What a caller without rights can do with a program whose file has some."""

import os
import shutil
import struct
import subprocess
import sys
import textwrap

import tracer

CAP_PERFMON, CAP_BPF = 38, 39
# env, as setpriv itself still has capabilities when it starts a program: of one
# that gains some the kernel keeps the files below /proc from its own user.
PLAIN_NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env"]

# Puts an #error into every header below a directory as soon as it is made, again
# and again until the file STOP is there; then tells how often it could.
SPOILER = textwrap.dedent("""
    import glob, os, sys
    stop, spoiled = sys.argv[1], 0
    names = ("linux/types.h", "linux/kconfig.h", "linux/version.h", "asm/page.h", "uapi/linux/ptrace.h")
    print("ready", flush=True)
    while not os.path.exists(stop):
        for directory in glob.glob("/dev/shm/disksnoop-*"):
            for name in names:
                for include in ("include", "arch/x86/include", "arch/arm64/include"):
                    path = f"{directory}/{include}/{name}"
                    try:
                        os.makedirs(os.path.dirname(path), exist_ok=True)
                        with open(path, "w") as file:
                            file.write("#error this is the caller's\\\\n")
                        spoiled += 1
                    except OSError:
                        pass
    print(spoiled, flush=True)
""")


def give_capabilities(path, *capabilities):
    """setcap CAPABILITIES+p PATH; struct vfs_cap_data of linux/capability.h."""
    permitted = sum(1 << capability for capability in capabilities)
    os.setxattr(path, "security.capability", struct.pack(
        "<5I", 0x02000000, permitted & 0xffffffff, 0, permitted >> 32, 0))


class FileCapabilities(tracer.Check):
    def setUp(self):
        super().setUp()
        self.binary = os.path.join(tracer.place.path, "capable")
        shutil.copy(tracer.place.binary, self.binary)
        self.addCleanup(os.unlink, self.binary)
        try:
            give_capabilities(self.binary, CAP_BPF, CAP_PERFMON)
        except OSError as error:
            self.skipTest(f"files take no capabilities: {error}")
        self.headers = os.path.join(tracer.place.path, "callers-headers")
        path = os.path.join(self.headers, "include/linux/kconfig.h")
        os.makedirs(os.path.dirname(path))
        self.addCleanup(shutil.rmtree, self.headers)
        with open(path, "w", encoding="ascii") as file:
            file.write("#error this is the caller's\n")

    def run_as_nobody(self, *arguments, **options):
        return tracer.run("--engine=tracepoint", "-D", "0", *arguments, user=PLAIN_NOBODY,
                          binary=self.binary, **options)

    def assert_traced(self, done):
        self.same((done.returncode, done.stdout), (0, tracer.HEADER),
                  f"status and stdout, with {done.stderr!r} on stderr")

    def test_without_them_it_is_refused(self):
        done = tracer.run("--engine=tracepoint", "-D", "0", user=PLAIN_NOBODY)
        self.assert_error(done, 1, "CAP_BPF and CAP_PERFMON missing")

    def test_they_are_enough(self):
        self.assert_traced(self.run_as_nobody())

    def test_the_sandbox_stays_on(self):
        done = self.run_as_nobody("--sandbox=off")
        self.assert_error(done, 1, "--sandbox=off does not go with rights that the caller")

    def test_no_variable_is_listened_to(self):
        for name, value in (("BCC_KERNEL_SOURCE", self.headers), ("ARCH", "arm64"),
                            ("TMPDIR", "/not-there"), ("BCC_LINUX_VERSION_CODE", "x"),
                            ("CPATH", self.headers), ("C_INCLUDE_PATH", self.headers)):
            done = self.run_as_nobody("-v", env={**os.environ, name: value})
            self.assert_traced(done)
            self.assertIn("environment variables are not listened to", done.stderr.decode(), name)

    def test_for_the_caller_itself_they_are(self):
        done = tracer.run("--engine=tracepoint", "-D", "0",
                          env={**os.environ, "BCC_KERNEL_SOURCE": self.headers})
        self.same((done.returncode, done.stdout), (1, b""), "status and stdout")
        self.assertIn("this is the caller's", done.stderr.decode())

    def test_the_directory_of_the_caller_is_not_compiled(self):
        stop = os.path.join(tracer.place.path, "stop")
        spoiler = subprocess.Popen([*PLAIN_NOBODY, sys.executable, "-c", SPOILER, stop],
                                   stdout=subprocess.PIPE, text=True)
        try:
            self.same(spoiler.stdout.readline(), "ready\n", "the other process")
            done = [self.run_as_nobody() for _ in range(5)]
        finally:
            with open(stop, "w", encoding="ascii"):
                pass
            spoiled, _ = spoiler.communicate(timeout=tracer.START)
            os.unlink(stop)
        for one in done:
            self.assert_traced(one)
        self.assertGreater(int(spoiled), 0, "files that the caller wrote in time")

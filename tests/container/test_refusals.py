"""What is missing is told in one line, with the option that mends it."""

import json
import os

import bundle
import podman

COMMAND = ["--engine=tracepoint", "-D", "0"]


class Refusals(podman.TracingCheck):
    def assert_mended(self, *options, command=COMMAND):
        done = podman.run_image(*options, command=command)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(podman.HEADER), done.stdout)

    def profile(self, number):
        """The shipped seccomp profile, in which bpf(2) fails with `number`."""
        with open(f"{podman.TOP}/docker/seccomp.json", encoding="utf-8") as file:
            profile = json.load(file)
        for call in profile["syscalls"]:
            call["names"] = [name for name in call["names"] if name != "bpf"]
        profile["syscalls"] = [call for call in profile["syscalls"] if call["names"]]
        profile["syscalls"].append({"names": ["bpf"], "action": "SCMP_ACT_ERRNO",
                                    "errnoRet": number})
        path = os.path.join(podman.cache, "tmp", f"seccomp-{number}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(profile, file)
        return ["--security-opt", f"seccomp={path}"]

    def test_no_capability(self):
        for options in ([], ["--user", "0"], ["--read-only"], podman.SECCOMP):
            with self.subTest(options=options):
                done = podman.run_image(*options, command=COMMAND)
                self.assert_refused(done, "CAP_BPF and CAP_PERFMON missing",
                                    "with --cap-add BPF --cap-add PERFMON")
        self.assert_mended(*podman.SECCOMP, "--cap-add", "BPF", "--cap-add", "PERFMON")

    def test_one_capability(self):
        for there, missing in (("BPF", "PERFMON"), ("PERFMON", "BPF")):
            with self.subTest(there=there):
                done = podman.run_image(*podman.SECCOMP, "--cap-add", there, command=COMMAND)
                self.assert_refused(done, f"CAP_{missing} missing", f"with --cap-add {missing}")

    def test_seccomp(self):
        for number in (1, 38):  # EPERM, ENOSYS
            with self.subTest(errno=number):
                done = podman.run_image(*podman.CAPABILITIES, *self.profile(number), command=COMMAND)
                self.assert_refused(done, "seccomp", "--security-opt seccomp=seccomp.json")

    def test_user_namespace(self):
        done = podman.run_image("--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536",
                                "--network", "none", *podman.CAPABILITIES, *podman.SECCOMP,
                                command=COMMAND)
        self.assert_refused(done, "user namespace", "--userns host")
        self.assert_mended("--userns", "host", *podman.CAPABILITIES, *podman.SECCOMP)

    def test_no_btf_and_no_headers(self):
        done = podman.run_image(*podman.CAPABILITIES, *podman.SECCOMP,
                                "--security-opt", "mask=/sys/kernel/btf", command=COMMAND)
        self.assert_refused(done, "/sys/kernel/btf/vmlinux is missing",
                            "-v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro")

    def test_no_tracefs(self):
        done = podman.run_image("--privileged", "--user", "0",
                                command=["--engine=original", "-D", "0"])
        self.assert_refused(done, "tracefs", "-v /sys/kernel/debug:/sys/kernel/debug")

    def test_tracefs_that_only_root_may_read(self):
        debugfs = os.path.join(podman.cache, "tmp", "debugfs")
        os.makedirs(f"{debugfs}/tracing", exist_ok=True)
        with open(f"{debugfs}/tracing/trace_pipe", "w", encoding="utf-8"):
            pass
        os.chmod(debugfs, 0o700)
        done = podman.run_image("--privileged", "--volume", f"{debugfs}:/sys/kernel/debug",
                                command=["--engine=original", "-D", "0"])
        self.assert_refused(done, "--user 0")


class OtherUsers(podman.TracingCheck):
    """With the capabilities in the bounding set only, as Docker does it."""

    def test_the_file_gives_them(self):
        with bundle.Bundle(["/usr/bin/disksnoop", *COMMAND]) as container:
            done = container.run()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(podman.HEADER), done.stdout)

    def test_no_new_privileges_forbids_it(self):
        with bundle.Bundle(["/usr/bin/disksnoop", *COMMAND], no_new_privileges=True) as container:
            self.assert_refused(container.run(), "CAP_BPF and CAP_PERFMON missing", "--user 0")

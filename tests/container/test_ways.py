"""The documented ways to run it, as they are written."""

import os
import resource
import shutil
import subprocess
import tempfile
import unittest

import podman


class Ways(podman.TracingCheck):
    def rows_of(self, command):
        """Runs a documented command until it prints a row; its stderr then."""
        self.assertEqual(command[0], "docker")
        with podman.Load(), podman.Container(argv=["podman", *command[1:]]) as container:
            container.wait_for_rows()
            seconds, status = container.stop()
            self.assertEqual(status, 0, container.errors())
            self.assert_rows(container.output())
            return container.errors()

    def commands(self, *words):
        found = [command for command in podman.documented("docker run")
                 if all(word in command for word in words)]
        self.assertTrue(found, f"docker/README.md shows no docker run with {words}")
        return found

    def test_two_capabilities(self):
        for command in self.commands("--cap-add", "BPF", "PERFMON"):
            with self.subTest(command=command):
                self.assertNotIn("-v", command)
                if any("seccomp=" in word for word in command):
                    self.rows_of(command)
                    continue
                # What the engine's default profile says decides.
                done = podman.run(*command[1:], "-D", "1")
                if done.returncode:
                    self.assert_refused(done, "--security-opt seccomp=")

    def test_privileged(self):
        """As it is, and with kernel headers where there are any: an engine refuses
        to mount what is not there."""
        for command in self.commands("--privileged"):
            bound = [word.split(":")[0] for before, word in zip(command, command[1:])
                     if before == "-v"]
            self.assertEqual(bound, ["/sys/kernel/debug"])
            ways = [command]
            with_headers, directories = podman.with_headers(command)
            if all(os.path.isdir(directory) for directory in directories):
                ways.append(with_headers)
            for way in ways:
                with self.subTest(command=way):
                    self.rows_of(way)

    def within_this_machine(self):
        """One more file for compose where even root may not lift the limit of locked
        memory, as the documented one does: with the limit that there is."""
        lifted = subprocess.run(["prlimit", "--memlock=unlimited", "true"], capture_output=True,
                                check=False)
        if lifted.returncode == 0:
            return []
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            self.addCleanup(os.unlink, file.name)
            most = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
            file.write(f"services: {{disksnoop: {{ulimits: {{memlock: {most}}}}}}}\n")
        return ["-f", file.name]

    @unittest.skipIf(shutil.which("podman-compose") is None, "podman-compose is missing")
    def test_compose(self):
        command, = [one for one in podman.documented("docker compose") if "--profile" not in one]
        self.assertEqual(command[-1], "up")
        # The file's limit takes the place of those that keep podman within this machine's.
        limits = [f"--ulimit={limit}" for limit in os.environ["CONTAINER_LIMITS"].split()]
        own = " ".join([*podman.CGROUP, *limits])
        compose = ["podman-compose", f"--podman-run-args={own}", *command[2:-1],
                   *self.within_this_machine()]
        options = {"cwd": podman.TOP, "stdin": subprocess.DEVNULL, "capture_output": True,
                   "text": True, "timeout": 120, "check": False}
        with podman.Load():
            # By its name, as Debian 12's podman-compose starts what a profile is asked for too.
            up = subprocess.run([*compose, "up", "--no-build", "--detach", "disksnoop"], **options)
            try:
                names = podman.run("ps", "--all", "--format", "{{.Names}}").stdout.split()
                self.assertEqual(len(names), 1, up.stderr)
                podman.wait_until(lambda: podman.ROW.search(podman.run("logs", names[0]).stdout),
                                  f"row of {names[0]}: {up.stderr}")
                podman.run("stop", *names)
                self.assertEqual(podman.inspect(names[0], ".State.ExitCode"), 0)
                self.assert_rows(podman.run("logs", names[0]).stdout)
            finally:
                subprocess.run([*compose, "down"], **options)

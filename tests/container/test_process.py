"""As the first process of a container: signals, output, and what it leaves."""

import os
import re
import signal

import podman

OPTIONS = ["--rm", *podman.CAPABILITIES, *podman.SECCOMP]


def children(pid):
    """(state, pid) of the children of a process."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == pid:
                found.append((state, int(entry)))
    return found


def catches(pid, number):
    """Whether the process has a handler for the signal."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            handlers = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.MULTILINE)[1]
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read() == "disksnoop\n" and int(handlers, 16) >> number - 1 & 1
    except OSError:
        return False


def rights(pid):
    """What /proc/PID/status says of them."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(re.findall(r"^(Cap\w+|NoNewPrivs|Seccomp|Uid):\s*(.*)$", file.read(),
                               re.MULTILINE))


class Process(podman.TracingCheck):
    def test_no_right_is_left_while_it_traces(self):
        few = ["--user", "0", "--cap-drop", "ALL", *podman.CAPABILITIES]
        for user in ([], ["--user", "0"], few):
            with self.subTest(user=user), podman.Container(*OPTIONS, *user) as container:
                container.wait_for_header()
                status = rights(container.main_pid())
                self.assertEqual({status[name] for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")},
                                 {"0" * 16})
                self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
                # Who has no capability to change the user stays root without one.
                self.assertEqual(status["Uid"].split()[1] == "0", user == few)

    def test_stop(self):
        with podman.Load(), podman.Container(*OPTIONS) as container:
            container.wait_for_rows()
            seconds, status = container.stop()
            self.assertEqual(status, 0, container.errors())
            self.assert_rows(container.output())
            self.assertRegex(container.errors(), r"\d+ rows, 0 lost")
        # It takes little longer than one that `podman stop` kills.
        with podman.Container(*OPTIONS, "--stop-signal", "KILL") as container:
            container.wait_for_header()
            killed, status = container.stop()
            self.assertEqual(status, 128 + signal.SIGKILL)
        self.assertLess(seconds, 1 + 5 * killed)

    def test_stop_while_it_starts(self):
        with podman.Container(*OPTIONS) as container:
            # The kernel keeps a signal from the first process until it has a handler.
            podman.wait_until(lambda: catches(container.main_pid(), signal.SIGTERM), "handler", step=0)
            self.assertNotIn(podman.HEADER, container.output())
            _, status = container.stop()
            self.assertEqual(status, 0, container.errors())

    def test_interrupt(self):
        with podman.Container(*OPTIONS) as container:
            container.wait_for_header()
            podman.run("kill", "--signal", "INT", container.name)
            self.assertEqual(container.process.wait(podman.START), 0, container.errors())

    def test_log_driver_gets_every_row_at_once(self):
        name = f"log-{os.getpid()}"
        log = os.path.join(podman.cache, "tmp", name)
        done = podman.run("run", "--detach", "--name", name, "--log-driver", "k8s-file",
                          "--log-opt", f"path={log}", *OPTIONS[1:], podman.image)
        self.assertEqual(done.returncode, 0, done.stderr)
        try:
            def logged():
                with open(log, encoding="utf-8") as file:
                    return [line.split(" ", 3)[3] for line in file if " stdout " in line]
            podman.wait_until(logged, "header in the log")
            with podman.Load():
                podman.wait_until(lambda: any(podman.ROW.match(line) for line in logged()),
                                  "row in the log while it runs")
        finally:
            podman.run("rm", "--force", "--time", "5", name)

    def test_no_zombie(self):
        with podman.Load(), podman.Container(*OPTIONS) as container:
            container.wait_for_rows()
            self.assertEqual([one for one in children(container.pid()) if one[0] == "Z"], [])

    def test_read_only(self):
        for more in ([], ["--read-only-tmpfs=false"]):
            with self.subTest(more=more), podman.Load(), \
                    podman.Container(*OPTIONS, "--read-only", *more) as container:
                container.wait_for_rows()
                self.assertEqual(container.stop()[1], 0, container.errors())

    def test_it_writes_nothing_to_the_image(self):
        with podman.Load(), podman.Container(*OPTIONS[1:]) as container:
            container.wait_for_rows()
            container.stop()
            changed = podman.run("diff", container.name).stdout.split("\n")
            # The engine's own: mount points, and files that it binds.
            own = re.compile(r"|[AC] /(etc|run|dev|proc|sys|tmp|var)(/.*)?")
            self.assertEqual([line for line in changed if not own.fullmatch(line)], [])
            self.assertEqual([line for line in changed if "disksnoop" in line], [])

    def test_it_leaves_nothing_in_memory(self):
        with podman.Load(), podman.Container(*OPTIONS, "--ipc", "host") as container:
            container.wait_for_rows()
            container.stop()
        self.assertEqual([name for name in os.listdir("/dev/shm") if "disksnoop" in name], [])

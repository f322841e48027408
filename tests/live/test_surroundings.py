"""Where it is started from, what the environment says, and what it weighs."""

import os

import tracer
from loop import LoopDisk, fio

MOST_MEMORY = 40 << 10  # KiB


class Surroundings(tracer.Check):
    def assert_traces(self, *arguments, **options):
        """Traces a disk, and has nothing on stdout but the header and its rows."""
        self.loop()
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk:
            with tracer.Tracer("-d", disk.name, "--engine=tracepoint", *arguments,
                               **options) as traced:
                traced.wait_for_header()
                fio(disk, "--rw=randread", "--bs=4k", "--number_ios=10")
                rows = self.assert_ended_well(traced.end())
        self.same(len(rows), 10, "rows")

    def test_long_current_directory(self):
        directory = os.path.join(tracer.place.path, *["a-directory-with-a-long-name"] * 20)
        os.makedirs(directory)
        self.assertGreater(len(directory), 512)
        self.assert_traces(cwd=directory)

    def test_headers_in_the_current_directory(self):
        directory = os.path.join(tracer.place.path, "headers")
        for name in ("linux/blk-mq.h", "linux/types.h", "uapi/linux/ptrace.h", "uapi/linux/bpf.h",
                     "include/linux/blk-mq.h"):
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write("#error this is not for the program\n")
        for headers in ("auto", "btf"):
            self.assert_traces(f"--headers={headers}", cwd=directory)

    def test_kernel_source_that_is_not_there(self):
        environment = {**os.environ, "BCC_KERNEL_SOURCE": "/not-there"}
        done = tracer.run("--engine=tracepoint", env=environment)
        self.assert_error(done, 1, "BCC_KERNEL_SOURCE", "/not-there")

    def test_kernel_source_is_not_looked_at_with_btf(self):
        environment = {**os.environ, "BCC_KERNEL_SOURCE": "/not-there"}
        self.assert_traces("--headers=btf", env=environment)

    def test_an_empty_kernel_source_is_none(self):
        self.assert_traces(env={**os.environ, "BCC_KERNEL_SOURCE": ""})

    def test_a_relative_kernel_source_is_told_as_what_it_means(self):
        environment = {**os.environ, "BCC_KERNEL_SOURCE": "not-there"}
        done = tracer.run("--engine=tracepoint", env=environment, cwd=tracer.place.path)
        self.assert_error(done, 1, f"BCC_KERNEL_SOURCE is {tracer.place.path}/not-there")

    def test_without_proc(self):
        done = tracer.run("--engine=tracepoint", "-D", "0", before=[
            "unshare", "--mount", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"])
        self.assert_error(done, 1, "mount /proc")

    def test_verbose_has_nothing_more_on_stdout(self):
        self.assert_traces("--verbose")

    def test_no_environment_at_all(self):
        self.assert_traces(env={})


class Memory(tracer.Check):
    def test_resident_memory(self):
        self.loop()
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk:
            with tracer.Tracer("--engine=tracepoint") as traced:
                traced.wait_for_header()
                at_start = traced.status("VmRSS")
                fio(disk, "--rw=randread", "--bs=4k", "--number_ios=20000", "--iodepth=16")
                after_rows = traced.status("VmRSS")
                peak = traced.status("VmHWM")
        self.figures = (f"{at_start / 1024:.1f} MiB after the header, {after_rows / 1024:.1f} MiB "
                        f"after 20000 rows ({peak / 1024:.1f} MiB while compiling)")
        self.assertLessEqual(max(at_start, after_rows), MOST_MEMORY, f"KiB ({self.figures})")

"""Which engine is taken is told, and what the user must know of it."""

import tracer


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

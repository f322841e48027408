"""What the checks of a fleet have in common."""

import http.client
import os
import time

import network
import prometheus
import tracer
from loop import LoopDisk


class Check(tracer.Check):
    tools = ()  # that the check cannot be without

    def setUp(self):
        super().setUp()
        self.loop()
        if why := prometheus.why_not("setpriv", *self.tools):
            self.skipTest(why)

    def disk(self, name="disk"):
        """A loop device, until the check has ended."""
        return self.enterContext(LoopDisk(os.path.join(tracer.place.path, name)))

    def eventually(self, condition, what):
        """Waits until the condition is true. What cannot be asked yet is not."""
        end = time.monotonic() + tracer.START
        while True:
            try:
                if condition():
                    return
            except (ConnectionError, http.client.HTTPException, ValueError):
                pass  # as a server that starts
            if time.monotonic() > end:
                self.fail(f"not in {tracer.START} s: {what}")
            time.sleep(0.1)


class FleetCheck(Check):
    """With machines that have a network of their own, and Prometheus."""

    tools = ("prometheus", "promtool")

    def setUp(self):
        super().setUp()
        if why := network.why_not():
            self.skipTest(why)

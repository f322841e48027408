"""Metrics from a container with the fewest rights."""

import http.client
import re

import podman

PORT = 10101
COUNT = re.compile(r"^disksnoop_request_duration_seconds_count\{.*\} (\d+)$", re.MULTILINE)


def counted():
    """Requests in the metrics; 0 where there are none yet."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=podman.START)
    try:
        connection.request("GET", "/metrics")
        return sum(map(int, COUNT.findall(connection.getresponse().read().decode())))
    except ConnectionError:
        return 0
    finally:
        connection.close()


class Metrics(podman.TracingCheck):
    def test_they_are_served(self):
        with podman.Load(), podman.Container(
                "--rm", *podman.CAPABILITIES, *podman.SECCOMP, "--cap-drop", "ALL", "--read-only",
                command=["--engine=tracepoint", "--listen", f"127.0.0.1:{PORT}"]) as container:
            container.until(counted, "requests that are counted")
            self.assertEqual(container.stop()[1], 0, container.errors())
            self.assertEqual(container.output(), "")

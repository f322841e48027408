"""Each command of docs/examples.md does here what it says there."""

import os
import re
import shlex
import subprocess

import tracer
from scene import Scene

PAGE = os.path.join(os.path.dirname(__file__), "../../docs/examples.md")
# The page's own disks, process and control group.
LOOP0, LOOP1, LOOP2, PID, CGROUP = "loop0", "loop1", "loop2", "20747", "/web"
SECONDS = "3"


def examples(text):
    """(command, its output) of each."""
    for block in re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for part in re.split(r"^(?=[#$] )", block, flags=re.MULTILINE):
            if part:
                command, _, output = part.partition("\n")
                yield command[2:], output


def header(output):
    """The first line of a table: its words, without units and values."""
    found = re.search(r"^(?:[A-Z][A-Z0-9.()/ms%ERQP]* +){2,}.*$", output, re.MULTILINE)
    return found[0].split() if found else []


class Examples(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()

    def command(self, text, scene):
        """What a shell is given, where names are those of the scene, and nothing lasts for long."""
        text = re.sub(r"-D \d+", f"-D {SECONDS}", text)
        for name, here in ((LOOP0, scene.disk), (LOOP1, scene.other), (LOOP2, scene.full),
                           (PID, str(scene.pid)), (CGROUP, scene.cgroup or CGROUP)):
            text = re.sub(rf"(?<=[ /]){re.escape(name.lstrip('/'))}\b" if name == CGROUP
                          else rf"\b{name}\b", here.lstrip("/") if name == CGROUP else here, text)
        return re.sub(r"^disksnoop\b", shlex.quote(os.path.abspath(tracer.place.binary)), text)

    def test_each_command_gives_what_the_page_shows(self):
        with open(PAGE, encoding="utf-8") as file:
            shown = list(examples(file.read()))
        self.assertGreater(len(shown), 10)
        directory = os.path.join(tracer.place.path, "examples")
        os.mkdir(directory)
        with Scene() as scene:
            tracing = [(command, output, self.start(command, scene, directory))
                       for command, output in shown if "--replay" not in command]
            done = [(command, output, *self.end(process)) for command, output, process in tracing]
        done += [(command, output, *self.end(self.start(command, scene, directory)))
                 for command, output in shown if "--replay" in command]
        for command, output, status, printed, told in done:
            with self.subTest(command):
                self.same(status, 0, f"status, with {told!r} on stderr")
                self.assertNotIn("error", told.lower().replace("--errors", ""))
                self.same(header(printed), header(output), "header")
                if header(output):
                    self.assertGreater(len(printed.splitlines()), 1, "something to show")
        if save := os.environ.get("EXAMPLES_OUTPUT"):
            with open(save, "w", encoding="utf-8") as file:
                for command, _, _, printed, told in done:
                    file.write(f"# {command}\n{told}{printed}\n")
        self.figures = f"{len(done)} commands"

    def start(self, command, scene, directory):
        return subprocess.Popen(["sh", "-c", self.command(command, scene)], cwd=directory, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    @staticmethod
    def end(process):
        printed, told = process.communicate(timeout=tracer.START)
        return process.returncode, printed, told

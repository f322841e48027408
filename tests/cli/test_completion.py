"""Completion by the scripts of --completion, in the shells themselves."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import program
from test_words import of_help

HARMFUL = "$(touch hit);x"  # the name of a process, which anybody can choose

# bash itself, without the package bash-completion; COMP_WORDS as readline parts a line.
BASH = r"""
source "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_disksnoop
printf '%s\n' "${COMPREPLY[@]}"
"""

# zsh completes only in its line editor, so it has a terminal. In place of a listing, what compadd
# gets is written to a file. It is typed to once the editor has the terminal: before, a key
# may be a signal of the terminal, which throws away what was typed.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; export SCRIPT=${(q)SCRIPT} OUT=${(q)OUT}"
zpty -w shell 'autoload -Uz compinit; compinit -u -d $OUT.dump; source $SCRIPT'
zpty -w shell 'compadd() { local -a found; builtin compadd -A found "$@"; print -rl -- $found >>$OUT; builtin compadd "$@" }'
zpty -w shell 'zstyle ":completion:*" list-prompt ""; LISTMAX=10000; bindkey "^I" done-list; zle -C done-list list-choices _main_complete; finish() { print >$OUT.end }; zle -N finish; bindkey "^X^F" finish; zle-line-init() { print >$OUT.ready }; zle -N zle-line-init'
while [[ ! -e $OUT.ready ]]; do while zpty -r -t shell line; do :; done; sleep 0.01; done
zpty -n -w shell "$LINE"$'\t'$'\C-X\C-F'
while [[ ! -e $OUT.end ]]; do while zpty -r -t shell line; do :; done; sleep 0.01; done
zpty -d shell
"""


class Shell:
    """A shell that has read the script."""

    def __init__(self, name, directory):
        self.name = name
        self.directory = directory
        self.script = directory / f"script.{name}"
        self.script.write_bytes(program.run("--completion", name).stdout)

    def run(self, *command, **environment):
        return subprocess.run(command, cwd=self.directory, stdin=subprocess.DEVNULL, check=True,
                              stdout=subprocess.PIPE, timeout=program.LATE,
                              env={**os.environ, "HOME": str(self.directory), "LC_ALL": "C.UTF-8",
                                   "SCRIPT": str(self.script), **environment}).stdout.decode()

    def is_well_formed(self):
        return subprocess.run([self.name, "-n", self.script], check=False).returncode == 0


class Bash(Shell):
    def offered(self, line):
        words = [part for word in line.split(" ") for part in re.findall(r"[=:]+|[^=:]+", word) or [""]]
        text = self.run("bash", "--norc", "-c", BASH, "bash", *words)
        return {reply for reply in text.splitlines() if reply}


class Zsh(Shell):
    def offered(self, line):
        out = self.directory / "out"
        for end in ("", ".end", ".ready"):
            pathlib.Path(f"{out}{end}").unlink(missing_ok=True)
        self.run("zsh", "-f", "-c", ZSH, LINE=line, OUT=str(out))
        return set(out.read_text().splitlines()) - {""} if out.exists() else set()


class Fish(Shell):
    def offered(self, line):
        text = self.run("fish", "--no-config", "-c", 'source $SCRIPT; complete -C "$LINE"', LINE=line)
        return {row.split("\t")[0] for row in text.splitlines()}


class InShell:
    """What each of them has to offer."""

    kind = None

    @classmethod
    def setUpClass(cls):
        if shutil.which(cls.kind.__name__.lower()) is None:
            raise unittest.SkipTest(f"there is no {cls.kind.__name__.lower()} here")
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.shell = cls.kind(cls.kind.__name__.lower(), pathlib.Path(cls.temporary.name))

    def last(self, line):
        """What is offered, without what stands before it in the same word."""
        return {re.sub(r"^--[a-z-]+=", "", word) for word in self.shell.offered(line)}

    def test_the_script_is_well_formed(self):
        self.assertTrue(self.shell.is_well_formed())

    def test_every_option_of_help(self):
        options = list(of_help(program.run("--help").stdout.decode()))
        names = {name for one in options for name in one[:-1]}
        offered = {word.rstrip("=") for start in ("--", "-") for word in self.shell.offered(f"disksnoop {start}")}
        self.assertEqual(names - offered, set())

    def test_options_by_their_beginning(self):
        self.assertEqual({word.rstrip("=") for word in self.shell.offered("disksnoop --eng")}, {"--engine"})

    def test_names_of_values(self):
        for line in ("-e ", "--engine ", "--engine=", "-v --engine="):
            with self.subTest(line=line):
                self.assertEqual(self.last(f"disksnoop {line}"), {"auto", "original", "tracepoint"})
        self.assertEqual(self.last("disksnoop --engine=or"), {"original"})
        self.assertEqual(self.last("disksnoop -f j"), {"json"})
        self.assertEqual(self.last("disksnoop --completion "), {"bash", "fish", "zsh"})

    def ends(self, line):
        """The last words of the lists that are offered."""
        return {re.split("[,+]", word)[-1] for word in self.last(line)}

    def test_lists(self):
        self.assertEqual(self.ends("disksnoop -o pa"), {"partition", "pattern"})
        for line in ("-o type,pa", "--columns=type,pa", "-o +pa", "-o +type,pa"):
            with self.subTest(line=line):
                self.assertEqual(self.ends(f"disksnoop {line}"), {"partition", "pattern"})
        self.assertEqual(self.ends("disksnoop --by disk,"), {"partition", "op", "comm", "pid", "cgroup", "file"})
        self.assertEqual(self.ends("disksnoop --op read,write,di"), {"discard"})

    def test_disks(self):
        disks = set(os.listdir("/sys/class/block"))
        if not disks:
            self.skipTest("this machine has no disk")
        for line in ("-d ", "--disk=", "-d sda --disk "):
            with self.subTest(line=line):
                self.assertEqual(self.last(f"disksnoop {line}"), disks)

    def test_processes(self):
        self.assertIn(str(os.getpid()), self.last("disksnoop --pid "))

    def test_names_of_processes_are_not_run(self):
        name = self.shell.directory / HARMFUL
        shutil.copy("/bin/sleep", name)
        with subprocess.Popen([name, "1000"]) as process:
            try:
                program.wait_until(lambda: pathlib.Path(f"/proc/{process.pid}/comm").read_text().strip() == HARMFUL)
                found = [word for word in self.shell.offered("disksnoop --comm ") if "touch" in word]
            finally:
                process.kill()
        self.assertEqual([word.replace("\\", "") for word in found], [HARMFUL])
        self.assertFalse((self.shell.directory / "hit").exists())

    def test_cgroups(self):
        self.assertEqual(self.last("disksnoop --cgroup "), {"/sys/fs/cgroup/"})

    def test_a_number_offers_nothing(self):
        self.assertEqual(self.shell.offered("disksnoop -n "), set())


class InBash(InShell, program.Check):
    kind = Bash

    def test_files(self):
        """readline completes them: seen on a terminal only."""
        (self.shell.directory / "a recording").touch()
        environment = {**os.environ, "PS1": "", "HISTFILE": "", "TERM": "dumb"}
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.shell.directory)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], environment)
        try:
            os.write(terminal, f"source {self.shell.script}\ndisksnoop --replay a\\ rec\t".encode())
            text, end = b"", time.monotonic() + program.LATE
            while b"a\\ recording" not in text and time.monotonic() < end:
                if select.select([terminal], [], [], 1)[0]:
                    text += os.read(terminal, 4096)
            self.assertIn(b"a\\ recording", text)
        finally:
            os.close(terminal)  # which ends the shell
            os.waitpid(pid, 0)

    def test_a_colon_parts_words(self):
        name = self.shell.directory / "a:bcd"
        shutil.copy("/bin/sleep", name)
        with subprocess.Popen([name, "1000"]) as process:
            try:
                program.wait_until(lambda: pathlib.Path(f"/proc/{process.pid}/comm").read_text() == "a:bcd\n")
                self.assertEqual(self.shell.offered("disksnoop --comm a:b"), {"bcd"})
                self.assertEqual(self.shell.offered("disksnoop --comm=a:b"), {"bcd"})
            finally:
                process.kill()


class InZsh(InShell, program.Check):
    kind = Zsh

    def test_files(self):
        (self.shell.directory / "recording").touch()
        for line in ("--replay ", "--replay=", "--heatmap rec"):
            self.assertIn("recording", self.shell.offered(f"disksnoop {line}"))


class InFish(InShell, program.Check):
    kind = Fish

    def test_files(self):
        (self.shell.directory / "recording").touch()
        for line in ("--replay ", "--replay=", "--heatmap rec"):
            self.assertIn("recording", self.last(f"disksnoop {line}"))


class Completion(program.Check):
    def test_it_goes_with_nothing_else(self):
        self.assert_error(program.run("--completion", "bash", "-n", "5"), 2, "--count")
        self.assert_error(program.run("--completion", "tcsh"), 2, "bash|zsh|fish")

"""Places without room, and few descriptors."""

import os
import re
import resource
import socket

import machine
import tracer
from loop import LoopDisk, fio
from test_engine import EVERY_COLUMN
from tracer import HEADER


def in_namespace(script):
    """A command that runs what follows it after `script`, with mounts of its own."""
    return ["unshare", "--mount", "sh", "-ec", f'{script}; exec "$@"', "sh"]


FULL = "mount -t tmpfs -o size=4k none {0}; head -c 4096 /dev/zero >{0}/full"
NO_INODES = "mount -t tmpfs -o nr_inodes={1} none {0}"
ONE_DISK = ("mount -t tmpfs none /sys/block; mkdir -p /sys/block/many/mq/0; "
            "echo {} >/sys/block/many/mq/0/nr_tags")


class Room(tracer.Check):
    def start(self, script, **options):
        return tracer.run("--engine=tracepoint", "-D", "0", before=in_namespace(script), **options)

    def test_memory_without_room(self):
        for script in (FULL.format("/dev/shm"), *(NO_INODES.format("/dev/shm", number)
                                                  for number in range(1, 6))):
            done = self.start(script)
            self.same((done.returncode, done.stdout), (0, HEADER),
                      f"status and stdout after {script!r}, with {done.stderr!r} on stderr")

    def test_no_room_anywhere(self):
        # Below / and not in the workplace, which lies in /tmp.
        binary = os.open(tracer.place.binary, os.O_RDONLY)
        scripts = "; ".join(NO_INODES.format(place, 2) for place in ("/dev/shm", "/tmp"))
        done = self.start(scripts, binary=f"/proc/self/fd/{binary}", pass_fds=[binary])
        os.close(binary)
        self.assert_error(done, 1, "/dev/shm: No space left on device",
                          "/tmp: No space left on device", "TMPDIR")


class InFlight(tracer.Check):
    def told(self, possible, *options):
        """What it says on stderr where the disks can have so many requests in flight."""
        done = tracer.run("--engine=tracepoint", "-D", "0", *options,
                          before=in_namespace(ONE_DISK.format(possible)))
        self.same(done.returncode, 0, "status")
        return done.stderr.decode()

    def test_room_follows_from_the_disks(self):
        for possible, room in ((64, 32768), (100000, 100000), (1000000, 262144)):
            told = re.findall(r"(?m)^disksnoop: room for (\d+) requests in flight, \d+ slots; "
                              r"the disks can have (\d+)$", self.told(possible, "-v"))
            self.same(told, [(str(room), str(possible))], "room")

    def test_too_little_room_is_told(self):
        for possible, lacks in ((262144, []), (262145, ["262145"])):
            told = re.findall(r"(?m)^disksnoop: warning: the disks can have (\d+) requests in "
                              r"flight, and there is room for 262144: ", self.told(possible))
            self.same(told, lacks, "warning")


class FullDisk(tracer.Check):
    def test_of_its_rows_while_it_traces(self):
        """It ends by itself, and what is in the file are whole rows but for the last one."""
        self.loop()
        full = os.path.join(tracer.place.path, "full")
        os.mkdir(full)
        machine.mount("tmpfs", full, "size=64k")
        self.addCleanup(os.rmdir, full)
        self.addCleanup(machine.unmount, full)
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk, \
                open(f"{full}/rows", "wb") as rows, \
                tracer.Tracer("-d", disk.name, "--engine=tracepoint", stdout=rows) as traced:
            traced.until(lambda: os.path.getsize(rows.name), "the header")
            fio(disk, "--rw=randread", "--bs=4k", "--number_ios=5000", "--iodepth=4")
            self.same(traced.process.wait(tracer.START), 1, "status")
            with open(rows.name, "rb") as file:
                written = file.read()
            told = traced.errors()
        self.assertRegex(told, r"(?m)^disksnoop: error: cannot write to stdout: "
                         r"No space left on device$")
        self.same(len(written), 64 << 10, "bytes in the file")
        ends = tracer.END_LINE.findall(told)
        self.same(len(ends), 1, "end lines")
        self.assertGreaterEqual(int(ends[0][0]), written.count(b"\n") - 1)
        for line in written[len(HEADER):].split(b"\n")[:-1]:
            self.assertRegex(line, tracer.ROW)


class FileSize(tracer.Check):
    def test_the_way_out_is_told(self):
        done = tracer.run("--engine=tracepoint", "-D", "0", preexec_fn=lambda:
                          resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)))
        self.assert_error(done, 1, "ulimit -f unlimited")


class Descriptors(tracer.Check):
    """As few as the loader of its libraries needs, one, and more."""

    def run_with(self, count, *arguments, **options):
        return tracer.run("--engine=tracepoint", "-D", "0", *arguments, preexec_fn=lambda:
                          resource.setrlimit(resource.RLIMIT_NOFILE, (count, count)), **options)

    def test_too_few_are_told(self):
        needed = set()
        for count in range(4, 62):
            reader, writer = os.pipe()
            os.write(writer, b"the user's")
            os.close(writer)
            done = self.run_with(count, stdin=reader)
            with os.fdopen(reader, "rb") as stdin:
                self.same(stdin.read(), b"the user's", f"stdin after ulimit -n {count}")
            if done.returncode == 0:
                self.same(done.stdout, HEADER, f"stdout of ulimit -n {count}")
                continue
            self.assert_error(done, 1, f"only {count} files may be open")
            needed.add(int(re.search(rb"ulimit -n (\d+)", done.stderr)[1]))
        self.same(len(needed), 1, f"numbers told ({needed})")
        self.same(self.run_with(*needed).returncode, 0, f"status of ulimit -n {needed}")

    def test_what_is_told_is_enough_for_all_that_can_be_asked_for(self):
        told = self.run_with(10)
        enough = int(re.search(rb"ulimit -n (\d+)", told.stderr)[1])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        for options in (("-o", EVERY_COLUMN), ("-s", "--by", "disk,op,comm,cgroup,file")):
            done = self.run_with(enough, "-p", str(os.getpid()), "--children", "--comm", "dd",
                                 "--cgroup", "/", "--op", "read", "-m", "1", "--errors",
                                 f"--listen={port}", *options)
            self.same(done.returncode, 0, f"status of ulimit -n {enough} with {options}, and "
                      f"{done.stderr[-300:]!r} on stderr")

    def test_a_soft_limit_is_raised(self):
        done = tracer.run("--engine=tracepoint", "-D", "0", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (8, 1024)))
        self.same((done.returncode, done.stdout), (0, HEADER),
                  f"status and stdout, with {done.stderr!r} on stderr")

"""One guest: its disks, its QEMU process, its time limits, its results."""

import dataclasses
import io
import os
import platform
import signal
import subprocess
import tarfile
import time

BOOT_SECONDS = 600
CHECK_SECONDS = 1200
RESULT_BYTES = 64 << 20
DISK_BYTES = 512 << 20  # mkfs.xfs wants 300 MiB; sparse on the host


@dataclasses.dataclass
class Kind:
    """What differs from one architecture to the other."""
    emulator: list
    console: str


KINDS = {
    "amd64": Kind(["qemu-system-x86_64"], "ttyS0"),
    # A processor of servers, without authenticated pointers: to emulate those takes long.
    "arm64": Kind(["qemu-system-aarch64", "-machine", "virt", "-cpu", "neoverse-n1"], "ttyAMA0"),
}
OWN_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine())


class MachineError(Exception):
    """The guest gave no result: nothing is known about the tool."""


class ArchiveError(MachineError):
    """The packages that the guest is made of cannot be had, or not together."""


def write_job(path, plan, parts):
    """A tar with the file `plan` and, for each name of parts, a copied tree."""
    with tarfile.open(path, "w") as tar:
        text = "".join(f"{name}='{value}'\n" for name, value in plan.items()).encode()
        info = tarfile.TarInfo("plan")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
        for name, source in parts.items():
            tar.add(source, name, filter=lambda entry:
                    None if entry.name.endswith("__pycache__") else entry)


def empty_disk(path, size):
    with open(path, "wb") as file:
        file.truncate(size)


class Machine:
    """`extra` is one more disk for the guest to read, /dev/vde; `cpus` is QEMU's -smp; `arch`
    is Debian's name, as everywhere here."""

    def __init__(self, directory, image, version, extra=None, cpus="2", arch=OWN_ARCH):
        self.directory = directory
        self.image = image
        self.extra = extra
        self.cpus = cpus
        self.kind = KINDS[arch]
        self.kernel = f"{image}/{version}"
        self.console = f"{directory}/console"

    def command(self, keep):
        def drive(name, path, more=""):
            return ["-drive", f"id={name},file={path},format=raw,if=none{more}"]

        kernel_line = f"console={self.kind.console} oops=panic panic=-1 mitigations=off quiet " \
            "net.ifnames=0"
        disks = {name: f"{self.directory}/{name}" for name in ("virtio", "nvme", "scsi", "nvme-multipath")}
        for path in disks.values():
            empty_disk(path, DISK_BYTES)
        empty_disk(f"{self.directory}/result.tar", RESULT_BYTES)
        extra = [*drive("extra", self.extra, ",readonly=on"), "-device",
                 "virtio-blk-pci,drive=extra"] if self.extra else []
        console = ["-serial", "mon:stdio"] if keep else ["-serial", f"file:{self.console}"]
        return [
            # A kprobe is put in while its function rests, or the guest can die: this emulator
            # may run a breakpoint that the kernel has already taken out again, and
            # kprobe_int3_handler (arch/x86/kernel/kprobes/core.c, seen on 6.12) then goes on in
            # the copy of the instruction, which a kprobe on ftrace does not have: a jump to 0.
            # A guest never outlives the run that started it.
            "setpriv", "--pdeathsig", "KILL", *self.kind.emulator, "-accel", "tcg,thread=multi",
            "-smp", self.cpus, "-m", "3072", "-display", "none", "-no-reboot", "-nic", "none", *console,
            "-kernel", f"{self.kernel}/vmlinuz", "-initrd", f"{self.kernel}/initrd",
            "-append", kernel_line,
            *drive("root", f"{self.image}/root.ext4", ",snapshot=on"),
            "-device", "virtio-blk-pci,drive=root",
            *drive("job", f"{self.directory}/job.tar", ",readonly=on"),
            "-device", "virtio-blk-pci,drive=job",
            *drive("result", f"{self.directory}/result.tar"),
            "-device", "virtio-blk-pci,drive=result",
            *drive("virtio", disks["virtio"]), "-device", "virtio-blk-pci,drive=virtio",
            *drive("nvme", disks["nvme"]), "-device", "nvme,serial=disksnoop,drive=nvme",
            "-device", "virtio-scsi-pci", *drive("scsi", disks["scsi"]),
            "-device", "scsi-hd,drive=scsi",
            # In a subsystem the kernel puts a disk above its paths, though it is one path.
            "-device", "nvme-subsys,id=subsystem",
            "-device", "nvme,id=path,serial=multipath,subsys=subsystem",
            *drive("nvme-multipath", disks["nvme-multipath"]),
            "-device", "nvme-ns,drive=nvme-multipath,bus=path,shared=on", *extra,
        ]

    def console_tail(self, lines=15):
        try:
            with open(self.console, errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except OSError:
            return ""

    def said(self, words):
        try:
            with open(self.console, "rb") as file:
                return words.encode() in file.read()
        except OSError:
            return False

    def run(self, seconds, keep=False):
        """Boots the guest and returns once it is off; raises MachineError."""
        with open(f"{self.directory}/qemu.log", "wb") as log:
            process = subprocess.Popen(
                self.command(keep), start_new_session=not keep, stderr=None if keep else log,
                stdin=None if keep else subprocess.DEVNULL, stdout=None if keep else log)
            if keep:
                # Ctrl-C belongs to the guest's shell: -serial mon:stdio passes it on.
                process.wait()
                return
            try:
                self.watch(process, seconds)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    process.wait()

    def watch(self, process, seconds):
        begin = time.monotonic()
        booted = False
        while process.poll() is None:
            spent = time.monotonic() - begin
            booted = booted or self.said("vm: check")
            if not booted and spent > BOOT_SECONDS:
                raise MachineError(f"did not come up within {BOOT_SECONDS} s")
            if spent > seconds:
                raise MachineError(f"not done after {seconds} s")
            time.sleep(0.5)
        if process.returncode != 0:
            with open(f"{self.directory}/qemu.log", errors="replace") as file:
                raise MachineError(f"QEMU ended with {process.returncode}: {file.read()[-300:]}")

    def results(self):
        """Unpacks the results and returns (kind, text) of each line of the checks."""
        target = f"{self.directory}/result"
        os.mkdir(target)
        done = subprocess.run(["tar", "-xf", f"{self.directory}/result.tar", "-C", target],
                              capture_output=True, text=True)
        if done.returncode or not os.listdir(target):
            raise MachineError(f"left no result: {done.stderr.strip()}")
        if os.path.exists(f"{target}/broken"):
            with open(f"{target}/broken") as file:
                raise MachineError(file.read().strip())
        if not os.path.exists(f"{target}/complete"):
            raise MachineError("its result is not complete")
        found = []
        for check in sorted(os.listdir(target)):
            lines = f"{target}/{check}/lines"
            if os.path.exists(lines):
                with open(lines, errors="replace") as file:
                    found += [parse(check, line.rstrip("\n")) for line in file]
        if not found:
            raise MachineError("no check printed a line")
        return found


def parse(check, line):
    for kind in ("not ok", "ok", "skip", "fact"):
        if line.startswith(kind + " "):
            return kind, line[len(kind) + 1:]
    return "not ok", f"{check}: printed a line of no known kind: {line}"

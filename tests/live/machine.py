"""The machine: what it permits, and a place on it that leaves nothing behind."""

import ctypes
import os
import shutil
import subprocess
import tempfile

CLONE_NEWNS = 0x00020000
BPF_PROG_TYPE_RAW_TRACEPOINT = 17
RETURN_0 = bytes.fromhex("b700000000000000 9500000000000000")  # r0 = 0; exit


def libbpf():
    """None where it is not installed, which is where the program cannot run."""
    try:
        return ctypes.CDLL("libbpf.so.1", use_errno=True)
    except OSError:
        return None


def why_not_traced():
    """Why raw tracepoints cannot be used here by this user; "" if they can."""
    if os.geteuid() != 0:
        return "not root"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "the kernel has no BTF (/sys/kernel/btf/vmlinux)"
    library = libbpf()
    if library is None:
        return "libbpf.so.1 is missing"
    program = library.bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, b"live", b"GPL", RETURN_0,
                                    ctypes.c_size_t(len(RETURN_0) // 8), None)
    if program < 0:
        return f"the kernel takes no raw tracepoint program: {os.strerror(ctypes.get_errno())}"
    link = library.bpf_raw_tracepoint_open(b"block_rq_issue", program)
    error = ctypes.get_errno()
    os.close(program)
    if link < 0:
        return f"the kernel refuses raw tracepoints: {os.strerror(error)}"
    os.close(link)
    return ""


def why_not_loop():
    """Why loop devices cannot be had; "" if they can."""
    if os.geteuid() != 0:
        return "not root"
    if not os.path.exists("/dev/loop-control"):
        return "the kernel has no loop devices"
    for tool in ("losetup", "fio"):
        if shutil.which(tool) is None:
            return f"{tool} is missing"
    return ""


def program_exists(program_id):
    fd = libbpf().bpf_prog_get_fd_by_id(program_id)
    if fd >= 0:
        os.close(fd)
    return fd >= 0


def mount(kind, target, options="mode=0755"):
    subprocess.run(["mount", "-t", kind, "-o", options, "live-test", target], check=True)


def mount_disk(disk, target):
    subprocess.run(["mount", disk, target], check=True)


def unmount(target):
    subprocess.run(["umount", target], check=True)


class NoPrivateMounts(Exception):
    """As in a chroot whose / is no mount point."""


def private_mounts():
    """A mount namespace of our own, which the kernel clears when we end."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "cannot have a mount namespace")
    done = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise NoPrivateMounts(f"mounts cannot be kept to ourselves: {done.stderr.strip()}")


class Workplace:
    """A directory with a copy of the binary that every user can reach. As root
    it lies in memory, and /tmp and /dev/shm are our own, so that whatever the
    program leaves there is seen."""

    def __init__(self, binary):
        self.is_private = os.geteuid() == 0
        with open(binary, "rb") as file:
            content = file.read()
        if self.is_private:
            private_mounts()
            for directory in ("/tmp", "/dev/shm"):
                mount("tmpfs", directory, "mode=1777,size=75%")
        self.path = tempfile.mkdtemp(prefix="live-")
        os.chmod(self.path, 0o755)
        self.binary = os.path.join(self.path, "disksnoop")
        with open(self.binary, "wb") as file:
            file.write(content)
        os.chmod(self.binary, 0o755)
        self.traced = why_not_traced()
        self.loop = why_not_loop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def processes(self):
        """The processes that run the copy of the binary."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.readlink(f"/proc/{entry}/exe").startswith(self.binary):
                    found.append(int(entry))
            except OSError:
                pass
        return found

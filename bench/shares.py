"""Where the time of the start goes, by perf's samples and their call chains."""

import collections
import shutil
import subprocess
import tempfile

import common

# What a sample is counted as: the first of these of which a name stands
# anywhere in its call chain.
PARTS = (
    ("libbcc reads /proc/kallsyms (check_bpf_probe_read_kernel)",
     ("DoMiscWorkAround", "bcc_symcache_resolve_name")),
    ("end of the process", ("do_exit", "__run_exit_handlers", "bpf_link_free")),
    ("BTF read, header tree written", ("disksnoop::KernelBtf", "disksnoop::find_headers")),
    ("bpf(2): maps, verifier, attaching", ("__x64_sys_bpf",)),
    ("LLVM: code for BPF", ("ebpf::BPFModule::finalize", "ebpf::BPFModule::run_pass_manager")),
    ("clang: the program and its headers", ("ebpf::ClangLoader", "ebpf::BPFModule::load_cfile")),
    ("memory given back", ("release_memory", "release_resident_memory")),
    ("other of libbcc", ("ebpf::", "disksnoop::load_program")),
    ("exec, dynamic loading of libbcc, clang and LLVM",
     ("_dl_start", "dl_main", "_dl_init", "_dl_runtime_resolve", "execve", "do_syscall_64", "asm_exc")),
)


def part_of(chain):
    for part, names in PARTS:
        if any(name in chain for name in names):
            return part
    return "other"


def chains(command, runs):
    """The call chain of each sample, as one text."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        for number in range(runs):
            data = f"{directory}/perf.{number}"
            subprocess.run(["perf", "record", "--quiet", "--event=cpu-clock", "--freq=2000",
                            "--call-graph=dwarf,16384", f"--output={data}", *command, "--duration=0"],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            done = subprocess.run(["perf", "script", f"--input={data}", "--no-inline",
                                   "--fields=ip,sym"], check=True, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            yield from filter(None, done.stdout.split("\n\n"))


def print_table(command, runs):
    if shutil.which("perf") is None:
        print("perf is not installed: the shares of the start are left out.\n")
        return
    counts = collections.Counter(part_of(chain) for chain in chains(command, runs))
    total = sum(counts.values())
    print(f"Where the CPU time of the tracepoint engine's start goes: {total:,} samples of perf "
          f"(cpu-clock, DWARF call chains) in {runs} runs with `--duration=0`.\n")
    common.table(["part", "share"],
                 [[part, f"{count / total:.1%}"] for part, count in counts.most_common()])

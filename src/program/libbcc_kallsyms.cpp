// Takes the place of a function of libbcc's, for the tool itself.
//
// Before it compiles a program, libbcc looks for one symbol of the kernel,
// bpf_probe_read_kernel (check_bpf_probe_read_kernel in
// src/cc/frontends/clang/b_frontend_action.cc), and reads and sorts all of
// /proc/kallsyms for it: more than half of the start. The kernel says at once
// whether it has the helper. A symbol of the executable comes before that of a
// library (ELF), so libbcc calls the function below. Were it to call its own,
// all would be the same, and slower.
#include <bcc/bcc_proc.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <cstdint>

extern "C" int bcc_procutils_each_ksym(bcc_procutils_ksymcb callback, void* payload) {
  if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_probe_read_kernel, nullptr) == 1) {
    constexpr std::uint64_t kAnyAddress = 1;
    callback("bpf_probe_read_kernel", "kernel", kAnyAddress, payload);
  }
  return 0;
}

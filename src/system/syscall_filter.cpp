#include "system/syscall_filter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

namespace disksnoop {
namespace {

constexpr std::initializer_list<const char*> kAlways = {
    // what is open
    "read", "pread64", "readv", "write", "writev", "pwrite64", "lseek", "close", "fstat",
    "newfstatat", "fstatat64", "stat", "lstat", "statx", "dup", "dup2", "dup3",
    // memory
    "brk", "munmap", "mremap", "madvise",
    // waiting and clocks
    "poll", "ppoll", "epoll_wait", "epoll_pwait", "epoll_ctl", "clock_gettime", "clock_getres",
    "clock_nanosleep", "nanosleep", "gettimeofday", "time", "timer_create", "timer_settime",
    "timer_delete", "timerfd_settime", "restart_syscall", "sched_yield", "futex",
    // signals, threads and the end
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait",
    "sigaltstack", "set_robust_list", "rseq", "getpid", "gettid", "getuid", "geteuid", "getgid",
    "getegid", "getrandom", "exit", "exit_group"};

constexpr std::initializer_list<const char*> kServing = {
    "accept", "accept4", "getsockname", "getpeername", "getsockopt", "recvfrom", "shutdown"};

/// Reading a tree of files, from another directory; memory files; limits of locked memory.
constexpr std::initializer_list<const char*> kCompiling = {
    "access",       "faccessat", "faccessat2",        "readlink",   "readlinkat", "getcwd",
    "chdir",        "fchdir",    "getdents64",        "statfs",     "fstatfs",    "uname",
    "memfd_create", "ftruncate", "mprotect",          "mmap",       "getrlimit",  "setrlimit",
    "getrusage",    "sysinfo",   "sched_getaffinity", "membarrier", "flock",      "capget"};

constexpr bpf_cmd kBpfTracing[] = {BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM,
                                   BPF_MAP_DELETE_ELEM, BPF_MAP_GET_NEXT_KEY,
                                   BPF_PROG_TEST_RUN,   BPF_OBJ_GET_INFO_BY_FD};
constexpr bpf_cmd kBpfCompiling[] = {BPF_MAP_CREATE, BPF_BTF_LOAD, BPF_PROG_LOAD,
                                     BPF_MAP_LOOKUP_BATCH, BPF_MAP_FREEZE};

/// Not those by which a descriptor sends signals.
constexpr int kFcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC};

constexpr unsigned long kIoctls[] = {TCGETS,   TIOCGWINSZ, FIONREAD,
                                     TIOCOUTQ, FIONBIO,    PERF_EVENT_IOC_DISABLE};

/// What makes a file, or an old one shorter, or writes to it.
constexpr int kWriting = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};

class Filter {
 public:
  explicit Filter() : filter_(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {}

  /// Of a call that this kind of machine or the library does not have there is nothing to allow:
  /// its number is negative.
  void allow(const char* name, const std::vector<scmp_arg_cmp>& conditions = {}) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0) return;
    keep_error(::seccomp_rule_add_array(filter_.get(), SCMP_ACT_ALLOW, number,
                                        static_cast<unsigned>(conditions.size()),
                                        conditions.data()));
    calls_.insert(number);
  }
  void allow(std::initializer_list<const char*> names) {
    for (const char* const name : names) allow(name);
  }

  /// As if the kernel did not have it: then the C library takes an older one.
  void hide(const char* name) {
    const int number = ::seccomp_syscall_resolve_name(name);
    keep_error(::seccomp_rule_add(filter_.get(), SCMP_ACT_ERRNO(ENOSYS), number, 0));
  }

  Result<std::size_t> load(Threads threads) {
    if (threads == Threads::kAll) {
      // Where seccomp(2) itself is refused, the library would filter this thread alone.
      keep_error(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1));
    }
    // Without it kernels before 5.16 make each instruction of the process slower (SSBD).
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_SSB, 1);
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (error_ == 0) keep_error(::seccomp_load(filter_.get()));
    if (error_ == 0) return calls_.size();
    return fail(
        fmt::format("the kernel takes no filter of system calls: {}", std::strerror(error_)));
  }

 private:
  /// The first one, as an errno.
  void keep_error(int result) {
    if (result < 0 && error_ == 0) error_ = -result;
  }

  std::unique_ptr<void, Release> filter_;
  int error_ = 0;
  std::set<int> calls_;
};

scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
/// None of these bits.
scmp_arg_cmp has_none(unsigned argument, std::uint64_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}
/// A descriptor has 32 bits, and what is above them may be anything.
scmp_arg_cmp is_fd(unsigned argument, int fd) {
  return {argument, SCMP_CMP_MASKED_EQ, 0xFFFFFFFF, static_cast<std::uint32_t>(fd)};
}

void allow_renewal(Filter& filter, int directory) {
  constexpr std::uint64_t kMode = 0666;
  constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  filter.allow("openat", {is_fd(0, directory), is(2, kNew), is(3, kMode)});
  filter.allow("fsync");
  filter.allow("unlinkat", {is_fd(0, directory), is(2, 0)});
  for (const char* const rename : {"renameat", "renameat2"}) {
    filter.allow(rename, {is_fd(0, directory), is_fd(2, directory)});
  }
}

void allow_serving(Filter& filter) {
  filter.allow(kServing);
  // What a connection says; not a new connection (MSG_FASTOPEN), nor a message with descriptors.
  filter.allow("sendto", {has_none(3, MSG_FASTOPEN), is(4, 0)});
  // All that civetweb sets for a connection; others attach BPF programs.
  filter.allow("setsockopt", {is(1, SOL_SOCKET), is(2, SO_KEEPALIVE)});
  // A thread for a connection, as civetweb 1.16 starts it when one comes; no process, no namespace.
  constexpr std::uint64_t kThread = CLONE_VM | CLONE_THREAD;
  filter.allow("clone", {{0, SCMP_CMP_MASKED_EQ, kThread | kNamespaces, kThread}});
  filter.hide("clone3");  // which has its flags in memory
}

void allow_compiling(Filter& filter) {
  filter.allow(kCompiling);
  for (const char* const open : {"open", "openat"}) {
    const unsigned flags = std::string_view(open) == "open" ? 1 : 2;
    filter.allow(open, {has_none(flags, kWriting)});
  }
  filter.allow("prlimit64", {is(0, 0)});  // of this process
  for (const bpf_cmd command : kBpfCompiling) filter.allow("bpf", {is(0, command)});
}

}  // namespace

Result<std::size_t> restrict_syscalls(const SyscallsNeeded& needed, Threads threads) {
  Filter filter;
  filter.allow(kAlways);
  for (const unsigned long request : kIoctls) filter.allow("ioctl", {is(1, request)});
  for (const int command : kFcntls) {
    filter.allow("fcntl", {is(1, static_cast<std::uint64_t>(command))});
  }
  filter.allow("fcntl", {is(1, F_SETFL), has_none(2, O_ASYNC)});
  for (const char* const call : {"mmap", "mmap2", "mprotect"}) {
    if (!needed.compiles) filter.allow(call, {has_none(2, PROT_EXEC)});
  }
  filter.allow("tgkill", {is(0, static_cast<std::uint64_t>(::getpid()))});  // abort(3)
  filter.allow("prctl", {is(0, PR_SET_NAME)});                              // of a thread
  if (needed.bpf || needed.compiles) {
    for (const bpf_cmd command : kBpfTracing) filter.allow("bpf", {is(0, command)});
  }
  if (needed.compiles) allow_compiling(filter);
  if (needed.serves) allow_serving(filter);
  for (const int directory : needed.renewed) allow_renewal(filter, directory);
  return filter.load(threads);
}

}  // namespace disksnoop

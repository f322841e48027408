// Each test closes a sandbox around a child, which tells what it could still do.
#include "app/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "program/confined_thread.h"
#include "system/atomic_file.h"
#include "system/rights.h"
#include "system/syscall_filter.h"
#include "test_files.h"

namespace disksnoop {
namespace {

struct Call {
  const char* name;
  std::function<long()> make;  ///< negative with errno
};

bool is_refused(const Call& call) {
  errno = 0;
  return call.make() < 0 && (errno == EPERM || errno == EACCES);
}

void tell(int fd, const std::string& text) {
  if (::write(fd, text.data(), text.size()) < 0) ::_exit(2);
}

/// What a child that does it writes to the descriptor that it is given.
std::string told_by_child(const std::function<void(int)>& work) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char part[256];
  ssize_t length = 0;
  while ((length = ::read(ends[0], part, sizeof(part))) > 0) {
    text.append(part, static_cast<std::size_t>(length));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

/// The names of the calls that are not refused to a child after `confine`.
std::string allowed_in_child(const std::function<bool()>& confine, const std::vector<Call>& calls) {
  return told_by_child([&](int fd) {
    if (!confine()) return tell(fd, "not confined");
    for (const Call& call : calls) {
      if (!is_refused(call)) tell(fd, std::string(call.name) + ", ");
    }
    tell(fd, "end");
  });
}

bool has_landlock() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

/// As far as whether it is permitted is asked before what it says.
long call_bpf(int command) {
  bpf_attr attributes = {};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return ::syscall(SYS_bpf, command, &attributes, sizeof(attributes));
}

long set_socket_option(int option) { return ::setsockopt(-1, SOL_SOCKET, option, nullptr, 0); }

constexpr const char* kNotThere = "/tmp/disksnoop-no-such-directory/file";

/// What a process that traces has no use for. None of them changes anything.
const std::vector<Call>& forbidden() {
  static const std::vector<Call> calls = {
      {"read a file", [] { return ::open("/proc/self/stat", O_RDONLY); }},
      {"write a file", [] { return ::open("/dev/null", O_WRONLY); }},
      {"make a file", [] { return ::open(kNotThere, O_WRONLY | O_CREAT, 0600); }},
      {"list a directory", [] { return ::open("/", O_RDONLY | O_DIRECTORY); }},
      {"remove a file", [] { return ::unlink(kNotThere); }},
      {"rename a file", [] { return ::rename(kNotThere, kNotThere); }},
      {"make a directory", [] { return ::mkdir(kNotThere, 0700); }},
      {"change a mode", [] { return ::chmod(kNotThere, 0600); }},
      {"run a program",
       [] {
         char* arguments[] = {nullptr};
         return ::execv(kNotThere, arguments);
       }},
      // Signal handlers are of one memory: refused as senseless where it is looked at.
      {"make a process", [] { return ::syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0); }},
      {"make a socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }},
      {"make another", [] { return ::socket(AF_UNIX, SOCK_DGRAM, 0); }},
      {"connect as it sends",
       [] {
         const sockaddr to = {};
         return ::sendto(-1, "", 0, MSG_FASTOPEN, &to, sizeof(to));
       }},
      {"filter by a program", [] { return set_socket_option(SO_ATTACH_FILTER); }},
      {"filter by another", [] { return set_socket_option(SO_ATTACH_BPF); }},
      {"send a descriptor", [] { return ::sendmsg(-1, nullptr, 0); }},
      {"signal its parent", [] { return ::kill(::getppid(), 0); }},
      {"have others signalled", [] { return ::fcntl(STDERR_FILENO, F_SETOWN, ::getpid()); }},
      {"run what it wrote",
       [] {
         void* const page =
             ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return page == MAP_FAILED ? -1L : 0L;
       }},
  };
  return calls;
}

/// Which containers refuse too.
const std::vector<Call>& of_root() {
  static const std::vector<Call> calls = {
      {"trace another", [] { return ::ptrace(PTRACE_SEIZE, -1, nullptr, nullptr); }},
      {"mount", [] { return ::mount(nullptr, kNotThere, "tmpfs", 0, nullptr); }},
      // Not setuid(3), which has every thread call it.
      {"be root", [] { return ::syscall(SYS_setuid, 0); }},
      {"make a map", [] { return call_bpf(BPF_MAP_CREATE); }},
      {"load a program", [] { return call_bpf(BPF_PROG_LOAD); }},
      {"open an event", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0); }},
  };
  return calls;
}

std::string names_of(const std::vector<Call>& calls) {
  std::string names;
  for (const Call& call : calls) names += std::string(call.name) + ", ";
  return names + "end";
}

bool close_around_this(SandboxNeeds needs) {
  const Log log(false);
  return Sandbox(std::move(needs), true, log).enter([] { return Result<void>(); }).has_value();
}

bool nothing() { return true; }

TEST(Sandbox, ForbidsWhatTracingDoesNotNeed) {
  for (const std::vector<Call>& calls : {forbidden(), of_root()}) {
    EXPECT_EQ(allowed_in_child([] { return close_around_this({.bpf = true, .port = 9}); }, calls),
              "end");
    EXPECT_EQ(allowed_in_child([] { return close_around_this({}); }, calls), "end");
  }
}

/// Each layer by itself: of root.
TEST(Sandbox, TheFilterAloneForbidsThemToo) {
  const auto filter = [] { return restrict_syscalls({}, Threads::kAll).has_value(); };
  EXPECT_EQ(allowed_in_child(filter, forbidden()), "end");
  EXPECT_EQ(allowed_in_child(filter, of_root()), "end");
}

TEST(Sandbox, WithoutItTheyAreNotRefused) {
  EXPECT_EQ(allowed_in_child(nothing, forbidden()), names_of(forbidden()));
}

TEST(Sandbox, WithoutItThoseOfRootAreNotRefusedEither) {
  const std::string allowed = allowed_in_child(nothing, of_root());
  if (allowed.find("make a map") == std::string::npos) GTEST_SKIP() << "without the rights";
  EXPECT_EQ(allowed, names_of(of_root()));
}

TEST(Sandbox, LeavesWhatIsOpenAndTheTime) {
  const std::vector<Call> calls = {{"write", [] { return ::write(STDERR_FILENO, "", 0); }},
                                   {"wait", [] { return ::poll(nullptr, 0, 1); }},
                                   {"clock",
                                    [] {
                                      timespec now = {};
                                      return ::clock_gettime(CLOCK_REALTIME, &now);
                                    }},
                                   {"memory",
                                    [] {
                                      void* const page =
                                          ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                                      return page == MAP_FAILED ? -1L : 0L;
                                    }},
                                   {"look", [] {
                                      struct stat status = {};
                                      return ::stat("/", &status);
                                    }}};
  EXPECT_EQ(allowed_in_child([] { return close_around_this({}); }, calls),
            "write, wait, clock, memory, look, end");
}

/// Without a memory of its own, or a namespace; refused as senseless where it is looked at.
TEST(Sandbox, AServerMayStartThreadsAndKeepConnectionsAlive) {
  const std::vector<Call> calls = {
      {"thread", [] { return ::syscall(SYS_clone, CLONE_VM | CLONE_THREAD, 0, 0, 0, 0); }},
      {"a newer call", [] { return ::syscall(SYS_clone3, nullptr, 0); }},
      {"keep alive", [] { return set_socket_option(SO_KEEPALIVE); }},
      {"namespace",
       [] { return ::syscall(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_NEWUSER, 0, 0, 0, 0); }}};
  EXPECT_EQ(allowed_in_child([] { return close_around_this({.bpf = true, .port = 9}); }, calls),
            "thread, a newer call, keep alive, end");
  EXPECT_EQ(allowed_in_child([] { return close_around_this({}); }, calls), "end");
}

TEST(Sandbox, FilesAreRenewedInTheirDirectoryOnly) {
  const TemporaryDirectory files;
  const auto file = AtomicFile::open((files.path() / "metrics").string());
  ASSERT_TRUE(file);
  const std::string beside = (files.path() / "beside").string();
  const std::vector<Call> calls = {
      {"renew", [&] { return file->write("text") ? 0L : -1L; }},
      {"renew again", [&] { return file->write("more", AtomicFile::Text::kRenewed) ? 0L : -1L; }},
      {"make another", [&] { return ::open(beside.c_str(), O_WRONLY | O_CREAT, 0600); }}};
  EXPECT_EQ(
      allowed_in_child(
          [&] { return close_around_this({.renewed_directories = {file->directory()}}); }, calls),
      "renew, renew again, end");
}

/// The calls are those that the filter lets through: paths it does not see.
TEST(Sandbox, LandlockKeepsWhatIsRenewedInItsDirectory) {
  if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
  const TemporaryDirectory files;
  const TemporaryDirectory others;
  const auto file = AtomicFile::open((files.path() / "metrics").string());
  ASSERT_TRUE(file && file->write("text"));
  const std::string made = (others.path() / "made").string();
  const std::string moved = (others.path() / "moved").string();
  const std::string removed = others.write("removed", "text");
  const int directory = file->directory();
  const auto make = [directory](const char* path) {
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return ::openat(directory, path, kNew, 0666);
  };
  const auto move = [directory](const char* from, const char* to) {
    const long result = ::renameat(directory, from, directory, to);
    if (result < 0 && errno == EXDEV) errno = EACCES;  // so Landlock says it before Linux 5.19
    return result;
  };
  const std::vector<Call> calls = {
      {"make within", [&] { return make("new"); }},
      {"make elsewhere", [&] { return make(made.c_str()); }},
      {"move there", [&] { return move("metrics", moved.c_str()); }},
      {"take from there", [&] { return move(removed.c_str(), "metrics"); }},
      {"remove there", [&] { return ::unlinkat(directory, removed.c_str(), 0); }},
      {"move within", [&] { return move("new", "metrics"); }}};
  EXPECT_EQ(allowed_in_child(
                [&] { return close_around_this({.renewed_directories = {directory}}); }, calls),
            "make within, move within, end");
  EXPECT_EQ(allowed_in_child(nothing, calls), names_of(calls));
}

/// As a container's filter may: EPERM for one call.
bool forbid_emptying_the_bounding_set() {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  return ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, PR_CAPBSET_DROP)) == 0 &&
         ::seccomp_load(filter) == 0;
}

TEST(Sandbox, WhatIsRefusedIsToldAndTheRestGoesOn) {
  if (::geteuid() != 0) GTEST_SKIP() << "without the rights";
  const std::string told = told_by_child([](int fd) {
    if (::dup2(fd, STDERR_FILENO) < 0 || !forbid_emptying_the_bounding_set()) return;
    const Log log(false);
    const auto look = [fd] {
      tell(fd, describe_rights());
      tell(fd, ::prctl(PR_GET_DUMPABLE) == 0 ? ", no core dump" : ", a core dump");
      return Result<void>();
    };
    static_cast<void>(Sandbox({}, true, log).enter(look));
  });
  EXPECT_EQ(told,
            "disksnoop: warning: the sandbox has a hole: the kernel does not let it empty the "
            "capability bounding set\nuser 65534, group 65534, no capability, no core dump");
}

TEST(Sandbox, OffChangesNothing) {
  const auto enter = [] {
    const Log log(false);
    return Sandbox({}, false, log).enter([] { return Result<void>(); }).has_value();
  };
  EXPECT_EQ(allowed_in_child(enter, forbidden()), names_of(forbidden()));
}

/// What `call` does in a confined thread: whether it is refused.
bool is_refused_in_thread(const Confinement& confinement, const Call& call) {
  bool refused = false;
  EXPECT_TRUE(run_in_thread(confinement, [&] { refused = is_refused(call); }));
  return refused;
}

TEST(ConfinedThread, ReadsFilesAndChangesNone) {
  const std::vector<std::string> kAllowed = {"read a file", "list a directory",
                                             "run what it wrote"};  // LLVM makes code
  for (const Call& call : forbidden()) {
    const bool allowed = std::ranges::find(kAllowed, call.name) != kAllowed.end();
    EXPECT_EQ(is_refused_in_thread({.reads_any_file = true}, call), !allowed) << call.name;
  }
}

TEST(ConfinedThread, ReadsWhatItIsToldTo) {
  if (!has_landlock()) GTEST_SKIP() << "this kernel has no Landlock";
  const Confinement confinement = {.readable = {"/etc"}};
  EXPECT_FALSE(
      is_refused_in_thread(confinement, {"read", [] { return ::open("/etc/passwd", O_RDONLY); }}));
  EXPECT_TRUE(is_refused_in_thread(confinement, forbidden().front()));
}

TEST(ConfinedThread, TellsWhatItWasNotGiven) {
  const auto refused = run_in_thread(Confinement{.reads_any_file = true}, [] {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(*refused, std::vector<std::string>());
}

TEST(ConfinedThread, TheOthersKeepTheirRights) {
  ASSERT_TRUE(run_in_thread(Confinement{}, [] {}));
  EXPECT_GE(::open("/dev/null", O_WRONLY), 0);
}

}  // namespace
}  // namespace disksnoop

// Each test closes a sandbox around a child, which tells what it could still do.
#include "app/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "program/confined_thread.h"
#include "system/atomic_file.h"
#include "test_files.h"

namespace disksnoop {
namespace {

struct Call {
  const char* name;
  std::function<long()> make;  ///< negative: refused
};

/// The names of the calls that a child could make after `confine`, or why it could not begin.
std::string allowed_in_child(const std::function<bool()>& confine, const std::vector<Call>& calls) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto tell = [&](const char* text) {
      if (::write(ends[1], text, std::strlen(text)) < 0) ::_exit(2);
    };
    if (!confine()) {
      tell("not confined");
      ::_exit(1);
    }
    for (const Call& call : calls) {
      if (call.make() < 0) continue;
      tell(call.name);
      tell(" ");
    }
    tell("end");
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

long load_nothing(int command) {
  bpf_attr attributes = {};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return ::syscall(SYS_bpf, command, &attributes, sizeof(attributes));
}

/// What a process that traces has no use for.
const std::vector<Call>& forbidden() {
  static const std::vector<Call> calls = {
      {"read a file", [] { return ::open("/proc/self/status", O_RDONLY); }},
      {"read another", [] { return ::open("/etc/passwd", O_RDONLY); }},
      {"write a file", [] { return ::open("/dev/null", O_WRONLY); }},
      {"make a file", [] { return ::open("/tmp/disksnoop-sandbox", O_WRONLY | O_CREAT, 0600); }},
      {"list a directory", [] { return ::open("/", O_RDONLY | O_DIRECTORY); }},
      {"remove a file", [] { return ::unlink("/tmp/disksnoop-sandbox"); }},
      {"make a directory", [] { return ::mkdir("/tmp/disksnoop-sandbox-d", 0700); }},
      {"change a mode", [] { return ::chmod("/tmp", 01777); }},
      {"run a program",
       [] {
         char name[] = "/bin/true";
         char* arguments[] = {name, nullptr};
         return ::execv(name, arguments);
       }},
      {"make a process", [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"make a socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }},
      {"make another", [] { return ::socket(AF_UNIX, SOCK_DGRAM, 0); }},
      {"signal its parent", [] { return ::kill(::getppid(), 0); }},
      {"trace another", [] { return ::ptrace(PTRACE_SEIZE, ::getppid(), nullptr, nullptr); }},
      {"mount", [] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr); }},
      {"unshare", [] { return ::unshare(CLONE_NEWUSER); }},
      // Not setuid(3), which has every thread call it.
      {"be root", [] { return ::syscall(SYS_setuid, 0); }},
      {"make a map", [] { return load_nothing(BPF_MAP_CREATE); }},
      {"load a program", [] { return load_nothing(BPF_PROG_LOAD); }},
      {"open an event", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0); }},
      {"run what it wrote",
       [] {
         void* const page =
             ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return page == MAP_FAILED ? -1L : 0L;
       }},
  };
  return calls;
}

bool close_around_this(SandboxNeeds needs) {
  const Log log(false);
  const Sandbox sandbox(std::move(needs), true, log);
  if (!sandbox.drop_rights()) return false;
  sandbox.restrict_calls();
  return true;
}

TEST(Sandbox, ForbidsWhatTracingDoesNotNeed) {
  EXPECT_EQ(
      allowed_in_child([] { return close_around_this({.bpf = true, .port = 9}); }, forbidden()),
      "end");
  EXPECT_EQ(allowed_in_child([] { return close_around_this({}); }, forbidden()), "end");
}

/// Without it the test above shows nothing.
TEST(Sandbox, TheSameCallsWorkWithoutIt) {
  const std::string allowed = allowed_in_child(
      [] { return true; }, std::vector<Call>(forbidden().begin(), forbidden().begin() + 5));
  EXPECT_EQ(allowed.find("read a file read another write a file make a file list a directory"), 0U)
      << allowed;
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
            "write wait clock memory look end");
}

TEST(Sandbox, AServerMayStartThreads) {
  const std::vector<Call> calls = {{"thread", [] {
                                      int ran = 0;
                                      std::thread([&ran] { ran = 1; }).join();
                                      return ran == 1 ? 0L : -1L;
                                    }}};
  EXPECT_EQ(allowed_in_child([] { return close_around_this({.bpf = true, .port = 9}); }, calls),
            "thread end");
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
      "renew renew again end");
}

TEST(Sandbox, OffChangesNothing) {
  const auto confine = [] {
    const Log log(false);
    const Sandbox sandbox({}, false, log);
    const bool done = sandbox.drop_rights().has_value();
    sandbox.restrict_calls();
    return done;
  };
  EXPECT_EQ(allowed_in_child(confine, {forbidden().front()}), "read a file end");
}

TEST(ConfinedThread, ReadsFilesAndChangesNone) {
  std::string allowed;
  const auto work = [&] {
    for (const Call& call : forbidden()) {
      if (call.make() >= 0) allowed += std::string(call.name) + ", ";
    }
  };
  ASSERT_TRUE(run_in_thread(Confinement{{"/"}}, work));
  // clang and LLVM make code; who may, makes maps.
  const bool may_use_bpf = allowed.find("make a map") != std::string::npos;
  EXPECT_EQ(allowed, std::string("read a file, read another, list a directory, ") +
                         (may_use_bpf ? "make a map, " : "") + "run what it wrote, ");
}

TEST(ConfinedThread, ReadsWhatItIsToldTo) {
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1 /* the version */) <= 0) {
    GTEST_SKIP() << "this kernel has no Landlock";
  }
  bool reads_one = false;
  bool reads_another = true;
  ASSERT_TRUE(run_in_thread(Confinement{{"/etc"}}, [&] {
    reads_one = ::open("/etc/passwd", O_RDONLY) >= 0;
    reads_another = ::open("/proc/self/status", O_RDONLY) >= 0;
  }));
  EXPECT_TRUE(reads_one);
  EXPECT_FALSE(reads_another);
}

TEST(ConfinedThread, TheOthersKeepTheirRights) {
  ASSERT_TRUE(run_in_thread(Confinement{{"/"}}, [] {}));
  EXPECT_GE(::open("/dev/null", O_WRONLY), 0);
}

}  // namespace
}  // namespace disksnoop

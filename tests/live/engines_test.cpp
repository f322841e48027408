// The engines on this kernel: what the tracepoint engine attaches where there is
// no BTF and traces with where there are no ring buffers, and the original one's
// way from trace_pipe to rows, without its kprobes, which not every kernel has.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>

#include "app/engine.h"
#include "app/typed_program.h"
#include "block_rq_driver.h"
#include "test_files.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop::testing {
namespace {

bool there_are_ring_buffers = true;
std::string missing_tracepoint;

}  // namespace
}  // namespace disksnoop::testing

/// Takes the place of libbpf's function, for a kernel that has no ring buffers.
extern "C" int libbpf_probe_bpf_map_type(bpf_map_type type, const void* options) {
  if (type == BPF_MAP_TYPE_RINGBUF && !disksnoop::testing::there_are_ring_buffers) return 0;
  using Probe = int(bpf_map_type, const void*);
  static auto* const libbpfs =
      reinterpret_cast<Probe*>(::dlsym(RTLD_NEXT, "libbpf_probe_bpf_map_type"));
  return libbpfs(type, options);
}

/// The same, for a kernel that was built without a tracepoint.
extern "C" int bpf_raw_tracepoint_open(const char* name, int program) {
  if (name == disksnoop::testing::missing_tracepoint) {
    errno = ENOENT;
    return -ENOENT;
  }
  using Open = int(const char*, int);
  static auto* const libbpfs =
      reinterpret_cast<Open*>(::dlsym(RTLD_NEXT, "bpf_raw_tracepoint_open"));
  return libbpfs(name, program);
}

namespace disksnoop::testing {
namespace {

namespace fs = std::filesystem;

TEST(TracepointEngine, WithoutBtfTheKernelTellsHowManyArgumentsThereAre) {
  if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  const auto plan = plan_tracepoint(std::nullopt, std::nullopt);
  ASSERT_TRUE(plan) << plan.error().message;
  Options options;
  options.headers = Headers::kBtf;  // of the structs alone
  const std::string buffer =
      find_transport() == Transport::kRingBuffer ? "-DRING_PAGES=8" : "-DPERF_BUFFER";
  const Log log(false);
  const auto config = configure_program(usual_columns(), {nullptr, true});
  ASSERT_TRUE(config) << config.error().message;
  std::string messages;
  auto program = load_program({config->text, {"-DSTART_ENTRIES=64", buffer}}, *plan, kernel_btf(),
                              options, log, messages);
  ASSERT_TRUE(program) << program.error().message << messages;
  const auto attached = attach_hooks(*program, log);
  EXPECT_TRUE(attached) << attached.error().message;
}

/// As those of a kernel that cannot do what it seems to.
TEST(TracepointEngine, IsLoadedWithoutTypedReadsThatTheKernelRefuses) {
  if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  const auto btf = kernel_btf();
  const auto config = configure_program(usual_columns(), {&*btf, true});
  ASSERT_TRUE(config) << config.error().message;
  const auto plan = plan_tracepoint(btf->raw_tracepoint_arguments("block_rq_issue"),
                                    btf->raw_tracepoint_arguments("block_rq_requeue"));
  ASSERT_TRUE(plan) << plan.error().message;
  const std::string buffer =
      find_transport() == Transport::kRingBuffer ? "-DRING_PAGES=8" : "-DPERF_BUFFER";
  constexpr std::uint32_t kNoFunction = 99'999'999;
  const TypedReads reads = {kNoFunction, {"-DTYPED=99999999", "-DTYPE_request=1"}};
  ::testing::internal::CaptureStderr();
  const auto program = load_with_typed_reads({.text = config->text,
                                              .clang_flags = {"-DSTART_ENTRIES=64", buffer},
                                              .functions = {"begin", "ask"}},
                                             reads, *plan, btf, Options(), Log(true));
  const std::string told = ::testing::internal::GetCapturedStderr();
  ASSERT_TRUE(program) << program.error().message;
  EXPECT_NE(told.find("no reads by plain loads: the kernel does not accept ask"), std::string::npos)
      << told;
}

/// As each hook of a kernel that was built without it: nothing can be traced then.
TEST(TracepointEngine, ATracepointThatIsMissingIsNamed) {
  if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  const auto btf = kernel_btf();
  const auto arguments = btf->raw_tracepoint_arguments("block_rq_issue");
  for (std::size_t missing = 0; missing < 3; ++missing) {
    auto plan = plan_tracepoint(arguments, arguments);
    ASSERT_TRUE(plan) << plan.error().message;
    Hook& hook = plan->hooks.at(missing);
    hook.target = "block_rq_missing";
    Options options;
    options.duration_s = 0;
    const auto traced = run_tracepoint(*plan, btf, options, Log(false));
    ASSERT_FALSE(traced);
    EXPECT_EQ(traced.error().message,
              "cannot attach " + hook.function + " to block_rq_missing: No such file or directory");
  }
}

TEST(TracepointEngine, WithoutTheCompletionOfBiosItIsNamed) {
  if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  const auto btf = kernel_btf();
  const auto arguments = btf->raw_tracepoint_arguments("block_rq_issue");
  const auto plan = plan_tracepoint(arguments, arguments);
  ASSERT_TRUE(plan) << plan.error().message;
  Options options;
  options.duration_s = 0;
  options.layer = Layer::kBio;
  missing_tracepoint = "block_bio_complete";
  const auto traced = run_tracepoint(*plan, btf, options, Log(false));
  missing_tracepoint.clear();
  ASSERT_FALSE(traced);
  EXPECT_EQ(traced.error().message,
            "cannot attach trace_bio_completion to block_bio_complete: No such file or directory");
}

TEST(LoadOfAProgram, WhatTheVerifierSaysIsAmongTheMessages) {
  if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  // A helper that a program of this type may not call.
  constexpr std::string_view kProgram =
      "static int (*skb_load)(void *, int, void *, int) = (void *)26;\n"
      "int forbidden(void *context) { char byte; return skb_load(context, 0, &byte, 1); }\n";
  const auto btf = kernel_btf();
  const auto headers = find_headers(Headers::kBtf, kProgram, btf, Root());
  ASSERT_TRUE(headers) << headers.error().message;
  std::string messages;
  auto session = BccSession::compile(headers->source_of(kProgram), messages);
  ASSERT_TRUE(session) << session.error().message << messages;
  messages.clear();
  EXPECT_FALSE(session->load("forbidden", messages));
  EXPECT_NE(messages.find("bpf_skb_load_bytes#26"), std::string::npos) << messages;
}

/// Runs engines in a process of its own, whose stdout and stderr are files.
class EngineProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  }

  pid_t start(const std::function<int()>& engine) {
    std::fflush(stdout);  // else the child has it too
    const pid_t process = ::fork();
    if (process != 0) return process;
    for (const auto& [name, fd] : {std::pair{"out", STDOUT_FILENO}, {"err", STDERR_FILENO}}) {
      const UniqueFd file(
          ::open((directory_.path() / name).c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600));
      ::dup2(file.get(), fd);
    }
    ::_exit(engine());
  }

  static int status_of(pid_t process) {
    int status = -1;
    ::waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static int told(const Result<void>& result) {
    if (!result) Log(false).error(result.error().message);
    return result ? 0 : 1;
  }

  std::string text(const char* name) const {
    return read_file(directory_.path() / name).value_or("");
  }

  TemporaryDirectory directory_;
};

constexpr std::string_view kHeader = "TIME(s)            T  BYTES    LAT(ms)\n";
constexpr std::string_view kRow = "0.000000000        W   4096       0.25\n";

std::size_t cpus() { return static_cast<std::size_t>(::sysconf(_SC_NPROCESSORS_CONF)); }

/// The tracepoint engine as on a kernel without ring buffers (before 5.8).
class PerfBuffers : public EngineProcess {
 protected:
  static int trace(double seconds) {
    there_are_ring_buffers = false;
    const auto plan =
        plan_tracepoint(std::vector<std::string>{"request"}, std::vector<std::string>{"request"});
    Options options;
    options.headers = Headers::kBtf;
    options.duration_s = seconds;
    return told(run_tracepoint(*plan, kernel_btf(), options, Log(false)));
  }

  /// Bytes of the rings that a process has, and how many there are.
  static std::pair<std::size_t, std::size_t> rings(pid_t process) {
    std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
      if (!line.ends_with("[perf_event]")) continue;
      std::size_t begin = 0;
      std::size_t end = 0;
      char dash = 0;
      std::istringstream(line) >> std::hex >> begin >> dash >> end;
      bytes += end - begin - static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));  // its control page
      ++count;
    }
    return {bytes, count};
  }
};

TEST_F(PerfBuffers, TogetherHaveTheSizeOfTheBuffer) {
  const pid_t process = start([] { return trace(600); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!text("out").starts_with(kHeader) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto [bytes, count] = rings(process);
  ::kill(process, SIGTERM);
  EXPECT_EQ(status_of(process), 0) << text("err");
  ASSERT_GT(count, 0U);
  EXPECT_EQ(bytes / count,
            std::bit_ceil(std::max(kDefaultBufferBytes / cpus(), kLeastBufferBytesEach)));
}

TEST_F(PerfBuffers, ADescriptorForEachIsAskedForBefore) {
  const pid_t process = start([] {
    rlim_t enough = 0;
    for (std::size_t free = 0; free < kTracingDescriptors + cpus(); ++enough) {
      if (::fcntl(static_cast<int>(enough), F_GETFD) < 0) ++free;
    }
    const rlimit one_less = {enough - 1, enough - 1};
    ::setrlimit(RLIMIT_NOFILE, &one_less);
    return trace(0);
  });
  EXPECT_EQ(status_of(process), 1);
  EXPECT_NE(text("err").find("files may be open at once"), std::string::npos) << text("err");
}

constexpr const char* kTracing = "/sys/kernel/tracing";
constexpr int kNotHere = 77;

void write_file(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

/// A trace of this process alone in the place of the kernel's: an instance of
/// tracefs, in a mount namespace.
class OwnTrace {
 public:
  explicit OwnTrace(const fs::path& directory) : directory_(directory) {
    is_there_ = ::unshare(CLONE_NEWNS) == 0 &&
                ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                ::mount("none", directory.c_str(), "tracefs", 0, nullptr) == 0 &&
                ::mkdir(instance().c_str(), 0700) == 0 &&
                ::mount(instance().c_str(), kTracing, nullptr, MS_BIND, nullptr) == 0;
  }
  ~OwnTrace() {
    ::umount2(kTracing, MNT_DETACH);
    ::rmdir(instance().c_str());
  }
  OwnTrace(const OwnTrace&) = delete;
  OwnTrace& operator=(const OwnTrace&) = delete;

  bool is_there() const { return is_there_; }

 private:
  fs::path instance() const {
    return directory_ / "instances" / ("disksnoop-test-" + std::to_string(::getpid()));
  }
  fs::path directory_;
  bool is_there_ = false;
};

/// The engine with the lines that are in its trace already.
class OriginalEngine : public EngineProcess {
 protected:
  /// The status of a run of so many seconds.
  int run(const std::vector<std::string_view>& lines, double seconds, bool tracing_on = true) {
    const fs::path directory = directory_.path() / "trace";
    fs::create_directory(directory);
    return status_of(start([&] {
      const OwnTrace trace(directory);
      if (!trace.is_there()) return kNotHere;
      for (const std::string_view line : lines) {
        write_file(fs::path(kTracing) / "trace_marker", line);
      }
      if (!tracing_on) write_file(fs::path(kTracing) / "tracing_on", "0");
      Options options;
      options.headers = Headers::kBtf;
      options.duration_s = seconds;
      return told(run_original(ProbePlan(), kernel_btf(), options, Log(false)));
    }));
  }
};

TEST_F(OriginalEngine, RowsAndWhatIsNoneAreToldAtItsEnd) {
  const int status = run({"4096 1 250", "foreign"}, 0.2);
  if (status == kNotHere) GTEST_SKIP() << "no instance of tracefs can be had here";
  EXPECT_EQ(status, 0) << text("err");
  EXPECT_EQ(text("out"), std::string(kHeader) + std::string(kRow));
  EXPECT_EQ(text("err"), "disksnoop: 1 foreign lines skipped, 0 events lost\n");
}

TEST_F(OriginalEngine, ADurationOfZeroPrintsTheHeaderAlone) {
  const int status = run({"4096 1 250"}, 0);
  if (status == kNotHere) GTEST_SKIP() << "no instance of tracefs can be had here";
  EXPECT_EQ(status, 0) << text("err");
  EXPECT_EQ(text("out"), kHeader);
}

TEST_F(OriginalEngine, WhatKeepsRowsAwayIsToldBeforeTracing) {
  const int status = run({}, 0, false);
  if (status == kNotHere) GTEST_SKIP() << "no instance of tracefs can be had here";
  EXPECT_EQ(status, 0) << text("err");
  EXPECT_EQ(text("err"), "disksnoop: warning: tracing_on is off, so no rows will come: echo 1 > "
                         "/sys/kernel/tracing/tracing_on\n");
}

}  // namespace
}  // namespace disksnoop::testing

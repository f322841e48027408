// A summary that was counted in the kernel is that of the rows: one program makes both, of the
// same requests with the same times, while CPUs do I/O as fast as they can.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "app/engine.h"
#include "app/program_setup.h"
#include "block_rq_driver.h"
#include "tracepoint/bpf_map.h"
#include "tracepoint/line_tables.h"
#include "tracepoint/summary_source.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop::testing {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::size_t kBlocks = 2048;
constexpr std::size_t kFewReadings = 3;  ///< the work goes on until there were more

/// A file that is read and written past the page cache.
class DirectFile {
 public:
  DirectFile() : fd_(::mkostemp(name_.data(), O_DIRECT | O_CLOEXEC)) {
    if (fd_.get() < 0) return;
    ::unlink(name_.c_str());
    if (::posix_fallocate(fd_.get(), 0, kBlocks * kBlock) != 0) fd_ = UniqueFd();
  }
  bool is_open() const { return static_cast<bool>(fd_); }

  /// Reads and writes, a block each.
  void work(std::size_t first, std::size_t requests) const {
    const std::unique_ptr<void, decltype(&std::free)> block(std::aligned_alloc(kBlock, kBlock),
                                                            &std::free);
    std::memset(block.get(), 0, kBlock);
    for (std::size_t i = 0; i < requests; ++i) {
      const auto at = static_cast<off_t>((first + i * 7) % kBlocks * kBlock);
      if (i % 3 == 0) {
        EXPECT_EQ(::pwrite(fd_.get(), block.get(), kBlock, at), kBlock);
      } else {
        EXPECT_EQ(::pread(fd_.get(), block.get(), kBlock, at), kBlock);
      }
    }
  }

 private:
  std::string name_ = "/var/tmp/disksnoop-XXXXXX";
  UniqueFd fd_;
};

class SummaryProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
    if (find_transport() != Transport::kRingBuffer) GTEST_SKIP() << "there is no ring buffer here";
    auto btf = kernel_btf();
    ASSERT_TRUE(btf) << btf.error().message;
    btf_.emplace(std::move(*btf));
  }

  /// Rows and lines of all requests of the machine.
  void load(const std::string& columns, const Columns& keys) {
    keys_ = keys;
    auto config = configure_program(*parse_columns(columns), {&*btf_, true}, keys);
    ASSERT_TRUE(config) << config.error().message;
    config_ = std::move(*config);
    const auto plan = plan_tracepoint(btf_->raw_tracepoint_arguments("block_rq_issue"),
                                      btf_->raw_tracepoint_arguments("block_rq_requeue"));
    ASSERT_TRUE(plan) << plan.error().message;
    std::vector<std::string> flags = {
        "-DSTART_ENTRIES=4096", "-DRING_PAGES=4096",
        "-DCPUS=" + std::to_string(room_for_lines(*possible_cpus()).cpus), "-DLINES=256"};
    if (slot_claim_ != SlotClaim::kNone) flags.emplace_back("-DBUCKET_BITS=12");
    if (slot_claim_ == SlotClaim::kExchange) flags.emplace_back("-DCOMPARE_AND_EXCHANGE");
    Options options;
    options.headers = Headers::kBtf;
    std::string messages;
    auto program = load_program(
        {.text = config_.text, .clang_flags = std::move(flags), .functions = {"begin", "ask"}},
        with_hooks(*plan, config_), *kernel_result(), options, Log(false), messages);
    ASSERT_TRUE(program) << program.error().message << messages;
    program_.emplace(std::move(*program));
    open_sources();
  }

  /// As load_program() wants it.
  static std::shared_ptr<Result<KernelBtf>> kernel_result() {
    return std::make_shared<Result<KernelBtf>>(kernel_btf());
  }

  int map(const std::string& name) {
    const auto fd = program_->session.map_fd(name);
    EXPECT_TRUE(fd) << fd.error().message;
    return fd.value_or(-1);
  }

  void open_sources() {
    std::string messages;
    const AccountParts accounts = {map("start"),
                                   slot_claim_ != SlotClaim::kNone ? map("buckets") : -1,
                                   map("counts"),
                                   map("since"),
                                   *program_->session.load("begin", messages),
                                   *program_->session.load("ask", messages)};
    const OperationTable operations = operation_table(*kernel_result());
    auto rows = BlockRqSource::open({accounts, -1, map("events")}, config_, operations,
                                    {Transport::kRingBuffer, 4096}, [this](const Request& request) {
                                      SummaryLine line;
                                      line.add(request, true);
                                      by_rows_.add(summary_key(request, keys_), line);
                                      return true;
                                    });
    ASSERT_TRUE(rows) << rows.error().message;
    rows_ = std::move(*rows);
    const LineMaps maps = {map("numbers"), map("free_numbers"), map("keys"),
                           map("recent"),  map("lines"),        map("readings")};
    auto lines =
        SummarySource::open({accounts, maps, -1}, config_, keys_, operations,
                            {Transport::kRingBuffer, 0, std::chrono::milliseconds(50)},
                            {[this](const SummaryReport& report, std::uint64_t /*readings*/) {
                               by_lines_.merge(report.summary);
                               ++readings_;
                               return true;
                             },
                             [] {}});
    ASSERT_TRUE(lines) << lines.error().message;
    lines_ = std::move(*lines);
  }

  /// At least so many requests of each thread.
  void trace_while_working(const DirectFile& file, std::size_t threads, std::size_t requests) {
    ASSERT_TRUE(attach_hooks(*program_, Log(false)));
    ASSERT_TRUE(rows_->started());
    ASSERT_TRUE(lines_->started());
    std::atomic<std::size_t> working = threads;
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.emplace_back([&, i] {
        file.work(i * 100, requests);
        // Slowly, so that there is room for all of it while that lasts.
        while (readings_ <= kFewReadings) {
          file.work(i * 100, 10);
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        --working;
      });
    }
    while (working != 0) {
      ASSERT_TRUE(rows_->drain());
      ASSERT_TRUE(lines_->drain());
    }
    for (std::thread& worker : workers) worker.join();
    for (auto hook = program_->hooks.rbegin(); hook != program_->hooks.rend(); ++hook) {
      program_->session.detach_raw_tracepoint(hook->target);
    }
    while (true) {
      const auto more = rows_->drain_rest();
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) break;
    }
    ASSERT_TRUE(lines_->drain_rest());
  }

  std::optional<KernelBtf> btf_;
  Columns keys_;
  ProgramConfig config_;
  SlotClaim slot_claim_ = slot_claim();
  std::optional<LoadedProgram> program_;
  std::unique_ptr<BlockRqSource> rows_;
  std::unique_ptr<SummarySource> lines_;
  Summary by_rows_;
  Summary by_lines_;
  std::atomic<std::size_t> readings_ = 0;
};

void expect_same(const SummaryLine& line, const SummaryLine& by_rows) {
  EXPECT_EQ(line.requests, by_rows.requests);
  EXPECT_EQ(line.bytes, by_rows.bytes);
  EXPECT_EQ(line.errors, by_rows.errors);
  EXPECT_EQ(line.latency.counts(), by_rows.latency.counts());
  EXPECT_EQ(line.latency.sum_ns(), by_rows.latency.sum_ns());
  EXPECT_EQ(line.latency.max_ns(), by_rows.latency.max_ns());
  EXPECT_EQ(line.queue, by_rows.queue);
}

TEST_F(SummaryProgram, IsThatOfTheRows) {
  const DirectFile file;
  if (!file.is_open()) GTEST_SKIP() << "/var/tmp has no direct I/O";
  ASSERT_NO_FATAL_FAILURE(
      load("disk,op,bytes,latency,queue,error,pid,comm", *parse_summary_keys("disk,op,comm,pid")));
  constexpr std::size_t kThreads = 3;
  constexpr std::size_t kRequests = 6000;
  ASSERT_NO_FATAL_FAILURE(trace_while_working(file, kThreads, kRequests));

  const auto losses = rows_->losses();
  ASSERT_TRUE(losses) << losses.error().message;
  EXPECT_EQ(losses->in_buffer, 0U);
  EXPECT_EQ(losses->without_line, 0U);
  EXPECT_GT(readings_, kFewReadings);
  ASSERT_EQ(by_lines_.lines().size(), by_rows_.lines().size());
  std::uint64_t requests = 0;
  for (const auto& [key, line] : by_lines_.lines()) {
    const auto found = by_rows_.lines().find(key);
    ASSERT_NE(found, by_rows_.lines().end());
    expect_same(line, found->second);
    requests += line.requests;
  }
  // That they are there: some become one, and some may be hidden from all tracers.
  EXPECT_GT(requests, kThreads * kRequests / 2);
}

}  // namespace
}  // namespace disksnoop::testing

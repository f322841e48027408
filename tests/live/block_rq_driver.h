// Drives bpf_text/block_rq.c without a disk: BPF_PROG_TEST_RUN calls its
// functions with requests that lie in this process's memory.
#pragma once

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fake_requests.h"
#include "program/bcc_session.h"
#include "program/kernel_btf.h"
#include "program/program_headers.h"
#include "system/privileges.h"
#include "tracepoint/block_rq_source.h"
#include "tracepoint/program_config.h"
#include "tracepoint/slots.h"

namespace disksnoop::testing {

inline Result<KernelBtf> kernel_btf() { return KernelBtf::load("/sys/kernel/btf/vmlinux"); }

/// Why the kernel cannot run these tests; nothing if it can.
inline std::optional<std::string> why_not_here() {
  if (const auto permitted = check_bpf_permitted(Root()); !permitted) {
    return permitted.error().message;
  }
  if (const auto btf = kernel_btf(); !btf) return btf.error().message;
  return std::nullopt;
}

/// A row as the source hands it over.
struct Row {
  std::string bytes;
  bool write;
  double latency_ms;
  double time_s;
  double elapsed_s;                               ///< since the first row
  std::map<std::string_view, std::string> cells;  ///< of each column; "-" where not known
};

/// A value of a column as these tests compare it, times in ns.
inline std::string text_of(const Value& value) {
  struct Text {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(std::uint64_t number) const { return std::to_string(number); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(char letter) const { return {letter}; }
    std::string operator()(std::string_view text) const { return std::string(text); }
    std::string operator()(const Duration& time) const { return std::to_string(time.ns); }
    std::string operator()(const WallTime& time) const { return std::to_string(time.unix_us); }
  };
  return std::visit(Text(), value);
}

/// What a program is made of.
struct ProgramKind {
  std::vector<std::string> flags = {"-DSTART_ENTRIES=64", "-DRING_PAGES=8"};
  Transport transport = Transport::kRingBuffer;
  std::string issue = "trace_start";   ///< or trace_start_q
  std::string submit = "trace_getrq";  ///< or trace_getrq_q; if the columns need it
  Columns columns = usual_columns();
  ProgramFilter filter = {};
};

/// The loaded program and its maps.
class BlockRqDriver {
 public:
  static Result<std::unique_ptr<BlockRqDriver>> load(ProgramKind kind) {
    std::unique_ptr<BlockRqDriver> driver(new BlockRqDriver);
    if (kind.transport == Transport::kPerfBuffer) kind.flags.emplace_back("-DPERF_BUFFER");
    const auto btf = kernel_btf();
    auto config = configure_program(kind.columns, {&*btf, true, kind.filter});
    if (!config) return std::unexpected(config.error());
    driver->config_ = std::move(*config);
    const auto headers = find_headers(Headers::kBtf, driver->config_.text, btf, Root());
    if (!headers) return std::unexpected(headers.error());
    std::string messages;
    auto session =
        BccSession::compile(headers->source_of(driver->config_.text, kind.flags), messages);
    if (!session) return fail(session.error().message + "\n" + messages);
    driver->session_.emplace(std::move(*session));
    driver->columns_ = kind.columns;
    const bool submits = std::ranges::any_of(
        driver->config_.hooks, [](const Hook& hook) { return hook.target == "block_getrq"; });
    if (submits) {
      const auto loaded = driver->session_->load(kind.submit, messages);
      if (!loaded) return fail(loaded.error().message + "\n" + messages);
      driver->submit_fd_ = *loaded;
    }
    for (const auto& [function, fd] :
         {std::pair{kind.issue, &driver->issue_fd_},
          std::pair{std::string("trace_completion"), &driver->completion_fd_},
          std::pair{std::string("trace_requeue"), &driver->requeue_fd_},
          std::pair{std::string("begin"), &driver->begin_fd_},
          std::pair{std::string("ask"), &driver->ask_fd_},
          std::pair{std::string(kind.filter.bios ? "trace_bio_queue" : ""), &driver->queue_bio_fd_},
          std::pair{std::string(kind.filter.bios ? "trace_bio_completion" : ""),
                    &driver->complete_bio_fd_},
          std::pair{std::string(kind.filter.bios ? "ask_bio" : ""), &driver->ask_bio_fd_}}) {
      if (function.empty()) continue;
      const auto loaded = driver->session_->load(function, messages);
      if (!loaded) return fail(loaded.error().message + "\n" + messages);
      *fd = *loaded;
    }
    driver->transport_ = kind.transport;
    if (auto opened = driver->open_source(driver->parts()); !opened) {
      return std::unexpected(opened.error());
    }
    return driver;
  }

  /// As on a kernel that runs no function for us.
  Result<void> forbid_asking() {
    BlockRqParts parts = this->parts();
    parts.accounts.begin = -1;
    parts.accounts.ask = -1;
    return open_source(parts);
  }

  /// block_rq_issue(rq)
  void issue(const FakeRequest& request) { run(issue_fd_, {request.address(), 0, 0}); }
  /// block_rq_issue(q, rq)
  void issue_q(const FakeRequest& request) { run(issue_fd_, {0, request.address(), 0}); }

  /// block_getrq(bio), by this thread
  void submit(std::uint64_t bio) { run(submit_fd_, {bio, 0, 0}); }
  /// block_getrq(q, bio, rw)
  void submit_q(std::uint64_t bio) { run(submit_fd_, {0, bio, 0}); }

  /// block_bio_queue(bio)
  void queue(std::uint64_t bio) { run(queue_bio_fd_, {bio, 0, 0}); }
  /// block_bio_complete(q, bio)
  void complete(std::uint64_t bio) { run(complete_bio_fd_, {0, bio, 0}); }

  /// block_rq_requeue(rq)
  void requeue(const FakeRequest& request) { run(requeue_fd_, {request.address(), 0, 0}); }

  /// block_rq_complete(rq, error, nr_bytes); the kernel takes nr_bytes off what is
  /// left right after it.
  void complete(FakeRequest& request, std::uint32_t nr_bytes, std::uint32_t left_before,
                std::uint64_t error = 0) {
    request.set(left_before);
    run(completion_fd_, {request.address(), error, nr_bytes});
    request.set(left_before - nr_bytes);
  }

  std::vector<Row> rows() {
    rows_.clear();
    while (true) {
      const auto more = source_->drain_rest();
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return rows_;
    }
  }

  BlockRqSource& source() { return *source_; }
  const ProgramConfig& config() const { return config_; }
  Result<int> map_fd(const std::string& name) const { return session_->map_fd(name); }

  /// Changes the entry of what is at this address, which has one.
  void change_entry(std::uint64_t key, const std::function<void(start_t&)>& change) {
    const AccountParts maps = parts().accounts;
    std::vector<std::byte> value(config_.entry_size());
    if (bpf_map_lookup_elem(maps.start, &key, value.data()) == 0) {
      change_first(value.data(), change);
      ASSERT_EQ(bpf_map_update_elem(maps.start, &key, value.data(), BPF_EXIST), 0);
      return;
    }
    std::vector<std::byte> bucket(Slots::bucket_size(value.size()));
    for (std::uint32_t place = 0; bpf_map_lookup_elem(maps.buckets, &place, bucket.data()) == 0;
         ++place) {
      for (std::size_t i = 0; i < SLOTS_EACH; ++i) {
        std::uint64_t address = 0;
        std::memcpy(&address, bucket.data() + i * sizeof(address), sizeof(address));
        if (address != key) continue;
        change_first(bucket.data() + SLOTS_EACH * sizeof(address) + i * value.size(), change);
        ASSERT_EQ(bpf_map_update_elem(maps.buckets, &place, bucket.data(), BPF_EXIST), 0);
        return;
      }
    }
    FAIL() << "it has no entry";
  }

  /// What the source is opened with.
  BlockRqParts parts() const {
    return {{*session_->map_fd("start"), session_->map_fd("buckets").value_or(-1),
             *session_->map_fd("counts"), *session_->map_fd("since"), begin_fd_, ask_fd_, -1,
             session_->map_fd("claiming").has_value(), ask_bio_fd_},
            session_->map_fd("gathering").value_or(-1),
            *session_->map_fd("events")};
  }

 private:
  BlockRqDriver() = default;

  Result<void> open_source(const BlockRqParts& parts) {
    source_.reset();
    auto source = BlockRqSource::open(parts, config_, OperationTable(), {transport_, 8},
                                      [this](const Request& request) {
                                        add_row(request);
                                        return true;
                                      });
    if (!source) return std::unexpected(source.error());
    source_ = std::move(*source);
    return {};
  }

  void add_row(const Request& request) {
    const auto seconds = static_cast<double>(*request.completed_ns) / 1e9;
    if (!first_s_) first_s_ = seconds;
    rows_.push_back({std::to_string(*request.bytes),
                     request.type == 'W',
                     static_cast<double>(*request.latency_ns) / 1e6,
                     seconds,
                     seconds - *first_s_,
                     {}});
    for (const Column* column : columns_) {
      rows_.back().cells[column->name] = text_of(column->value(request, 0));
    }
  }

  static void change_first(std::byte* entry, const std::function<void(start_t&)>& change) {
    start_t start = {};
    std::memcpy(&start, entry, sizeof(start));
    change(start);
    std::memcpy(entry, &start, sizeof(start));
  }

  static void run(int fd, std::array<std::uint64_t, 3> arguments) {
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.ctx_in = arguments.data();
    options.ctx_size_in = sizeof(arguments);
    ASSERT_EQ(bpf_prog_test_run_opts(fd, &options), 0) << std::strerror(errno);
  }

  Transport transport_ = Transport::kRingBuffer;
  ProgramConfig config_;
  Columns columns_;
  std::vector<Row> rows_;
  std::optional<double> first_s_;
  std::optional<BccSession> session_;
  std::unique_ptr<BlockRqSource> source_;
  int submit_fd_ = -1;
  int issue_fd_ = -1;
  int completion_fd_ = -1;
  int requeue_fd_ = -1;
  int begin_fd_ = -1;
  int ask_fd_ = -1;
  int queue_bio_fd_ = -1;
  int complete_bio_fd_ = -1;
  int ask_bio_fd_ = -1;
};

}  // namespace disksnoop::testing

#include "app/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>
#include <utility>

#include "render/metrics.h"
#include "system/files.h"
#include "system/privileges.h"
#include "system/signals.h"
#include "tracepoint/accounts.h"
#include "version.h"

namespace disksnoop {
namespace {

constexpr double kUsualIntervalS = 15;
/// How long the end waits for the file.
constexpr std::chrono::milliseconds kPatience(1000);

/// As the kernel names its directory: "cciss!c0d0" of cciss/c0d0.
std::string in_sysfs(std::string disk) {
  std::ranges::replace(disk, '/', '!');
  return disk;
}

Result<std::optional<AtomicFile>> open_file(const Options& options) {
  if (!options.metrics.file) return std::optional<AtomicFile>();
  if (writes_what_its_caller_may_not()) {
    return fail("--metrics does not go with rights over files that the caller does not have");
  }
  auto file = AtomicFile::open(*options.metrics.file, {STDOUT_FILENO, STDERR_FILENO});
  if (!file) return std::unexpected(file.error());
  return std::optional<AtomicFile>(std::move(*file));
}

}  // namespace

Metrics::Metrics(const Options& options, const Log& log)
    : totals_(query_of(options).summary_keys, options.metrics.labels),
      log_(log.without_waiting()),
      address_(options.metrics.listen),
      write_every_(std::llround(options.summary.interval_s.value_or(kUsualIntervalS) * 1e9)) {}

Result<std::unique_ptr<Metrics>> Metrics::open(const Options& options, const Log& log) {
  std::unique_ptr<Metrics> metrics(new Metrics(options, log));
  auto file = open_file(options);
  if (!file) return std::unexpected(file.error());
  metrics->path_ = std::move(*file);
  if (metrics->address_) {
    if (binds_what_its_caller_may_not(metrics->address_->port, Root())) {
      return fail("--listen: this port is not one that the caller may listen on");
    }
    if (auto can = check_listening(*metrics->address_); !can) return std::unexpected(can.error());
  }
  return metrics;
}

std::vector<int> Metrics::renewed_directories() const {
  return path_ ? std::vector<int>{path_->directory()} : std::vector<int>();
}

Result<void> Metrics::start() {
  if (path_) {
    auto file = BackgroundFile::start(std::move(*path_));
    if (!file) return std::unexpected(file.error());
    file_.emplace(std::move(*file));
  }
  if (!address_) return {};
  auto server = MetricsServer::open(*address_);
  if (!server) return std::unexpected(server.error());
  server_ = std::move(*server);
  log_.detail(fmt::format("metrics at http://{}/metrics", address_->text()));
  return {};
}

void Metrics::read(LineReader lines) { lines_.emplace(std::move(lines)); }

void Metrics::add_path(std::span<const std::byte> record) {
  if (lines_) lines_->add_path(record);
}

void Metrics::take(const Summary& summary) { totals_.add(summary, our_now_ns()); }

/// By now programs have settled that ran when the sets were switched, a second ago.
void Metrics::take_lines() {
  if (!lines_) return;
  if (switched_set_) {
    const auto report = lines_->take({&*switched_set_, 1}, switched_);
    if (!report) return log_.warning(report.error().message);
    take(report->summary);
  }
  switched_set_ = lines_->switch_sets();
  switched_ = Clock::now();
}

void Metrics::end_disks_that_are_gone() {
  const std::string blocks = Root().at("/sys/block");
  std::error_code ignored;
  if (!std::filesystem::exists(blocks, ignored)) return;
  totals_.end_disks([&](const std::string& disk) {
    // A link to where it need not be possible to look.
    const auto link =
        std::filesystem::symlink_status(fmt::format("{}/{}", blocks, in_sysfs(disk)), ignored);
    return link.type() != std::filesystem::file_type::not_found;
  });
}

std::vector<std::pair<std::string, std::uint64_t>> Metrics::lost(const TracepointSource& source) {
  const auto losses = source.losses();
  if (!losses) {
    log_.warning(losses.error().message);
  } else {
    for (const auto& [cause, count] : {
             std::pair{"buffer", losses->in_buffer},
             std::pair{"map", losses->in_map},
             std::pair{"issue_not_shown", losses->issue_not_shown},
             std::pair{"completion_not_shown", losses->completion_not_shown},
             std::pair{"failed_unissued", losses->failed_unissued},
             std::pair{"names", losses->names},
             std::pair{"no_line", losses->without_line},
             std::pair{"submitters", losses->submitters},
         }) {
      // One that is given back and lost again is taken off for a moment.
      std::uint64_t& most = lost_[cause];
      most = std::max(most, count);
    }
  }
  return {lost_.begin(), lost_.end()};
}

std::vector<prometheus::MetricFamily> Metrics::families(TracepointSource& source) {
  end_disks_that_are_gone();
  MetricsReport report{totals_, {}, lost(source), DISKSNOOP_VERSION};
  const auto requests = source.in_flight();
  if (!requests) log_.warning(requests.error().message);
  if (requests) {
    for (const InFlight& request : *requests) {
      DiskInFlight& disk = report.in_flight[request.disk];
      ++disk.requests;
      disk.oldest_ns = std::max(disk.oldest_ns, request.age_ns);
    }
  }
  return metric_families(report);
}

void Metrics::tell_what_went_wrong() {
  if (file_) {
    const auto written = file_->result();
    const bool is_new = !std::exchange(told_of_file_, !written.has_value());
    if (!written && is_new) log_.warning(written.error().message);
  }
  if (totals_.requests_without_series() > 0 && !std::exchange(told_of_limit_, true)) {
    log_.warning("there is no room for more series: what has none is counted as (other)");
  }
}

void Metrics::every_second(TracepointSource& source) {
  take_lines();
  const auto now = Clock::now();
  const bool writes = file_ && now >= write_next_;
  if (!server_ && !writes) return tell_what_went_wrong();
  auto now_are = families(source);
  if (writes) {
    file_->put(metrics_text(now_are));
    write_next_ = std::max(write_next_ + write_every_, now);
  }
  if (server_) server_->publish(std::move(now_are));
  tell_what_went_wrong();
}

Result<void> Metrics::finish(TracepointSource& source) {
  if (file_) set_status_of_end_at_once(1);  // until it is there
  auto finished = take_rest(source);
  if (file_ && finished) set_status_of_end_at_once(0);
  return finished;
}

Result<void> Metrics::take_rest(TracepointSource& source) {
  if (lines_) {
    const auto end = Clock::now();
    std::this_thread::sleep_for(LineReader::kSettle);
    const auto report = lines_->take_all(end);
    if (!report) return std::unexpected(report.error());
    take(report->summary);
  }
  if (!file_) return {};
  file_->put(metrics_text(families(source)));
  return file_->finish(kPatience);
}

}  // namespace disksnoop

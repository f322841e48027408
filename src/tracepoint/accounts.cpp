#include "tracepoint/accounts.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "block_bio.h"
#include "parts/by_disk.h"
#include "tracepoint/bpf_map.h"

namespace disksnoop {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kLongNs = 600 * kSecondNs;

constexpr std::uint64_t kNever = ~std::uint64_t{0};

/// What a function of the program returns for these arguments; none if the kernel
/// does not run it for us.
std::optional<std::uint32_t> run(int function, std::uint64_t first, std::uint64_t second = 0) {
  const std::array<std::uint64_t, 2> arguments = {first, second};
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.ctx_in = arguments.data();
  options.ctx_size_in = sizeof(arguments);
  if (bpf_prog_test_run_opts(function, &options) != 0) return std::nullopt;
  return options.retval;
}

}  // namespace

std::uint64_t our_now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

Result<Accounts> Accounts::open(const AccountParts& parts, std::size_t entry_size) {
  const auto entries = Entries::open(parts.start, parts.buckets, entry_size);
  if (!entries) return std::unexpected(entries.error());
  const auto counts =
      check_map(parts.counts, "counts", sizeof(std::uint32_t), sizeof(std::uint64_t));
  if (!counts) return std::unexpected(counts.error());
  const auto cpus = possible_cpus();
  if (!cpus) return std::unexpected(cpus.error());
  std::optional<MappedArray> asked;
  if (parts.asked >= 0) {
    auto opened = MappedArray::open(parts.asked, "asked", 1, sizeof(by_disk_part),
                                    MappedArray::Access::kWrite);
    if (!opened) return std::unexpected(opened.error());
    asked = std::move(*opened);
  }
  return Accounts(parts, *entries, *cpus, std::move(asked));
}

std::optional<std::uint32_t> Accounts::ask(std::uint64_t address, bool is_bio,
                                           std::string& disk) const {
  if (asked_) std::memset((*asked_)[0], 0, sizeof(by_disk_part));
  const auto answer = is_bio ? run(parts_.ask_bio, address, kNever) : run(parts_.ask, address);
  if (!asked_ || !answer) return answer;
  by_disk_part told = {};
  std::memcpy(&told, (*asked_)[0], sizeof(told));
  disk.assign(std::begin(told.name), std::ranges::find(told.name, '\0'));
  return answer;
}

Result<void> Accounts::started() {
  static_cast<void>(run(parts_.begin, 0));  // without it the program says less
  const auto before = losses();
  if (!before) return std::unexpected(before.error());
  before_ = *before;
  return {};
}

std::optional<std::int64_t> Accounts::measure_kernel_clock() const {
  if (shares_kernel_clock_) return 0;
  constexpr int kTries = 5;
  std::optional<std::int64_t> ahead;
  std::uint64_t shortest = kSecondNs;
  for (int i = 0; i < kTries; ++i) {
    const std::uint32_t zero = 0;
    std::uint64_t theirs = 0;
    const std::uint64_t before = our_now_ns();
    const auto done = run(parts_.begin, 0);
    const std::uint64_t took = our_now_ns() - before;
    if (!done || bpf_map_lookup_elem(parts_.since, &zero, &theirs) != 0) continue;
    if (took >= shortest) continue;
    shortest = took;
    ahead = static_cast<std::int64_t>(theirs - (before + took / 2));
  }
  return ahead;
}

Result<void> Accounts::stopping() {
  const auto now = losses();
  if (!now) return std::unexpected(now.error());
  at_stop_ = *now;
  return {};
}

Result<std::uint64_t> Accounts::count(count_t index) const {
  std::vector<std::uint64_t> values(cpus_);
  const std::uint32_t key = index;
  if (bpf_map_lookup_elem(parts_.counts, &key, values.data()) != 0) {
    return fail(fmt::format("cannot read the program's counts: {}", std::strerror(errno)));
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t value : values) sum += value;
  return sum;
}

Result<Losses> Accounts::losses() const {
  std::array<std::uint64_t, COUNTS> counts = {};
  for (std::uint32_t i = 0; i < COUNTS; ++i) {
    const auto value = count(static_cast<count_t>(i));
    if (!value) return std::unexpected(value.error());
    counts.at(i) = *value;
  }
  Losses losses{.in_buffer = counts[LOST_IN_BUFFER],
                .in_map = counts[LOST_IN_MAP],
                .before_start = counts[NOT_ISSUED] - before_.before_start,
                .issue_unknown = counts[ISSUE_UNKNOWN] - before_.issue_unknown,
                .issue_not_shown = counts[ISSUE_NOT_SHOWN],
                .failed_unissued = counts[FAILED_UNISSUED],
                .completion_not_shown = counts[NOT_COMPLETED] + forgotten_,
                .names = counts[LOST_NAMES],
                .without_slot = counts[WITHOUT_SLOT],
                .submitters = counts[LOST_SUBMITTERS],
                .filtered = counts[FILTERED],
                .without_line = counts[WITHOUT_LINE]};
  if (at_stop_) return losses_after_stop(*at_stop_, losses);
  return losses;
}

Result<std::vector<InFlight>> Accounts::in_flight() {
  const auto all = entries_.all();
  if (!all) return std::unexpected(all.error());
  std::vector<InFlight> requests;
  std::optional<std::uint64_t> now;
  if (shares_kernel_clock_) now = our_now_ns();
  for (const auto& [key, entry] : *all) {
    const bool is_bio = entry.requeued == IS_A_BIO;
    InFlight request{.bytes = entry.data_len, .cmd_flags = entry.cmd_flags};
    const auto answer = ask(key, is_bio, request.disk);
    if (answer == 0U) continue;
    if (answer) {
      request.confirmed = !is_bio;
      request.age_ns = std::uint64_t{*answer - 1} * 1'000'000;
    } else if (now) {
      request.age_ns = *now - std::min<std::uint64_t>(*now, entry.ts);
    }
    requests.push_back(std::move(request));
  }
  std::sort(requests.begin(), requests.end(),
            [](const InFlight& a, const InFlight& b) { return a.age_ns > b.age_ns; });
  return requests;
}

Result<void> Accounts::forget_completed(std::uint64_t now_ns) {
  const auto all = entries_.all();
  if (!all) return std::unexpected(all.error());
  const bool few = all->size() < entries_.room() / 2;
  for (const auto& [key, entry] : *all) {
    if (entry.ts == 0) continue;  // it is being written
    const std::uint64_t age = now_ns - std::min<std::uint64_t>(now_ns, entry.ts);
    const bool is_bio = entry.requeued == IS_A_BIO;
    if (age <= 10 * kSecondNs || (!is_bio && run(parts_.ask, key))) continue;
    if (few || age < kLongNs || (is_bio && run(parts_.ask_bio, key, kLongNs))) continue;
    if (entries_.remove_hashed(key)) ++forgotten_;
  }
  if (!parts_.keeps_slots) return {};
  return entries_.take_back_slots(now_ns - std::min(now_ns, kLongNs));
}

Result<void> Accounts::forget_completed_in_time(std::uint64_t now_ns) {
  const auto now = Clock::now();
  if (now - last_forgetting_ < std::chrono::minutes(1)) return {};
  last_forgetting_ = now;
  return forget_completed(now_ns);
}

}  // namespace disksnoop

#include "tracepoint/bpf_buffer.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>
#include <vector>

#include "parts/path.h"

namespace disksnoop {
namespace {

/// Where a callback of libbpf puts the events of a queue.
class Reading {
 public:
  void begin(EventOrder& events, const BpfBuffer::PathSink& paths, std::size_t most) {
    events_ = &events;
    paths_ = &paths;
    left_ = most;
    wrong_size_.reset();
    events.begin_queue();
  }

  /// False when that was enough. A perf buffer pads its records to 8 bytes.
  bool take(const void* data, std::size_t size) {
    std::uint64_t time = 0;  // that no event has
    if (size >= sizeof(time)) std::memcpy(&time, data, sizeof(time));
    const std::size_t wanted = events_->record_bytes();
    if (time == 0 && size >= offsetof(path_t, names)) {
      (*paths_)({static_cast<const std::byte*>(data), size});
    } else if (size >= wanted && size < wanted + 8) {
      events_->add(data);
    } else {
      wrong_size_ = size;
      return false;
    }
    return --left_ != 0;
  }

  /// There may be.
  bool has_more() const { return left_ == 0; }

  Result<void> end() {
    events_->end_queue(!has_more());
    if (!wrong_size_) return {};
    return fail(fmt::format("the program's events have {} bytes and not {}", *wrong_size_,
                            events_->record_bytes()));
  }

 private:
  EventOrder* events_ = nullptr;
  const BpfBuffer::PathSink* paths_ = nullptr;
  std::size_t left_ = 0;
  std::optional<std::size_t> wrong_size_;
};

/// The word of a program's array of one, in memory of ours too.
class SharedWord {
 public:
  explicit SharedWord(int map_fd)
      : size_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        page_(map_fd < 0 ? MAP_FAILED
                         : ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0)) {}
  ~SharedWord() {
    if (is_open()) ::munmap(page_, size_);
  }
  SharedWord(const SharedWord&) = delete;
  SharedWord& operator=(const SharedWord&) = delete;

  bool is_open() const { return page_ != MAP_FAILED; }
  void set(std::uint64_t value) {
    __atomic_store_n(static_cast<std::uint64_t*>(page_), value, __ATOMIC_SEQ_CST);
  }

 private:
  std::size_t size_;
  void* page_;
};

/// How far a ring buffer has been written and read: each a number at the beginning of a
/// page (kernel/bpf/ringbuf.c, struct bpf_ringbuf).
class RingPositions {
 public:
  explicit RingPositions(int map_fd)
      : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        pages_(::mmap(nullptr, 2 * page_, PROT_READ, MAP_SHARED, map_fd, 0)) {}
  ~RingPositions() {
    if (is_open()) ::munmap(pages_, 2 * page_);
  }
  RingPositions(const RingPositions&) = delete;
  RingPositions& operator=(const RingPositions&) = delete;

  bool is_open() const { return pages_ != MAP_FAILED; }
  std::size_t unread() const { return position(1) - position(0); }

 private:
  std::size_t position(std::size_t page) const {
    const auto* const at = static_cast<const std::byte*>(pages_) + page * page_;
    return __atomic_load_n(reinterpret_cast<const std::size_t*>(at), __ATOMIC_ACQUIRE);
  }

  std::size_t page_;
  void* pages_;
};

class RingBuffer final : public BpfBuffer {
 public:
  RingBuffer(int map_fd, int gathering_fd)
      : positions_(map_fd),
        gathering_(gathering_fd),
        wake_ups_(::epoll_create1(EPOLL_CLOEXEC)),
        ring_(ring_buffer__new(map_fd, take, &reading_, nullptr)) {
    epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {}};
    watches_ = ::epoll_ctl(wake_ups_.get(), EPOLL_CTL_ADD, map_fd, &event) == 0;
  }
  ~RingBuffer() override { ring_buffer__free(ring_); }
  RingBuffer(const RingBuffer&) = delete;
  RingBuffer& operator=(const RingBuffer&) = delete;

  bool is_open() const { return ring_ != nullptr && watches_ && positions_.is_open(); }
  int fd() const override { return wake_ups_.get(); }
  bool can_gather() const override { return gathering_.is_open(); }
  void gather(bool on) override {
    if (gathering_.is_open()) gathering_.set(on ? 1 : 0);
  }

  std::size_t look() override {
    epoll_event event = {};
    ::epoll_wait(wake_ups_.get(), &event, 1, 0);
    // The kernel sees how far was read, and whether events gather, before it is seen here
    // what has come: what it did not wake the reader for is seen.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return positions_.unread();
  }

  Result<void> read(EventOrder& events, const PathSink& paths, std::size_t most) override {
    reading_.begin(events, paths, most);
    const int result = ring_buffer__consume(ring_);
    if (result >= 0 || result == kEnough) return reading_.end();
    return fail(fmt::format("cannot read the ring buffer: {}", std::strerror(-result)));
  }

 private:
  static constexpr int kEnough = -EXFULL;  // of our own callback; libbpf returns it as it is

  static int take(void* context, void* data, std::size_t size) {
    return static_cast<Reading*>(context)->take(data, size) ? 0 : kEnough;
  }

  RingPositions positions_;
  SharedWord gathering_;
  UniqueFd wake_ups_;
  bool watches_ = false;
  Reading reading_;
  ring_buffer* ring_;
};

class PerfBuffer final : public BpfBuffer {
 public:
  PerfBuffer(int map_fd, std::uint64_t pages) : buffer_(open(map_fd, pages, reading_)) {
    if (buffer_ != nullptr) read_to_.resize(perf_buffer__buffer_cnt(buffer_));
  }
  ~PerfBuffer() override { perf_buffer__free(buffer_); }
  PerfBuffer(const PerfBuffer&) = delete;
  PerfBuffer& operator=(const PerfBuffer&) = delete;

  bool is_open() const { return buffer_ != nullptr; }
  int fd() const override { return perf_buffer__epoll_fd(buffer_); }
  bool can_gather() const override { return false; }
  void gather(bool /*on*/) override {}
  std::size_t look() override { return 0; }

  /// Of the CPUs that have more than a share, only the one that is furthest
  /// behind is read on, as in a merge: what the others gave waits for it.
  Result<void> read(EventOrder& events, const PathSink& paths, std::size_t most) override {
    const std::size_t share = std::max<std::size_t>(most / read_to_.size(), 1);
    const auto behind = std::min_element(read_to_.begin(), read_to_.end(), has_more_and_is_older);
    for (auto queue = read_to_.begin(); queue != read_to_.end(); ++queue) {
      if (*queue && queue != behind) {
        events.skip_queue(**queue);
        continue;
      }
      reading_.begin(events, paths, share);
      const int result = perf_buffer__consume_buffer(
          buffer_, static_cast<std::size_t>(std::distance(read_to_.begin(), queue)));
      if (result < 0) {
        return fail(fmt::format("cannot read the perf buffer: {}", std::strerror(-result)));
      }
      if (auto done = reading_.end(); !done) return done;
      *queue = reading_.has_more() ? std::optional(events.queue_newest()) : std::nullopt;
    }
    return {};
  }

 private:
  using ReadTo = std::optional<std::uint64_t>;

  static bool has_more_and_is_older(const ReadTo& a, const ReadTo& b) {
    return a && (!b || *a < *b);
  }

  static perf_buffer* open(int map_fd, std::uint64_t pages, Reading& reading) {
    perf_event_attr attributes = {};  // as perf_buffer__new() has them
    attributes.size = sizeof(attributes);
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.config = PERF_COUNT_SW_BPF_OUTPUT;
    attributes.sample_type = PERF_SAMPLE_RAW;
    attributes.sample_period = 1;
    attributes.wakeup_events = 1;
    return perf_buffer__new_raw(map_fd, pages, &attributes, take, &reading, nullptr);
  }

  /// Other records tell of lost ones, which the program has counted.
  static bpf_perf_event_ret take(void* context, int /*cpu*/, perf_event_header* record) {
    if (record->type != PERF_RECORD_SAMPLE) return LIBBPF_PERF_EVENT_CONT;
    std::uint32_t size = 0;  // after the header, and before the data
    const auto* const at = reinterpret_cast<const unsigned char*>(record + 1);
    std::memcpy(&size, at, sizeof(size));
    return static_cast<Reading*>(context)->take(at + sizeof(size), size) ? LIBBPF_PERF_EVENT_CONT
                                                                         : LIBBPF_PERF_EVENT_DONE;
  }

  Reading reading_;
  perf_buffer* buffer_;
  std::vector<ReadTo> read_to_;  ///< of each CPU: none where it was read to its end
};

}  // namespace

Transport find_transport() {
  return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1 ? Transport::kRingBuffer
                                                                       : Transport::kPerfBuffer;
}

Result<std::unique_ptr<BpfBuffer>> BpfBuffer::open(Transport transport, int map_fd,
                                                   std::uint64_t pages, int gathering_fd) {
  if (transport == Transport::kRingBuffer) {
    auto ring = std::make_unique<RingBuffer>(map_fd, gathering_fd);
    if (ring->is_open()) return ring;
  } else {
    auto perf = std::make_unique<PerfBuffer>(map_fd, pages);
    if (perf->is_open()) return perf;
  }
  return fail(fmt::format("cannot open the buffer of events: {}", std::strerror(errno)));
}

}  // namespace disksnoop

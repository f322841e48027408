#include "kernel/bpf_buffer.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace disksnoop {
namespace {

/// Where a callback of libbpf puts its events.
struct Reading {
  EventOrder* events = nullptr;
  std::size_t most = 0;

  void take(const void* data, std::size_t size) const {
    if (size < sizeof(RequestEvent)) return;
    RequestEvent event;
    std::memcpy(&event, data, sizeof(event));
    events->add(event);
  }
};

class RingBuffer final : public BpfBuffer {
 public:
  explicit RingBuffer(int map_fd) : ring_(ring_buffer__new(map_fd, take, &reading_, nullptr)) {}
  ~RingBuffer() override { ring_buffer__free(ring_); }
  RingBuffer(const RingBuffer&) = delete;
  RingBuffer& operator=(const RingBuffer&) = delete;

  bool is_open() const { return ring_ != nullptr; }
  int fd() const override { return ring_buffer__epoll_fd(ring_); }

  Result<void> read(EventOrder& events, std::size_t most) override {
    reading_ = {&events, most};
    const int result = ring_buffer__consume(ring_);
    if (result >= 0 || result == kEnough) return {};
    return fail(fmt::format("cannot read the ring buffer: {}", std::strerror(-result)));
  }

 private:
  static constexpr int kEnough = -EXFULL;  // of our own callback; libbpf returns it as it is

  static int take(void* context, void* data, std::size_t size) {
    const auto* reading = static_cast<const Reading*>(context);
    reading->take(data, size);
    return reading->events->size() < reading->most ? 0 : kEnough;
  }

  Reading reading_;
  ring_buffer* ring_;
};

class PerfBuffer final : public BpfBuffer {
 public:
  PerfBuffer(int map_fd, std::uint64_t pages)
      : buffer_(perf_buffer__new(map_fd, pages, take, nullptr, &reading_, nullptr)) {}
  ~PerfBuffer() override { perf_buffer__free(buffer_); }
  PerfBuffer(const PerfBuffer&) = delete;
  PerfBuffer& operator=(const PerfBuffer&) = delete;

  bool is_open() const { return buffer_ != nullptr; }
  int fd() const override { return perf_buffer__epoll_fd(buffer_); }

  /// Each CPU's buffer gives what it holds; so `most` is not looked at.
  Result<void> read(EventOrder& events, std::size_t most) override {
    reading_ = {&events, most};
    const int result = perf_buffer__consume(buffer_);
    if (result >= 0) return {};
    return fail(fmt::format("cannot read the perf buffer: {}", std::strerror(-result)));
  }

 private:
  static void take(void* context, int /*cpu*/, void* data, std::uint32_t size) {
    static_cast<const Reading*>(context)->take(data, size);
  }

  Reading reading_;
  perf_buffer* buffer_;
};

}  // namespace

Transport find_transport() {
  return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1 ? Transport::kRingBuffer
                                                                       : Transport::kPerfBuffer;
}

Result<std::unique_ptr<BpfBuffer>> BpfBuffer::open(Transport transport, int map_fd,
                                                   std::uint64_t pages) {
  if (transport == Transport::kRingBuffer) {
    auto ring = std::make_unique<RingBuffer>(map_fd);
    if (ring->is_open()) return ring;
  } else {
    auto perf = std::make_unique<PerfBuffer>(map_fd, pages);
    if (perf->is_open()) return perf;
  }
  return fail(fmt::format("cannot open the buffer of events: {}", std::strerror(errno)));
}

}  // namespace disksnoop

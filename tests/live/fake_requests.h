// Disks, requests and bios that lie in this process's memory, laid out as this kernel has them:
// with what the program reads, and nothing else.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "program/kernel_btf.h"

namespace disksnoop::testing {

/// A disk of this name, as a request of this kernel leads to it.
class FakeDisk {
 public:
  FakeDisk(const KernelBtf& btf, std::string_view name)
      : is_in_request_(btf.find_member("request", "rq_disk").has_value()),
        place_(*btf.find_member("request", is_in_request_ ? "rq_disk" : "q")) {
    const MemberPlace disk_name = *btf.find_member("gendisk", "disk_name");
    std::copy(name.begin(), name.end(), disk_.begin() + disk_name.offset);
    if (is_in_request_) return;
    const unsigned char* const disk = disk_.data();
    const MemberPlace in_queue = *btf.find_member("request_queue", "disk");
    std::memcpy(queue_.data() + in_queue.offset, &disk, sizeof(disk));
  }
  FakeDisk(const FakeDisk&) = delete;
  FakeDisk& operator=(const FakeDisk&) = delete;

  /// Where in a request the pointer to it lies, and the pointer.
  std::size_t offset() const { return place_.offset; }
  const void* pointer() const { return is_in_request_ ? disk_.data() : queue_.data(); }

 private:
  bool is_in_request_;
  MemberPlace place_;
  std::array<unsigned char, 8192> queue_ = {};
  std::array<unsigned char, 8192> disk_ = {};
};

/// A struct bio of a device without requests that has this name, as this kernel lays them out.
/// It is for a kernel whose bios have a struct block_device (since 5.12).
class FakeBio {
 public:
  FakeBio(const KernelBtf& btf, std::string_view name, std::uint32_t bytes) : btf_(btf) {
    put("bio", bio_, "bi_bdev", device_.data());
    put("block_device", device_, "bd_disk", disk_.data());
    put("gendisk", disk_, "queue", queue_.data());
    const MemberPlace disk_name = *btf.find_member("gendisk", "disk_name");
    std::copy(name.begin(), name.end(), disk_.begin() + disk_name.offset);
    const std::size_t iter = btf.find_member("bio", "bi_iter")->offset;
    std::memcpy(bio_.data() + iter + btf.find_member("bvec_iter", "bi_size")->offset, &bytes,
                sizeof(bytes));
  }
  FakeBio(const FakeBio&) = delete;
  FakeBio& operator=(const FakeBio&) = delete;

  /// Another bio at this one's address: of that one's device, and of its size.
  void become(const FakeBio& other) { bio_ = other.bio_; }
  std::span<const unsigned char> bytes() const { return bio_; }
  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(bio_.data()); }

 private:
  using Bytes = std::array<unsigned char, 4096>;

  void put(std::string_view name, Bytes& bytes, std::string_view member, const void* pointer) {
    std::memcpy(bytes.data() + btf_.find_member(name, member)->offset, &pointer, sizeof(pointer));
  }

  const KernelBtf& btf_;
  Bytes queue_ = {};  // without mq_ops: it has no requests
  Bytes disk_ = {};
  Bytes device_ = {};
  Bytes bio_ = {};
};

/// A struct request as this kernel lays it out, with what the program reads.
class FakeRequest {
 public:
  FakeRequest(const KernelBtf& btf, std::uint32_t data_len, std::uint32_t cmd_flags)
      : data_len_(*btf.find_member("request", "__data_len")),
        start_time_(*btf.find_member("request", "start_time_ns")),
        flags_(*btf.find_member("request", "rq_flags")),
        state_(*btf.find_member("request", "state")),
        references_(*btf.find_member("request", "ref")) {
    set(data_len);
    const MemberPlace flags = *btf.find_member("request", "cmd_flags");
    std::memcpy(bytes_.data() + flags.offset, &cmd_flags, sizeof(cmd_flags));
    set_state(kInFlight, 1);
  }

  /// enum mq_rq_state
  enum State : std::uint32_t { kIdle, kInFlight, kComplete };
  void set_state(State state, std::uint32_t references) {
    std::memcpy(bytes_.data() + state_.offset, &state, sizeof(state));
    std::memcpy(bytes_.data() + references_.offset, &references, sizeof(references));
  }
  /// As the kernel frees it.
  void free() { set_state(kIdle, 0); }

  /// __data_len: what is left to be done.
  void set(std::uint32_t data_len) {
    std::memcpy(bytes_.data() + data_len_.offset, &data_len, sizeof(data_len));
  }
  /// start_time_ns: when the kernel allocated it.
  void allocate(std::uint64_t ns) {
    std::memcpy(bytes_.data() + start_time_.offset, &ns, sizeof(ns));
    const std::uint32_t all = ~std::uint32_t{0};  // also the one that says so
    std::memcpy(bytes_.data() + flags_.offset, &all, sizeof(all));
  }
  void set_disk(const FakeDisk& disk) {
    const void* const pointer = disk.pointer();
    std::memcpy(bytes_.data() + disk.offset(), &pointer, sizeof(pointer));
  }
  /// Any other member, such as its first sector or its bio.
  void put(const KernelBtf& btf, std::string_view member, std::uint64_t value) {
    const MemberPlace place = *btf.find_member("request", member);
    ASSERT_EQ(place.size, sizeof(value)) << member;
    std::memcpy(bytes_.data() + place.offset, &value, sizeof(value));
  }
  /// Something else at its address.
  void overwrite(std::span<const unsigned char> bytes) {
    std::ranges::copy(bytes.first(std::min(bytes.size(), bytes_.size())), bytes_.begin());
  }
  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(bytes_.data()); }

 private:
  MemberPlace data_len_;
  MemberPlace start_time_;
  MemberPlace flags_;
  MemberPlace state_;
  MemberPlace references_;
  std::array<unsigned char, 4096> bytes_ = {};
};

}  // namespace disksnoop::testing

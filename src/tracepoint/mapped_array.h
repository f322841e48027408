// An array of the program in memory of ours, to be read while programs write it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace disksnoop {

/// Of a map that was made with BPF_F_MMAPABLE. Once it is open no right is needed for it.
class MappedArray {
 public:
  enum class Access { kRead, kWrite };

  /// So many values of this size, in bytes; `name` is for the error.
  static Result<MappedArray> open(int map_fd, std::string_view name, std::size_t values,
                                  std::size_t value_size, Access access);

  std::size_t size() const { return values_; }
  std::size_t value_size() const { return value_size_; }
  std::byte* operator[](std::size_t i) const { return memory_.get() + i * value_size_; }

 private:
  struct Unmap {
    std::size_t bytes;
    void operator()(std::byte* memory) const;
  };

  MappedArray(std::unique_ptr<std::byte, Unmap> memory, std::size_t values, std::size_t value_size)
      : memory_(std::move(memory)), values_(values), value_size_(value_size) {}

  std::unique_ptr<std::byte, Unmap> memory_;
  std::size_t values_;
  std::size_t value_size_;
};

/// Whether this kernel has such maps (5.5 and later); it is given one to see.
bool has_mapped_arrays();

}  // namespace disksnoop

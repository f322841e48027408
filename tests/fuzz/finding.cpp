// A harness with a finding, for the run itself: that it is told, and its input is kept.
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  disksnoop::require(disksnoop::text_of(data, size).size() < 3, "it is short");
  return 0;
}

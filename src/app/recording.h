// A recording, whatever it is of.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "system/event_source.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// What a recording begins with tells what it is.
enum class RecordingKind {
  kNothing,  ///< empty, or blank
  kRows,     ///< of --format=json: a line begins with "{"
  kStream,   ///< of trace_pipe, where blanks stand before the comm
};

/// The kind of a recording that begins so; kNothing as long as there is nothing but
/// white space.
RecordingKind kind_of_recording(std::string_view text);

/// Reads no more than it takes to see the kind, and is a source of that kind then:
/// so that the first bytes, too, are waited for like all others.
class Recording final : public EventSource {
 public:
  /// Makes the source; `read` is what has been read from `fd`.
  using Open = std::function<Result<std::unique_ptr<EventSource>>(RecordingKind kind, UniqueFd fd,
                                                                  std::string_view read)>;

  Recording(UniqueFd fd, Open open) : fd_(std::move(fd)), open_(std::move(open)) {}

  int fd() const override { return source_ ? source_->fd() : fd_.get(); }
  Result<Drained> drain() override;
  Result<bool> drain_rest() override { return source_ ? source_->drain_rest() : false; }

 private:
  UniqueFd fd_;
  Open open_;
  std::string read_;
  std::unique_ptr<EventSource> source_;
};

}  // namespace disksnoop

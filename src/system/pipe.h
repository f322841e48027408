// Pipes between this process and its children.
#pragma once

#include <string>

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// Error: there is none to be had.
Result<Pipe> make_pipe();

/// All that comes until the other end is closed.
std::string read_to_end(int fd);

/// Closes all descriptors but these two, of a child that is to hold nothing of its
/// parent's open. It needs no free one.
void close_all_but(int one, int other);

}  // namespace disksnoop

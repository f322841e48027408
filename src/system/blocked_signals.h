// Threads and children that get no signals.
#pragma once

#include <pthread.h>

#include <csignal>

namespace disksnoop {

/// While it exists no signal comes to this thread, those of the terminal above all; nor to the
/// threads and children that it starts, at no moment.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_ = {};
};

}  // namespace disksnoop

#include "system/background_file.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "system/blocked_signals.h"

namespace disksnoop {

struct BackgroundFile::State {
  explicit State(AtomicFile to) : file(std::move(to)) {}

  /// The thread's: writes what there is until the end.
  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return text || ended; });
      if (!text) return;
      const std::string taken = *std::exchange(text, std::nullopt);
      lock.unlock();
      auto written = file.write(taken, AtomicFile::Text::kRenewed);
      lock.lock();
      result = std::move(written);
      is_idle = !text;
      changed.notify_all();
    }
  }

  AtomicFile file;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<std::string> text;  ///< to be written next
  Result<void> result;
  bool is_idle = true;
  bool ended = false;
};

Result<BackgroundFile> BackgroundFile::start(AtomicFile file) {
  auto state = std::make_shared<State>(std::move(file));
  const BlockedSignals blocked;
  try {
    std::thread([state] { state->run(); }).detach();
  } catch (const std::system_error& error) {
    return fail(fmt::format("cannot start a thread: {}", error.code().message()));
  }
  return BackgroundFile(std::move(state));
}

BackgroundFile::~BackgroundFile() {
  if (!state_) return;  // moved from
  const std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->changed.notify_all();
}

void BackgroundFile::put(std::string text) {
  const std::lock_guard lock(state_->mutex);
  state_->text = std::move(text);
  state_->is_idle = false;
  state_->changed.notify_all();
}

Result<void> BackgroundFile::result() const {
  const std::lock_guard lock(state_->mutex);
  return state_->result;
}

Result<void> BackgroundFile::finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_for(lock, patience, [this] { return state_->is_idle; })) {
    return fail("the disk of the file of --metrics takes nothing: it was not written at the end");
  }
  return state_->result;
}

}  // namespace disksnoop

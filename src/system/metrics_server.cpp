#include "system/metrics_server.h"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <csignal>
#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "system/blocked_signals.h"

namespace disksnoop {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

/// Of civetweb, which the library serves with.
std::vector<std::string> server_options(const ListenAddress& address) {
  return {
      "listening_ports",  address.text(), "num_threads",       "1",  "request_timeout_ms", "1000",
      "max_request_size", "8192",         "enable_keep_alive", "no",
  };
}

}  // namespace

/// What was published last.
class MetricsServer::Page final : public prometheus::Collectable {
 public:
  void set(Families families) {
    auto next = std::make_shared<const Families>(std::move(families));
    const std::lock_guard lock(mutex_);
    families_.swap(next);
  }

  Families Collect() const override {
    std::shared_ptr<const Families> families;
    {
      const std::lock_guard lock(mutex_);
      families = families_;
    }
    return *families;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Families> families_ = std::make_shared<const Families>();
};

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer)
    : page_(std::make_shared<Page>()), exposer_(std::move(exposer)) {}

/// The library waits two seconds for its threads to end, and would hold up the end of the process,
/// with which they end anyway.
MetricsServer::~MetricsServer() { static_cast<void>(exposer_.release()); }

Result<std::unique_ptr<MetricsServer>> MetricsServer::open(const ListenAddress& address) {
  // The library does not say why it cannot.
  if (auto can = check_listening(address); !can) return std::unexpected(can.error());
  const BlockedSignals blocked;  // for its threads: signals are the main one's
  try {
    return std::unique_ptr<MetricsServer>(
        new MetricsServer(std::make_unique<prometheus::Exposer>(server_options(address))));
  } catch (const std::exception&) {
    return fail(fmt::format("cannot listen on {}: the HTTP library does not, as where too few "
                            "threads may run (ulimit -u){}",
                            address.text(),
                            address.is_ipv6() ? ", or where it is built without IPv6" : ""));
  }
}

void MetricsServer::publish(Families families) {
  page_->set(std::move(families));
  if (std::exchange(has_page_, true)) return;
  exposer_->RegisterCollectable(page_);
}

}  // namespace disksnoop

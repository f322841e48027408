// Metrics over HTTP, for Prometheus to scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <memory>
#include <vector>

#include "base/error.h"
#include "system/listen_address.h"

namespace prometheus {
class Exposer;
}

namespace disksnoop {

/// Serves what was published last at /metrics, by a thread of its own: a client holds up
/// nobody but other clients. One is served at a time, and has a second for its request and as
/// long for each piece of the answer that it takes.
class MetricsServer {
 public:
  /// Until something is published, /metrics is not there (404). Not before a fork. Error: the
  /// address cannot be listened on.
  static Result<std::unique_ptr<MetricsServer>> open(const ListenAddress& address);
  ~MetricsServer();

  void publish(std::vector<prometheus::MetricFamily> families);

 private:
  class Page;

  explicit MetricsServer(std::unique_ptr<prometheus::Exposer> exposer);

  std::shared_ptr<Page> page_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  bool has_page_ = false;
};

}  // namespace disksnoop

// What comes from the program block_rq, rows or a summary.
#pragma once

#include <utility>
#include <vector>

#include "system/event_source.h"
#include "tracepoint/accounts.h"

namespace disksnoop {

class TracepointSource : public EventSource {
 public:
  /// All hooks are attached.
  virtual Result<void> started() { return accounts_.started(); }
  /// As Accounts has them.
  Result<void> stopping() { return accounts_.stopping(); }
  Result<Losses> losses() const { return accounts_.losses(); }
  Result<std::vector<InFlight>> in_flight() { return accounts_.in_flight(); }

 protected:
  explicit TracepointSource(Accounts accounts) : accounts_(std::move(accounts)) {}
  Accounts& accounts() { return accounts_; }

 private:
  Accounts accounts_;
};

}  // namespace disksnoop

#include "app/check.h"

#include <unistd.h>

#include <string>

#include "app/check_facts.h"
#include "app/check_findings.h"
#include "app/check_verdict.h"
#include "app/engine.h"
#include "system/output.h"
#include "system/signals.h"

namespace disksnoop {

Result<void> check(const Options& options, const Log& log) {
  set_status_of_end_at_once(1);  // until all is told
  const CheckFacts facts = gather_check_facts(Root());
  for (const auto* plan : {&facts.original.plan, &facts.tracepoint.plan}) {
    if (!*plan) continue;
    for (const std::string& note : (*plan)->notes) log.detail(note);
    for (const Hook& hook : (*plan)->hooks) log.detail(describe(hook));
  }
  std::string text;
  options.format->check(text, make_check_report(facts));
  if (auto written = write_all(STDOUT_FILENO, text); !written) return written;
  auto works = find_obstacle(facts);
  set_status_of_end_at_once(works ? 0 : works.error().status);
  return works;
}

}  // namespace disksnoop

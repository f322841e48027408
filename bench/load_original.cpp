// Compiles the original program and loads both its functions, as disksnoop
// does, but attaches nothing: for kernels without kprobes.
//
//   load_original btf|kernel
//
// Prints "loaded" and waits for a signal.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "program/bcc_session.h"
#include "program/program_headers.h"
#include "programs.h"

namespace disksnoop {
namespace {

Result<void> load(Headers choice) {
  const auto btf = KernelBtf::load("/sys/kernel/btf/vmlinux");
  const auto headers = find_headers(choice, kOriginalProgram, btf, Root());
  if (!headers) return std::unexpected(headers.error());
  std::string messages;
  BccSession::Source source = headers->source_of(kOriginalProgram);
  source.engine = Engine::kOriginal;
  auto session = BccSession::compile(source, messages);
  if (!session) return fail(session.error().message + "\n" + messages);
  for (const char* function : {"trace_start", "trace_completion"}) {
    const auto loaded = session->load(function, messages);
    if (!loaded) return fail(loaded.error().message + "\n" + messages);
  }
  session->release_memory();
  std::puts("loaded");
  std::fflush(stdout);
  ::pause();
  return {};
}

}  // namespace
}  // namespace disksnoop

int main(int argc, char** argv) {
  using namespace disksnoop;
  const std::string_view choice = argc == 2 ? argv[1] : "";
  if (choice != "btf" && choice != "kernel") {
    std::fputs("usage: load_original btf|kernel\n", stderr);
    return 2;
  }
  const auto loaded = load(choice == "btf" ? Headers::kBtf : Headers::kKernel);
  if (!loaded) fmt::print(stderr, "load_original: {}\n", loaded.error().message);
  return loaded ? 0 : 1;
}

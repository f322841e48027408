// What a line and a row cost, each by itself (Google Benchmark).
#include <benchmark/benchmark.h>

#include <string>

#include "base/fixed_text.h"
#include "original/python_number.h"
#include "original/trace_line.h"
#include "original/trace_lines.h"
#include "render/format.h"
#include "render/json_reader.h"
#include "render/original_row.h"
#include "tracepoint/event_order.h"

namespace disksnoop {
namespace {

constexpr std::string_view kLine =
    "          <idle>-0       [000] d.h41   114.617987: bpf_trace_printk: 16384 80700 2367\n";
// Of Linux before 5.9: it is read as Python reads it.
constexpr std::string_view kOtherLine =
    "          <idle>-0       [000] d.h.   114.617987: 0x00000001: 16384 80700 2367\n";
constexpr std::string_view kBlankLine = "\n";  // after each row

void cut_lines(benchmark::State& state) {
  constexpr int kRows = 1000;
  std::string stream;
  for (int i = 0; i < kRows; ++i) stream.append(kLine).append(kBlankLine);
  TraceLines lines;
  for (auto _ : state) {
    lines.append(stream);
    while (const auto line = lines.next()) benchmark::DoNotOptimize(line->data());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(cut_lines);

void read_line(benchmark::State& state, std::string_view line, Dialect dialect) {
  TraceReader reader(dialect);
  for (auto _ : state) {
    benchmark::DoNotOptimize(line);
    benchmark::DoNotOptimize(reader.read(line));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(read_line, table, kLine, Dialect::kSeed);
BENCHMARK_CAPTURE(read_line, other, kOtherLine, Dialect::kSeed);
BENCHMARK_CAPTURE(read_line, other_bcc, kOtherLine, Dialect::kBcc);
BENCHMARK_CAPTURE(read_line, blank, kBlankLine, Dialect::kSeed);

void timestamp(benchmark::State& state) {
  std::string_view text = "114.617987";
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(python_float(text));
  }
}
BENCHMARK(timestamp);

template <unsigned kDecimals>
void fixed_text(benchmark::State& state) {
  double value = 114.617987;
  for (auto _ : state) {
    benchmark::DoNotOptimize(value);
    const FixedText<kDecimals> text(value);
    benchmark::DoNotOptimize(text.view());
  }
}
BENCHMARK(fixed_text<9>);
BENCHMARK(fixed_text<2>);

void write_row(benchmark::State& state, Dialect dialect) {
  constexpr std::size_t kLarge = 64 * 1024;
  const OriginalRow row{
      .time_s = 114.617987, .elapsed_s = 13.25, .bytes = "16384", .latency_ms = 2.367};
  std::string out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(row);
    append_original_row(out, row, dialect);
    if (out.size() > kLarge) out.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(write_row, table, Dialect::kSeed);
BENCHMARK_CAPTURE(write_row, bcc, Dialect::kBcc);

/// With all that can be known of it.
Request full_request() {
  Request request;
  request.completed_ns = 114'617'987'000;
  request.clock = WallTime{1'764'112'448'123'456, 3600};
  request.type = 'W';
  request.operation = Operation("WS");
  request.bytes = 16384;
  request.latency_ns = 2'367'123;
  request.queue_ns = 10'456;
  request.disk = "nvme0n1";
  request.partition = "nvme0n1p2";
  request.sector = 123'456'784;
  request.pid = 12345;
  request.comm = "postgres";
  request.cgroup = "/system.slice/postgresql.service";
  request.file = "/var/lib/postgresql/15/main/base/16384/2619";
  request.is_sequential = true;
  request.error = "EIO";
  return request;
}

void write_columns(benchmark::State& state, std::size_t format, const Columns& (*columns)()) {
  constexpr std::size_t kLarge = 64 * 1024;
  const auto writer = make_row_writer(formats().at(format), columns(), 0);
  const Request request = full_request();
  std::string out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(request);
    writer->append(out, request);
    if (out.size() > kLarge) out.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
constexpr std::size_t kTable = 0;  // in formats()
constexpr std::size_t kJson = 2;
BENCHMARK_CAPTURE(write_columns, table_usual, kTable, usual_columns);
BENCHMARK_CAPTURE(write_columns, table_wide, kTable, wide_columns);
BENCHMARK_CAPTURE(write_columns, table_all, kTable, all_columns);
BENCHMARK_CAPTURE(write_columns, json_usual, kJson, usual_columns);
BENCHMARK_CAPTURE(write_columns, json_wide, kJson, formats().at(kJson).columns);
BENCHMARK_CAPTURE(write_columns, json_all, kJson, all_columns);

void read_json(benchmark::State& state, const Columns& (*columns)(), std::string_view comm) {
  Request request = full_request();
  request.comm = comm;
  std::string line;
  make_row_writer(formats().at(kJson), columns(), 0)->append(line, request);
  JsonReader reader;
  for (auto _ : state) {
    benchmark::DoNotOptimize(line.data());
    benchmark::DoNotOptimize(reader.read(line));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(read_json, usual, usual_columns, "postgres");
BENCHMARK_CAPTURE(read_json, wide, formats().at(kJson).columns, "postgres");
BENCHMARK_CAPTURE(read_json, escaped, formats().at(kJson).columns, "a \"b\"");

void order_events(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  EventOrder order;
  for (auto _ : state) {
    order.begin(0);
    order.begin_queue();
    for (std::uint64_t i = 0; i < count; ++i) {
      const event_t event{i, 1000, 4096, 0};
      order.add(&event);
    }
    order.end_queue(true);
    order.end(0);
    benchmark::DoNotOptimize(order.take_rest());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(order_events)->Arg(1)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace disksnoop

BENCHMARK_MAIN();

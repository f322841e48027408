#include "render/heat_map_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

#include "render/axis.h"
#include "render/clock_text.h"
#include "render/heat_grid.h"
#include "render/panel_title.h"

namespace disksnoop {
namespace {

// In pixels.
constexpr int kWidth = 1000;
constexpr int kLeft = 70;
constexpr int kPlotWidth = 900;
constexpr int kPlotHeight = 160;
constexpr int kCaptionHeight = 64;
constexpr int kPanelHeight = 224;
constexpr int kPlotAt = 30;  // below the upper edge of its panel
constexpr int kSwatchWidth = 20;
constexpr double kLabelHeight = 12;
constexpr int kDigitWidth = 8;

/// Viridis from few requests to many, without its darkest colours, which would not be seen
/// on the dark ground of the panels.
constexpr std::array<std::string_view, 11> kColours = {"#31688e", "#2a788e", "#23888e", "#1f988b",
                                                       "#22a884", "#35b779", "#54c568", "#7ad151",
                                                       "#a5db36", "#d2e21b", "#fde725"};

// The picture has a ground of its own: a page that is dark need not say so.
constexpr std::string_view kStyle =
    "text{font:12px system-ui,sans-serif;fill:#1f2328}"
    ".b{fill:#fff}.h{font-size:15px;font-weight:600}.t{font-size:13px;font-weight:600}"
    ".n{fill:#59636e}.x{text-anchor:middle}.y{text-anchor:end}"
    ".p{fill:#0e1118}.g{stroke:#fff;stroke-opacity:.16}.e{fill:#b4bcc6}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.b{fill:#1b1f27}.n{fill:#9aa4b0}}";

template <class... Arguments>
void write(std::string& out, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Arguments>(arguments)...);
}

std::string number_of_requests(std::uint64_t number) {
  return fmt::format("{} {}", number, number == 1 ? "request" : "requests");
}

/// The colour of a number of requests, which is at most `most`.
std::size_t colour_of(std::uint64_t requests, std::uint64_t most) {
  if (most <= 1) return kColours.size() - 1;
  const double share =
      std::log(static_cast<double>(requests)) / std::log(static_cast<double>(most));
  return std::min(kColours.size() - 1,
                  static_cast<std::size_t>(share * static_cast<double>(kColours.size())));
}

void write_begin(std::string& out, int height, const std::string& caption) {
  write(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{2}\">\n<style>{3}",
        kWidth, height, caption, kStyle);
  for (std::size_t i = 0; i < kColours.size(); ++i) write(out, ".c{}{{fill:{}}}", i, kColours[i]);
  write(out,
        "</style>\n<rect class=\"b\" width=\"100%\" height=\"100%\"/>\n"
        "<text class=\"h\" x=\"{}\" y=\"26\">{}</text>\n",
        kLeft, caption);
}

/// Second line of the caption: what a panel is, and since when.
void write_subcaption(std::string& out, const Columns& keys, const std::optional<WallTime>& start) {
  std::string text = "by ";
  for (const Column* key : keys) {
    text += fmt::format("{}{}", key == keys.front() ? "" : ", ", key->name);
  }
  if (start) {
    text += ", from ";
    append_clock(text, *start);
  }
  write(out, "<text class=\"n\" x=\"{}\" y=\"45\">{}</text>\n", kLeft, text);
}

/// The smallest number of requests that has this colour.
std::uint64_t first_of_colour(std::size_t colour, std::uint64_t most) {
  const double share = static_cast<double>(colour) / static_cast<double>(kColours.size());
  auto first = static_cast<std::uint64_t>(std::pow(static_cast<double>(most), share));
  first = std::max<std::uint64_t>(first, 1);
  while (first < most && colour_of(first, most) < colour) ++first;
  return first;
}

void write_legend(std::string& out, const HeatGrid& grid) {
  constexpr int kLegendWidth = kSwatchWidth * static_cast<int>(kColours.size());
  const std::size_t first_shown = grid.most == 1 ? kColours.size() - 1 : 0;
  write(out,
        "<g transform=\"translate({} 14)\">\n<text class=\"n y\" x=\"{}\" y=\"10\">requests in a "
        "cell of {}</text>\n",
        kLeft + kPlotWidth - kLegendWidth, static_cast<int>(first_shown) * kSwatchWidth - 10,
        moment_text(grid.column_ns));
  for (std::size_t i = first_shown; i < kColours.size(); ++i) {
    write(out, "<rect class=\"c{}\" x=\"{}\" width=\"{}\" height=\"12\"/>\n", i,
          static_cast<int>(i) * kSwatchWidth, kSwatchWidth);
  }
  write(out, "<text class=\"n y\" x=\"{}\" y=\"27\">{}</text>\n", kLegendWidth, grid.most);
  // Other labels stand where a colour begins, each clear of the one before and of the last.
  const auto width_of = [](std::uint64_t number) {
    return kDigitWidth * static_cast<int>(fmt::formatted_size("{}", number));
  };
  int free_from = 0;
  const int free_to = kLegendWidth - width_of(grid.most) - kDigitWidth;
  for (std::size_t i = 0; i < kColours.size(); ++i) {
    const int x = static_cast<int>(i) * kSwatchWidth;
    const std::uint64_t first = first_of_colour(i, grid.most);
    // Where there are few numbers, some colours have none.
    if (colour_of(first, grid.most) != i) continue;
    if (x < free_from || x + width_of(first) > free_to) continue;
    write(out, "<text class=\"n\" x=\"{}\" y=\"27\">{}</text>\n", x, first);
    free_from = x + width_of(first) + kDigitWidth;
  }
  out += "</g>\n";
}

/// What all panels share, made once.
struct Axes {
  std::uint64_t length_ns;
  std::vector<Tick> time;
  std::vector<Tick> latency;
  std::vector<std::string> columns;  ///< "12.3 s to 12.6 s", for each column
  std::vector<std::string> rows;     ///< "1.02 ms to 1.15 ms", for each row
};

Axes axes_of(const HeatGrid& grid) {
  Axes axes;
  axes.length_ns = std::max<std::uint64_t>(1, grid.columns * grid.column_ns);
  axes.time = time_ticks(axes.length_ns);
  axes.latency = latency_ticks(grid.row_limit_ns(0), grid.row_limit_ns(grid.rows));
  for (std::size_t i = 0; i < grid.columns; ++i) {
    axes.columns.push_back(fmt::format("{} to {}", moment_text(i * grid.column_ns),
                                       moment_text((i + 1) * grid.column_ns)));
  }
  for (std::size_t i = 0; i < grid.rows; ++i) {
    const std::string from = latency_text(grid.row_limit_ns(i));
    const bool is_open = grid.row_limit_ns(i + 1) == ~std::uint64_t{0};
    axes.rows.push_back(is_open ? "from " + from
                                : from + " to " + latency_text(grid.row_limit_ns(i + 1)));
  }
  return axes;
}

void write_axes(std::string& out, const HeatGrid& grid, const Axes& axes) {
  double free_below = kPlotHeight + kLabelHeight;
  for (const Tick& tick : axes.latency) {
    const double y = (1 - grid.height_of(tick.ns)) * kPlotHeight;
    if (y > free_below) continue;
    free_below = y - kLabelHeight;
    write(out,
          "<path class=\"g\" d=\"M0 {0:.1f}h{1}\"/><text class=\"n y\" x=\"-8\" y=\"{2:.1f}\">{3}"
          "</text>\n",
          y, kPlotWidth, y + 4, tick.label);
  }
  for (const Tick& tick : axes.time) {
    const double x =
        static_cast<double>(tick.ns) / static_cast<double>(axes.length_ns) * kPlotWidth;
    write(out,
          "<path class=\"g\" d=\"M{0:.1f} 0v{1}\"/><text class=\"n x\" x=\"{0:.1f}\" "
          "y=\"{2}\">{3}</text>\n",
          x, kPlotHeight, kPlotHeight + 16, tick.label);
  }
}

/// In a system of coordinates where a cell is 1 wide and 1 high: short, for there are many.
void write_cells(std::string& out, const HeatGrid& grid, const HeatPanel& panel, const Axes& axes) {
  write(out, "<g shape-rendering=\"crispEdges\" transform=\"scale({:.6g} {:.6g})\">\n",
        static_cast<double>(kPlotWidth) / static_cast<double>(grid.columns),
        static_cast<double>(kPlotHeight) / static_cast<double>(grid.rows));
  for (const HeatCell& cell : panel.cells) {
    write(out, "<path class=\"c{}\" d=\"M{} {}h1v1h-1z\"><title>{}, {}: {}</title></path>\n",
          colour_of(cell.requests, grid.most), cell.column, grid.rows - 1 - cell.row,
          axes.columns[cell.column], axes.rows[cell.row], number_of_requests(cell.requests));
  }
  out += "</g>\n";
}

std::string statistics_of(const HeatPanel& panel) {
  if (panel.line == nullptr) return {};
  const Histogram& latency = panel.line->latency;
  std::string text = number_of_requests(panel.line->requests);
  if (latency.empty()) return text;
  return text + fmt::format(", p50 {}, p99 {}, max {}", latency_text(*latency.percentile_ns(500)),
                            latency_text(*latency.percentile_ns(990)),
                            latency_text(latency.max_ns()));
}

void write_panel(std::string& out, const HeatGrid& grid, const HeatPanel& panel, const Axes& axes,
                 const PanelTitle& title) {
  // An inner svg cuts off what is wider than expected: no character's width is known here.
  write(out,
        "<svg width=\"540\" height=\"{}\"><text class=\"t\" "
        "y=\"20\">{}<title>{}</title></text></svg>\n"
        "<text class=\"n y\" x=\"{}\" y=\"20\">{}</text>\n"
        "<g transform=\"translate(0 {})\">\n<rect class=\"p\" width=\"{}\" height=\"{}\"/>\n",
        kPlotAt, title.shown, title.whole, kPlotWidth, statistics_of(panel), kPlotAt, kPlotWidth,
        kPlotHeight);
  write_axes(out, grid, axes);
  if (panel.cells.empty()) {
    const bool has_times = panel.line != nullptr && !panel.line->latency.empty();
    write(out, "<text class=\"e x\" x=\"{}\" y=\"{}\">{}</text>\n", kPlotWidth / 2, kPlotHeight / 2,
          has_times ? "among the others: there was no room to keep these times apart"
                    : "no times known");
  } else {
    write_cells(out, grid, panel, axes);
  }
  out += "</g>\n";
}

}  // namespace

std::string heat_map_svg(const HeatMap& map, const Summary& total, const Columns& keys,
                         std::size_t most_panels, const std::optional<WallTime>& start) {
  const SummaryTop top = top_of(total, most_panels);
  const HeatGrid grid = heat_grid(map, top);
  const int panels = grid.most == 0 ? 0 : static_cast<int>(grid.panels.size());
  std::string out;
  write_begin(out, kCaptionHeight + std::max(1, panels) * kPanelHeight, "Latency of block I/O");
  write_subcaption(out, keys, start);
  if (panels == 0) {
    write(out, "<text class=\"x\" x=\"{}\" y=\"{}\">{}</text>\n", kWidth / 2,
          kCaptionHeight + kPanelHeight / 2,
          grid.panels.empty() ? "no requests" : "no request of which the latency is known");
  } else {
    write_legend(out, grid);
    const Axes axes = axes_of(grid);
    int y = kCaptionHeight;
    for (const HeatPanel& panel : grid.panels) {
      write(out, "<g transform=\"translate({} {})\">\n", kLeft, y);
      write_panel(out, grid, panel, axes,
                  panel.key != nullptr ? panel_title(*panel.key, keys) : others_title(top));
      out += "</g>\n";
      y += kPanelHeight;
    }
  }
  return out + "</svg>\n";
}

}  // namespace disksnoop

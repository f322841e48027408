// A heat map as a picture.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "request/columns.h"
#include "request/heat_map.h"
#include "request/request.h"
#include "request/summary.h"

namespace disksnoop {

/// An SVG file of its own, without scripts: a panel for each of the lines that took most
/// time, at most `most_panels`, and one for the others. All panels have the same axes and
/// colours. `total` has the requests of the map, `keys` are the columns of its lines;
/// `start` is when the map begins, if that is to be told.
std::string heat_map_svg(const HeatMap& map, const Summary& total, const Columns& keys,
                         std::size_t most_panels, const std::optional<WallTime>& start);

}  // namespace disksnoop

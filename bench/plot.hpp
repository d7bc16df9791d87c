// SPDX-License-Identifier: Apache-2.0
//
// Rates against volume as one SVG: events on a logarithmic axis, a rate on a linear one from 0.
#pragma once

#include <string>
#include <vector>

namespace bench {

struct Point {
  double events = 0;
  double rate = 0;
};

struct Curve {
  std::string name;
  std::vector<Point> points;
};

/// Requires: a curve with a point. False: the file cannot be written.
[[nodiscard]] bool write_svg(const std::string& path, const std::string& title, const std::vector<Curve>& curves);

}  // namespace bench

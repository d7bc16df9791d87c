// SPDX-License-Identifier: Apache-2.0
#include "plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

namespace bench {

namespace {

constexpr double kWidth = 860;
constexpr double kHeight = 440;
constexpr double kLeft = 80;
constexpr double kRight = 230;  // The names of the curves.
constexpr double kTop = 50;
constexpr double kBottom = 50;
constexpr std::array<const char*, 5> kColours = {"#1b6ca8", "#c1440e", "#3a7d44", "#7b4fa3", "#8a6d00"};

/// 950000 → 950 k, 10000000 → 10 M.
std::string short_number(double value) {
  if (value >= 1e6) {
    return fmt::format("{:g} M", std::round(value / 1e4) / 100);
  }
  return value >= 1e3 ? fmt::format("{:g} k", std::round(value / 1e1) / 100) : fmt::format("{:g}", value);
}

/// 1, 2 or 5 times a power of ten, so that about five of them reach `top`.
double grid_step(double top) {
  const double power = std::pow(10, std::floor(std::log10(top / 5)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor * 5.5 >= top) {
      return power * factor;
    }
  }
  return power * 10;
}

class Plane {
 public:
  explicit Plane(const std::vector<Curve>& curves) {
    for (const Curve& curve : curves) {
      for (const Point& point : curve.points) {
        first_ = std::min(first_, point.events);
        last_ = std::max(last_, point.events);
        top_ = std::max(top_, point.rate);
      }
    }
    last_ = std::max(last_, first_ * 2);
    top_ *= 1.08;
  }

  [[nodiscard]] double x(double events) const {
    return kLeft + (kWidth - kLeft - kRight) * std::log(events / first_) / std::log(last_ / first_);
  }

  [[nodiscard]] double y(double rate) const { return kHeight - kBottom - (kHeight - kTop - kBottom) * rate / top_; }

  [[nodiscard]] std::string grid() const {
    std::string out;
    const double step = grid_step(top_);
    for (double rate = 0; rate <= top_; rate += step) {
      out += fmt::format(
          R"(<line x1="{0:.1f}" x2="{1:.1f}" y1="{2:.1f}" y2="{2:.1f}" stroke="#ddd"/><text x="{3:.1f}" y="{4:.1f}" text-anchor="end">{5}</text>)"
          "\n",
          kLeft, kWidth - kRight, y(rate), kLeft - 8, y(rate) + 4, short_number(rate));
    }
    for (double power = std::pow(10, std::floor(std::log10(first_))); power <= last_ * 1.001; power *= 10) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double events = power * factor;
        if (events >= first_ * 0.999 && events <= last_ * 1.001) {
          out += fmt::format(
              R"(<line x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}" stroke="#eee"/><text x="{0:.1f}" y="{3:.1f}" text-anchor="middle">{4}</text>)"
              "\n",
              x(events), kTop, kHeight - kBottom, kHeight - kBottom + 18, short_number(events));
        }
      }
    }
    return out;
  }

 private:
  double first_ = 1e18;
  double last_ = 1;
  double top_ = 1;
};

}  // namespace

bool write_svg(const std::string& path, const std::string& title, const std::vector<Curve>& curves) {
  const Plane plane(curves);
  std::ofstream out(path);
  out << fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" font-family="sans-serif" font-size="12">)"
      "\n"
      R"(<rect width="100%" height="100%" fill="white"/><text x="{2}" y="24" font-size="15">{3}</text>)"
      "\n",
      kWidth, kHeight, kLeft, title);
  out << plane.grid();
  out << fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">events in the ledger</text>)"
                     "\n",
                     (kLeft + kWidth - kRight) / 2, kHeight - 12);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const char* const colour = kColours.at(i % kColours.size());
    std::string line;
    for (const Point& point : curves[i].points) {
      line += fmt::format("{:.1f},{:.1f} ", plane.x(point.events), plane.y(point.rate));
    }
    out << fmt::format(R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>)"
                       "\n",
                       line, colour);
    for (const Point& point : curves[i].points) {
      out << fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="3" fill="{}"/>)"
                         "\n",
                         plane.x(point.events), plane.y(point.rate), colour);
    }
    const double at = kTop + 10 + 20 * static_cast<double>(i);
    out << fmt::format(
        R"(<rect x="{:.1f}" y="{:.1f}" width="14" height="3" fill="{}"/><text x="{:.1f}" y="{:.1f}">{}</text>)"
        "\n",
        kWidth - kRight + 16, at - 4, colour, kWidth - kRight + 36, at, curves[i].name);
  }
  out << "</svg>\n";
  return out.good();
}

}  // namespace bench

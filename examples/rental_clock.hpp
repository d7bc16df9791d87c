// SPDX-License-Identifier: Apache-2.0
//
// RentalClock: the times that an importer gives to rentals whose file has none. The rule is stated (rule()), follows
// from the file alone and keeps what the file says: order of rows, gap to the previous rental, minutes late.
#pragma once

#include <carnet/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace example {

/// What the rule reads of a row.
struct ClockRow {
  std::uint64_t line = 0;
  std::string rental;
  std::string car;
  bool ended = false;  ///< It took place; else it was cancelled.
  std::optional<std::int64_t> delay_minutes;
  std::string previous;  ///< Empty: none is given.
  std::optional<std::int64_t> gap_minutes;
};

struct RentalTimes {
  carnet::Timestamp start;
  carnet::Timestamp planned_end;
};

class RentalClock {
 public:
  explicit RentalClock(carnet::Timestamp base) : base_(base) {}

  void add(ClockRow row) { rows_.push_back(std::move(row)); }

  /// After the last row.
  void place();

  /// Requires: placed, and a line that was added.
  [[nodiscard]] RentalTimes at_line(std::uint64_t line) const { return times_.at(line); }

  /// The rule in one sentence.
  [[nodiscard]] std::string rule() const;

  static constexpr std::int64_t kMinuteNs = 60 * carnet::kNsPerSecond;
  static constexpr std::int64_t kLengthMinutes =
      std::int64_t{24} * 60;  ///< The file says of no rental how long it was.
  static constexpr std::int64_t kStepMinutes = 10;
  static constexpr std::int64_t kApartMinutes =
      std::int64_t{12} * 60 + 1;  ///< A gap that is not given was longer than 12 h.

 private:
  /// Row before this one, by the file; nothing: it begins a chain.
  [[nodiscard]] std::optional<std::size_t> previous_of(std::size_t row) const;
  void place_chain(std::size_t first);
  [[nodiscard]] static std::int64_t length_of(const ClockRow& row);

  carnet::Timestamp base_;
  std::vector<ClockRow> rows_;
  std::unordered_map<std::string, std::size_t> by_rental_;
  std::vector<std::vector<std::size_t>> followers_;
  std::vector<bool> placed_;
  std::vector<RentalTimes> row_times_;
  std::unordered_map<std::string, std::int64_t> car_free_;  ///< End of all that is placed of the car, in ns.
  std::unordered_map<std::uint64_t, RentalTimes> times_;    ///< By line.
};

}  // namespace example

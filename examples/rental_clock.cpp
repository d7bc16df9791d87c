// SPDX-License-Identifier: Apache-2.0
#include "rental_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace example {

namespace {

constexpr std::int64_t kFree = std::numeric_limits<std::int64_t>::min();

}  // namespace

std::string RentalClock::rule() const {
  return fmt::format(
      "Row n (header: row 1) is planned to start {} minutes x (n - 2) after {}, and to last {} hours, or one hour more "
      "than it ended early; a rental whose previous rental is in the file starts at that one's planned end plus the "
      "planned gap; one that has none given, and its chain, starts more than 12 hours after all of its car that stands "
      "before; a cancellation is at the planned start.",
      kStepMinutes, carnet::to_text(base_), kLengthMinutes / 60);
}

std::int64_t RentalClock::length_of(const ClockRow& row) {
  const std::int64_t early = row.ended && row.delay_minutes ? -*row.delay_minutes : 0;
  return early < kLengthMinutes ? kLengthMinutes : early + 60;
}

std::optional<std::size_t> RentalClock::previous_of(std::size_t row) const {
  const ClockRow& of = rows_[row];
  const auto found = by_rental_.find(of.previous);
  if (!of.gap_minutes || found == by_rental_.end() || found->second == row) {
    return std::nullopt;
  }
  const ClockRow& previous = rows_[found->second];
  return previous.ended && previous.car == of.car ? std::optional(found->second) : std::nullopt;
}

void RentalClock::place() {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    by_rental_.emplace(rows_[i].rental, i);
  }
  followers_.resize(rows_.size());
  placed_.resize(rows_.size());
  row_times_.resize(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (const auto previous = previous_of(i)) {
      followers_[*previous].push_back(i);
    }
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    // The head of the row's chain; a chain that bites its own tail is begun where the file begins it.
    std::size_t head = i;
    for (std::size_t steps = 0; steps < rows_.size() && !placed_[i]; ++steps) {
      const auto previous = previous_of(head);
      if (!previous || *previous == i) {
        break;
      }
      head = *previous;
    }
    if (!placed_[i]) {
      place_chain(placed_[head] ? i : head);
    }
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    times_.emplace(rows_[i].line, row_times_[i]);
  }
}

void RentalClock::place_chain(std::size_t first) {
  const std::string& car = rows_[first].car;
  std::int64_t& free = car_free_.try_emplace(car, kFree).first->second;
  std::int64_t start = base_.ns + static_cast<std::int64_t>(rows_[first].line - 2) * kStepMinutes * kMinuteNs;
  if (free != kFree) {
    start = std::max(start, free + kApartMinutes * kMinuteNs);
  }
  const std::int64_t chain_start = start;
  row_times_[first].start = {start};
  std::vector<std::size_t> open{first};
  placed_[first] = true;
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    const ClockRow& row = rows_[at];
    const std::int64_t planned_end = row_times_[at].start.ns + length_of(row) * kMinuteNs;
    row_times_[at].planned_end = {planned_end};
    free = std::max({free, planned_end, planned_end + row.delay_minutes.value_or(0) * kMinuteNs, chain_start});
    for (const std::size_t follower : followers_[at]) {
      if (!placed_[follower]) {
        placed_[follower] = true;
        row_times_[follower].start = {planned_end + *rows_[follower].gap_minutes * kMinuteNs};
        open.push_back(follower);
      }
    }
  }
}

}  // namespace example

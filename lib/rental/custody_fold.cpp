// SPDX-License-Identifier: Apache-2.0
#include "rental/custody_fold.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace carnet::rental {

Timestamp custody_time(const AppliedEvent& event, const EventFacts& facts) noexcept {
  return facts.at.ns == 0 ? event.occurred_at : facts.at;
}

const ChainRef* custody_vehicle(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts, bool out) {
  if (!(out ? book.begins_custody(event.type) : book.ends_custody(event.type))) {
    return nullptr;
  }
  if (!book.swaps_custody(event.type)) {
    return find_tag(event, book.known().vehicle);
  }
  return find_tag_of(book, event, facts, book.known().vehicle, out ? facts.to_vehicle : facts.from_vehicle);
}

// ---- What deciding asks ----

std::uint32_t CustodyState::open_handover(const RentalRow& rental, std::uint32_t vehicle) const {
  std::uint32_t other = 0;
  for (std::uint32_t next = rental.last; next != 0;) {
    const CustodyRow row = event(next);
    if (row.live != 0 && row.linked != 0 && row.closing == 0) {
      if (row.vehicle == vehicle) {
        return next;
      }
      other = other == 0 ? next : other;
    }
    next = row.previous;
  }
  return other;
}

bool CustodyState::had_custody(const RentalRow& rental, std::optional<std::uint32_t> vehicle, std::int64_t at) const {
  for (std::uint32_t next = rental.last; next != 0;) {
    const CustodyRow row = event(next);
    if (row.live != 0 && row.linked != 0 && (!vehicle || *vehicle == row.vehicle) && row.at_ns <= at &&
        at < until(row)) {
      return true;
    }
    next = row.previous;
  }
  return false;
}

std::uint32_t CustodyState::last_begun(std::uint32_t vehicle_member, std::int64_t at) const {
  std::uint32_t next = vehicle(vehicle_member).latest;
  while (next != 0) {
    const CustodyRow row = event(next);
    if (row.at_ns <= at) {
      return next;
    }
    next = row.before;
  }
  return 0;
}

std::optional<CustodyRow> CustodyState::taken_at(std::uint32_t vehicle_member, std::int64_t at,
                                                 std::uint32_t rental_member) const {
  for (std::uint32_t next = last_begun(vehicle_member, at); next != 0;) {
    const CustodyRow row = event(next);
    if (row.max_until_ns <= at) {
      return std::nullopt;
    }
    if (row.rental != rental_member && at < until(row)) {
      return row;
    }
    next = row.before;
  }
  return std::nullopt;
}

std::optional<CustodyRow> CustodyState::taken_within(std::uint32_t handover, std::int64_t end) const {
  const CustodyRow own = event(handover);
  for (std::uint32_t next = own.after; next != 0;) {
    const CustodyRow row = event(next);
    if (row.at_ns >= end) {
      return std::nullopt;
    }
    if (row.rental != own.rental && row.position < own.position && row.at_ns < until(row)) {
      return row;
    }
    next = row.after;
  }
  return std::nullopt;
}

std::uint32_t CustodyState::odometer_before(std::uint32_t vehicle_member, std::int64_t at) const {
  const std::uint32_t number = last_begun(vehicle_member, at);
  return number == 0 ? 0 : event(number).max_odometer;
}

// ---- What folding does ----

void CustodyFold::apply(const AppliedEvent& event, const AppliedEvent* original, const EventFacts& facts) {
  const ChainRef* rental_tag = find_tag(event, book_.known().rental);
  CARNET_ASSERT(rental_tag != nullptr, "I-E12: custody events are tagged with their contract");
  if (event.corrects.kind == CorrectionKind::kNone) {
    if (book_.ends_custody(event.type)) {
      append(event, facts, rental_tag->member, false);
    }
    if (book_.begins_custody(event.type)) {
      append(event, facts, rental_tag->member, true);
    }
    return;
  }
  // The event itself, also when an earlier correction of it is named.
  const std::uint64_t root = original != nullptr && original->corrects.kind == CorrectionKind::kCorrection
                                 ? original->corrects.position
                                 : event.corrects.position;
  bool found = false;
  for (std::uint32_t next = rental(rental_tag->member).last; next != 0;) {
    const CustodyRow row = this->event(next);
    if (row.position == root) {
      restate(next, event, facts);
      found = true;
    }
    next = row.previous;
  }
  if (found) {
    replay_rental(rental_tag->member);
  }
}

void CustodyFold::restate(std::uint32_t number, const AppliedEvent& event, const EventFacts& facts) {
  // The list of the old vehicle must let it go before the row names another.
  unlink(number);
  CustodyRow row = this->event(number);
  const ChainRef* vehicle_tag = custody_vehicle(book_, event, facts, is_handover(row));
  CARNET_ASSERT(vehicle_tag != nullptr, "I-E12: custody events are tagged with their vehicles");
  if (event.corrects.kind == CorrectionKind::kReversal) {
    row.live = 0;
  } else {
    row.at_ns = custody_time(event, facts).ns;
    row.odometer = facts.odometer.value_or(0);
  }
  row.vehicle = vehicle_tag->member;
  put(number, row);
}

void CustodyFold::append(const AppliedEvent& event, const EventFacts& facts, std::uint32_t rental_member, bool out) {
  const ChainRef* vehicle_tag = custody_vehicle(book_, event, facts, out);
  CARNET_ASSERT(vehicle_tag != nullptr, "I-E12: custody events are tagged with their vehicles");
  RentalRow rental_row = rental(rental_member);
  const auto number = static_cast<std::uint32_t>(writer_.row_count(events_) + 1);
  CustodyRow row;
  row.position = event.position;
  row.at_ns = custody_time(event, facts).ns;
  row.rental = rental_member;
  row.vehicle = vehicle_tag->member;
  row.previous = rental_row.last;
  row.odometer = facts.odometer.value_or(0);
  row.handover = out ? 1 : 0;
  row.live = 1;
  row.swap = book_.swaps_custody(event.type) ? 1 : 0;
  put(number, row);
  rental_row.last = number;
  writer_.put(rentals_, rental_member, rental_row);
  place(number);
}

void CustodyFold::place(std::uint32_t number) {
  const CustodyRow row = event(number);
  RentalRow rental_row = rental(row.rental);
  rental_row.vehicle = row.vehicle + 1;
  if (is_handover(row)) {
    place_handover(number, row, rental_row);
  } else {
    place_return(number, row, rental_row);
  }
  writer_.put(rentals_, row.rental, rental_row);
}

void CustodyFold::place_handover(std::uint32_t number, CustodyRow row, RentalRow& rental_row) {
  // A swap goes on with the rental that the first vehicle began.
  if (row.swap == 0 || rental_row.has_handover == 0) {
    rental_row.handed_over_ns = row.at_ns;
    rental_row.has_handover = 1;
  }
  VehicleRow vehicle_row = vehicle(row.vehicle);
  ++vehicle_row.handovers;
  link(number, row, vehicle_row);
  carry_forward(number, vehicle_row);
  writer_.put(vehicles_, row.vehicle, vehicle_row);
}

void CustodyFold::place_return(std::uint32_t number, const CustodyRow& row, RentalRow& rental_row) {
  if (row.swap == 0) {
    rental_row.returned_ns = row.at_ns;
    rental_row.has_return = 1;
  }
  const std::uint32_t opened = open_handover(rental_row, row.vehicle);
  if (opened == 0) {
    return;  // History without its handover: no interval is known.
  }
  CustodyRow handover = event(opened);
  handover.closing = number;
  put(opened, handover);
  VehicleRow vehicle_row = vehicle(handover.vehicle);
  carry_forward(opened, vehicle_row);
  writer_.put(vehicles_, handover.vehicle, vehicle_row);
}

void CustodyFold::replay_rental(std::uint32_t member) {
  std::vector<std::uint32_t> numbers;
  RentalRow rental_row = rental(member);
  for (std::uint32_t next = rental_row.last; next != 0;) {
    unlink(next);
    CustodyRow row = event(next);
    row.closing = 0;
    put(next, row);
    if (row.live != 0) {
      numbers.push_back(next);
    }
    next = row.previous;
  }
  RentalRow fresh;
  fresh.last = rental_row.last;
  writer_.put(rentals_, member, fresh);
  std::ranges::reverse(numbers);
  for (const std::uint32_t number : numbers) {
    place(number);
  }
}

void CustodyFold::link(std::uint32_t number, CustodyRow& row, VehicleRow& vehicle_row) {
  std::uint32_t before = vehicle_row.latest;
  std::uint32_t after = 0;
  while (before != 0) {
    const CustodyRow other = event(before);
    if (other.at_ns < row.at_ns || (other.at_ns == row.at_ns && before < number)) {
      break;
    }
    after = before;
    before = other.before;
  }
  row.before = before;
  row.after = after;
  row.linked = 1;
  put(number, row);
  if (before != 0) {
    CustodyRow other = event(before);
    other.after = number;
    put(before, other);
  }
  if (after != 0) {
    CustodyRow other = event(after);
    other.before = number;
    put(after, other);
  } else {
    vehicle_row.latest = number;
  }
}

void CustodyFold::unlink(std::uint32_t number) {
  CustodyRow row = event(number);
  if (row.linked == 0) {
    return;
  }
  VehicleRow vehicle_row = vehicle(row.vehicle);
  if (row.before != 0) {
    CustodyRow other = event(row.before);
    other.after = row.after;
    put(row.before, other);
  }
  if (row.after != 0) {
    CustodyRow other = event(row.after);
    other.before = row.before;
    put(row.after, other);
  } else {
    vehicle_row.latest = row.before;
  }
  const std::uint32_t after = row.after;
  row.before = 0;
  row.after = 0;
  row.linked = 0;
  row.max_until_ns = 0;
  row.max_odometer = 0;
  put(number, row);
  --vehicle_row.handovers;
  carry_forward(after, vehicle_row);
  writer_.put(vehicles_, row.vehicle, vehicle_row);
}

void CustodyFold::carry_forward(std::uint32_t number, VehicleRow& vehicle_row) {
  for (std::uint32_t next = number; next != 0;) {
    CustodyRow row = event(next);
    const CustodyRow before = row.before == 0 ? CustodyRow{} : event(row.before);
    const std::uint32_t closing_odometer = row.closing == 0 ? 0 : event(row.closing).odometer;
    const std::int64_t max_until = row.before == 0 ? until(row) : std::max(before.max_until_ns, until(row));
    const std::uint32_t max_odometer = std::max({before.max_odometer, row.odometer, closing_odometer});
    if (next != number && max_until == row.max_until_ns && max_odometer == row.max_odometer) {
      break;  // From here on nothing changes.
    }
    row.max_until_ns = max_until;
    row.max_odometer = max_odometer;
    put(next, row);
    next = row.after;
  }
  vehicle_row.out = 0;
  vehicle_row.since_ns = 0;
  if (vehicle_row.latest == 0) {
    return;
  }
  CustodyRow row = event(vehicle_row.latest);
  vehicle_row.since_ns = row.max_until_ns;
  if (row.max_until_ns != kStillOut) {
    return;
  }
  std::uint32_t open = vehicle_row.latest;
  while (row.closing != 0) {
    open = row.before;
    row = event(open);
  }
  vehicle_row.out = open;
  vehicle_row.since_ns = row.at_ns;
}

}  // namespace carnet::rental

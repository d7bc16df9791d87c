// SPDX-License-Identifier: Apache-2.0
//
// Who has a vehicle, and since when. Each handover opens an interval in the vehicle's list, which is ordered by time
// and not by arrival (history comes late); a return closes it. A reversal or correction replays the rental's own few
// events.
#pragma once

#include "rental/rows.hpp"
#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace carnet::rental {

inline constexpr std::int64_t kStillOut = std::numeric_limits<std::int64_t>::max();

/// When an event of custody takes effect: as it states, or when it occurred.
[[nodiscard]] Timestamp custody_time(const AppliedEvent& event, const EventFacts& facts) noexcept;
/// Tag of the vehicle that goes out by the event, or that comes back by it; null: none does.
[[nodiscard]] const ChainRef* custody_vehicle(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                                              bool out);

/// What deciding asks. All times in nanoseconds. Threads: as its reader.
class CustodyState {
 public:
  /// `first` is the table of rentals; vehicles and events follow.
  CustodyState(const RuleBook& book, TableReader& tables, TableId first)
      : book_(book), reader_(tables), rentals_(first), vehicles_(table_at(first, 1)), events_(table_at(first, 2)) {}

  [[nodiscard]] RentalRow rental(std::uint32_t member) const { return reader_.get<RentalRow>(rentals_, member); }

  [[nodiscard]] VehicleRow vehicle(std::uint32_t member) const { return reader_.get<VehicleRow>(vehicles_, member); }

  [[nodiscard]] CustodyRow event(std::uint32_t number) const { return reader_.get<CustodyRow>(events_, number - 1); }

  /// End of a handover's interval; kStillOut while it is open.
  [[nodiscard]] std::int64_t until(const CustodyRow& handover) const {
    return handover.closing == 0 ? kStillOut : event(handover.closing).at_ns;
  }

  /// Number (row plus 1) of the rental's open handover, that of `vehicle` before any other; 0: none.
  [[nodiscard]] std::uint32_t open_handover(const RentalRow& rental, std::uint32_t vehicle) const;
  /// Was the vehicle (any, if nothing) in the rental's custody at that time?
  [[nodiscard]] bool had_custody(const RentalRow& rental, std::optional<std::uint32_t> vehicle, std::int64_t at) const;
  /// Handover of another rental whose interval holds `at`; nothing: the vehicle was free.
  [[nodiscard]] std::optional<CustodyRow> taken_at(std::uint32_t vehicle, std::int64_t at, std::uint32_t rental) const;
  /// Handover of another rental that was known before this one, and began while it lasted; for a return at `until`.
  [[nodiscard]] std::optional<CustodyRow> taken_within(std::uint32_t handover, std::int64_t until) const;
  /// Highest odometer reading of intervals that began at `at` or before.
  [[nodiscard]] std::uint32_t odometer_before(std::uint32_t vehicle, std::int64_t at) const;

 protected:
  /// Last handover of the list that began at `at` or before; 0: none.
  [[nodiscard]] std::uint32_t last_begun(std::uint32_t vehicle, std::int64_t at) const;

  [[nodiscard]] static bool is_handover(const CustodyRow& row) { return row.handover != 0; }

  const RuleBook& book_;
  TableReader& reader_;
  TableId rentals_;
  TableId vehicles_;
  TableId events_;
};

/// What folding does.
class CustodyFold : public CustodyState {
 public:
  CustodyFold(const RuleBook& book, TableWriter& tables, TableId first)
      : CustodyState(book, tables, first), writer_(tables) {}

  void apply(const AppliedEvent& event, const AppliedEvent* original, const EventFacts& facts);

 private:
  void append(const AppliedEvent& event, const EventFacts& facts, std::uint32_t rental_member, bool out);
  void restate(std::uint32_t number, const AppliedEvent& event, const EventFacts& facts);
  void place(std::uint32_t number);
  void place_handover(std::uint32_t number, CustodyRow row, RentalRow& rental);
  void place_return(std::uint32_t number, const CustodyRow& row, RentalRow& rental);
  void replay_rental(std::uint32_t member);
  void link(std::uint32_t number, CustodyRow& row, VehicleRow& vehicle);
  void unlink(std::uint32_t number);
  void carry_forward(std::uint32_t number, VehicleRow& vehicle);

  void put(std::uint32_t number, const CustodyRow& row) { writer_.put(events_, number - 1, row); }

  TableWriter& writer_;
};

}  // namespace carnet::rental

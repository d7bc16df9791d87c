// SPDX-License-Identifier: Apache-2.0
//
// CaseFile: what a case's events say together (DOMAIN §3.8): who owns it and who answers for it, which round it is in,
// how grave it was. Guards and queries read it; it costs a pass over the case's journal and the events that are asked
// for.
#pragma once

#include "rental/subject_history.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/typed.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace carnet::rental {

/// Neither closed (archived, purged) nor a duplicate.
[[nodiscard]] constexpr bool is_open_case(State state) noexcept {
  return state != kNone && state != state::kCaseClosed && state != state::kCaseArchived &&
         state != state::kCasePurged && state != state::kDuplicate;
}

class CaseFile {
 public:
  /// An event by position; null: none. It need not outlive the next call.
  using EventAt = std::function<const AppliedEvent*(std::uint64_t position)>;

  CaseFile(const RuleBook& book, const SubjectTable& table, TableReader& tables, const SubjectRow& row,
           EventAt event_at)
      : row_(row), history_(book, table, tables, row), event_at_(std::move(event_at)) {}

  [[nodiscard]] const SubjectRow& row() const noexcept { return row_; }

  [[nodiscard]] const SubjectHistory& history() const noexcept { return history_; }

  // ---- Of the last classification; false and 0 before it ----

  [[nodiscard]] bool is_complaint() const noexcept { return (row_.value & kComplaintVariant) != 0; }

  [[nodiscard]] std::uint16_t severity() const noexcept {
    return static_cast<std::uint16_t>(row_.value & (kComplaintVariant - 1));
  }

  /// Some classification said major: the case has a volume of its own for good (I-F11).
  [[nodiscard]] bool was_major() const;

  // ---- Empty: nobody is known ----

  [[nodiscard]] std::string first_responsible() const;
  /// Who answers for the case: moved by accepted handovers only (I-F4).
  [[nodiscard]] std::string responsible() const;
  /// Who works on it: the first responsible until it is assigned (I-F3).
  [[nodiscard]] std::string owner() const;

  /// 1 and one more for each rework; 0: not known, because history began in the middle.
  [[nodiscard]] std::uint32_t round() const;

  /// Calls `visit(reader)` with an event of the file as its type. False: it is not there.
  template <class Type, class Visit>
  bool read(const SubjectHistory::Entry* entry, Visit&& visit) const {
    const AppliedEvent* event = entry == nullptr ? nullptr : event_at_(entry->position);
    if (event == nullptr) {
      return false;
    }
    visit(payload_as<Type>(event->payload));
    return true;
  }

  [[nodiscard]] const AppliedEvent* event_at(std::uint64_t position) const { return event_at_(position); }

 private:
  SubjectRow row_;
  SubjectHistory history_;
  EventAt event_at_;
};

class Decision;

/// The file of a case as a decision sees it. Requires: `d` outlives it.
[[nodiscard]] CaseFile case_file(Decision& d, const SubjectRow& row);

}  // namespace carnet::rental

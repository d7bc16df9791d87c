// SPDX-License-Identifier: Apache-2.0
//
// Corrections and reversals (DOMAIN §0.3). The core has checked that the original is there, of the same stream and
// type, not reversed yet, and that a reversal repeats its payload.
#include "base/check.hpp"
#include "rental/decision.hpp"
#include "rental/guards.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace carnet::rental {

Check Decision::decide_correction() {
  const AppliedEvent* original = context_.original();
  CARNET_ASSERT(original != nullptr, "I-E8: what is corrected exists");
  const auto bad = [&](std::string_view message) {
    return refusal("I-E8", "BadCorrection", "corrects", {.message = std::string(message)});
  };
  if (original->corrects.kind == CorrectionKind::kReversal) {
    return bad("a reversal cannot be corrected: append what is right anew");
  }
  if (!original->transfers.empty()) {
    return refusal("§0.3", "CorrectMoneyByReversal", "corrects",
                   {.message = "the event moved money: reverse it, then append what is right"});
  }
  EventFacts before;
  book_.read(type_, original->payload, before);
  const bool is_correction = original->corrects.kind == CorrectionKind::kCorrection;
  const bool money = before.amount != facts_.amount || before.fine != facts_.fine || before.expense != facts_.expense ||
                     before.new_fine != facts_.new_fine || before.kind != facts_.kind;
  if (money && !book_.postings(type_).empty()) {
    return refusal("§0.3", "CorrectMoneyByReversal", "corrects",
                   {.message = "the correction would move money: reverse the event, then append what is right"});
  }
  for (const Concern& concern : book_.concerns_of(type_)) {
    if (concern.finding == Finding::kKey && before.*concern.field != facts_.*concern.field) {
      return bad("the correction would be of another subject: reverse the event, then append what is right");
    }
  }
  const bool variant_moves = std::ranges::any_of(book_.tables().lifecycles, [&](const LifecycleRow& row) {
    return row.kinds != 0 && row.event == book_.event_name(type_);
  });
  if (variant_moves && before.kind != facts_.kind) {
    return bad("the correction would move a state: reverse the event, then append what is right");
  }
  if (before.through != facts_.through) {
    return bad("the end of a period cannot be corrected: reverse the event, then close the period anew");
  }
  if (book_.concerns(Machine::kRuleSet, type_)) {
    if (before.family != facts_.family || before.version != facts_.version) {
      return bad("a rule set's family and version cannot be corrected: publish a new version");
    }
    if (std::optional<Broken> what = guard::kRuleSetKnown.test(*this)) {
      return refusal("§2.2", "RuleSetInvalid", "data.parameters", *std::move(what));
    }
  }
  if (is_correction) {
    const AppliedEvent* first = context_.event_at(original->corrects.position);
    if (first != nullptr && first->corrects.kind != CorrectionKind::kNone) {
      return bad("name the event itself: its last correction counts");
    }
  }
  return std::nullopt;
}

Check Decision::check_reversal_order() {
  const std::uint64_t position = event().corrects.position;
  const TableId journal = table_at(context_.table(kViolationProjection), 1);
  for (const ViolationCase& each : violations_) {
    bool later_sets_fine = false;
    bool later = false;
    bool sets_fine = false;
    for (std::uint32_t next = each.row.journal; next != 0;) {
      const auto entry = tables().get<JournalRow>(journal, next - 1);
      next = entry.previous;
      if (!entry.code.live() || entry.code.foreign()) {
        continue;
      }
      const bool sets = book_.replaces_fine(book_.journal_type(entry.code), entry.code.variant());
      if (entry.position == position) {
        sets_fine = sets;
      } else if (entry.position > position) {
        later = true;
        later_sets_fine = later_sets_fine || sets;
      }
    }
    const bool begins = each.row.recorded == position && book_.postings(type_).empty();
    if ((sets_fine && later_sets_fine) || (begins && later)) {
      return refusal("I-E8", "BadCorrection", "corrects",
                     {.message = "later events build on this one: reverse the last one first",
                      .values = {{"violation", std::string(each.subject.id)}}});
    }
  }
  return std::nullopt;
}

Check Decision::decide_reversal() {
  const AppliedEvent* original = context_.original();
  CARNET_ASSERT(original != nullptr, "I-E8: what is reversed exists");
  const auto bad = [&](std::string_view message) {
    return refusal("I-E8", "BadCorrection", "corrects", {.message = std::string(message)});
  };
  if (original->corrects.kind != CorrectionKind::kNone) {
    return bad("a correction or reversal cannot be reversed: correct again, or append anew");
  }
  if (opens_ledger()) {
    return bad("a ledger cannot be closed by reversing its opening");
  }
  if (Check no = load_violations()) {
    return no;
  }
  load_subjects();
  if (Check no = check_reversal_order()) {
    return no;
  }
  if (facts_.method == "cash" && context_.commit().actor->kind != ActorKind::kStaff) {
    if (Check no = broken("§0.3", "ApproverMissing", "actor",
                          {.message = "taking back cash needs a person who answers for it: append it as staff"})) {
      return no;
    }
  }
  if (Check no = Poster(*this).post_reversal(*original)) {
    return no;
  }
  book_late();
  return check_identity();
}

}  // namespace carnet::rental

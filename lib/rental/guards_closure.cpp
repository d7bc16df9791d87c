// SPDX-License-Identifier: Apache-2.0
//
// Guards of what ends an account: closure (I-A4), merge, unclaimed balances (I-A10).
#include "rental/accounts_read.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/account.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

/// A refusal names so many of what is in the way.
constexpr std::size_t kNamedMax = 16;

/// What money on a chart is called among blockers.
std::string_view money_kind(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"asset/receivable/", "receivable"},
      {"liability/deposit/", "deposit"},
      {"liability/customerCredit/", "customerCredit"},
      {"liability/refundPayable/", "refundPayable"},
      {"liability/compensationPayable/", "compensationPayable"},
      {"liability/voucher/", "voucher"},
  };
  const auto found = std::ranges::find_if(kKinds, [&](const auto& each) { return path.starts_with(each.first); });
  return found == std::end(kKinds) ? std::string_view("points") : found->second;
}

std::optional<Broken> closure_reviewed(Decision& d) {
  const SubjectRow row = account_row(d);
  const std::uint64_t review = row.marks[kClosureReviewedMark];
  const AppliedEvent* reviewed = review > row.moved ? d.context().event_at(review) : nullptr;
  if (reviewed != nullptr && payload_as<schema::AccountClosureReviewed>(reviewed->payload).getClear()) {
    return std::nullopt;
  }
  return Broken{.message = "a closure is reviewed first, with nothing found in its way"};
}

std::optional<Broken> closable(Decision& d) {
  const std::string_view account = d.facts().account_id;
  Broken what{.message = "something of the account is still open"};
  const auto add = [&](std::string_view kind, std::string ref) {
    if (what.values.size() < kNamedMax) {
      what.values.push_back({std::string(kind), std::move(ref)});
    }
  };
  for (PartyMoney& each : money_of(d, account)) {
    const std::string_view kind = money_kind(each.account.path);
    add(kind, std::move(each.account.path));
  }
  for (OpenSubject& each : open_subjects(d, account)) {
    add(each.kind, std::move(each.stream));
  }
  return what.values.empty() ? std::nullopt : std::optional(std::move(what));
}

}  // namespace

namespace guard {

const GuardRow kClosureReviewed{"§3.1", "ReviewMissing", "", &closure_reviewed};
const GuardRow kClosable{"I-A4", "ClosureBlocked", "", &closable};

}  // namespace guard

}  // namespace carnet::rental

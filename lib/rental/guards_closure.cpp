// SPDX-License-Identifier: Apache-2.0
//
// Guards of what ends an account: closure (I-A4), merge, unclaimed balances (I-A10).
#include "base/ids.hpp"
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

std::optional<Broken> merge_whole(Decision& d) {
  const auto& facts = d.facts();
  const Broken broken{.message =
                          "accounts are merged by one event in each of both streams, in one commit, the "
                          "survivor's first"};
  if (facts.surviving == facts.absorbed ||
      (facts.account_id != facts.surviving && facts.account_id != facts.absorbed)) {
    return broken;
  }
  if (facts.kind == kOfSurvivor) {
    const bool followed = d.context().event_index() + 1 < d.context().commit().event_count;
    return followed ? std::nullopt : std::optional(broken);
  }
  if (d.context().event_index() == 0) {
    return broken;
  }
  const AppliedEvent* before = d.context().event_at(d.event().position - 1);
  if (before == nullptr || before->type != d.type()) {
    return broken;
  }
  const auto copy = payload_as<schema::AccountsMerged>(before->payload);
  const bool same = as_text(copy.getAccountId()) == facts.surviving &&
                    as_text(copy.getSurviving()) == facts.surviving && as_text(copy.getAbsorbed()) == facts.absorbed;
  return same ? std::nullopt : std::optional(broken);
}

std::optional<Broken> mergeable(Decision& d) {
  if (d.facts().kind != kOfSurvivor) {
    return std::nullopt;
  }
  const State absorbed = d.row_of(Machine::kAccount, "account", d.facts().absorbed).state;
  if (absorbed != state::kActive) {
    return Broken{.message = "only an active account is absorbed",
                  .values = {{"state", std::string(state_name(Machine::kAccount, absorbed))}}};
  }
  std::vector<OpenSubject> open = open_subjects(d, d.facts().absorbed, "contract reservation");
  if (open.empty()) {
    return std::nullopt;
  }
  Broken what{.message = "something of the absorbed account is under way"};
  for (OpenSubject& each : open) {
    if (what.values.size() < kNamedMax) {
      what.values.push_back({std::string(each.kind), std::move(each.stream)});
    }
  }
  return what;
}

std::optional<Broken> contacted(Decision& d) {
  if (d.payload<schema::UnclaimedBalanceTransferred>().getContactAttempts().size() > 0) {
    return std::nullopt;
  }
  return Broken{.message = "before money is unclaimed its owner is sought: state the attempts"};
}

std::optional<Broken> jurisdiction(Decision& d) {
  if (base::check_id(d.facts().jurisdiction, {}) == base::IdFault::kNone) {
    return std::nullopt;
  }
  return Broken{.message = "the jurisdiction is a code, two letters of ISO 3166-1 or longer"};
}

}  // namespace

namespace guard {

const GuardRow kClosureReviewed{"§3.1", "ReviewMissing", "", &closure_reviewed};
const GuardRow kClosable{"I-A4", "ClosureBlocked", "", &closable};
const GuardRow kMergeWhole{"§2.3", "MergeIncomplete", "", &merge_whole, true};
const GuardRow kMergeable{"§3.1", "MergeBlocked", "data.absorbed", &mergeable, true};
const GuardRow kContacted{"I-A10", "ApproverMissing", "data.contactAttempts", &contacted};
const GuardRow kJurisdiction{"PR-96", "BadId", "data.jurisdiction", &jurisdiction, true};

}  // namespace guard

}  // namespace carnet::rental

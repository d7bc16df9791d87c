// SPDX-License-Identifier: Apache-2.0
#include "rental/accounts_read.hpp"
#include "rental/facts.hpp"
#include "rental/rule_book.hpp"
#include "rental/subject_view.hpp"
#include "rental/view_lists.hpp"

#include <carnet/rental/accounts.hpp>

#include <array>
#include <unordered_map>
#include <utility>

namespace carnet {

namespace {

using rental::Machine;
using rental::SubjectRow;
using namespace rental::lists;

constexpr std::array<std::string_view, 4> kProfiles{"unspecified", "rental", "designatedDriver", "both"};
constexpr std::array<std::string_view, 6> kBases{"unspecified",        "consent",     "contract", "legalObligation",
                                                 "legitimateInterest", "partnerProof"};

template <class Names>
std::string_view named(const Names& names, std::int64_t number) {
  return number > 0 && static_cast<std::size_t>(number) < names.size() ? names[static_cast<std::size_t>(number)]
                                                                       : names.front();
}

/// Numbers of keyed subjects by the account that they belong to, as its member plus 1.
using Children = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;

/// Of one account, or of all (0).
Children children_of(View& view, Machine machine, std::uint32_t parent) {
  const rental::SubjectTable table = rental::subject_table(view, machine);
  Children children;
  const std::uint64_t count = table.count(view.tables());
  for (std::uint32_t number = 1; number <= count; ++number) {
    const SubjectRow row = table.get(view.tables(), number);
    if (row.first != 0 && (parent == 0 || row.parent == parent)) {
      children[row.parent].push_back(number);
    }
  }
  return children;
}

struct Parts {
  Children verifications;
  Children bases;

  Parts(View& view, std::uint32_t parent)
      : verifications(children_of(view, Machine::kVerification, parent)),
        bases(children_of(view, Machine::kLawfulBasis, parent)) {}
};

template <class Take>
void for_each_child(View& view, Machine machine, const Children& children, std::uint32_t parent, Take&& take) {
  const auto found = children.find(parent);
  if (found == children.end()) {
    return;
  }
  const rental::SubjectTable table = rental::subject_table(view, machine);
  for (const std::uint32_t number : found->second) {
    const rental::KeyRow key = table.key(view.tables(), number);
    take(std::string(key.text.data(), static_cast<std::size_t>(key.size)), table.get(view.tables(), number));
  }
}

Result<std::optional<AccountSummary>> summary_of(View& view, std::uint32_t member, const Parts& parts) {
  const SubjectRow row = rental::subject_row(view, Machine::kAccount, member);
  if (row.first == 0) {
    return std::optional<AccountSummary>();
  }
  AccountSummary summary;
  CARNET_TRY(summary.account, member_id(view, "account", member));
  summary.state = rental::state_name(Machine::kAccount, row.state);
  summary.profile = named(kProfiles, row.value);
  summary.restricted = row.state == rental::state::kRestricted || row.state == rental::state::kClosingRestricted;
  summary.since = Timestamp{row.since_ns};
  summary.opened = row.marks[rental::kOpenedMark];
  summary.closed = row.marks[rental::kClosedMark];
  summary.assumed = row.assumed != 0;
  if (row.state == rental::state::kMerged && row.links[0] != 0) {
    CARNET_TRY(summary.survivor, member_id(view, "account", row.links[0] - 1));
  }
  for_each_child(view, Machine::kVerification, parts.verifications, member + 1,
                 [&](std::string what, const SubjectRow& of) {
                   AccountVerification& each = summary.verifications.emplace_back();
                   each.what = std::move(what);
                   each.state = rental::state_name(Machine::kVerification, of.state);
                   if (of.value != rental::kNoEnd) {
                     each.valid_until = LocalDate{static_cast<std::int32_t>(of.value)};
                   }
                   each.position = of.marks[0];
                 });
  for_each_child(view, Machine::kLawfulBasis, parts.bases, member + 1, [&](std::string purpose, const SubjectRow& of) {
    AccountBasis& each = summary.bases.emplace_back();
    each.purpose = std::move(purpose);
    each.state = rental::state_name(Machine::kLawfulBasis, of.state);
    each.basis = named(kBases, of.value);
    each.since = Timestamp{of.since_ns};
    each.position = of.marks[0];
  });
  return std::optional(std::move(summary));
}

}  // namespace

Result<std::optional<AccountSummary>> find_account(View& view, std::string_view id) {
  CARNET_TRY(const auto member, member_of(view, "account", id));
  if (!member) {
    return std::optional<AccountSummary>();
  }
  CARNET_TRY(auto summary, summary_of(view, *member, Parts(view, *member + 1)));
  CARNET_TRY_VOID(view.status());
  return summary;
}

Status list_accounts(View& view, const Page& page, const AccountVisitor& visit) {
  const Parts parts(view, 0);
  return list_members(view, "account", page, [&](std::uint32_t member) -> Result<Visit> {
    CARNET_TRY(const auto summary, summary_of(view, member, parts));
    if (!summary) {
      return Visit::kSkipped;
    }
    return visit(*summary) ? Visit::kGiven : Visit::kEnough;
  });
}

}  // namespace carnet

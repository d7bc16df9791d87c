// SPDX-License-Identifier: Apache-2.0
//
// One question for every lifecycle of the rental domain (DOMAIN.md §3) that is kept as rows: deposits and holds,
// settlements and charges, payments, cases … A subject is what goes through a lifecycle; it is shown with all that its
// row holds. A lifecycle that is added to the domain can be asked for at once. It reads tables and names, never the
// log. Stability: experimental until the domain is complete.
#pragma once

#include <carnet/money.hpp>
#include <carnet/rental/state_view.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet {

/// What a lifecycle is called and what its subjects have. All text is static.
struct Lifecycle {
  std::string_view name;     ///< As in refusals (`hold`).
  std::string_view section;  ///< Of DOMAIN.md (`§3.4`).
  std::string_view family;  ///< Tag family: its members are the subjects; of keyed ones, what they belong to, or empty.
  bool keyed = false;       ///< Subjects have ids of their own, within a member of `family`, or in the whole ledger.
  std::string_view projection;           ///< That holds its rows, for AsOfOptions::projections.
  std::vector<std::string_view> states;  ///< `none` first.
  std::vector<std::string_view> sums;
  std::vector<std::string_view> links;  ///< Tag families.
};

/// The lifecycles of rental_domain() whose subjects can be asked for. Threads: any.
[[nodiscard]] std::span<const Lifecycle> lifecycles();
/// By name; null: there is none.
[[nodiscard]] const Lifecycle* find_lifecycle(std::string_view name);

struct SubjectSum {
  std::string_view name;  ///< `captured`. Static text.
  std::int64_t minor = 0;
};

/// What an event of the subject named beside it.
struct SubjectLink {
  std::string_view family;  ///< `order`. Static text.
  std::string_view field;   ///< That names it (`surviving`), where it is not the first tag of the family. Static text.
  std::string id;
};

/// The last event of a type that a row notes.
struct SubjectMark {
  std::string_view event;  ///< `SettlementStatementIssued`. Static text.
  std::uint64_t position = 0;
};

struct Subject {
  const Lifecycle* lifecycle = nullptr;
  std::string id;
  std::string parent;            ///< Keyed within a member of Lifecycle::family: that member's id.
  std::string_view state;        ///< `partiallyCaptured`; `none`: only parts of it are there. Static text.
  Timestamp since;               ///< When the event occurred that led to the state.
  std::uint64_t first = 0;       ///< Position of the first event that stands; 0: all were reversed, or state `none`.
  std::uint64_t moved = 0;       ///< Position of the event that led to the state.
  std::string party;             ///< `external/A1`; empty: none was named.
  Currency currency;             ///< None: no event of it had an amount.
  std::vector<SubjectSum> sums;  ///< In minor units of `currency`, in the order of Lifecycle::sums.
  std::optional<std::int64_t> remaining;  ///< Of lifecycles whose sums leave a rest (a hold's frozen money).
  std::vector<SubjectLink> links;         ///< Only those that were named.
  std::vector<SubjectMark> marks;         ///< Only those that are there.
  std::string_view kept_name;             ///< What `kept_time` or `kept_number` is (`expiresAt`). Static text.
  std::optional<Timestamp> kept_time;
  std::optional<std::int64_t> kept_number;
  std::string_view kind_name;  ///< What `kind` is (`purpose`, `payer`); empty: its rows keep none. Static text.
  std::string_view kind;       ///< `security`; `unspecified`: not known. Static text.
  bool assumed = false;        ///< Entered in the middle, on `history`.
  std::vector<Subject> parts;  ///< Of SubjectQuery::parts: what belongs to it, in order of lifecycle and beginning.

  /// A sum by name, `remaining` too; nothing where the lifecycle has none of that name.
  [[nodiscard]] std::optional<std::int64_t> sum(std::string_view name) const noexcept;
  /// Id of a link; empty: none.
  [[nodiscard]] std::string_view link(std::string_view family) const noexcept;
};

/// Which subjects.
struct SubjectQuery {
  /// One, or several without key and of one family: payments, refunds and chargebacks are listed together.
  std::vector<std::string> lifecycles;
  /// Lifecycles whose subjects are shown in Subject::parts of what they belong to: keyed within it, or linked to its
  /// family. Where a member of the family has only parts, it is shown by the first lifecycle, in state `none`, with its
  /// first part's party, currency, links and time. Requires `lifecycles` without key.
  std::vector<std::string> parts{};
  std::string after{};  ///< Id (keyed within a parent: `parent/id`); the list begins behind it. Empty: at the first.
  std::uint64_t limit = 0;  ///< So many ids; 0: all.
  // Only subjects that match all that is not empty:
  std::string state{};
  std::string party{};   ///< `account/A1`, `external/A1`
  std::string within{};  ///< `family/id` of the parent, or of a link.
};

/// Called for each subject; false ends the list.
using SubjectVisitor = std::function<bool(const Subject&)>;

/// In the order in which they were first named; of one id in the order of the query's lifecycles.
/// Cost: a look at each row until the limit is reached, whatever filters leave, and names for those that are shown;
/// with parts also one pass over their rows, which keeps 8 bytes each, and then as said for those that are shown.
/// Errors: kInvalidArgument `NoSuchLifecycle`, `LifecyclesDiffer` (not of one family, or keyed with others or with
/// parts), `NoPartOfIt`; kNotFound `AfterUnknown`; those of the view.
[[nodiscard]] Status list_subjects(const StateView& view, const SubjectQuery& query, const SubjectVisitor& visit);

/// Those of one id (keyed within a parent: `parent/id`), at most one of each lifecycle; filters, after and limit of the
/// query are left alone. Cost: a look-up each; with parts a pass over their rows. Errors: as list_subjects.
[[nodiscard]] Result<std::vector<Subject>> find_subjects(const StateView& view, const SubjectQuery& query,
                                                         std::string_view id);
/// One subject of one lifecycle, or nothing.
[[nodiscard]] Result<std::optional<Subject>> find_subject(const StateView& view, std::string_view lifecycle,
                                                          std::string_view id);

}  // namespace carnet

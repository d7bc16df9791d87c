// SPDX-License-Identifier: Apache-2.0
//
// Rule sets of this release: families `codes`, `postingAccounts`, `pspProfile`, `compensationLimits` (DOMAIN §2.2).
// Parameters are JSON in RFC 8785 form; a set is parsed once and known by its digest.
#pragma once

#include "rental/rows.hpp"

#include <carnet/event.hpp>
#include <carnet/projection.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace carnet::rental {

/// Stored in rows: numbers are never reused.
enum class RuleFamily : std::uint16_t {
  kUnknown = 0,
  kCodes = 1,
  kPostingAccounts = 2,
  kPspProfile = 3,
  kCompensationLimits = 4,
};

[[nodiscard]] std::string_view to_string(RuleFamily family) noexcept;
/// kUnknown: not a family of this release.
[[nodiscard]] RuleFamily rule_family(std::string_view name) noexcept;

struct CodeRules {
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> lists;

  /// `notStated` belongs to every list; a list that is not there has no other code.
  [[nodiscard]] bool knows(std::string_view list, std::string_view code) const;
};

struct PostingRules {
  bool apply_credit = true;                                 ///< PR-03.
  std::map<std::string, std::string, std::less<>> revenue;  ///< Charge kind → use of chart row R.
  std::string compensation;                                 ///< Chart row that remedies are posted to: `E` or `C1`.
};

/// What a processor or card network permits; these are the values where no rule set says otherwise.
struct PspProfile {
  bool multi_capture = true;
  bool increment_after_capture = false;
  std::int64_t tolerance_bp = 0;  ///< Of a capture above the hold, on `report`.
  bool capture_reversal_restores_hold = false;
  bool damage_from_hold = true;
  std::int64_t delayed_charge_days = 90;
};

struct PspProfileRules {
  std::map<std::string, PspProfile, std::less<>> networks;  ///< `default`: of any network without one of its own.
};

/// How much a role may grant at once.
struct CompensationLimits {
  /// Role → currency → minor units. Role `default`: every role without limits of its own.
  std::map<std::string, std::map<std::string, std::int64_t, std::less<>>, std::less<>> roles;

  /// Nothing: no limit.
  [[nodiscard]] std::optional<std::int64_t> limit(std::string_view role, std::string_view currency) const;
};

struct RuleSet {
  std::array<std::byte, 32> digest{};
  std::variant<CodeRules, PostingRules, PspProfileRules, CompensationLimits> rules;
};

/// Parses and checks parameters. `fault` says what is wrong when nothing is returned.
[[nodiscard]] std::optional<RuleSet> parse_rule_set(RuleFamily family, std::string_view parameters, std::string& fault);

/// Version 1 of a family, as `init` publishes it.
[[nodiscard]] std::string default_parameters(RuleFamily family);

/// The version in force: the highest whose effectiveFrom is not after `at`. `sets` is table `ledger.ruleSets`.
[[nodiscard]] std::optional<RuleSetRow> rules_in_force(TableReader& tables, TableId sets, RuleFamily family,
                                                       Timestamp at);

/// Parsed rule sets by digest. Grows only; a host publishes few. Threads: any; never blocks (deciding must not wait).
class RuleSetCache {
 public:
  RuleSetCache() = default;
  RuleSetCache(const RuleSetCache&) = delete;
  RuleSetCache& operator=(const RuleSetCache&) = delete;
  ~RuleSetCache();

  [[nodiscard]] const RuleSet* find(const std::array<std::byte, 32>& digest) const noexcept;
  const RuleSet& add(RuleSet set);

 private:
  struct Node {
    RuleSet set;
    Node* next = nullptr;
  };

  std::atomic<Node*> head_{nullptr};
};

}  // namespace carnet::rental

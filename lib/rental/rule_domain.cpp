// SPDX-License-Identifier: Apache-2.0
//
// RuleDomain: a Domain made of tables.
#include "rental/decision.hpp"
#include "rental/projections.hpp"
#include "rental/rule_book.hpp"
#include "rental/rules.hpp"

#include <memory>
#include <vector>

namespace carnet::rental {

namespace {

class RuleDomain final : public Domain {
 public:
  explicit RuleDomain(const RuleTables& tables) : book_(tables), projections_(make_projections(book_)) {}

  [[nodiscard]] std::string_view name() const override { return book_.tables().name; }

  [[nodiscard]] std::span<const EventTypeSpec> event_types() const override { return book_.specs(); }

  [[nodiscard]] std::span<const TagRule> tag_rules() const override { return book_.tables().tags; }

  [[nodiscard]] std::span<const std::string_view> symbols() const override { return book_.symbols(); }

  [[nodiscard]] std::span<const std::unique_ptr<Projection>> projections() const override { return projections_; }

  [[nodiscard]] std::optional<Refusal> decide(DecideContext& context) const override {
    // The core's own types (keys, access, losses) have rules of their own.
    return context.event().type < book_.event_count() ? Decision(book_, cache_, context).run() : std::nullopt;
  }

 private:
  RuleBook book_;
  std::vector<std::unique_ptr<Projection>> projections_;
  mutable RuleSetCache cache_;  ///< Grows only; a pure function of what is in the log.
};

}  // namespace

std::unique_ptr<Domain> make_rule_domain(const RuleTables& tables) {
  return std::make_unique<RuleDomain>(tables);
}

}  // namespace carnet::rental

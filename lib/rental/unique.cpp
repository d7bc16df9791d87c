// SPDX-License-Identifier: Apache-2.0
#include "rental/unique.hpp"

namespace carnet::rental {

std::uint64_t other_with(Decision& d, Unique unique) {
  const UniquePlan& plan = d.book().unique(unique);
  const std::string_view text = d.facts().*plan.field;
  const std::string_view scope = plan.scope == nullptr ? std::string_view{} : d.facts().*plan.scope;
  if (text.empty()) {
    return 0;
  }
  const UniqueIndex index(table_at(d.context().table(plan.row->projection), plan.buckets));
  std::uint64_t found = 0;
  index.find(d.tables(), plan.scope == nullptr ? text_hash(text) : text_hash(scope, text), [&](std::uint64_t position) {
    const AppliedEvent* other = d.context().event_at(position);
    EventFacts theirs;
    if (other != nullptr) {
      d.book().read(other->type, other->payload, theirs);
    }
    const bool same = theirs.*plan.field == text && (plan.scope == nullptr || theirs.*plan.scope == scope);
    found = same ? position : 0;
    return !same;
  });
  return found;
}

}  // namespace carnet::rental

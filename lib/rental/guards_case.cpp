// SPDX-License-Identifier: Apache-2.0
//
// Guards of cases.
#include "rental/guards.hpp"
#include "rental/unique.hpp"

#include <carnet/schema/case.capnp.h>

#include <fmt/format.h>

namespace carnet::rental {

namespace {

std::optional<Broken> reference_unique(Decision& d) {
  const std::uint64_t other = other_with(d, Unique::kReferenceNo);
  if (other == 0) {
    return std::nullopt;
  }
  return Broken{.message = "the reference number stands in another case",
                .values = {{"position", fmt::to_string(other)}}};
}

std::optional<Broken> first_responsible(Decision& d) {
  if (!d.facts().first_responsible.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "somebody is responsible from receipt on: state firstResponsible"};
}

std::optional<Broken> intake_fields(Decision& d) {
  using OrderRef = schema::FeedbackReceived::OrderRef;
  for (const std::string_view name : d.facts().field_mask) {
    const bool there = (name == "name" && d.facts().has_name) || (name == "contact" && d.facts().has_contact) ||
                       (name == "content" && d.facts().has_content);
    if (!there) {
      return Broken{
          .message = "fieldMask says that the customer gave it: name, contact and content stand in their fields",
          .values = {{"field", std::string(name.substr(0, 16))}}};
    }
  }
  if (static_cast<OrderRef>(d.facts().order_ref) == OrderRef::GIVEN && d.facts().order_id.empty()) {
    return Broken{
        .message = "orderRef is given: state orderId", .values = {{"field", "orderId"}}, .path = "data.orderId"};
  }
  return std::nullopt;
}

}  // namespace

namespace guard {

const GuardRow kReferenceUnique{"I-F1", "ReferenceDuplicate", "data.referenceNo", &reference_unique};
const GuardRow kFirstResponsible{"I-F2", "FirstResponsibleMissing", "data.firstResponsible", &first_responsible};
const GuardRow kIntakeFields{"I-F12", "IntakeFieldMissing", "data.fieldMask", &intake_fields};

}  // namespace guard

}  // namespace carnet::rental

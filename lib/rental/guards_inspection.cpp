// SPDX-License-Identifier: Apache-2.0
//
// Guards of inspections and damage.
#include "rental/contract.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/rental/inspections.hpp>
#include <carnet/schema/inspection.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace carnet::rental {

namespace {

using Side = schema::InspectionSide;

constexpr Kinds kHandoverSide = kinds(Side::HANDOVER);
constexpr Kinds kReturnSide = kinds(Side::RETURN);

/// The leg that the event concerns; zeros: none.
SubjectRow leg_of(const Decision& d) {
  const Subject* leg = d.subject(Machine::kLeg);
  return leg == nullptr ? SubjectRow{} : leg->row;
}

/// Position of the leg's last inspection of a side; 0: none.
std::uint64_t inspection_at(Decision& d, const SubjectRow& leg, Kinds side) {
  const auto all = d.standing(Machine::kLeg, leg, "InspectionRecorded", side);
  return all.empty() ? 0 : all.back();
}

std::optional<Broken> checklist_whole(Decision& d) {
  const std::string item = missing_checklist_item(d, 0);
  return item.empty() ? std::nullopt
                      : std::optional(Broken{.message = "an inspection states every item of the checklist",
                                             .values = {{"item", item}}});
}

std::optional<Broken> checklist_version(Decision& d) {
  const auto stated = d.payload<schema::InspectionRecorded>();
  const SubjectRow leg = leg_of(d);
  const std::uint64_t first = inspection_at(d, leg, kHandoverSide);
  const auto handover = d.payload_at<schema::InspectionRecorded>(first);
  // While the handover is not signed its inspection may be made anew by another list.
  if (!handover || stated.getSide() == Side::HANDOVER ||
      as_text(handover->getChecklistVersion()) == as_text(stated.getChecklistVersion())) {
    return std::nullopt;
  }
  return Broken{.message = "handover and return of a leg are inspected by one version of the checklist",
                .values = {{"checklistVersion", std::string(as_text(stated.getChecklistVersion()))},
                           {"handover", std::string(as_text(handover->getChecklistVersion()))}}};
}

std::optional<Broken> odometer_of_leg(Decision& d) {
  const std::uint32_t shown = d.facts().odometer.value_or(0);
  std::uint32_t before = 0;
  if (d.payload<schema::InspectionRecorded>().getSide() == Side::RETURN) {
    const auto handover = d.payload_at<schema::InspectionRecorded>(inspection_at(d, leg_of(d), kHandoverSide));
    before = handover ? handover->getOdometer() : 0;
  }
  if (const ChainRef* vehicle = find_tag(d.event(), d.book().known().vehicle); vehicle != nullptr) {
    before = std::max(before, d.custody().odometer_before(vehicle->member, d.event().occurred_at.ns));
  }
  if (shown >= before) {
    return std::nullopt;
  }
  return Broken{.message = "the odometer shows less than before",
                .values = {{"odometer", fmt::to_string(shown)}, {"before", fmt::to_string(before)}}};
}

std::span<const std::byte> signed_digest(Decision& d) {
  return d.context().type_name() == "HandoverInspectionSigned"
             ? as_bytes(d.payload<schema::HandoverInspectionSigned>().getInspectionDigest())
             : as_bytes(d.payload<schema::ReturnInspectionSigned>().getInspectionDigest());
}

std::optional<Broken> inspection_digest(Decision& d) {
  const std::uint64_t position = leg_of(d).marks[0];
  const AppliedEvent* recorded = position == 0 ? nullptr : d.context().event_at(position);
  if (recorded == nullptr || std::ranges::equal(inspection_digest(recorded->payload), signed_digest(d))) {
    return std::nullopt;
  }
  return Broken{.message = "what is signed is the last inspection: the digest is that of its payload in RFC 8785 JSON"};
}

bool has_media(Decision& d, Side side) {
  const SubjectRow leg = leg_of(d);
  for (const std::uint64_t position : d.standing(Machine::kLeg, leg, "InspectionMediaAttached")) {
    const auto attached = d.payload_at<schema::InspectionMediaAttached>(position);
    if (attached && attached->getSide() == side) {
      return true;
    }
  }
  const Kinds kinds_of_side = side == Side::RETURN ? kReturnSide : kHandoverSide;
  const auto recorded = d.payload_at<schema::InspectionRecorded>(inspection_at(d, leg, kinds_of_side));
  if (recorded) {
    for (const auto damage : recorded->getDamages()) {
      if (damage.getMedia().size() > 0) {
        return true;
      }
    }
  }
  return false;
}

std::optional<Broken> handover_media(Decision& d) {
  return has_media(d, Side::HANDOVER)
             ? std::nullopt
             : std::optional(Broken{.message = "the handover's inspection has neither photo nor video"});
}

std::optional<Broken> return_evidence(Decision& d) {
  const auto event = d.payload<schema::ReturnInspectionSigned>();
  if (event.getCustomerPresent() || has_media(d, Side::RETURN)) {
    return std::nullopt;
  }
  return Broken{.message = "a return inspected without the customer needs a photo or video"};
}

std::optional<Broken> customer_absent(Decision& d) {
  return d.facts().customer_present
             ? std::nullopt
             : std::optional(Broken{.message = "the customer was not there when the return was inspected"});
}

std::optional<Broken> damage_new(Decision& d) {
  const auto handover = d.payload_at<schema::InspectionRecorded>(inspection_at(d, leg_of(d), kHandoverSide));
  if (!handover) {
    return std::nullopt;
  }
  for (const auto damage : handover->getDamages()) {
    if (as_text(damage.getDamageId()) == d.facts().damage_id) {
      return Broken{.message = "the damage stands in the handover's list: it is not new",
                    .values = {{"damageId", std::string(d.facts().damage_id)}}};
    }
  }
  return std::nullopt;
}

std::optional<Broken> damage_evidence(Decision& d) {
  return d.payload<schema::NewDamageIdentified>().getMedia().size() > 0
             ? std::nullopt
             : std::optional(Broken{.message = "a new damage is shown: state the digest of a photo or video"});
}

/// The damage was compared to the handover as both signed it.
std::optional<Broken> compared_to(Decision& d) {
  const auto compared = d.payload<schema::NewDamageIdentified>();
  const auto handover = d.payload_at<schema::HandoverInspectionSigned>(leg_of(d).marks[1]);
  if (!handover || std::ranges::equal(as_bytes(handover->getInspectionDigest()), as_bytes(compared.getComparedTo()))) {
    return std::nullopt;
  }
  return Broken{.message = "a new damage is compared to the handover that was signed: comparedTo is its digest"};
}

}  // namespace

namespace guard {

const GuardRow kChecklistWhole{"I-H1", "ChecklistIncomplete", "data.items", &checklist_whole};
const GuardRow kChecklistVersion{"I-H5", "ChecklistVersionMismatch", "data.checklistVersion", &checklist_version};
const GuardRow kOdometerOfLeg{"I-H4", "OdometerDecreased", "data.odometer", &odometer_of_leg};
const GuardRow kInspectionDigest{"I-H2", "DigestMismatch", "data.inspectionDigest", &inspection_digest};
const GuardRow kHandoverMedia{"I-H2", "MediaMissing", "data", &handover_media, false, true};
const GuardRow kReturnEvidence{"I-H2", "EvidenceMissing", "data.customerPresent", &return_evidence};
const GuardRow kCustomerAbsent{"§3.3", "CustomerAbsent", "data.customerPresent", &customer_absent, false, true};
const GuardRow kDamageNew{"I-H6", "DamagePreExisting", "data.damageId", &damage_new};
const GuardRow kDamageEvidence{"I-H6", "EvidenceMissing", "data.media", &damage_evidence};
const GuardRow kComparedTo{"I-H6", "DigestMismatch", "data.comparedTo", &compared_to};

}  // namespace guard

}  // namespace carnet::rental

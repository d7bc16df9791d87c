// SPDX-License-Identifier: Apache-2.0
//
// Guards of the rental contract: what must be disclosed and there before it is signed, before the vehicle goes out, and
// before it is closed. They bind where the contract was drafted in this ledger.
#include "rental/contract.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/price.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/reservation.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace carnet::rental {

namespace {

// ---- Evidence of ours (DOMAIN §0.1) ----

std::optional<Broken> not_on_report(Decision& d) {
  if (d.basis() != Basis::kReport) {
    return std::nullopt;
  }
  return Broken{.message =
                    "evidence of our own is decided, never reported: a late upload is a decision with an earlier "
                    "occurredAt"};
}

bool rests_on_document(Decision& d) {
  const std::string_view type = d.context().type_name();
  if (type == "RentalContractSigned") {
    return d.payload<schema::RentalContractSigned>().hasSignatureDigest();
  }
  if (type == "HandoverInspectionSigned") {
    return d.payload<schema::HandoverInspectionSigned>().hasInspectionDigest();
  }
  if (type == "ReturnInspectionSigned") {
    return d.payload<schema::ReturnInspectionSigned>().hasInspectionDigest();
  }
  if (type == "DepositTermsDisclosed") {
    return d.payload<schema::DepositTermsDisclosed>().getItems().size() > 0;
  }
  if (type == "InspectionRecorded") {
    for (const auto damage : d.payload<schema::InspectionRecorded>().getDamages()) {
      if (damage.getMedia().size() > 0) {
        return true;
      }
    }
  }
  return false;
}

std::optional<Broken> document_digest(Decision& d) {
  if (d.basis() != Basis::kHistory || rests_on_document(d)) {
    return std::nullopt;
  }
  return Broken{.message = "on history evidence of our own is taken only with the digest of its document"};
}

// ---- Draft and signature ----

std::optional<Broken> signature_there(Decision& d) {
  const bool stands = d.context().type_name() == "RentalContractSigned"
                          ? d.payload<schema::RentalContractSigned>().hasSignature()
                          : d.payload<schema::HandoverInspectionSigned>().hasSignature();
  const bool is_account = !d.facts().account_id.empty() || d.facts().party.starts_with("account/");
  if (stands || !is_account) {
    return std::nullopt;
  }
  return Broken{.message = "an account signs: state its signature", .values = {{"field", "signature"}}};
}

constexpr std::string_view kTopics[] = {"termCalculation", "overtimeFee", "insuranceCover", "exclusions", "penalty"};

std::optional<Broken> terms_explained(Decision& d) {
  const SubjectRow contract = contract_of(d);
  if (!has_terms(contract)) {
    return std::nullopt;
  }
  std::vector<std::string> explained;
  for (const std::uint64_t position : d.standing(Machine::kContract, contract, "ContractTermsExplained")) {
    const auto event = d.payload_at<schema::ContractTermsExplained>(position);
    if (event && event->getAcknowledged()) {
      for (const auto topic : event->getTopics()) {
        explained.emplace_back(as_text(topic));
      }
    }
  }
  std::vector<std::string_view> wanted(std::begin(kTopics), std::end(kTopics));
  const auto drafted = d.payload_at<schema::RentalContractDrafted>(contract.marks[2]);
  if (drafted && drafted->hasMileageAllowance()) {
    wanted.emplace_back("mileageLimit");
  }
  for (const std::string_view topic : wanted) {
    if (std::ranges::find(explained, topic) == explained.end()) {
      return Broken{.message = "a mandatory topic was not explained and acknowledged",
                    .values = {{"topic", std::string(topic)}}};
    }
  }
  return std::nullopt;
}

std::optional<Broken> fees_disclosed(Decision& d) {
  const SubjectRow contract = contract_of(d);
  if (!has_terms(contract) || contract.marks[1] != 0) {
    return std::nullopt;
  }
  return Broken{.message = "the fee schedule comes before the signature: disclose it"};
}

std::optional<Broken> fees_sum_up(Decision& d) {
  const auto fees = d.payload<schema::FeeScheduleDisclosed>();
  const Money total = to_money(fees.getTotal());
  std::int64_t sum = 0;
  bool fits = true;
  for (const auto line : fees.getLines()) {
    const Money estimate = to_money(line.getEstimate());
    fits = fits && estimate.currency == total.currency && !__builtin_add_overflow(sum, estimate.minor, &sum);
  }
  if (fits && sum == total.minor) {
    return std::nullopt;
  }
  return Broken{.message = "the lines of the fee schedule sum to its total, in one currency",
                .values = {{"lines", minor_text(sum)}, {"total", minor_text(total.minor)}}};
}

std::optional<Broken> deposit_terms_disclosed(Decision& d) {
  const SubjectRow contract = contract_of(d);
  if (!has_terms(contract) || contract.marks[0] != 0) {
    return std::nullopt;
  }
  return Broken{.message = "the deposit's terms come before the signature: disclose them, empty where there is none"};
}

bool is_published_price(Decision& d, const SubjectRow& contract, const schema::AddOnDecided::Reader& decided) {
  const auto drafted = d.payload_at<schema::RentalContractDrafted>(contract.marks[2]);
  const std::string version(drafted ? as_text(drafted->getPriceListVersion()) : std::string_view{});
  const SubjectRow list = d.row_by_key(Machine::kPriceList, 0, version);
  const auto published = d.payload_at<schema::PriceListPublished>(list.marks[0]);
  if (!published) {
    return false;
  }
  for (const auto item : published->getItems()) {
    if (as_text(item.getCode()) == as_text(decided.getCode())) {
      return as_text(item.getUnit()) == as_text(decided.getUnit()) &&
             to_money(item.getAmount()) == to_money(decided.getPrice());
    }
  }
  return false;
}

std::optional<Broken> add_on_chosen(Decision& d) {
  using Choice = schema::AddOnDecided::Decision;
  const auto decided = d.payload<schema::AddOnDecided>();
  if (decided.getPrechecked()) {
    return Broken{.message = "an add-on is never checked beforehand", .path = "data.prechecked"};
  }
  const bool selected = decided.getDecision() == Choice::SELECTED;
  if (selected && decided.getSelectedBy() != schema::AddOnDecided::SelectedBy::CUSTOMER) {
    return Broken{.message = "an add-on is the customer's own choice", .path = "data.selectedBy"};
  }
  const SubjectRow contract = contract_of(d);
  const bool priced = selected || decided.getDecision() == Choice::OFFERED;
  if (!priced || !has_terms(contract) || is_published_price(d, contract, decided)) {
    return std::nullopt;
  }
  return Broken{.message = "the price of an add-on is that of the contract's price list",
                .values = {{"code", std::string(as_text(decided.getCode()))},
                           {"price", minor_text(decided.getPrice().getMinor())}},
                .path = "data.price"};
}

// ---- Handover ----

std::uint32_t member_of(Decision& d, std::string_view vehicle) {
  const ChainRef* chain = find_tag_of(d.book(), d.event(), d.facts(), d.book().known().vehicle, vehicle);
  return chain == nullptr ? 0 : chain->member + 1;
}

std::uint32_t rental_member(Decision& d) {
  const ChainRef* chain = find_tag(d.event(), d.book().known().rental);
  return chain == nullptr ? 0 : chain->member + 1;
}

/// The leg of an inspection, where it is one of this contract and vehicle; zeros: none.
SubjectRow leg_of(Decision& d, std::string_view inspection, std::string_view vehicle) {
  const SubjectRow leg = d.row_of(Machine::kLeg, "inspection", inspection);
  return leg.links[0] == rental_member(d) && leg.links[1] == member_of(d, vehicle) ? leg : SubjectRow{};
}

/// The inspection that goes with the handover: the one named, or that of the vehicle's assignment.
std::string handover_inspection(Decision& d, const SubjectRow& contract) {
  std::string found(d.facts().inspection_id);
  if (!found.empty()) {
    return found;
  }
  for (const std::uint64_t position : d.standing(Machine::kContract, contract, "VehicleAssigned")) {
    const auto assigned = d.payload_at<schema::VehicleAssigned>(position);
    if (assigned && as_text(assigned->getVehicleId()) == d.facts().vehicle_id) {
      found = as_text(assigned->getInspectionId());
    }
  }
  return found;
}

/// A contract that is signed here: what must be there before the vehicle goes out is asked of it.
bool is_ready(const SubjectRow& contract) {
  return has_terms(contract) && contract.state == state::kSigned;
}

std::optional<Broken> handover_signed(Decision& d) {
  const SubjectRow contract = contract_of(d);
  if (!is_ready(contract)) {
    return std::nullopt;
  }
  const std::string inspection = handover_inspection(d, contract);
  if (leg_of(d, inspection, d.facts().vehicle_id).state == state::kOut) {
    return std::nullopt;
  }
  return Broken{.message = "the handover's inspection of this vehicle is signed before the vehicle goes out",
                .values = {{"inspectionId", inspection}}};
}

std::optional<Broken> handover_checklist(Decision& d) {
  const SubjectRow contract = contract_of(d);
  const SubjectRow leg =
      is_ready(contract) ? leg_of(d, handover_inspection(d, contract), d.facts().vehicle_id) : SubjectRow{};
  const std::string item = leg.marks[0] == 0 ? std::string{} : missing_checklist_item(d, leg.marks[0]);
  return item.empty() ? std::nullopt
                      : std::optional(Broken{.message = "the handover's inspection lacks an item of the checklist",
                                             .values = {{"item", item}}});
}

std::optional<Broken> deposits_there(Decision& d) {
  const SubjectRow contract = contract_of(d);
  if (!is_ready(contract)) {
    return std::nullopt;
  }
  const std::vector<DepositHeld> held = deposits_of(d, contract);
  for (const DepositItem& item : disclosed_items(d, contract)) {
    const bool there = std::ranges::any_of(held, [&](const DepositHeld& each) {
      return each.live && each.purpose == item.purpose && each.instrument == item.instrument;
    });
    if (item.at_pickup && !there) {
      return Broken{.message = "a deposit that is due at pickup is neither frozen nor held",
                    .values = {{"amount", minor_text(item.amount.minor)}}};
    }
  }
  return std::nullopt;
}

std::optional<Broken> requests_resolved(Decision& d) {
  const SubjectRow contract = contract_of(d);
  const ChainRef* order = find_tag(d.event(), d.book().known().order);
  if (!is_ready(contract) || order == nullptr) {
    return std::nullopt;
  }
  const SubjectRow booking = d.table_of(Machine::kBooking).get(d.tables(), order->member + 1);
  const SubjectRow reservation = d.table_of(Machine::kReservation).get(d.tables(), booking.links[0]);
  for (const std::uint64_t position : d.standing(Machine::kReservation, reservation, "SpecialRequestRecorded")) {
    const auto recorded = d.payload_at<schema::SpecialRequestRecorded>(position);
    const std::string request(recorded ? as_text(recorded->getRequestId()) : std::string_view{});
    if (d.row_by_key(Machine::kSpecialRequest, booking.links[0], request).state == state::kRequestOpen) {
      return Broken{.message = "a special request is prepared or declined before the vehicle goes out",
                    .values = {{"requestId", request}}};
    }
  }
  return std::nullopt;
}

/// Both legs are signed in the commit that swaps the vehicles.
std::optional<Broken> swap_inspected(Decision& d) {
  const SubjectRow contract = contract_of(d);
  if (!has_terms(contract)) {
    return std::nullopt;
  }
  const std::uint64_t first = d.event().position - d.context().event_index();
  const SubjectRow back = leg_of(d, d.facts().from_inspection, d.facts().from_vehicle);
  const SubjectRow out = leg_of(d, d.facts().to_inspection, d.facts().to_vehicle);
  const bool back_signed = back.state == state::kLegSigned && back.moved >= first;
  if (back_signed && out.state == state::kOut && out.moved >= first) {
    return std::nullopt;
  }
  return Broken{
      .message =
          "a swap carries, in its commit, the signed return of the old vehicle and the signed handover "
          "of the new one",
      .values = {{"inspectionId", std::string(back_signed ? d.facts().to_inspection : d.facts().from_inspection)}}};
}

// ---- Closing ----

std::string path_of(std::string_view chart, std::string_view party, std::string_view order) {
  std::string path(chart);
  path.replace(path.find("{party}"), std::string_view("{party}").size(), party);
  path.replace(path.find("{of}"), std::string_view("{of}").size(), fmt::format("order/{}", order));
  return path;
}

/// The contract follows the event by its tag.
std::optional<Broken> contract_named(Decision& d) {
  const ChainRef* order = find_tag(d.event(), d.book().known().order);
  if (order == nullptr || !d.facts().contract_id.empty()) {
    return std::nullopt;
  }
  const SubjectRow booking = d.table_of(Machine::kBooking).get(d.tables(), order->member + 1);
  if (!has_terms(d.table_of(Machine::kContract).get(d.tables(), booking.links[1]))) {
    return std::nullopt;
  }
  return Broken{.message = "the order has a contract, which this settles: state contractId"};
}

std::optional<Broken> balance_zero(Decision& d) {
  const SubjectRow contract = contract_of(d);
  const ChainRef* party = find_party(d.event(), d.book().known());
  const auto drafted = d.payload_at<schema::RentalContractDrafted>(contract.marks[2]);
  if (!has_terms(contract) || !drafted || party == nullptr || d.facts().order_id.empty()) {
    return std::nullopt;
  }
  const Currency currency(drafted->getCurrency());
  const auto net = [&](std::string_view code, NormalSide side) {
    const std::string path = path_of(d.book().chart(code).path, party->name, d.facts().order_id);
    return posted_net(d.context().balance(path, currency), side);
  };
  const std::int64_t due = net("A3", NormalSide::kDebit);
  const std::int64_t credit = net("L3", NormalSide::kCredit);
  if (due == 0 && credit == 0) {
    return std::nullopt;
  }
  return Broken{.message = "the order is not settled: what is due is paid, what is credit goes back",
                .values = {{"due", minor_text(due)}, {"credit", minor_text(credit)}}};
}

}  // namespace

namespace guard {

const GuardRow kNotOnReport{"I-E11", "BasisNotAllowed", "basis", &not_on_report, true};
const GuardRow kDocumentDigest{"I-E11", "EvidenceMissing", "basis", &document_digest, true};
const GuardRow kSignatureThere{"§2.5", "FieldMissing", "data.signature", &signature_there};
const GuardRow kTermsExplained{"I-C2", "TermsNotExplained", "data", &terms_explained};
const GuardRow kFeesDisclosed{"I-C3", "FeesNotDisclosed", "data", &fees_disclosed};
const GuardRow kFeesSumUp{"I-C3", "FeesNotDisclosed", "data.total", &fees_sum_up};
const GuardRow kDepositTermsDisclosed{"I-C4", "DepositTermsNotDisclosed", "data", &deposit_terms_disclosed};
const GuardRow kAddOnChosen{"I-C6", "AddOnNotSelected", "data", &add_on_chosen};
const GuardRow kHandoverSigned{"I-H3", "InspectionUnsigned", "data.inspectionId", &handover_signed};
const GuardRow kHandoverChecklist{"I-H1", "ChecklistIncomplete", "data.inspectionId", &handover_checklist};
const GuardRow kDepositsThere{"I-H3", "DepositMissing", "data", &deposits_there};
const GuardRow kRequestsResolved{"I-R3", "SpecialRequestOpen", "data.orderId", &requests_resolved};
const GuardRow kSwapInspected{"§3.2", "InspectionUnsigned", "data", &swap_inspected};
const GuardRow kContractNamed{"§2.9", "FieldMissing", "data.contractId", &contract_named};
const GuardRow kBalanceZero{"§3.2", "BalanceNotZero", "data.orderId", &balance_zero};

}  // namespace guard

}  // namespace carnet::rental

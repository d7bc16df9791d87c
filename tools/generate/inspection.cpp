// SPDX-License-Identifier: Apache-2.0
#include "inspection.hpp"

#include <carnet/schema/inspection.capnp.h>
#include <carnet/typed.hpp>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <openssl/sha.h>

#include <iterator>
#include <string>
#include <string_view>

namespace carnet::generate {

std::array<std::byte, 32> inspection_digest(const Payload& payload) {
  const auto* const words = reinterpret_cast<const capnp::word*>(payload.words.data());
  const auto recorded = capnp::readMessageUnchecked<schema::InspectionRecorded>(words);
  const auto text = [](capnp::Text::Reader of) { return as_text(of); };
  std::string json = "{";
  auto out = std::back_inserter(json);
  // Names in order of their code units; ids and codes need no escapes.
  if (recorded.hasAccountId()) {
    fmt::format_to(out, FMT_COMPILE(R"("accountId":"{}",)"), text(recorded.getAccountId()));
  }
  fmt::format_to(out, FMT_COMPILE(R"("checklistVersion":"{}","contractId":"{}","damages":[],"fuel":{},)"),
                 text(recorded.getChecklistVersion()), text(recorded.getContractId()), recorded.getFuel());
  fmt::format_to(out, FMT_COMPILE(R"("inspectionId":"{}","items":[)"), text(recorded.getInspectionId()));
  bool first = true;
  for (const auto item : recorded.getItems()) {
    fmt::format_to(out, FMT_COMPILE(R"({}{{"item":"{}","state":"{}"}})"), first ? "" : ",", text(item.getItem()),
                   text(item.getState()));
    first = false;
  }
  fmt::format_to(out, FMT_COMPILE(R"(],"leg":{},"odometer":{},)"), recorded.getLeg(), recorded.getOdometer());
  if (recorded.hasParty()) {
    fmt::format_to(out, FMT_COMPILE(R"("party":"{}",)"), text(recorded.getParty()));
  }
  const bool handover = recorded.getSide() == schema::InspectionSide::HANDOVER;
  fmt::format_to(out, FMT_COMPILE(R"("side":"{}","vehicleId":"{}"}})"), handover ? "handover" : "return",
                 text(recorded.getVehicleId()));
  std::array<std::byte, 32> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(json.data()), json.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace carnet::generate

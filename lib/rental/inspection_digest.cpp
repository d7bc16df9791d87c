// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/sha256.hpp"
#include "codec/json.hpp"
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"

#include <carnet/rental/inspections.hpp>
#include <carnet/schema/inspection.capnp.h>
#include <carnet/typed.hpp>

#include <memory>
#include <string>
#include <vector>

namespace carnet {

namespace {

const codec::PayloadType& inspection_type() {
  static const std::shared_ptr<const codec::PayloadType> type = [] {
    const EventTypeSpec spec = event_type<schema::InspectionRecorded>();
    auto made = codec::PayloadType::create(std::string(spec.name), spec.schema);
    CARNET_ASSERT(made, "the schemas of this build are supported");
    return *std::move(made);
  }();
  return *type;
}

std::array<std::byte, 32> digest_of(const PayloadView& recorded, const std::vector<PersonalField>& unsealed) {
  std::string json;
  inspection_type().append_json(recorded, unsealed, json);
  const auto canonical = codec::canonical_json(json);
  CARNET_ASSERT(canonical, "what the writer prints can be read");
  return base::sha256(base::as_bytes(*canonical));
}

}  // namespace

std::array<std::byte, 32> inspection_digest(const PayloadView& recorded) {
  return digest_of(recorded, {});
}

std::array<std::byte, 32> inspection_digest(const EventDraft& recorded) {
  std::vector<PersonalField> unsealed = recorded.personal;
  for (PersonalField& field : unsealed) {
    field.plaintext = "[sealed]";
  }
  const codec::PayloadHolder payload(recorded.payload);
  return digest_of(payload.view(), unsealed);
}

}  // namespace carnet

// SPDX-License-Identifier: Apache-2.0
#include "codec/core_types.hpp"

#include "codec/payload_type.hpp"

#include <carnet/schema/core.capnp.h>

#include <capnp/schema.h>

#include <array>

namespace carnet::codec {
namespace {

template <class T>
EventTypeSpec spec(const char* name) {
  return {.name = name, .schema = {.compiled = &capnp::_::rawSchema<T>(), .closure_words = {}, .root = 0}};
}

}  // namespace

std::span<const EventTypeSpec> core_event_types() {
  static const std::array<EventTypeSpec, core::kTypeCount> types{
      spec<schema::LedgerCreated>("LedgerCreated"),           spec<schema::LossAccepted>("LossAccepted"),
      spec<schema::SubjectKeyCreated>("SubjectKeyCreated"),   spec<schema::SubjectKeyRotated>("SubjectKeyRotated"),
      spec<schema::PersonalDataErased>("PersonalDataErased"), spec<schema::PersonalDataOpened>("PersonalDataOpened"),
      spec<schema::AccessGranted>("AccessGranted"),           spec<schema::AccessRevoked>("AccessRevoked"),
  };
  return types;
}

}  // namespace carnet::codec

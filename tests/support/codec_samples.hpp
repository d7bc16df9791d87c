// SPDX-License-Identifier: Apache-2.0
//
// Messages for tests of the codec: small helpers around the library's builders, and random messages of the schema of
// schemas, which has every kind of field, nesting and list that the encoding knows.
#pragma once

#include <carnet/event.hpp>
#include <carnet/schema/core.capnp.h>
#include <carnet/schema/log.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <capnp/message.h>
#include <capnp/schema.capnp.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace carnet::test {

/// The words of a builder's message as one flat segment.
inline std::vector<std::uint64_t> words_of(capnp::MessageBuilder& builder) {
  auto segments = builder.getSegmentsForOutput();
  if (segments.size() != 1) {
    throw std::logic_error("the sample does not fit one segment");
  }
  std::vector<std::uint64_t> words(segments[0].size());
  std::memcpy(words.data(), segments[0].begin(), words.size() * sizeof(std::uint64_t));
  return words;
}

inline std::string random_text(std::mt19937_64& engine, std::size_t bytes_max = 20) {
  std::string text(engine() % (bytes_max + 1), 'x');
  for (char& c : text) {
    c = static_cast<char>('a' + engine() % 26);
  }
  return text;
}

inline void fill_type(capnp::schema::Type::Builder type, std::mt19937_64& engine, int depth) {
  switch (engine() % (depth > 0 ? 6 : 5)) {
    case 0:
      type.setInt64();
      break;
    case 1:
      type.setText();
      break;
    case 2:
      type.initStruct().setTypeId(engine() % 3);
      break;
    case 3: {
      auto scopes = type.initEnum().initBrand().initScopes(static_cast<unsigned>(engine() % 3));
      for (auto scope : scopes) {
        scope.setScopeId(engine() % 2);
        scope.initBind(static_cast<unsigned>(engine() % 3));
      }
      break;
    }
    case 4:
      break;
    default:
      fill_type(type.initList().initElementType(), engine, depth - 1);
  }
}

inline void fill_value(capnp::schema::Value::Builder value, std::mt19937_64& engine) {
  switch (engine() % 5) {
    case 0:
      value.setBool(engine() % 2 == 0);
      break;
    case 1:
      value.setText(random_text(engine));
      break;
    case 2: {
      const std::string bytes = random_text(engine);
      value.setData(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
      break;
    }
    case 3: {
      auto bits = value.initList().initAs<capnp::List<bool>>(static_cast<unsigned>(engine() % 80));
      for (unsigned i = 0; i < bits.size(); ++i) {
        bits.set(i, engine() % 2 == 0);
      }
      break;
    }
    default: {
      auto numbers = value.initList().initAs<capnp::List<std::uint16_t>>(static_cast<unsigned>(engine() % 9));
      for (unsigned i = 0; i < numbers.size(); ++i) {
        numbers.set(i, static_cast<std::uint16_t>(engine()));
      }
    }
  }
}

/// A message whose root is a schema.capnp:Node with random content; some fields unset, some lists empty.
inline std::vector<std::uint64_t> random_node_message(std::mt19937_64& engine) {
  capnp::MallocMessageBuilder builder(1U << 14U);
  auto node = builder.initRoot<capnp::schema::Node>();
  node.setId(engine() % 2 == 0 ? 0 : engine());
  if (engine() % 3 != 0) {
    node.setDisplayName(random_text(engine, 40));
  }
  for (auto parameter : node.initParameters(static_cast<unsigned>(engine() % 3))) {
    if (engine() % 2 == 0) {
      parameter.setName(random_text(engine));
    }
  }
  if (engine() % 2 == 0) {
    for (auto nested : node.initNestedNodes(static_cast<unsigned>(engine() % 4))) {
      nested.setId(engine() % 2);
    }
  }
  auto structure = node.initStruct();
  for (auto field : structure.initFields(static_cast<unsigned>(engine() % 6))) {
    if (engine() % 4 != 0) {
      field.setName(random_text(engine));
    }
    if (engine() % 2 == 0) {
      auto slot = field.initSlot();
      slot.setOffset(static_cast<std::uint32_t>(engine() % 2));
      fill_type(slot.initType(), engine, 4);
      if (engine() % 2 == 0) {
        fill_value(slot.initDefaultValue(), engine);
      }
    }
    for (auto annotation : field.initAnnotations(static_cast<unsigned>(engine() % 3))) {
      fill_value(annotation.initValue(), engine);
    }
  }
  return words_of(builder);
}

}  // namespace carnet::test

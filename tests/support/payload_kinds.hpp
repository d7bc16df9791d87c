// SPDX-License-Identifier: Apache-2.0
//
// The test types of tests/schemas/codec_kinds.capnp, and payloads with every kind of field at its bounds.
#pragma once

#include "support/payload_samples.hpp"
#include "support/schema_text.hpp"

#include <string>
#include <string_view>

namespace carnet::test {

inline const SchemaText& kinds() {
  static const SchemaText text = SchemaText::of_file(CARNET_SOURCE_FOLDER "/tests/schemas/codec_kinds.capnp");
  return text;
}

inline TypePtr every_kind() {
  static const TypePtr type = must_create("EveryKind", kinds().handle("EveryKind"));
  return type;
}

inline TypePtr with_personal() {
  static const TypePtr type = must_create("WithPersonal", kinds().handle("WithPersonal"));
  return type;
}

inline const std::string kDigest(64, 'a');

/// Every required field, with values at their bounds.
inline std::string required_json() {
  return R"({"rentalId":"R1","flag":true,"int8":-128,"int16":-32768,"int32":-2147483648,"int64":-9223372036854775808,)"
         R"("uint8":255,"uint16":65535,"uint32":4294967295,"uint64":18446744073709551615,"colour":"darkBlue",)"
         R"("text":"Zoë \"q\" \\ \n\u0001 😀","data":"00ff","digest":")" +
         kDigest +
         R"(","at":"2024-02-29T12:00:00.000000001Z","lasts":"P1DT2H","day":"2024-02-29","currency":"KWD",)"
         R"("money":{"minor":-5,"currency":"PTS"},"party":"external/X1","channel":"hotline","rules":"{\"a\":[1,null]}",)"
         R"("parts":[{"vehicleId":"VEH1","price":{"minor":9223372036854775807,"currency":"JPY"},"flag":false,"reasons":["x","y"]},)"
         R"({"vehicleId":"VEH2","flag":true,"reasons":[]}],)"
         R"("flags":[true,false,true],"numbers":[-1,9223372036854775807],"small":[0,255],"colours":["red","darkBlue"],)"
         R"("texts":["","a"],"blobs":["","0102"],"days":["1969-12-31","9999-12-31"],"times":["1970-01-01T00:00:00Z"],)"
         R"("accounts":["A1","A2"]})";
}

inline std::string optional_json() {
  std::string json = required_json();
  json.pop_back();
  json.insert(json.find(R"("flags")"), R"("part":{"vehicleId":"VEH3","flag":true,"reasons":[]},)");
  return json +
         R"(,"maybeText":"","maybeList":[],"maybeBool":false,"maybeUInt8":0,"maybeUInt16":1,"maybeUInt32":2,)"
         R"("maybeUInt64":18446744073709551615,"maybeInt64":-9223372036854775808,"maybeTime":"2024-01-01T00:00:00Z",)"
         R"("maybeDuration":"-PT1S","maybeDate":"0000-01-01","collector":"EOS"})";
}

inline std::string with(std::string json, std::string_view from, std::string_view to) {
  const std::size_t at = json.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return json.replace(at, from.size(), to);
}

}  // namespace carnet::test

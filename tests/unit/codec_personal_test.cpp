// SPDX-License-Identifier: Apache-2.0
//
// Goal: personal fields are found, sealed in place and never leave as plain text; the canonical form is the same before
// and after sealing. Method: a type with a personal field in every position.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"
#include "codec/wire.hpp"
#include "support/payload_kinds.hpp"

#include <boost/test/unit_test.hpp>
#include <capnp/serialize.h>

#include <functional>

namespace carnet::codec {
namespace {

using test::must_create;
using test::Sample;
using test::TypePtr;
using test::with_personal;

PayloadFault json_fault(const TypePtr& type, const std::string& json) {
  std::vector<PersonalField> personal;
  const auto made = type->from_json(json, personal);
  const auto* fault = std::get_if<PayloadFault>(&made);
  BOOST_REQUIRE_MESSAGE(fault != nullptr, "accepted: " << json);
  return *fault;
}

base::ByteSpan bytes_of(std::string_view text) {
  return base::as_bytes(text);
}

const std::string kKeyId(16, 'k');
const std::string kNonce(12, 'n');
const std::string kCiphertext(20, 'c');
const std::string kTag(16, 't');
const std::string kCommitment(32, 'm');
const std::string kHmac(32, 'h');
const std::string kOtherHmac(32, 'i');

SealedFields sample_sealed() {
  return {.version = 1,
          .key_id = bytes_of(kKeyId),
          .nonce = bytes_of(kNonce),
          .ciphertext = bytes_of(kCiphertext),
          .tag = bytes_of(kTag),
          .commitment = bytes_of(kCommitment)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(payload_personal)

namespace {

const char* const kPersonalJson =
    R"({"accountId":"A1","note":"n","place":"p","passengers":[{"name":"Ada","seat":1},)"
    R"({"name":"Bob","seat":2,"licence":"L2","driverAccountId":"A7"}],"leader":{"name":"Cy","seat":0}})";

std::vector<std::string> paths(const std::vector<PersonalSlot>& slots) {
  std::vector<std::string> out;
  for (const PersonalSlot& slot : slots) {
    out.push_back(slot.path + "=" + slot.subject + ":" + slot.data_class + "#" + std::to_string(slot.field));
  }
  return out;
}

std::vector<PersonalSlot> slots_of(Sample& sample) {
  std::vector<PersonalSlot> slots;
  sample.type().personal_slots(sample.view(), sample.personal(), slots);
  return slots;
}

}  // namespace

BOOST_AUTO_TEST_CASE(personal_fields_of_json_become_plain_texts_beside_the_payload) {
  Sample sample(with_personal(), kPersonalJson);
  BOOST_REQUIRE(sample.personal().size() == 6U);
  BOOST_TEST(sample.personal()[0].path == "note");
  BOOST_TEST(sample.personal()[0].plaintext == "n");
  BOOST_TEST(sample.personal()[3].path == "passengers[1].name");
  BOOST_TEST(sample.personal()[3].plaintext == "Bob");
  BOOST_TEST(base::as_text(wire::as_bytes(sample.payload().words)).find("Ada") == std::string_view::npos);
  BOOST_TEST(!sample.check().has_value());
  BOOST_TEST(sample.json() == kPersonalJson);
}

BOOST_AUTO_TEST_CASE(the_word_sealed_is_refused_on_import) {
  const PayloadFault fault = json_fault(with_personal(), R"({"note":"[sealed]","passengers":[]})");
  BOOST_TEST(fault.error == "SealedValue");
  BOOST_TEST(fault.path == "data.note");
  BOOST_TEST(json_fault(with_personal(), R"({"note":7,"passengers":[]})").error == "BadValue");
  BOOST_TEST(json_fault(with_personal(), R"({"passengers":[{"seat":1}]})").path == "data.passengers[0].name");
}

BOOST_AUTO_TEST_CASE(slots_know_whose_key_seals_them) {
  Sample sample(with_personal(), kPersonalJson);
  const std::vector<std::string> expected{"note=A1:D7#0",
                                          "place=:D6#1",
                                          "passengers[0].name=A1:D1#2",
                                          "passengers[1].name=A1:D1#4",
                                          "passengers[1].licence=A7:D2#5",
                                          "leader.name=A1:D1#6"};
  BOOST_TEST(paths(slots_of(sample)) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_party_stands_for_the_account_where_there_is_none) {
  Sample account(with_personal(), R"({"party":"account/A9","note":"n","place":"p","passengers":[]})");
  const std::vector<std::string> expected{"note=A9:D7#0", "place=A9:D6#1"};
  BOOST_TEST(paths(slots_of(account)) == expected, boost::test_tools::per_element());
  Sample external(with_personal(), R"({"party":"external/X1","note":"n","passengers":[]})");
  BOOST_TEST(slots_of(external)[0].subject.empty());
  Sample nobody(with_personal(), R"({"note":"n","passengers":[]})");
  BOOST_TEST(slots_of(nobody)[0].subject.empty());
}

BOOST_AUTO_TEST_CASE(required_personal_fields_are_present_once_sealed) {
  Sample sample(with_personal(), kPersonalJson);
  const auto missing = sample.type().check(sample.view(), nullptr);
  BOOST_REQUIRE(missing.has_value());
  BOOST_TEST(missing->error == "FieldMissing");
  BOOST_TEST(missing->path == "data.passengers[0].name");
  for (const PersonalField& field : sample.personal()) {
    BOOST_REQUIRE(sample.type().set_sealed(sample.payload(), field.path, sample_sealed()).has_value());
  }
  const auto sealed = sample.type().check(sample.view(), nullptr);
  BOOST_TEST(!sealed.has_value(), (sealed ? sealed->error + " " + sealed->path : ""));
  const auto twice = sample.check();
  BOOST_REQUIRE(twice.has_value());
  BOOST_TEST(twice->error == "AlreadySealed");
}

BOOST_AUTO_TEST_CASE(paths_that_lead_nowhere_are_refused) {
  Sample sample(with_personal(), kPersonalJson);
  for (const char* path :
       {"", ".", "nothing", "accountId", "passengers", "passengers[2].name", "passengers[0]", "passengers.name",
        "passengers[0].seat", "note.x", "note[0]", "passengers[-1].name", "passengers[0x].name",
        "passengers[99999999999].name", "passengers[0", "leader", "leader.name.x"}) {
    const PersonalField field{.path = path, .plaintext = "x"};
    const auto fault = sample.type().check(sample.view(), nullptr, {&field, 1});
    BOOST_REQUIRE_MESSAGE(fault.has_value(), path);
    BOOST_TEST(fault->error == "NoSuchField", path);
    const Status set = sample.type().set_sealed(sample.payload(), path, sample_sealed());
    BOOST_REQUIRE_MESSAGE(!set.has_value(), path);
    BOOST_TEST(set.error().name() == "NoSuchField");
    BOOST_TEST(!sample.type().get_sealed(sample.view(), path).has_value());
  }
}

BOOST_AUTO_TEST_CASE(sealed_values_are_written_and_read_in_place) {
  Sample sample(with_personal(), kPersonalJson);
  BOOST_TEST(!sample.type().get_sealed(sample.view(), "passengers[1].licence").has_value());
  BOOST_REQUIRE(sample.type().set_sealed(sample.payload(), "passengers[1].licence", sample_sealed()).has_value());
  BOOST_REQUIRE(sample.type().set_sealed(sample.payload(), "note", sample_sealed()).has_value());
  const auto sealed = sample.type().get_sealed(sample.view(), "passengers[1].licence");
  BOOST_REQUIRE(sealed.has_value());
  BOOST_TEST(sealed->version == 1U);
  BOOST_TEST(base::as_text(sealed->key_id) == kKeyId);
  BOOST_TEST(base::as_text(sealed->nonce) == kNonce);
  BOOST_TEST(base::as_text(sealed->ciphertext) == kCiphertext);
  BOOST_TEST(base::as_text(sealed->tag) == kTag);
  BOOST_TEST(base::as_text(sealed->commitment) == kCommitment);
  std::string json;
  sample.type().append_json(sample.view(), {}, json);
  BOOST_TEST(json == R"({"accountId":"A1","note":"[sealed]","passengers":[{"seat":1},)"
                     R"({"seat":2,"licence":"[sealed]","driverAccountId":"A7"}],"leader":{"seat":0}})");
}

// A canonical payload has lost the pointers behind its last field: there is no word to write to.
BOOST_AUTO_TEST_CASE(sealing_grows_a_payload_that_was_cut) {
  const TypePtr type = must_create<schema::TrafficViolationRecorded>();
  Sample full(type, R"({"violationId":"V1","party":"account/A1","authority":"M","violationAt":"2024-01-01T00:00:00Z",)"
                    R"("fine":{"minor":1,"currency":"EUR"},"authorityRef":"r"})");
  Payload cut;
  const std::string canonical = full.canonical();
  cut.words.resize(canonical.size() / 8);
  std::memcpy(cut.words.data(), canonical.data(), canonical.size());
  BOOST_REQUIRE(type->set_sealed(cut, "place", sample_sealed()).has_value());
  BOOST_REQUIRE(type->set_sealed(full.payload(), "place", sample_sealed()).has_value());
  Sample grown(type, cut);
  const SealedDigest digest{.path = "place", .hmac = bytes_of(kHmac)};
  std::string one;
  std::string two;
  BOOST_REQUIRE(type->append_canonical(grown.view(), {&digest, 1}, one).has_value());
  BOOST_REQUIRE(type->append_canonical(full.view(), {&digest, 1}, two).has_value());
  BOOST_TEST(one == two);
  BOOST_TEST(!type->check(grown.view(), nullptr).has_value());
}

BOOST_AUTO_TEST_CASE(incomplete_sealed_values_are_refused) {
  const auto broken = [](const std::function<void(SealedFields&)>& edit) {
    Sample sample(with_personal(), R"({"accountId":"A1","note":"n","passengers":[]})");
    SealedFields sealed = sample_sealed();
    edit(sealed);
    BOOST_REQUIRE(sample.type().set_sealed(sample.payload(), "note", sealed).has_value());
    const auto fault = sample.type().check(sample.view(), nullptr);
    return fault ? fault->error + " " + fault->path : std::string("accepted");
  };
  BOOST_TEST(broken([](auto&) {}) == "accepted");
  BOOST_TEST(broken([](SealedFields& s) { s.version = 0; }) == "BadSealed data.note");
  BOOST_TEST(broken([](SealedFields& s) { s.key_id = {}; }) == "BadSealed data.note");
  BOOST_TEST(broken([](SealedFields& s) { s.nonce = s.nonce.first(11); }) == "BadSealed data.note");
  BOOST_TEST(broken([](SealedFields& s) { s.ciphertext = s.ciphertext.first(15); }) == "BadSealed data.note");
  BOOST_TEST(broken([](SealedFields& s) { s.tag = {}; }) == "BadSealed data.note");
  BOOST_TEST(broken([](SealedFields& s) { s.commitment = s.nonce; }) == "BadSealed data.note");
}

BOOST_AUTO_TEST_CASE(canonical_form_is_the_same_before_and_after_sealing) {
  Sample sample(with_personal(), kPersonalJson);
  std::vector<SealedDigest> digests;
  for (const PersonalField& field : sample.personal()) {
    digests.push_back({.path = field.path, .hmac = bytes_of(kHmac)});
  }
  const auto canonical = [&](const std::vector<SealedDigest>& with_digests) {
    std::string out;
    BOOST_REQUIRE(sample.type().append_canonical(sample.view(), with_digests, out).has_value());
    return out;
  };
  const std::string before = canonical(digests);
  for (const PersonalField& field : sample.personal()) {
    BOOST_REQUIRE(sample.type().set_sealed(sample.payload(), field.path, sample_sealed()).has_value());
  }
  BOOST_TEST(canonical(digests) == before);
  std::vector<SealedDigest> other = digests;
  other[3].hmac = bytes_of(kOtherHmac);
  BOOST_TEST(canonical(other) != before);
  BOOST_TEST(before.find(kHmac) != std::string::npos);
  BOOST_TEST(canonical(digests).find(kCiphertext) == std::string::npos);

  other = digests;
  other.pop_back();
  std::string out;
  const Status missing = sample.type().append_canonical(sample.view(), other, out);
  BOOST_REQUIRE(!missing.has_value());
  BOOST_TEST(missing.error().name() == "DigestMissing");
  other = digests;
  other[0].path = "nothing";
  other.push_back(digests[0]);
  const Status unknown = sample.type().append_canonical(sample.view(), other, out);
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST(unknown.error().name() == "NoSuchField");
}

// The documented form: the library's canonical message of the payload in which each sealed value is only its digest.
BOOST_AUTO_TEST_CASE(canonical_form_is_the_librarys_with_digests_in_place) {
  const TypePtr type = must_create<schema::TrafficViolationRecorded>();
  Sample sample(type,
                R"({"violationId":"V1","party":"account/A1","authority":"M","violationAt":"2024-01-01T00:00:00Z",)"
                R"("fine":{"minor":1,"currency":"EUR"},"authorityRef":"r","place":"x"})");
  const SealedDigest digest{.path = "place", .hmac = bytes_of(kHmac)};
  std::string ours = "before";
  BOOST_REQUIRE(type->append_canonical(sample.view(), {&digest, 1}, ours).has_value());
  capnp::MallocMessageBuilder builder;
  auto violation = builder.initRoot<schema::TrafficViolationRecorded>();
  violation.setViolationId("V1");
  violation.setParty("account/A1");
  violation.setAuthority("M");
  violation.setViolationAt(1704067200000000000);
  set_money(violation.initFine(), {1, *Currency::parse("EUR")});
  violation.setAuthorityRef("r");
  violation.initPlace().setCommitment(as_data(bytes_of(kHmac)));
  const auto canonical = capnp::canonicalize(violation.asReader());
  const auto bytes = canonical.asBytes();
  BOOST_TEST(ours == "before" + std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec

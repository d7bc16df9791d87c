// SPDX-License-Identifier: Apache-2.0
//
// Goal: a sealed field opens only whole, in its place and with its key; the bytes are those that the log format names.
// Method: published vectors, vectors made with Python's cryptography and hashlib, every byte of every part flipped.
#include "seal/aead.hpp"
#include "seal/sealer.hpp"
#include "support/seal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace carnet::seal {
namespace {

using base::as_bytes;
using base::to_hex;
using test::error_of;
using test::granted;
using test::key_id;
using test::must;
using test::refusal_of;
using test::request;

constexpr std::string_view kPlaintext = "Zo\u00eb Example";

FieldPlace place() {
  FieldPlace place;
  place.ledger.fill(std::byte{0x11});
  place.command.fill(std::byte{0x22});
  place.event_index = 3;
  place.field = field_id("passengers[0].name");
  return place;
}

template <std::size_t N>
std::array<std::byte, N> bytes_of(std::string_view hex) {
  const std::string bytes = *base::from_hex(hex);
  BOOST_REQUIRE(bytes.size() == N);
  std::array<std::byte, N> out;
  std::copy_n(as_bytes(bytes).begin(), N, out.begin());
  return out;
}

struct SealFixture : test::RingFixture {
  KeyHandle key = granted(ring->create_key(request("account/A1", "D1", 1)));
  Sealer sealer{*ring};

  SealedParts sealed(std::string_view plaintext = kPlaintext) {
    return granted(sealer.seal(as_bytes(plaintext), *key, place()));
  }
};

BOOST_AUTO_TEST_SUITE(aead)

BOOST_AUTO_TEST_CASE(aes256gcm_matches_the_published_vector) {
  // McGrew and Viega, The Galois/Counter Mode of Operation, test case 16.
  const auto key = bytes_of<32>("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const auto nonce = bytes_of<12>("cafebabefacedbaddecaf888");
  const auto associated = bytes_of<20>("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto plaintext = bytes_of<60>(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39");
  const std::string expected =
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f662";
  for (const std::size_t split : {0U, 1U, 16U, 59U, 60U}) {
    std::array<std::byte, 60> ciphertext;
    const Tag tag = aes256gcm_seal({key, nonce, associated}, ByteSpan(plaintext).first(split),
                                   ByteSpan(plaintext).subspan(split), ciphertext);
    BOOST_TEST(to_hex(ciphertext) == expected);
    BOOST_TEST(to_hex(tag) == "76fc6ece0f4e1768cddf8853bb2d551b");
    std::array<std::byte, 60> opened;
    BOOST_TEST(aes256gcm_open({key, nonce, associated}, ciphertext, tag, opened));
    BOOST_TEST(to_hex(opened) == to_hex(plaintext));
  }
}

BOOST_AUTO_TEST_CASE(aes256gcm_seals_nothing_at_all) {
  // The same paper, test case 13.
  const std::array<std::byte, 32> key{};
  const Nonce nonce{};
  const Tag tag = aes256gcm_seal({key, nonce, {}}, {}, {}, {});
  BOOST_TEST(to_hex(tag) == "530f8afbc74536b9a963b4f1c4cb738b");
  BOOST_TEST(aes256gcm_open({key, nonce, {}}, {}, tag, {}));
}

BOOST_AUTO_TEST_CASE(a_wrong_tag_leaves_no_plaintext) {
  const std::array<std::byte, 32> key{};
  const Nonce nonce{};
  std::array<std::byte, 8> ciphertext;
  Tag tag = aes256gcm_seal({key, nonce, {}}, as_bytes("12345678"), {}, ciphertext);
  tag[15] ^= std::byte{1};
  std::array<std::byte, 8> opened;
  opened.fill(std::byte{0xff});
  BOOST_TEST(!aes256gcm_open({key, nonce, {}}, ciphertext, tag, opened));
  BOOST_TEST(to_hex(opened) == "0000000000000000");
}

BOOST_AUTO_TEST_CASE(hkdf_matches_rfc_5869) {
  // RFC 5869 A.1 and A.3, the first 32 bytes of each.
  std::array<std::byte, 32> out;
  hkdf_sha256(bytes_of<22>("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), bytes_of<13>("000102030405060708090a0b0c"),
              "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9", out);
  BOOST_TEST(to_hex(out) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  hkdf_sha256(bytes_of<22>("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), {}, "", out);
  BOOST_TEST(to_hex(out) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sealing)

BOOST_AUTO_TEST_CASE(a_sealed_field_has_the_bytes_of_the_format) {
  MemoryKeyStore store;
  TestKeyProvider provider;
  test::StubRandom random;
  const std::unique_ptr<KeyRing> ring = must(KeyRing::open(store, provider, random));
  random.push(0x00, 32);  // the data key
  KeyRequest made = request("account/A1", "D1", 0);
  made.key_id = bytes_of<16>("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  const KeyHandle key = granted(ring->create_key(made));
  random.push(0x10, 12);  // the nonce
  random.push(0x20, 16);  // the blind

  BOOST_TEST(place().field == 0x067aec9d5ae16395U);
  const Sealer sealer(*ring);
  const SealedParts sealed = granted(sealer.seal(as_bytes(kPlaintext), *key, place()));
  BOOST_TEST(sealed.version == 1U);
  BOOST_TEST(to_hex(sealed.key_id) == "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
  BOOST_TEST(to_hex(sealed.nonce) == "101112131415161718191a1b");
  BOOST_TEST(to_hex(as_bytes(sealed.ciphertext)) == "ebe11d998d381f864ca68f8498e1fb63cd267b8d841f65092ade91b4");
  BOOST_TEST(to_hex(sealed.tag) == "779e05275aad8c454cb7bfc4031d2341");
  BOOST_TEST(to_hex(sealed.commitment) == "4c6bc3a7f82ca75859d478e666b2c5fe6e3088185f3ea063bee8e9b724448e39");
  BOOST_TEST(to_hex(digest_of_field(as_bytes(kPlaintext), *key)) ==
             "7334f4555ede4bd42b4deea4102b873adb311b45a2419e7247b8c7e9dd2ddb6b");
}

BOOST_FIXTURE_TEST_CASE(a_field_opens_in_its_place, SealFixture) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U, 262'144U}) {
    const std::string plaintext(size, 'p');
    const SealedParts parts = sealed(plaintext);
    BOOST_TEST(parts.ciphertext.size() == kBlindBytes + size);
    const OpenedField opened = granted(sealer.open(view_of(parts), place()));
    BOOST_TEST((opened.plaintext == plaintext));
    BOOST_TEST(verify_disclosure(parts.commitment, opened.blind, as_bytes(opened.plaintext)));
  }
}

BOOST_FIXTURE_TEST_CASE(a_field_over_the_limit_is_an_error, SealFixture) {
  const std::string plaintext(kSealedPlaintextBytesMax + 1, 'p');
  BOOST_TEST(error_of(sealer.seal(as_bytes(plaintext), *key, place())) == "FieldTooLong");
}

BOOST_FIXTURE_TEST_CASE(the_same_text_is_never_sealed_to_the_same_bytes, SealFixture) {
  const SealedParts a = sealed();
  const SealedParts b = sealed();
  BOOST_TEST((a.nonce != b.nonce));
  BOOST_TEST((a.ciphertext != b.ciphertext));
  BOOST_TEST((a.commitment != b.commitment));
}

BOOST_FIXTURE_TEST_CASE(a_random_source_that_fails_seals_nothing, SealFixture) {
  MemoryKeyStore other_store;
  test::StubRandom stub;
  const std::unique_ptr<KeyRing> other = must(KeyRing::open(other_store, provider, stub));
  BOOST_TEST(error_of(Sealer(*other).seal(as_bytes("x"), *key, place())) == "RandomUnavailable");
}

BOOST_FIXTURE_TEST_CASE(every_flipped_byte_of_a_sealed_field_is_seen, SealFixture) {
  const SealedParts good = sealed();
  using Part = std::span<std::byte> (*)(SealedParts&);
  const std::array<Part, 4> parts{
      [](SealedParts& sealed_parts) { return std::span<std::byte>(sealed_parts.nonce); },
      [](SealedParts& sealed_parts) { return std::as_writable_bytes(std::span(sealed_parts.ciphertext)); },
      [](SealedParts& sealed_parts) { return std::span<std::byte>(sealed_parts.tag); },
      [](SealedParts& sealed_parts) { return std::span<std::byte>(sealed_parts.commitment); }};
  for (const Part part : parts) {
    SealedParts bad = good;
    for (std::size_t i = 0; i < part(bad).size(); ++i) {
      for (const std::byte bit : {std::byte{0x01}, std::byte{0x80}}) {
        bad = good;
        part(bad)[i] ^= bit;
        BOOST_TEST(error_of(sealer.open(view_of(bad), place())) == "SealedFieldDamaged");
      }
    }
  }
  BOOST_TEST(granted(sealer.open(view_of(good), place())).plaintext == kPlaintext);
}

BOOST_FIXTURE_TEST_CASE(every_flipped_byte_of_the_place_is_seen, SealFixture) {
  const SealedParts good = sealed();
  for (std::size_t i = 0; i < 16; ++i) {
    FieldPlace other = place();
    other.ledger[i] ^= std::byte{1};
    BOOST_TEST(error_of(sealer.open(view_of(good), other)) == "SealedFieldDamaged");
    other = place();
    other.command[i] ^= std::byte{1};
    BOOST_TEST(error_of(sealer.open(view_of(good), other)) == "SealedFieldDamaged");
  }
  for (unsigned bit = 0; bit < 64; ++bit) {
    FieldPlace other = place();
    other.field ^= std::uint64_t{1} << bit;
    BOOST_TEST(error_of(sealer.open(view_of(good), other)) == "SealedFieldDamaged");
    other = place();
    other.event_index ^= std::uint32_t{1} << (bit % 32);
    BOOST_TEST(error_of(sealer.open(view_of(good), other)) == "SealedFieldDamaged");
  }
}

BOOST_FIXTURE_TEST_CASE(a_field_under_another_key_id_does_not_open, SealFixture) {
  const KeyHandle other = granted(ring->create_key(request("account/A1", "D2", 2)));
  SealedParts parts = sealed();
  parts.key_id = other->id();
  BOOST_TEST(error_of(sealer.open(view_of(parts), place())) == "SealedFieldDamaged");
  parts.key_id = key_id(99);
  BOOST_TEST(refusal_of(sealer.open(view_of(parts), place())) == "KeyMissing");
}

BOOST_FIXTURE_TEST_CASE(a_field_of_the_wrong_shape_does_not_open, SealFixture) {
  const SealedParts good = sealed();
  const auto name_of = [&](auto&& change) {
    SealedView view = view_of(good);
    change(view);
    return error_of(sealer.open(view, place()));
  };
  BOOST_TEST(name_of([](SealedView& v) { v.version = 2; }) == "FormatTooNew");
  BOOST_TEST(name_of([](SealedView& v) { v.version = 0; }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v.key_id = v.key_id.first(15); }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v.nonce = {}; }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v.tag = v.tag.first(12); }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v.commitment = v.tag; }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v.ciphertext = v.ciphertext.first(15); }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v.ciphertext = v.ciphertext.first(20); }) == "SealedFieldDamaged");
  BOOST_TEST(name_of([](SealedView& v) { v = SealedView{}; }) == "SealedFieldDamaged");
}

BOOST_FIXTURE_TEST_CASE(errors_tell_the_place_and_nothing_personal, SealFixture) {
  SealedParts parts = sealed();
  parts.tag[0] ^= std::byte{1};
  const auto opened = sealer.open(view_of(parts), place());
  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST(opened.error().fact("eventIndex") == "3");
  const std::string line = opened.error().to_line();
  BOOST_TEST(line.find("Example") == std::string::npos);
  BOOST_TEST(line.find("account/A1") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_disclosure_is_proved_without_the_key, SealFixture) {
  const SealedParts parts = sealed();
  const OpenedField opened = granted(sealer.open(view_of(parts), place()));
  BOOST_TEST(verify_disclosure(parts.commitment, opened.blind, as_bytes(kPlaintext)));
  BOOST_TEST(!verify_disclosure(parts.commitment, opened.blind, as_bytes("Zoe Example")));
  Blind other = opened.blind;
  other[0] ^= std::byte{1};
  BOOST_TEST(!verify_disclosure(parts.commitment, other, as_bytes(kPlaintext)));
  BOOST_TEST(!verify_disclosure(ByteSpan(parts.commitment).first(31), opened.blind, as_bytes(kPlaintext)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(digests)

BOOST_FIXTURE_TEST_CASE(a_resend_after_rotation_has_the_digest_of_the_first_use, SealFixture) {
  const SealedParts first = sealed();
  const base::Hash then = digest_of_field(as_bytes(kPlaintext), *key);
  const KeyHandle rotated = granted(ring->create_key(request("account/A1", "D1", 2, KeyUse::kRotation)));
  BOOST_TEST((digest_of_field(as_bytes(kPlaintext), *rotated) != then));
  reopen();
  const Sealer after(*ring);
  BOOST_TEST((granted(after.digest(as_bytes(kPlaintext), first.key_id)) == then));
  BOOST_TEST((granted(after.digest(as_bytes("Zoe Example"), first.key_id)) != then));
}

BOOST_FIXTURE_TEST_CASE(digests_of_two_subjects_or_classes_differ, SealFixture) {
  const KeyHandle other_class = granted(ring->create_key(request("account/A1", "D2", 2)));
  const KeyHandle other_subject = granted(ring->create_key(request("account/A2", "D1", 3)));
  const base::Hash digest = digest_of_field(as_bytes(kPlaintext), *key);
  BOOST_TEST((digest_of_field(as_bytes(kPlaintext), *other_class) != digest));
  BOOST_TEST((digest_of_field(as_bytes(kPlaintext), *other_subject) != digest));
}

BOOST_FIXTURE_TEST_CASE(the_digest_key_is_not_the_sealing_key, SealFixture) {
  BOOST_TEST(to_hex(key->sealing_key()) != to_hex(key->digest_key()));
}

BOOST_FIXTURE_TEST_CASE(a_digest_without_its_key_is_refused, SealFixture) {
  BOOST_TEST(refusal_of(sealer.digest(as_bytes(kPlaintext), key_id(9))) == "KeyMissing");
  const std::array<std::string, 1> classes{"D1"};
  must(ring->destroy("account/A1", classes));
  BOOST_TEST(refusal_of(sealer.digest(as_bytes(kPlaintext), key_id(1))) == "SubjectErased");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::seal

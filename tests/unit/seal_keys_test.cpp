// SPDX-License-Identifier: Apache-2.0
//
// Goal: a key is there for what was sealed under it until it is destroyed, and never after; nothing is lost or brought
// back by a crash, a failing store or a race. Method: the ring over memory, reopened and broken at chosen steps.
#undef BOOST_TEST_MODULE  // main() is in seal_test.cpp
#include "seal/key_ring.hpp"
#include "seal/sealer.hpp"
#include "support/seal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace carnet::seal {
namespace {

using base::as_bytes;
using test::error_of;
using test::FaultyKeyStore;
using test::granted;
using test::key_id;
using test::must;
using test::refusal_of;
using test::request;

using Fault = FaultyKeyStore::Fault;

const std::vector<std::string> kD1{"D1"};

struct KeysFixture : test::RingFixture {
  KeyHandle create(const KeyRequest& request) { return granted(ring->create_key(request)); }

  SealedParts seal(const KeyHandle& key, std::string_view text = "secret") {
    return granted(Sealer(*ring).seal(as_bytes(text), *key, FieldPlace{}));
  }

  std::string open(const SealedParts& sealed) {
    Granted<OpenedField> opened = must(Sealer(*ring).open(view_of(sealed), FieldPlace{}));
    if (const KeyRefusal* const refusal = std::get_if<KeyRefusal>(&opened)) {
      return std::string(to_string(*refusal));
    }
    return std::get<OpenedField>(opened).plaintext;
  }

  KeyRecord record(std::uint8_t number) { return *must(store.get(key_id(number))); }
};

/// The test provider, with a step to take before each wrap(), unwrap() and destroy_version().
class HookedProvider final : public KeyProvider {
 public:
  using Hook = std::function<void()>;

  explicit HookedProvider(TestKeyProvider& below) : below_(below) {}

  Hook before_wrap;
  Hook before_unwrap;
  Hook before_destroy;

  Result<WrappingVersion> create_version() override { return below_.create_version(); }

  Result<std::string> wrap(WrappingVersion version, std::span<const std::byte, kDataKeyBytes> data_key,
                           std::span<const std::byte> context) override {
    run(before_wrap);
    return below_.wrap(version, data_key, context);
  }

  Status unwrap(WrappingVersion version, std::span<const std::byte> wrapped, std::span<const std::byte> context,
                std::span<std::byte, kDataKeyBytes> data_key) override {
    run(before_unwrap);
    return below_.unwrap(version, wrapped, context, data_key);
  }

  bool can_destroy() const noexcept override { return true; }

  Status destroy_version(WrappingVersion version) override {
    run(before_destroy);
    return below_.destroy_version(version);
  }

  bool is_for_tests() const noexcept override { return true; }

 private:
  static void run(const Hook& hook) {
    if (hook) {
      hook();
    }
  }

  TestKeyProvider& below_;
};

/// `step` the first time it is called, nothing after.
HookedProvider::Hook once(HookedProvider::Hook step) {
  return [step = std::move(step), done = false]() mutable {
    if (!std::exchange(done, true)) {
      step();
    }
  };
}

/// The refusal of prepare(), with the index of the request; empty when it was granted.
std::string prepare_refusal(KeyRing& ring, const std::vector<KeyRequest>& requests) {
  const Prepared prepared = must(ring.prepare(requests));
  const PrepareRefusal* const refused = std::get_if<PrepareRefusal>(&prepared);
  return refused == nullptr ? "" : std::to_string(refused->index) + " " + std::string(to_string(refused->refusal));
}

BOOST_AUTO_TEST_SUITE(records)

BOOST_AUTO_TEST_CASE(a_record_reads_back) {
  for (const KeyState state : {KeyState::kPrepared, KeyState::kLive, KeyState::kRetired, KeyState::kDestroyed}) {
    const KeyRecord record{.subject = std::string(255, 's'),
                           .data_class = std::string(64, 'c'),
                           .key_id = key_id(7),
                           .state = state,
                           .created_at = Timestamp{-5},
                           .wrapping_version = 0x1122334455667788,
                           .wrapped = std::string(state == KeyState::kDestroyed ? 0 : 4096, 'w')};
    BOOST_TEST((must(decode_key_record(encode(record))) == record));
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_and_every_cut_of_a_record_is_seen) {
  const std::string good = encode(KeyRecord{.subject = "account/A1",
                                            .data_class = "D1",
                                            .key_id = key_id(7),
                                            .state = KeyState::kLive,
                                            .created_at = Timestamp{5},
                                            .wrapping_version = 1,
                                            .wrapped = "wrapped"});
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    BOOST_TEST(error_of(decode_key_record(bad)) == "KeyRecordDamaged");
    BOOST_TEST(error_of(decode_key_record(std::string_view(good).substr(0, i))) == "KeyRecordDamaged");
  }
  BOOST_TEST(error_of(decode_key_record(good + "x")) == "KeyRecordDamaged");
}

BOOST_AUTO_TEST_CASE(a_record_of_a_newer_format_is_refused) {
  std::string bytes = encode(KeyRecord{.subject = "s",
                                       .data_class = "c",
                                       .key_id = key_id(7),
                                       .state = KeyState::kLive,
                                       .created_at = {},
                                       .wrapping_version = 1,
                                       .wrapped = "w"});
  bytes.resize(bytes.size() - 4);
  bytes[0] = 2;
  base::append_le(bytes, base::crc32c(as_bytes(bytes)));
  BOOST_TEST(error_of(decode_key_record(bytes)) == "FormatTooNew");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(life)

BOOST_FIXTURE_TEST_CASE(a_created_key_is_live_and_outlives_the_ring, KeysFixture) {
  const SealedParts sealed = seal(create(request("account/A1", "D1", 1)));
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(1)));
  reopen();
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(1)));
  BOOST_TEST((granted(ring->state(key_id(1))) == KeyState::kLive));
  BOOST_TEST(open(sealed) == "secret");
}

BOOST_FIXTURE_TEST_CASE(a_subject_or_class_without_key_is_missing, KeysFixture) {
  create(request("account/A1", "D1", 1));
  BOOST_TEST(refusal_of(ring->live_key("account/A1", "D2")) == "KeyMissing");
  BOOST_TEST(refusal_of(ring->live_key("account/A2", "D1")) == "KeyMissing");
  // Class and subject do not run together.
  BOOST_TEST(refusal_of(ring->live_key("1account/A1", "D")) == "KeyMissing");
  BOOST_TEST(refusal_of(ring->key(key_id(2))) == "KeyMissing");
  BOOST_TEST(refusal_of(ring->state(key_id(2))) == "KeyMissing");
  BOOST_TEST(refusal_of(ring->activate(key_id(2))) == "KeyMissing");
}

BOOST_FIXTURE_TEST_CASE(a_second_first_key_is_refused, KeysFixture) {
  create(request("account/A1", "D1", 1));
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D1", 2))) == "KeyExists");
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D1", 2, KeyUse::kAfterErasure))) == "KeyExists");
  BOOST_TEST(refusal_of(ring->create_key(request("account/A2", "D1", 1))) == "KeyIdTaken");
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D2", 1))) == "KeyIdTaken");
}

BOOST_FIXTURE_TEST_CASE(a_key_made_again_by_a_resend_is_the_same_key, KeysFixture) {
  const SealedParts sealed = seal(create(request("account/A1", "D1", 1)));
  const int writes = store.writes;
  BOOST_TEST((create(request("account/A1", "D1", 1)) == granted(ring->live_key("account/A1", "D1"))));
  BOOST_TEST(store.writes == writes);
  create(request("account/A1", "D1", 2, KeyUse::kRotation));
  // A resend of the first request, late: its key stays retired.
  BOOST_TEST((create(request("account/A1", "D1", 1))->id() == key_id(1)));
  BOOST_TEST((granted(ring->state(key_id(1))) == KeyState::kRetired));
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(2)));
  BOOST_TEST(open(sealed) == "secret");
}

BOOST_FIXTURE_TEST_CASE(after_rotation_new_fields_take_the_new_key_and_old_ones_open, KeysFixture) {
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D1", 1, KeyUse::kRotation))) == "KeyMissing");
  const SealedParts first = seal(create(request("account/A1", "D1", 1)), "first");
  create(request("account/A1", "D1", 2, KeyUse::kRotation));
  const SealedParts second = seal(granted(ring->live_key("account/A1", "D1")), "second");
  BOOST_TEST((second.key_id == key_id(2)));
  reopen();
  BOOST_TEST(open(first) == "first");
  BOOST_TEST(open(second) == "second");
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(2)));
}

BOOST_FIXTURE_TEST_CASE(a_prepared_key_is_nobodys_until_activated, KeysFixture) {
  const Prepared prepared = must(ring->prepare(std::vector{request("account/A1", "D1", 1)}));
  const KeyHandle key = std::get<0>(prepared).front();
  const SealedParts sealed = seal(key);
  BOOST_TEST(refusal_of(ring->live_key("account/A1", "D1")) == "KeyMissing");
  BOOST_TEST(open(sealed) == "secret");
  BOOST_TEST((granted(ring->activate(key_id(1))) == KeyState::kLive));
  BOOST_TEST((granted(ring->live_key("account/A1", "D1")) == key));
  BOOST_TEST((granted(ring->activate(key_id(1))) == KeyState::kLive));
}

BOOST_FIXTURE_TEST_CASE(several_keys_are_prepared_all_or_none, KeysFixture) {
  create(request("account/A1", "D3", 9));
  const int writes = store.writes;
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 1), request("account/A1", "D2", 2),
                                     request("account/A1", "D3", 3)}) == "2 KeyExists");
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 1), request("account/A1", "D1", 2)}) == "1 KeyExists");
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 1), request("account/A1", "D2", 1)}) ==
             "1 KeyIdTaken");
  BOOST_TEST(store.writes == writes);
  BOOST_TEST(must(ring->prepared()).empty());
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 1), request("account/A1", "D2", 2)}).empty());
  BOOST_TEST(store.writes == writes + 1);
  BOOST_TEST(must(ring->prepared()).size() == 2U);
  BOOST_TEST(prepare_refusal(*ring, {}).empty());
}

BOOST_FIXTURE_TEST_CASE(a_discarded_key_leaves_no_trace, KeysFixture) {
  const Prepared prepared = must(ring->prepare(std::vector{request("account/A1", "D1", 1)}));
  const KeyHandle key = std::get<0>(prepared).front();
  must(ring->discard(key_id(1)));
  BOOST_TEST(!must(store.get(key_id(1))).has_value());
  BOOST_TEST(must(ring->prepared()).empty());
  BOOST_TEST(key->is_destroyed());
  BOOST_TEST(refusal_of(Sealer(*ring).seal(as_bytes("x"), *key, FieldPlace{})) == "SubjectErased");
  BOOST_TEST(refusal_of(ring->live_key("account/A1", "D1")) == "KeyMissing");
  must(ring->discard(key_id(1)));
  create(request("account/A1", "D1", 1));
}

BOOST_FIXTURE_TEST_CASE(a_discarded_rotation_leaves_the_live_key_alone, KeysFixture) {
  create(request("account/A1", "D1", 1));
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 2, KeyUse::kRotation)}).empty());
  must(ring->discard(key_id(2)));
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(1)));
  must(ring->discard(key_id(1)));  // not prepared: no effect
  BOOST_TEST((granted(ring->state(key_id(1))) == KeyState::kLive));
}

BOOST_FIXTURE_TEST_CASE(a_key_claimed_twice_survives_one_discard, KeysFixture) {
  // A resend races with its original, and is refused: the original's key must stay.
  const std::vector requests{request("account/A1", "D1", 1)};
  const SealedParts sealed = seal(std::get<0>(must(ring->prepare(requests))).front());
  BOOST_TEST(prepare_refusal(*ring, requests).empty());
  must(ring->discard(key_id(1)));
  BOOST_TEST((granted(ring->activate(key_id(1))) == KeyState::kLive));
  BOOST_TEST(open(sealed) == "secret");
}

BOOST_FIXTURE_TEST_CASE(keys_left_by_a_crash_are_found_at_opening, KeysFixture) {
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 1), request("account/A1", "D2", 2)}).empty());
  reopen();
  const std::vector<KeyRecord> left = must(ring->prepared());
  BOOST_REQUIRE(left.size() == 2U);
  BOOST_TEST(left[0].subject == "account/A1");
  BOOST_TEST((granted(ring->activate(key_id(1))) == KeyState::kLive));
  must(ring->discard(key_id(2)));
  BOOST_TEST(must(ring->prepared()).empty());
  BOOST_TEST(refusal_of(ring->state(key_id(2))) == "KeyMissing");
}

BOOST_FIXTURE_TEST_CASE(new_key_ids_differ, KeysFixture) {
  BOOST_TEST((must(ring->new_key_id()) != must(ring->new_key_id())));
}

BOOST_FIXTURE_TEST_CASE(a_store_that_fails_loses_nothing, KeysFixture) {
  for (const Fault fault : {Fault::kBefore, Fault::kAfter}) {
    const std::uint8_t number = fault == Fault::kBefore ? 1 : 2;
    const std::vector requests{request("account/A" + std::to_string(number), "D1", number)};
    store.next_write = fault;
    BOOST_TEST(error_of(ring->prepare(requests)) == "StoreBroken");
    BOOST_TEST(prepare_refusal(*ring, requests).empty());
    const SealedParts sealed = seal(granted(ring->key(key_id(number))));
    store.next_write = fault;
    BOOST_TEST(error_of(ring->activate(key_id(number))) == "StoreBroken");
    BOOST_TEST((granted(ring->activate(key_id(number))) == KeyState::kLive));
    BOOST_TEST((granted(ring->live_key(requests[0].subject, "D1"))->id() == key_id(number)));
    reopen();
    BOOST_TEST(open(sealed) == "secret");
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(erasure)

BOOST_FIXTURE_TEST_CASE(a_destroyed_key_opens_nothing_any_more, KeysFixture) {
  const KeyHandle held = create(request("account/A1", "D1", 1));
  const SealedParts first = seal(held, "first");
  const SealedParts second = seal(create(request("account/A1", "D1", 2, KeyUse::kRotation)), "second");
  const SealedParts other_class = seal(create(request("account/A1", "D2", 3)), "other class");
  const SealedParts other_subject = seal(create(request("account/A2", "D1", 4)), "other subject");
  const std::string wrapped = record(1).wrapped;

  const DestroyedKeys destroyed = must(ring->destroy("account/A1", kD1));
  BOOST_TEST((destroyed.now == std::vector{key_id(1), key_id(2)}));
  BOOST_TEST(destroyed.before.empty());
  for (int pass = 0; pass < 2; ++pass) {
    BOOST_TEST(open(first) == "SubjectErased");
    BOOST_TEST(open(second) == "SubjectErased");
    BOOST_TEST(open(other_class) == "other class");
    BOOST_TEST(open(other_subject) == "other subject");
    BOOST_TEST(refusal_of(ring->live_key("account/A1", "D1")) == "SubjectErased");
    BOOST_TEST((granted(ring->state(key_id(1))) == KeyState::kDestroyed));
    reopen();
  }
  BOOST_TEST(record(1).wrapped.empty());
  BOOST_TEST((std::find(store.purged.begin(), store.purged.end(), wrapped) != store.purged.end()));
  // A handle taken before knows it too.
  BOOST_TEST(held->is_destroyed());
  BOOST_TEST(refusal_of(Sealer(*ring).seal(as_bytes("x"), *held, FieldPlace{})) == "SubjectErased");
}

BOOST_FIXTURE_TEST_CASE(an_erased_subject_gets_a_key_only_when_reopened, KeysFixture) {
  const SealedParts before = seal(create(request("account/A1", "D1", 1)));
  must(ring->destroy("account/A1", kD1));
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D1", 2))) == "SubjectErased");
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D1", 2, KeyUse::kRotation))) == "SubjectErased");
  // The id of a destroyed key names it for ever.
  BOOST_TEST(refusal_of(ring->create_key(request("account/A1", "D1", 1, KeyUse::kAfterErasure))) == "SubjectErased");
  const SealedParts after = seal(create(request("account/A1", "D1", 2, KeyUse::kAfterErasure)), "after");
  BOOST_TEST(open(before) == "SubjectErased");
  BOOST_TEST(open(after) == "after");
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(2)));
}

BOOST_FIXTURE_TEST_CASE(destroying_again_tells_what_was_destroyed_before, KeysFixture) {
  create(request("account/A1", "D1", 1));
  must(ring->destroy("account/A1", kD1));
  const DestroyedKeys again = must(ring->destroy("account/A1", kD1));
  BOOST_TEST(again.now.empty());
  BOOST_TEST((again.before == std::vector{key_id(1)}));
  const DestroyedKeys nothing = must(ring->destroy("account/A9", kD1));
  BOOST_TEST((nothing.now.empty() && nothing.before.empty()));
}

BOOST_FIXTURE_TEST_CASE(a_prepared_key_is_destroyed_too_and_cannot_be_activated, KeysFixture) {
  BOOST_TEST(prepare_refusal(*ring, {request("account/A1", "D1", 1)}).empty());
  must(ring->destroy("account/A1", kD1));
  BOOST_TEST((granted(ring->activate(key_id(1))) == KeyState::kDestroyed));
  BOOST_TEST(must(ring->prepared()).empty());
  must(ring->discard(key_id(1)));
  BOOST_TEST((granted(ring->state(key_id(1))) == KeyState::kDestroyed));
}

BOOST_FIXTURE_TEST_CASE(an_erasure_that_failed_is_finished_by_the_next_call, KeysFixture) {
  for (const Fault fault : {Fault::kBefore, Fault::kAfter}) {
    const std::uint8_t number = fault == Fault::kBefore ? 1 : 2;
    const std::string subject = "account/A" + std::to_string(number);
    const KeyHandle held = create(request(subject, "D1", number));
    store.next_write = fault;
    BOOST_TEST(error_of(ring->destroy(subject, kD1)) == "StoreBroken");
    must(ring->destroy(subject, kD1));
    BOOST_TEST(held->is_destroyed());
    BOOST_TEST(refusal_of(ring->key(key_id(number))) == "SubjectErased");
  }
}

BOOST_FIXTURE_TEST_CASE(a_purge_that_is_due_is_made_up_for_after_a_crash, KeysFixture) {
  create(request("account/A1", "D1", 1));
  store.next_purge = Fault::kBefore;
  BOOST_TEST(error_of(ring->destroy("account/A1", kD1)) == "StoreBroken");
  BOOST_TEST(!must(store.meta("purge/")).empty());
  reopen();
  BOOST_TEST(refusal_of(ring->key(key_id(1))) == "SubjectErased");
  must(ring->destroy("account/A1", kD1));
  BOOST_TEST(must(store.meta("purge/")).empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(wrapping)

BOOST_FIXTURE_TEST_CASE(rewrapping_moves_every_living_key_and_kills_older_copies, KeysFixture) {
  std::vector<SealedParts> sealed;
  for (std::uint8_t i = 1; i <= 20; ++i) {
    sealed.push_back(seal(create(request("account/A" + std::to_string(i), "D1", i)), std::to_string(i)));
  }
  must(ring->destroy("account/A7", kD1));
  const KeyRecord old_copy = record(1);

  const RewrapReport report = must(ring->rewrap());
  BOOST_TEST(report.rewrapped == 19U);
  BOOST_TEST((report.destroyed == std::vector<WrappingVersion>{old_copy.wrapping_version}));
  BOOST_TEST(report.left.empty());
  reopen();
  for (std::uint8_t i = 1; i <= 20; ++i) {
    BOOST_TEST(open(sealed[i - 1U]) == (i == 7 ? "SubjectErased" : std::to_string(i)));
  }
  BOOST_TEST(record(1).wrapping_version == report.version);

  // The record out of an old copy of the store.
  must(store.write({.erase = {}, .put = {old_copy}, .meta = {}, .sync = true}));
  reopen();
  BOOST_TEST(error_of(ring->key(key_id(1))) == "WrappingKeyDestroyed");
}

BOOST_FIXTURE_TEST_CASE(an_old_copy_of_the_whole_store_does_not_open, KeysFixture) {
  create(request("account/A1", "D1", 1));
  const KeyMeta old_meta = must(store.meta(""));
  must(ring->rewrap());
  must(store.write({.erase = {}, .put = {}, .meta = old_meta, .sync = true}));
  BOOST_TEST(error_of(KeyRing::open(store, provider, random)) == "WrappingKeyDestroyed");
}

BOOST_FIXTURE_TEST_CASE(a_rewrap_that_failed_goes_on, KeysFixture) {
  const SealedParts sealed = seal(create(request("account/A1", "D1", 1)));
  const WrappingVersion first = record(1).wrapping_version;
  // A rewrap writes three times: the new version, the batch of records, the end.
  for (int failing = 0; failing < 3; ++failing) {
    for (const Fault fault : {Fault::kBefore, Fault::kAfter}) {
      const int fails_at = store.writes + failing;
      HookedProvider hooked(provider);
      hooked.before_wrap = hooked.before_destroy = [this, fails_at, fault] {
        if (store.writes == fails_at) {
          store.next_write = fault;
        }
      };
      ring = must(KeyRing::open(store, hooked, random));
      BOOST_TEST(error_of(ring->rewrap()) == "StoreBroken");
      BOOST_TEST(store.writes == fails_at + 1);
      reopen();
      const RewrapReport again = must(ring->rewrap());
      reopen();
      BOOST_TEST(open(sealed) == "secret");
      BOOST_TEST(record(1).wrapping_version == again.version);
    }
  }
  BOOST_TEST(error_of(provider.wrap(first, std::array<std::byte, kDataKeyBytes>{}, {})) == "WrappingKeyDestroyed");
}

BOOST_FIXTURE_TEST_CASE(a_key_rewrapped_while_it_is_read_is_read_again, KeysFixture) {
  const SealedParts sealed = seal(create(request("account/A1", "D1", 1)));
  HookedProvider hooked(provider);
  ring = must(KeyRing::open(store, hooked, random));
  hooked.before_unwrap = once([this] { must(ring->rewrap()); });
  BOOST_TEST(open(sealed) == "secret");
}

BOOST_FIXTURE_TEST_CASE(a_key_made_while_the_version_moves_is_wrapped_under_the_new_one, KeysFixture) {
  HookedProvider hooked(provider);
  ring = must(KeyRing::open(store, hooked, random));
  hooked.before_wrap = once([this] { must(ring->rewrap()); });
  const SealedParts sealed = seal(create(request("account/A1", "D1", 1)));
  must(ring->rewrap());
  reopen();
  BOOST_TEST(open(sealed) == "secret");
}

BOOST_FIXTURE_TEST_CASE(a_key_destroyed_while_it_is_read_or_rewrapped_stays_destroyed, KeysFixture) {
  const SealedParts first = seal(create(request("account/A1", "D1", 1)));
  const SealedParts second = seal(create(request("account/A2", "D1", 2)));
  HookedProvider hooked(provider);
  ring = must(KeyRing::open(store, hooked, random));
  hooked.before_unwrap = once([this] { must(ring->destroy("account/A1", kD1)); });
  BOOST_TEST(open(first) == "SubjectErased");
  hooked.before_unwrap = once([this] { must(ring->destroy("account/A2", kD1)); });
  must(ring->rewrap());
  BOOST_TEST(open(second) == "SubjectErased");
  BOOST_TEST(record(2).wrapped.empty());
}

BOOST_AUTO_TEST_CASE(a_provider_that_cannot_destroy_keeps_the_old_version) {
  MemoryKeyStore store;
  TestKeyProvider provider(1, false);
  SeededRandom random(1);
  const std::unique_ptr<KeyRing> ring = must(KeyRing::open(store, provider, random));
  granted(ring->create_key(request("account/A1", "D1", 1)));
  const RewrapReport report = must(ring->rewrap());
  BOOST_TEST(report.rewrapped == 1U);
  BOOST_TEST(report.destroyed.empty());
  BOOST_TEST(report.left.size() == 1U);
  BOOST_TEST(error_of(provider.destroy_version(report.left.front())) == "DestroyUnsupported");
}

BOOST_FIXTURE_TEST_CASE(a_seeded_random_source_needs_the_test_provider, KeysFixture) {
  struct HostProvider final : KeyProvider {
    Result<WrappingVersion> create_version() override { return WrappingVersion{1}; }

    Result<std::string> wrap(WrappingVersion, std::span<const std::byte, kDataKeyBytes>,
                             std::span<const std::byte>) override {
      return std::string("w");
    }

    Status unwrap(WrappingVersion, std::span<const std::byte>, std::span<const std::byte>,
                  std::span<std::byte, kDataKeyBytes>) override {
      return {};
    }

    bool can_destroy() const noexcept override { return false; }

    Status destroy_version(WrappingVersion) override { return {}; }
  } host;

  MemoryKeyStore fresh;
  BOOST_TEST(error_of(KeyRing::open(fresh, host, random)) == "SeededRandomRefused");
  const std::shared_ptr<RandomSource> os = os_random();
  BOOST_TEST(error_of(KeyRing::open(fresh, host, *os)) == "success");
}

BOOST_FIXTURE_TEST_CASE(a_store_of_another_provider_does_not_open, KeysFixture) {
  create(request("account/A1", "D1", 1));
  TestKeyProvider other(2);
  BOOST_TEST(error_of(KeyRing::open(store, other, random)) == "KeyProviderMismatch");
}

BOOST_FIXTURE_TEST_CASE(a_store_that_lost_its_wrapping_version_does_not_open, KeysFixture) {
  create(request("account/A1", "D1", 1));
  const KeyMeta meta = must(store.meta("wrapping"));
  for (std::size_t i = 0; i < meta.begin()->second.size(); ++i) {
    std::string bad = meta.begin()->second;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    must(store.write({.erase = {}, .put = {}, .meta = {{"wrapping", bad}}, .sync = true}));
    BOOST_TEST(error_of(KeyRing::open(store, provider, random)) == "KeyRecordDamaged");
  }
  must(store.write({.erase = {}, .put = {}, .meta = {{"wrapping", ""}}, .sync = true}));
  BOOST_TEST(error_of(KeyRing::open(store, provider, random)) == "KeyRecordDamaged");
}

BOOST_FIXTURE_TEST_CASE(a_wrapped_key_serves_no_other_record, KeysFixture) {
  create(request("account/A1", "D1", 1));
  create(request("account/A2", "D1", 2));
  KeyRecord swapped = record(1);
  swapped.wrapped = record(2).wrapped;
  must(store.write({.erase = {}, .put = {swapped}, .meta = {}, .sync = true}));
  reopen();
  BOOST_TEST(error_of(ring->key(key_id(1))) == "WrappedKeyDamaged");
  // Nor may a record be turned into another subject's.
  KeyRecord renamed = record(2);
  renamed.subject = "account/A3";
  must(store.write({.erase = {}, .put = {renamed}, .meta = {}, .sync = true}));
  BOOST_TEST(error_of(ring->live_key("account/A3", "D1")) == "WrappedKeyDamaged");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cache)

BOOST_AUTO_TEST_CASE(a_small_cache_forgets_keys_but_not_held_ones) {
  MemoryKeyStore store;
  TestKeyProvider provider;
  SeededRandom random(1);
  const std::unique_ptr<KeyRing> ring = must(KeyRing::open(store, provider, random, {.cached_keys_max = 4}));
  const KeyHandle held = granted(ring->create_key(request("account/A1", "D1", 1)));
  std::weak_ptr<const Key> dropped;
  for (std::uint8_t i = 2; i <= 40; ++i) {
    const KeyHandle key = granted(ring->create_key(request("account/A" + std::to_string(i), "D1", i)));
    if (i == 2) {
      dropped = key;
    }
  }
  BOOST_TEST(dropped.expired());
  BOOST_TEST((granted(ring->key(key_id(1))) == held));
  BOOST_TEST((granted(ring->live_key("account/A1", "D1")) == held));
  BOOST_TEST((granted(ring->live_key("account/A2", "D1"))->id() == key_id(2)));
  for (std::uint8_t i = 1; i <= 40; ++i) {
    BOOST_TEST((granted(ring->live_key("account/A" + std::to_string(i), "D1"))->id() == key_id(i)));
  }
  must(ring->destroy("account/A1", kD1));
  BOOST_TEST(held->is_destroyed());
}

BOOST_AUTO_TEST_CASE(threads_seal_open_rotate_rewrap_and_erase_together) {
  constexpr int kRounds = 60;
  MemoryKeyStore store;
  TestKeyProvider provider;
  SeededRandom random(1);
  const std::unique_ptr<KeyRing> ring = must(KeyRing::open(store, provider, random, {.cached_keys_max = 4}));
  for (std::uint8_t i = 1; i <= 6; ++i) {
    granted(ring->create_key(request("account/A" + std::to_string(i), "D1", i)));
  }
  std::atomic<int> wrong{0};
  const auto seal_and_open = [&](std::uint8_t first) {
    const Sealer sealer(*ring);
    for (int round = 0; round < kRounds; ++round) {
      const std::string subject = "account/A" + std::to_string(1 + (first + round) % 6);
      const auto key = ring->live_key(subject, "D1");
      if (!key || std::holds_alternative<KeyRefusal>(*key)) {
        wrong += !key || subject != "account/A6";
        continue;
      }
      const auto sealed = sealer.seal(as_bytes(subject), *std::get<0>(*key), FieldPlace{});
      if (!sealed || std::holds_alternative<KeyRefusal>(*sealed)) {
        wrong += !sealed || subject != "account/A6";
        continue;
      }
      const auto opened = sealer.open(view_of(std::get<0>(*sealed)), FieldPlace{});
      const bool erased = opened && std::holds_alternative<KeyRefusal>(*opened);
      wrong += !opened || (erased ? subject != "account/A6" : std::get<0>(*opened).plaintext != subject);
    }
  };
  const auto rotate = [&] {
    for (std::uint8_t i = 0; i < 20; ++i) {
      const auto made =
          ring->create_key(request("account/A1", "D1", static_cast<std::uint8_t>(100 + i), KeyUse::kRotation));
      wrong += !made || std::holds_alternative<KeyRefusal>(*made);
    }
  };
  const auto maintain = [&] {
    for (int i = 0; i < 5; ++i) {
      wrong += !ring->rewrap().has_value();
    }
    wrong += !ring->destroy("account/A6", kD1).has_value();
    wrong += !ring->rewrap().has_value();
  };
  std::vector<std::jthread> threads;
  threads.emplace_back(seal_and_open, 0);
  threads.emplace_back(seal_and_open, 3);
  threads.emplace_back(rotate);
  threads.emplace_back(maintain);
  threads.clear();
  BOOST_TEST(wrong == 0);
  BOOST_TEST(refusal_of(ring->live_key("account/A6", "D1")) == "SubjectErased");
  BOOST_TEST((granted(ring->live_key("account/A1", "D1"))->id() == key_id(119)));
}

BOOST_AUTO_TEST_CASE(secrets_are_overwritten_when_given_back) {
  const auto pool = std::make_shared<LockedPool>();
  SecretBytes* slot = nullptr;
  {
    Secret secret(pool);
    slot = &secret.bytes();
    slot->fill(std::byte{0xaa});
  }
  BOOST_TEST(std::all_of(slot->begin(), slot->end(), [](std::byte byte) { return byte == std::byte{0}; }));
  std::vector<std::unique_ptr<Secret>> many;
  for (int i = 0; i < 3000; ++i) {
    many.push_back(std::make_unique<Secret>(pool));
    many.back()->bytes().fill(static_cast<std::byte>(i));
  }
  BOOST_TEST((many[0]->bytes()[0] == std::byte{0} && many[255]->bytes()[63] == std::byte{255}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::seal

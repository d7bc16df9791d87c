// SPDX-License-Identifier: Apache-2.0
//
// Goal: hostile bytes give an error or a harmless value, never a crash, an exception, or work out of proportion.
// Method: whole frames, messages, payloads, closures and lines, with every bit or byte changed, cut at every place, or
// random; what still reads is used in every way that a reader of the log would use it, and what it prints must be JSON.
#include "codec/frame.hpp"
#include "codec/json.hpp"
#include "codec/json_document.hpp"
#include "codec/messages.hpp"
#include "codec/payload_view.hpp"
#include "codec/wire.hpp"
#include "support/codec_samples.hpp"
#include "support/payload_kinds.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>

namespace carnet::codec {
namespace {

using base::ByteSpan;
using test::must_create;
using test::Sample;
using test::TypePtr;
using wire::Word;
using wire::Words;

Words copy_of(ByteSpan bytes) {
  Words words(bytes.size() / 8);
  if (!words.empty()) {
    std::memcpy(words.data(), bytes.data(), words.size() * 8);
  }
  return words;
}

std::byte& byte_of(Words& words, std::size_t at) {
  return reinterpret_cast<std::byte*>(words.data())[at];
}

constexpr TagRule tag_rule(std::uint16_t row, std::string_view field, std::string_view family) {
  return {.field = field, .family = family, .marked = false, .when_field = {}, .when_values = {}, .row = row};
}

const TagRule kRules[] = {
    tag_rule(1, "rentalId", "rental"),  tag_rule(2, "accountId", "account"), tag_rule(3, "party", ""),
    tag_rule(4, "accounts", "account"), tag_rule(5, "vehicleId", "vehicle"), tag_rule(6, "texts", "text")};

std::size_t json_bytes_max(const Words& message) {
  // At most 8 words are visited for each one held; a byte prints as up to six (an escape), a list's element as a few
  // more.
  return 4096 + message.size() * 8 * kTraversalFactor * 8;
}

/// Everything that a reader does with a payload. `whole` is the message that holds it.
void use(const PayloadType& type, const PayloadView& view, const Words& whole) {
  std::string json;
  type.append_json(view, {}, json);
  BOOST_REQUIRE(json.size() <= json_bytes_max(whole));
  JsonDocument document;
  BOOST_REQUIRE_MESSAGE(!document.parse(json).has_value(), json);
  std::vector<std::string> tags;
  type.derive_tags(view, kRules, tags);
  std::vector<PayloadType::CodeUse> codes;
  type.list_codes(view, codes);
  std::vector<PersonalSlot> slots;
  type.personal_slots(view, {}, slots);
  for (const PersonalSlot& slot : slots) {
    const auto sealed = type.get_sealed(view, slot.path);
    BOOST_REQUIRE(!sealed || sealed->ciphertext.size() <= whole.size() * 8);
  }
  BOOST_REQUIRE(type.text_field(view, "rentalId").size() <= whole.size() * 8);
  std::string canonical;
  if (slots.empty()) {
    wire::Struct root;
    BOOST_REQUIRE(type.append_canonical(view, {}, canonical).has_value() == root_of(view, root));
  }
  // What passes the check is a payload like any other: printed, read and printed again it is the same.
  if (!type.check(view, nullptr).has_value() && slots.empty()) {
    std::vector<PersonalField> personal;
    const auto again = type.from_json(json, personal);
    const auto* payload = std::get_if<Payload>(&again);
    BOOST_REQUIRE_MESSAGE(payload != nullptr, json);
    std::string canonical_again;
    BOOST_REQUIRE(type.append_canonical(make_view(payload->words.data()), {}, canonical_again).has_value());
    std::string json_again;
    type.append_json(make_view(payload->words.data()), {}, json_again);
    BOOST_REQUIRE(json_again == json);
  }
}

void read_head(ByteSpan bytes) {
  HeadReader reader;
  if (const auto head = reader.read(bytes)) {
    BOOST_REQUIRE((*head)->actor_id.size() <= bytes.size());
    BOOST_REQUIRE((*head)->rules.size() <= bytes.size());
  }
}

void read_introduction(ByteSpan bytes) {
  IntroductionReader reader;
  const auto read = reader.read(bytes);
  if (!read) {
    return;
  }
  if (const auto* type = std::get_if<TypeIntroduction>(&(*read)->what)) {
    const auto made = PayloadType::create(
        "Stored",
        {.compiled = nullptr, .closure_words = {type->closure.begin(), type->closure.end()}, .root = type->root});
    BOOST_REQUIRE(made.has_value() || made.error().name() == "SchemaNotSupported");
  }
}

void read_event(ByteSpan bytes, const PayloadType& type) {
  EventReader reader;
  const auto read = reader.read(bytes);
  if (!read) {
    BOOST_REQUIRE(read.error().name() == "MessageDamaged");
    return;
  }
  BOOST_REQUIRE((*read)->chains.size() <= bytes.size());
  BOOST_REQUIRE((*read)->transfers.size() <= bytes.size());
  const auto findings = reader.findings();
  const auto due = reader.due();
  BOOST_REQUIRE(!findings || findings->size() <= bytes.size());
  BOOST_REQUIRE(!due || due->size() <= bytes.size());
  use(type, (*read)->payload, copy_of(bytes));
}

/// Calls `read` with each bit changed, each word made an extreme, and cut after each word.
template <class Read>
void torture(const Words& good, Read read) {
  for (std::size_t bit = 0; bit < good.size() * 64; ++bit) {
    Words broken = good;
    broken[bit / 64] ^= Word{1} << (bit % 64);
    read(wire::as_bytes(broken));
  }
  for (const Word extreme : {Word{0}, ~Word{0}, Word{1} << 63U, Word{wire::kEmptyStruct}, Word{0x7fffffff00000001U}}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      Words broken = good;
      broken[i] = extreme;
      read(wire::as_bytes(broken));
    }
  }
  for (std::size_t words = 0; words < good.size(); ++words) {
    read(wire::as_bytes(good).first(words * 8));
  }
}

/// Pointers of every kind to everywhere, among plain words.
Words random_words(std::mt19937_64& engine, std::size_t size) {
  Words words(size);
  for (Word& word : words) {
    const auto offset = static_cast<std::uint32_t>(static_cast<std::int64_t>(engine() % (2 * size + 1)) -
                                                   static_cast<std::int64_t>(size));
    switch (engine() % 4) {
      case 0:
        word = (offset << 2U) | (Word{engine() % 5} << 32U) | (Word{engine() % 48} << 48U);
        break;
      case 1:
        word = (offset << 2U) | 1U | (Word{engine() % 8} << 32U) | (Word{engine() % (size * 9)} << 35U);
        break;
      case 2:
        word = engine();
        break;
      default:
        word = 0;
    }
  }
  return words;
}

Words event_message(const Payload& payload) {
  const Argument args[] = {{.name = "a", .text = "b"}};
  const StoredFinding findings[] = {{.code = 1, .severity = Severity::kInfo, .path = "data", .args = args}};
  const StoredDue due[] = {{.rule = 1, .due = {5}, .subject = "rental/R1"}};
  const StoredTransfer transfers[] = {
      {.amount = 1, .debit = 1, .credit = 2, .rule = 3, .unit = 1, .phase = Phase::kPosted}};
  EventMessage message;
  message.prepare(payload, 2, {1}, {2}, {.position = 1, .kind = CorrectionKind::kCorrection});
  message.set_type(1, 1);
  message.set_chain(0, {.previous = 0, .chain = 1, .version = 1});
  message.set_chain(1, {.previous = 7, .chain = 2, .version = 3});
  message.set_findings(findings);
  message.set_due(due);
  message.set_transfers(transfers);
  message.set_blind(std::array<std::byte, 16>{});
  return copy_of(message.finish());
}

Words header_message() {
  const RuleVersion rules[] = {{.family = 1, .version = 2}};
  CommitHead head;
  head.first_position = 1;
  head.actor_id = "S-1";
  head.rules = rules;
  Words words;
  encode_commit_head(head, words);
  return words;
}

Words type_introduction(const PayloadType& type) {
  Words words;
  encode_introduction({1, TypeIntroduction{"T", 1, false, type.root(), type.closure()}}, {}, words);
  return words;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_messages)

BOOST_AUTO_TEST_CASE(broken_headers_are_harmless) {
  torture(header_message(), read_head);
}

BOOST_AUTO_TEST_CASE(broken_introductions_are_harmless) {
  for (const Introduction& introduction :
       {Introduction{1, ChainIntroduction{ChainKind::kTag, "rental/R1"}},
        Introduction{1, AccountIntroduction{"a/b", 1, NormalSide::kDebit, AccountLimit::kNone, 1}},
        Introduction{1, UnitIntroduction{"EUR", 2}}, Introduction{1, CodeIntroduction{"O-1"}}}) {
    Words words;
    encode_introduction(introduction, std::array<std::byte, 16>{}, words);
    torture(words, read_introduction);
  }
}

BOOST_AUTO_TEST_CASE(broken_schemas_are_harmless) {
  const TypePtr type = must_create<schema::FineRefundedByAuthority>();
  const Sample sample(
      type,
      R"({"violationId":"V1","party":"account/A1","authority":"M","amount":{"minor":1,"currency":"EUR"},"receipt":""})");
  const Words good = type_introduction(*type);
  std::mt19937_64 engine = test::seeded_engine();
  for (std::size_t at = 0; at < good.size() * 8; ++at) {
    Words broken = good;
    byte_of(broken, at) ^= static_cast<std::byte>(1U << (engine() % 8));
    read_introduction(wire::as_bytes(broken));
  }
  // The same on the closure itself; a type that still is one reads the payload in its own way.
  for (std::size_t at = 0; at < type->closure().size() * 8; ++at) {
    SchemaHandle handle{
        .compiled = nullptr, .closure_words = {type->closure().begin(), type->closure().end()}, .root = type->root()};
    byte_of(handle.closure_words, at) ^= static_cast<std::byte>(1U << (engine() % 8));
    if (const auto made = PayloadType::create("T", handle)) {
      use(**made, sample.view(), Words(64));
      BOOST_REQUIRE((*made)->compare_with(*type).evolution != Evolution::kSame ||
                    std::ranges::equal((*made)->closure(), type->closure()));
    }
  }
}

BOOST_AUTO_TEST_CASE(broken_events_are_harmless) {
  const Sample sample(test::every_kind(), test::optional_json());
  torture(event_message(Payload(Sample(sample).payload())),
          [](ByteSpan bytes) { read_event(bytes, *test::every_kind()); });
}

BOOST_AUTO_TEST_CASE(broken_sealed_values_are_harmless) {
  Sample sample(
      test::with_personal(),
      R"({"accountId":"A1","note":"n","passengers":[{"name":"Ada","seat":1}],"leader":{"name":"Cy","seat":0}})");
  const std::string part(32, 'x');
  const ByteSpan bytes = base::as_bytes(part);
  const SealedFields sealed{.version = 1,
                            .key_id = bytes.first(16),
                            .nonce = bytes.first(12),
                            .ciphertext = bytes,
                            .tag = bytes.first(16),
                            .commitment = bytes};
  for (const PersonalField& field : sample.personal()) {
    BOOST_REQUIRE(sample.type().set_sealed(sample.payload(), field.path, sealed).has_value());
  }
  torture(event_message(sample.payload()), [](ByteSpan message) { read_event(message, *test::with_personal()); });
}

BOOST_AUTO_TEST_CASE(a_payload_of_another_type_is_harmless) {
  for (const test::TypeSample& written : test::release_samples()) {
    Sample sample(must_create(written.spec.name, written.spec.schema), written.json);
    for (const TypePtr& type : {test::every_kind(), test::with_personal(), must_create<schema::PaymentReceived>()}) {
      use(*type, sample.view(), sample.payload().words);
    }
  }
}

BOOST_AUTO_TEST_CASE(random_words_are_harmless) {
  std::mt19937_64 engine = test::seeded_engine();
  for (int round = 0; round < 20'000; ++round) {
    const Words words = random_words(engine, 1 + engine() % 80);
    const ByteSpan bytes = wire::as_bytes(words);
    read_head(bytes);
    read_introduction(bytes);
    read_event(bytes, *test::every_kind());
    const Payload payload{words};
    use(*test::every_kind(), PayloadHolder(payload).view(), words);
    use(*test::with_personal(), PayloadHolder(payload).view(), words);
  }
}

// A payload whose lists all share one list of parts: small to store, large to walk.
BOOST_AUTO_TEST_CASE(amplification_is_refused) {
  constexpr std::uint32_t kFan = 1000;
  Words words(1 + kFan, 0);
  words[0] = wire::list_pointer(0, 1, wire::ElementSize::kPointer, kFan);
  for (std::uint32_t i = 0; i < kFan; ++i) {
    words[1 + i] = wire::list_pointer(1 + i, 1, wire::ElementSize::kPointer, kFan);
  }
  BOOST_TEST(!wire::validate(words));
  const Payload payload{words};
  BOOST_TEST(pointer_of(PayloadHolder(payload).view()) == nullptr);
}

BOOST_AUTO_TEST_CASE(broken_payloads_of_a_writer_are_refused_or_whole) {
  const Sample sample(test::every_kind(), test::optional_json());
  torture(Sample(sample).payload().words, [](ByteSpan bytes) {
    const Payload payload{copy_of(bytes)};
    use(*test::every_kind(), PayloadHolder(payload).view(), payload.words);
    EventMessage message;
    message.prepare(payload, 1, {1}, {1}, {});
    message.set_type(1, 1);
    message.set_chain(0, {.previous = 0, .chain = 1, .version = 1});
    EventReader reader;
    const bool is_payload = pointer_of(message.payload()) != nullptr;
    BOOST_REQUIRE(reader.read(message.finish()).has_value() <= is_payload);
  });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hostile_frames)

namespace {

Words whole_frame() {
  const Sample sample(test::every_kind(), test::required_json());
  const Words header = header_message();
  const Words event = event_message(Payload(Sample(sample).payload()));
  Words code;
  encode_introduction({1, CodeIntroduction{"O-1"}}, {}, code);
  const ByteSpan introductions[] = {wire::as_bytes(code)};
  const ByteSpan events[] = {wire::as_bytes(event), wire::as_bytes(event)};
  FrameBuilder builder;
  builder.begin(1, 0, 0);
  builder.add(wire::as_bytes(header), introductions, events);
  builder.add(wire::as_bytes(header), {}, {events, 1});
  builder.carry_summary({});
  return copy_of(builder.finish());
}

void seal(Words& frame) {
  const ByteSpan whole = wire::as_bytes(frame);
  const std::uint32_t crc = base::mask_crc32c(base::crc32c(whole.subspan(84), base::crc32c(whole.first(80))));
  std::memcpy(&byte_of(frame, 80), &crc, sizeof(crc));
}

/// Reads all of a frame; the count of commits.
std::size_t read_frame(const Words& frame) {
  FrameReader reader;
  if (!reader.open(wire::as_bytes(frame))) {
    return 0;
  }
  CommitBytes commit;
  std::size_t commits = 0;
  for (;;) {
    const Result<bool> more = reader.next(commit);
    if (!more || !*more) {
      return commits;
    }
    ++commits;
    read_head(commit.header);
    for (const ByteSpan message : commit.introductions) {
      read_introduction(message);
    }
    for (const ByteSpan message : commit.events) {
      read_event(message, *test::every_kind());
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_changed_frame_with_a_right_checksum_is_harmless) {
  const Words good = whole_frame();
  BOOST_REQUIRE(read_frame(good) == 2U);
  std::mt19937_64 engine = test::seeded_engine();
  for (std::size_t at = 0; at < good.size() * 8; ++at) {
    Words broken = good;
    byte_of(broken, at) ^= static_cast<std::byte>(1U + engine() % 255);
    seal(broken);
    BOOST_REQUIRE(read_frame(broken) <= 2U);
    BOOST_REQUIRE(peek_frame(wire::as_bytes(broken)).has_value() || at < 136);
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_no_frame) {
  std::mt19937_64 engine = test::seeded_engine();
  for (int round = 0; round < 5'000; ++round) {
    Words words = random_words(engine, 1 + engine() % 100);
    words[0] = 0x464e5243U | (Word{88} << 32U);
    if (words.size() > 10) {
      words[10] = Word{words.size()} << 32U;
      seal(words);
    }
    read_frame(words);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hostile_lines)

BOOST_AUTO_TEST_CASE(changed_lines_are_refused_or_read) {
  const std::string good =
      R"({"actor":{"id":"S-1","kind":"staff","role":"clerk"},"channel":"hotline","events":[{"stream":"rental/R1",)"
      R"("type":"EveryKind","occurredAt":"2024-01-01T00:00:00Z","data":)" +
      test::optional_json() + "}]}";
  LineReader reader;
  const TypeLookup types = [](std::string_view name) {
    return name == "EveryKind" ? test::every_kind().get() : nullptr;
  };
  const LineDefaults defaults{.source_name = "x", .source_position = 1};
  BOOST_REQUIRE(std::holds_alternative<Request>(reader.read(good, defaults, types)));
  std::mt19937_64 engine = test::seeded_engine();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int i = 0; i < 4; ++i) {
      std::string broken = good;
      broken[at] = static_cast<char>(engine());
      const auto read = reader.read(broken, defaults, types);
      if (const auto* fault = std::get_if<LineFault>(&read)) {
        BOOST_REQUIRE(!fault->error.empty());
      } else {
        const Payload& payload = std::get<Request>(read).events[0].payload;
        use(*test::every_kind(), PayloadHolder(payload).view(), payload.words);
      }
    }
    BOOST_REQUIRE(
        std::holds_alternative<LineFault>(reader.read(std::string_view(good).substr(0, at), defaults, types)));
  }
}

BOOST_AUTO_TEST_CASE(deep_and_long_lines_are_refused_at_once) {
  LineReader reader;
  const LineDefaults defaults;
  const TypeLookup types = [](std::string_view) { return nullptr; };
  for (const std::string& line :
       {std::string(1'000'000, '['), std::string(1'000'000, '{'), std::string(1'000'000, '"'),
        std::string("{\"events\":") + std::string(500'000, '['), std::string(1'000'000, '1')}) {
    BOOST_TEST(std::holds_alternative<LineFault>(reader.read(line, defaults, types)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
